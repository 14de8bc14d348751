"""The decide and plan stages: rows whose date has come are decided, what is due becomes steps."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, update

from connector import __version__
from connector.errors import PlanError
from connector.ledger import Ledger, schema
from connector.ledger.holds import Holds
from connector.ledger.index import Index, Row
from connector.ledger.plans import Plans
from connector.ledger.tallies import Tallies
from connector.plan import (
    FORMAT_VERSION,
    LIFETIME,
    Digester,
    Limits,
    Outlook,
    Plan,
    Step,
    Totals,
    check_limits,
    classify,
    sealed,
    steps_of,
    told,
)
from connector.policy import Policy, decide
from connector.ports import Act, Capabilities, Processor
from connector.records import Action, HoldId, Kind, Record, Wave
from connector.verdicts import State, Verdict

CHUNK = 2000
# Orders and what hangs on them first: accounts and subscribers read what their person's orders say.
FIRST = (Kind.ORDER, Kind.REVIEW, Kind.COUPON, Kind.CART, Kind.DRAFT_ORDER, Kind.SUPPORT_MESSAGE)
THEN = (Kind.CUSTOMER, Kind.SUBSCRIBER)

CapabilityTable = Mapping[tuple[str, Kind], Capabilities]
Progress = Callable[[str, int, int | None], None]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """What planning needs to know of a recipient: its name, code and interests."""

    name: str
    code: str
    processor: Processor
    # Months after delivery by which the shop promised that this recipient's copy is gone.
    copy_months: int | None = None


def make_plan(
    ledger: Ledger,
    policy: Policy,
    capabilities: CapabilityTable,
    recipients: Sequence[Recipient],
    *,
    limits: Limits,
    key: str,
    today: date,
    now: datetime,
) -> Plan:
    """Decides what has come due and stores the frozen plan; the caller may then approve it.

    Raises PlanError while an earlier plan has begun and is not finished.
    """
    index, plans = Index(ledger), Plans(ledger)
    with ledger.begin() as connection:
        refuse_unfinished(plans, connection)
        _follow_policy(ledger, index, connection, policy)
        draft = plans.begin_draft(connection)
        drawing = _Drawing(ledger, connection, policy, capabilities, recipients, today, draft)
        for row_id, tallies in index.gone_rows(connection):
            drawing.forget(row_id, tallies)
        index.refresh_subjects(connection)
        drawing.decide_kinds(FIRST)
        index.refresh_subjects(connection, kinds=THEN)
        drawing.decide_kinds(THEN)
        drawing.tallies.flush(connection)
        totals = _totals(index, connection, drawing)
        plan = sealed(
            Plan(
                format_version=FORMAT_VERSION,
                shop=ledger.shop,
                policy=f"{policy.name}@{policy.version}",
                policy_digest=policy.digest,
                key=key,
                tool=__version__,
                today=today,
                created=now,
                expires=now + LIFETIME,
                waves=drawing.digester.waves(),
                totals=totals,
                outlook=drawing.outlook(),
                limits=check_limits(
                    {Kind(k): t.delete + t.redact for k, t in totals.items()},
                    {Kind(k): t.records for k, t in totals.items()},
                    limits,
                    last_run=days_since(plans.last_run(connection), today),
                ),
            )
        )
        plans.seal(connection, draft, plan)
        ledger.event(connection, "planned", plan=draft, code=plan.code, steps=drawing.seq)
    return plan


def days_since(last: tuple[int, datetime] | None, today: date) -> tuple[int, int] | None:
    """The last run's records and the days since it."""
    return None if last is None else (last[0], (today - last[1].date()).days)


def refuse_unfinished(plans: Plans, connection: Connection) -> None:
    """What has begun is finished, or its unused handles wiped, before anything new is planned."""
    current = plans.current(connection)
    if current is not None and current[2] == "begun":
        raise PlanError(
            f"Plan {current[1].code} has begun and is not finished. Run `gallra apply` to finish it, "
            "or `gallra plan --abandon` to destroy its unused handles and plan anew."
        )


def _follow_policy(ledger: Ledger, index: Index, connection: Connection, policy: Policy) -> None:
    """Another policy, another verdict: every row is decided anew, locally."""
    decided = ledger.events(connection, "policy")
    if not decided or decided[-1][1].get("digest") != policy.digest:
        index.redecide_all(connection)
        ledger.event(connection, "policy", digest=policy.digest, name=policy.name, version=policy.version)


def _totals(index: Index, connection: Connection, drawing: "_Drawing") -> dict[str, Totals]:
    by_kind: dict[Kind, dict[str, int]] = {}
    for (kind, state), count in index.counts(connection).items():
        by_kind.setdefault(kind, {})[state] = count
    return {
        str(kind): Totals(
            records=sum(states.values()),
            by_hand=drawing.by_hand.get(kind, 0),
            **{s: states.get(s, 0) for s in ("delete", "redact", "held", "kept_by_law", "nothing_due")},
        )
        for kind, states in sorted(by_kind.items())
    }


class _Drawing:
    """A plan being drawn: steps stream into the ledger, counts stay in memory."""

    def __init__(
        self,
        ledger: Ledger,
        connection: Connection,
        policy: Policy,
        capabilities: CapabilityTable,
        recipients: Sequence[Recipient],
        today: date,
        draft: int,
    ) -> None:
        self.ledger = ledger
        self.connection = connection
        self.policy = policy
        self.capabilities = capabilities
        self.recipients = recipients
        self.today = today
        self.draft = draft
        self.seq = 0
        self.digester = Digester()
        self.tallies = Tallies(ledger, connection)
        self.by_hand: dict[Kind, int] = {}
        self.holds = Holds(ledger).open(connection)
        self._outlook: dict[tuple[str, Act, str, bool, Wave], int] = {}
        self._index = Index(ledger)
        self._plans = Plans(ledger)

    def decide_kinds(self, kinds: Sequence[Kind]) -> None:
        """Decides every row of these kinds whose date has come, and writes what follows."""
        ids = self._index.due_ids(self.connection, kinds=kinds, today=self.today)
        for chunk in _chunks(ids):
            rows = self._index.rows(self.connection, chunk)
            decided = [(rows[i], *self._decide(rows[i])) for i in chunk if i in rows]
            self._write_rows(decided)
            self._write_steps(decided)

    def _decide(self, row: Row) -> tuple[Verdict, str]:
        record = self.with_holds(row)
        verdict = decide(record, self.policy, today=self.today)
        return verdict, classify(verdict, self.capabilities[record.ref.adapter, record.ref.kind])

    def with_holds(self, row: Row) -> Record:
        """The record with the ledger's manual holds on it and on its person."""
        return self.holds.on(row)

    def _write_rows(self, decided: Sequence[tuple[Row, Verdict, str]]) -> None:
        table = schema.record
        values = [
            {
                "id_": row.id,
                "state": state,
                "holds": ",".join(_holds(verdict)),
                "tallies": self.tallies.count(str(row.record.ref.kind), verdict, row.tallies),
                "next_due": _next_due(verdict, self.today),
            }
            for row, verdict, state in decided
        ]
        if values:
            self.connection.execute(update(table).where(table.c.id == bindparam("id_")), values)
        changed = [row.id for row, verdict, _ in decided if ",".join(_holds(verdict)) != row.holds]
        self._index.dirty_subjects_of_rows(self.connection, changed)

    def _write_steps(self, decided: Sequence[tuple[Row, Verdict, str]]) -> None:
        steps: list[tuple[int, int, Step]] = []
        for row, verdict, _ in decided:
            ref = row.record.ref
            drawn = steps_of(row.record, verdict, self.capabilities[ref.adapter, ref.kind])
            if any(step.needs_hand for step in drawn):
                self.by_hand[ref.kind] = self.by_hand.get(ref.kind, 0) + 1
            for step in drawn:
                steps.append((self.seq, row.id, step))
                self.seq += 1
                self.digester.add(step)
                self._look_ahead(step)
        self._plans.add_steps(self.connection, self.draft, steps)

    def _look_ahead(self, step: Step) -> None:
        for recipient in self.recipients:
            for interest in told(step, recipient.processor.interests, recipient.code):
                key = (recipient.name, interest.act, interest.handle, interest.irreversible, step.wave)
                self._outlook[key] = self._outlook.get(key, 0) + 1

    def outlook(self) -> tuple[Outlook, ...]:
        """What each recipient would be asked, wave by wave."""
        return tuple(
            Outlook(recipient=name, act=act, handle=handle, irreversible=irreversible, wave=wave, count=count)
            for (name, act, handle, irreversible, wave), count in sorted(
                self._outlook.items(), key=lambda item: tuple(map(str, item[0]))
            )
        )

    def forget(self, row_id: int, tallies: str) -> None:
        """Counts a record out that is gone from the shop."""
        self.tallies.remove(tallies)
        table = schema.record
        self.connection.execute(
            update(table)
            .where(table.c.id == row_id)
            .values(tallies="", next_due=None, state="gone", holds="")
        )


def _holds(verdict: Verdict) -> list[HoldId]:
    """Every hold that is open on a record, whichever of its fields it binds."""
    fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
    return sorted({hold for field in fields for hold in field.holds})


def _next_due(verdict: Verdict, today: date) -> str | None:
    due = any(f.state is State.DUE for f in verdict.fields) or (
        verdict.record is not None and verdict.record.state is State.DUE
    )
    if due:
        return today.isoformat()
    return None if verdict.next_due is None else verdict.next_due.isoformat()


def _chunks(ids: "array[int]") -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])


def abandon(ledger: Ledger, cancel_unused: Callable[[Any, int], int]) -> str:
    """Destroys the unused handles of a plan that has begun; what was done stays done."""
    plans = Plans(ledger)
    with ledger.begin() as connection:
        plan_id, plan, state = plans.need(connection)
        if state != "begun":
            return plan.code
        destroyed = cancel_unused(connection, plan_id)
        plans.set_state(connection, plan_id, "abandoned")
        ledger.event(connection, "abandoned", plan=plan_id, code=plan.code, handles=destroyed)
    return plan.code


__all__ = ["Action", "CapabilityTable", "Recipient", "abandon", "days_since", "make_plan"]
