"""From the ledger to the protocol: what a run did, per rule and recipient, with its read-back."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec.structs import replace
from sqlalchemy import Connection

from connector import __version__
from connector.deciding.lost import RECORD_GONE
from connector.errors import PlanError
from connector.ledger import queries
from connector.ledger.answers import unsent as lines_unsent
from connector.ledger.approvals import Approval as Stored
from connector.ledger.chain import Link, Run, link, unwritten
from connector.ledger.found_there import none_found
from connector.ledger.index import Index
from connector.ledger.index.marks import RESIDUE
from connector.ledger.lost_handles import lost_handles
from connector.ledger.plans import RAN, Plans, StepRow
from connector.ledger.unsettled import Unsettled, unsettled
from connector.plan import Plan, hands
from connector.ports import DEVIATES, EMPTIED, WENT, Ability, Access
from connector.records import Action, Field, Kind, Outcome, Record, Wave, from_bits, to_bits
from connector.report.drawn import json as report_json
from connector.report.protocol.model import (
    AccountantWord,
    Deviation,
    Label,
    OutcomeCount,
    Protocol,
    ReadBack,
    RecipientResult,
    RuleResult,
    UnsentView,
    UntoldView,
    WaveResult,
)
from connector.report.shared import Approval, SurpriseView
from connector.shop import Shop
from connector.views.dry_run import (
    basis_views,
    beyond_views,
    by_hand_views,
    holds_in_force,
    kept_together,
    known_as,
    letterhead,
    policy_ref,
)
from connector.views.letters import unsent_of
from connector.views.untold import untold

SAMPLES = 10
_TOGETHER = 500
NOT_TAKEN = "not_taken"
BEGUN = "begun"
UNREAD_NAMED = 50
NOT_READ_BY_LISTS = frozenset({Field.STAFF_NOTES})
# With the vouchers archived elsewhere the order number still leads to the person (schedule §1, §5).
COUNTERPARTY = ("T-01", "T-05")


def protocol(shop: Shop, accesses: Mapping[str, Access] | None = None, code: str | None = None) -> Protocol:
    """The protocol of the newest run, or of the one named, chained to the one before.

    Raises PlanError where nothing ran.
    """
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, plan, state = plans.need(connection, code, states=RAN)
        approvals = plans.approvals(connection, plan_id)
        if not approvals or state not in RAN:
            raise PlanError(f"Plan {plan.code} has not run. Run `gallra apply` first.")
        run = Run(plan=plan_id, digest=plan.digest)
        place = link(shop.ledger, connection, run, series=f"{shop.settings.shop.id}-{plan.today:%Y}")
        view = _view(shop, connection, plan_id, plan, accesses or {})
        view = replace(view, approval=_approval(approvals[0], plan))
        view, digest = _chained(view, place)
        if digest not in place.versions[-1:]:
            shop.ledger.event(
                connection, "protocol", plan=plan_id, number=place.number, digest=digest, of=plan.digest
            )
    return replace(view, chain=digest)


def _chained(view: Protocol, place: Link) -> tuple[Protocol, str]:
    """The protocol in its place, and its checksum; one that says more names the first, and what it replaces.

    Where nothing changed it is the version that was written last, word for word.
    """
    view = replace(view, number=place.number, previous=place.previous, gaps=place.gaps)
    if not place.versions:
        return view, _checksum(view)
    for replaced in (*place.versions[-2:-1], ""):
        same = replace(view, earlier=place.versions[0] if replaced else "", replaces=replaced)
        if (digest := _checksum(same)) == place.versions[-1]:
            return same, digest
    view = replace(view, earlier=place.versions[0], replaces=place.versions[-1])
    return view, _checksum(view)


def _checksum(view: Protocol) -> str:
    return hashlib.sha256(report_json(view).encode()).hexdigest()


def unwritten_codes(shop: Shop) -> tuple[str, ...]:
    """The digests of runs whose protocol is missing, or older than their last read-back; oldest first."""
    with shop.ledger.begin() as connection:
        return tuple(run.digest for run in unwritten(shop.ledger, connection))


def _view(
    shop: Shop, connection: Connection, plan_id: int, plan: Plan, accesses: Mapping[str, Access]
) -> Protocol:
    """All that the ledger says of a run; number, chain and approval are put on by the caller."""
    counted = _Counted(shop, _as_of_now(shop, connection, plan_id), plan, hands_left(shop, connection, plan))
    started, ended = _span(shop, connection, plan_id, plan)
    left = unsettled(connection, plan_id)
    return Protocol(
        number="",
        shop=letterhead(shop, accesses),
        policy=policy_ref(plan),
        started=started,
        ended=ended,
        digest=plan.digest,
        approval=Approval(by="", role="", at=plan.created),
        tool_version=__version__,
        accountant=_accountant(shop, connection, plan_id),
        rules=counted.rules(shop),
        waves=counted.waves(plan),
        recipients=recipient_results(shop, connection, plan_id),
        unsent=unsent_views(shop, connection, plan_id),
        untold=untold_views(shop, connection, plan_id),
        held=holds_in_force(shop, connection),
        kept_together=kept_together(shop, connection),
        deviations=(*counted.deviations(), *_of_begun(left)),
        read_back=read_back(shop, connection, plan_id, counted),
        rests_on=basis_views(plan.rests_on),
        by_hand=(
            *by_hand_views(counted.hands(), shop),
            *beyond_views(shop, connection, accesses),
        ),
        deleted_orders=counted.deleted_orders(),
        backups_through=_backups_through(shop, ended),
    )


def _of_begun(left: Unsettled) -> tuple[Deviation, ...]:
    """What began without an answer: whether it was done is not known, which is no refusal either."""
    if not left.begun:
        return ()
    return (
        Deviation(outcome=Outcome.REFUSED, reason=BEGUN, count=len(left.begun), samples=left.begun[:SAMPLES]),
    )


def _accountant(shop: Shop, connection: Connection, plan_id: int) -> AccountantWord | None:
    """The accountant's word as it stood in the shop's file when the run began."""
    runs = [detail for _, detail in shop.ledger.events(connection, "apply_started", plan=plan_id)]
    word = runs[0].get("accountant") if runs else None
    if not word:
        return None
    said = {key: value for key, value in word.items() if key not in ("on", "order_is_underlag")}
    underlag = word["order_is_underlag"] == "True" if "order_is_underlag" in word else None
    return AccountantWord(on=date.fromisoformat(word["on"]), order_is_underlag=underlag, **said)


def _approval(stored: Stored, plan: Plan) -> Approval:
    return Approval(
        by=stored.person,
        role=stored.role,
        at=datetime.fromisoformat(stored.at),
        valid_through=plan.expires,
        on_behalf=stored.on_behalf,
        standing=stored.standing,
    )


def _as_of_now(shop: Shop, connection: Connection, plan_id: int) -> Iterator[StepRow]:
    """The steps, without the tasks that are none any more: what is gone from its record needs no hand.

    So the places that a platform's own erasure takes leave the list once the record was read without them.
    """
    steps = Plans(shop.ledger).steps(connection, plan_id)
    index = Index(shop.ledger)
    while some := list(islice(steps, _TOGETHER)):
        ids = sorted({one.record for one in some if one.step.needs_hand})
        now, gone = index.rows(connection, ids), queries.gone(connection, ids)
        asked = _asked_for(shop, some)
        for one in some:
            here = now.get(one.record)
            if not one.step.needs_hand or here is None:
                yield one
            elif one.record in gone:
                yield replace(one, step=replace(one.step, by_hand=0))  # its other places may outlive it
            else:
                there = here.record.present | here.record.unread
                erased = bool(asked[one.record]) and not asked[one.record] & there
                left = _still_to_do(shop, one, there, erased=erased)
                yield _without_cleared(left, here.record)


def hands_left(shop: Shop, connection: Connection, plan: Plan) -> dict[str, int]:
    """The plan's tasks without a step, by kind, field and place: no more than records that show one still.

    What a platform's own erasure took meanwhile, or a person did, is nobody's task any more.
    """
    marked = {
        (one.kind, one.place): one.records
        for one in Index(shop.ledger).marks(connection)
        if one.code == RESIDUE
    }
    found: dict[str, int] = {}
    for name, count in plan.by_hand.items():
        kind, field, place = name.split("|", 2)
        if place:
            there = marked.get((kind, place), 0)
        elif field in NOT_READ_BY_LISTS:  # what no list shows is not known to be gone
            there = count
        else:
            there = queries.carrying(connection, shop.ledger.shop, Kind(kind), Field(field))
        if left := min(count, there):
            found[name] = left
    return found


def _asked_for(shop: Shop, steps: Sequence[StepRow]) -> dict[int, int]:
    """Per record the fields of its tasks that go by a request to the platform; a bit set."""
    found: dict[int, int] = {}
    for one in steps:
        able = shop.capabilities[one.step.ref.adapter, one.step.ref.kind]
        ours = to_bits(tuple(field for field, can in able.fields.items() if can is Ability.BY_REQUEST))
        found[one.record] = found.get(one.record, 0) | one.step.by_hand & ours
    return found


def _still_to_do(shop: Shop, row: StepRow, there: int, *, erased: bool) -> StepRow:
    taken = shop.capabilities[row.step.ref.adapter, row.step.ref.kind].erased if erased else frozenset()
    residue = tuple(place for place in row.step.residue if place.partition(":")[0] not in taken)
    return replace(row, step=replace(row.step, by_hand=row.step.by_hand & there, residue=residue))


def _without_cleared(row: StepRow, record: Record) -> StepRow:
    """The step without the places that hold a known field and that somebody has cleared since.

    Others are known by the buyer's words, which went from the record: that they are not found says nothing.
    """
    gone = {one.place for one in row.step.placed} - set(record.residue)
    residue = tuple(place for place in row.step.residue if place not in gone)
    return replace(row, step=replace(row.step, residue=residue)) if gone else row


class _Counted:
    """Everything the steps of a plan say, in one pass."""

    def __init__(
        self, shop: Shop, steps: Iterable[StepRow], plan: Plan, planned_hands: Mapping[str, int]
    ) -> None:
        self._rules: dict[tuple[str, str, str, Action], tuple[int, list[date], str]] = {}
        self._outcomes: dict[Wave, dict[Outcome, int]] = {}
        self._deviations: dict[tuple[Outcome, str], list[str]] = {}
        self._hands: dict[tuple[str, str, str], set[int]] = {}
        self._planned_hands = planned_hands
        self._at_once = {
            (str(kind), code) for (_, kind), able in shop.capabilities.items() for code in able.at_once
        }
        self._once: set[tuple[str, str]] = set()
        self.only_by_hand = min(plan.by_hand_records, self._of_their_own(planned_hands))
        self.clean: set[int] = set()
        self.left: dict[int, str] = {}
        self.unread: dict[int, str] = {}
        self.accepted: dict[int, str | None] = {}
        self.by_hand: set[int] = set()
        self._deleted: list[str] = []
        for row in steps:
            self._add(row)

    @property
    def tasks(self) -> int:
        """Records that need a hand of their own, and places that one act clears in every record."""
        return len(self.by_hand) + self.only_by_hand + len(self._once)

    def _of_their_own(self, planned: Mapping[str, int]) -> int:
        """The records of the plan's tasks without a step, those apart that one act does in every record."""
        own = 0
        for name, count in planned.items():
            kind, _, place = name.split("|", 2)
            own += count if self._is_own(kind, place) else 0
        return own

    def _is_own(self, kind: str, place: str) -> bool:
        if (kind, place.partition(":")[0]) not in self._at_once:
            return True
        self._once.add((kind, place))
        return False

    def _add(self, row: StepRow) -> None:
        if not row.outcome:
            return
        outcome = Outcome(row.outcome)
        counts = self._outcomes.setdefault(row.step.wave, {})
        counts[outcome] = counts.get(outcome, 0) + 1
        if row.written:
            self._count_rules(row)
            if row.step.action is Action.DELETE and row.step.ref.kind is Kind.ORDER:
                self._deleted.append(row.step.label)
        # A redacted record that is gone altogether is not what was decided: more went than was to go.
        lost = row.step.action is Action.REDACT and row.reason in (RECORD_GONE, WENT)
        other = row.reason.startswith(DEVIATES)
        if outcome in (Outcome.STALE, Outcome.REFUSED) or lost or other:
            self._deviations.setdefault((outcome, row.reason), []).append(row.step.named)
        if row.kept_beside:
            self._deviations.setdefault((Outcome.REFUSED, NOT_TAKEN), []).append(row.step.named)
        if outcome is Outcome.ACCEPTED:
            self.accepted[row.record] = row.due
        if row.read_back == "left":
            self.left[row.record] = row.step.named
        elif row.read_back == "clean":
            self.clean.add(row.record)
        elif row.written:
            self.unread[row.record] = row.step.named
        if row.written or outcome not in (Outcome.STALE, Outcome.REFUSED):
            self._count_hands(row)

    def _count_hands(self, row: StepRow) -> None:
        kind = str(row.step.ref.kind)
        told = [*hands(row.step), *(("", place) for place in row.places.split(",") if place)]
        for field, place in told:
            self._hands.setdefault((kind, field, place), set()).add(row.record)
            if self._is_own(kind, place):
                self.by_hand.add(row.record)

    def _count_rules(self, row: StepRow) -> None:
        if row.step.action is Action.NOTIFY:  # the shop did it; the recipients' table says the rest
            return
        done = {str(field) for field in from_bits(row.done)} | {"record"}
        for why in row.step.why:
            if why.field not in done:
                continue
            key = (why.rule, str(row.step.ref.kind), why.field, _what_was_done(row))
            count, dates, basis = self._rules.get(key, (0, [], why.basis))
            span = [*dates, *([why.clock_date] if why.clock_date else [])]
            self._rules[key] = (count + 1, [min(span), max(span)] if span else [], basis)

    def rules(self, shop: Shop) -> tuple[RuleResult, ...]:
        """Per rule and field: how many, the honest label, oldest and youngest."""
        archived = bool(shop.settings.archive.elsewhere)
        labels = {
            Action.DELETE: Label.DELETED,
            Action.UNSUBSCRIBE: Label.UNSUBSCRIBED,
            Action.REDACT: Label.REDACTED,
        }
        return tuple(
            RuleResult(
                rule=rule,
                kind=Kind(kind),
                field=None if field == "record" else Field(field),
                count=count,
                label=Label.PSEUDONYMISED
                if archived and rule in COUNTERPARTY and action is Action.REDACT
                else labels[action],
                oldest=dates[0] if dates else None,
                youngest=dates[-1] if dates else None,
                basis=basis,
            )
            for (rule, kind, field, action), (count, dates, basis) in sorted(self._rules.items())
        )

    def waves(self, plan: Plan) -> tuple[WaveResult, ...]:
        """Per wave the outcomes of its steps."""
        return tuple(
            WaveResult(
                wave=w.wave,
                code=w.digest[:8],
                outcomes=tuple(
                    OutcomeCount(outcome=o, count=c)
                    for o, c in sorted(self._outcomes.get(w.wave, {}).items())
                ),
            )
            for w in plan.waves
            if w.wave in self._outcomes
        )

    def deviations(self) -> tuple[Deviation, ...]:
        """What did not go as planned, with a few order numbers."""
        return tuple(
            Deviation(outcome=o, reason=reason, count=len(labels), samples=tuple(labels[:SAMPLES]))
            for (o, reason), labels in sorted(self._deviations.items())
        )

    def deleted_orders(self) -> tuple[str, ...]:
        """The numbers of orders that are gone, in the order of their series."""
        return tuple(sorted(self._deleted, key=lambda number: (len(number), number)))

    def hands(self) -> dict[tuple[str, str, str], int]:
        """Records that need a hand, by kind, field and place."""
        counts = {key: len(records) for key, records in self._hands.items()}
        for name, count in self._planned_hands.items():
            kind, field, place = name.split("|", 2)
            counts[kind, field, place] = counts.get((kind, field, place), 0) + count
        return counts


def _what_was_done(row: StepRow) -> Action:
    """A profile that its orders keep in the shop was emptied, not deleted, and is called so."""
    return Action.REDACT if row.reason.startswith(EMPTIED) else row.step.action


def _span(shop: Shop, connection: Connection, plan_id: int, plan: Plan) -> tuple[datetime, datetime]:
    """When this plan's run began, and when it was last read back."""
    runs = [at for at, _ in shop.ledger.events(connection, "apply_started", plan=plan_id)]
    ends = [at for at, _ in shop.ledger.events(connection, "verified", plan=plan_id)]
    started = datetime.fromisoformat(runs[0]) if runs else plan.created
    return started, datetime.fromisoformat(ends[-1]) if ends else started


def _backups_through(shop: Shop, ended: datetime) -> date | None:
    days = shop.settings.shop.backup_days
    return None if days is None else ended.date() + timedelta(days=days)


def recipient_results(shop: Shop, connection: Connection, plan_id: int) -> tuple[RecipientResult, ...]:
    """What came of each recipient's deliveries."""
    counts: dict[str, dict[str, int]] = {}
    for one in shop.outbox.counts(connection, plan=plan_id):
        if column := column_of(one.state, one.outcome, one.seen):
            row = counts.setdefault(one.recipient, {})
            row[column] = row.get(column, 0) + one.number
    for name, number in none_found(connection, shop.ledger.shop, plan=plan_id).items():
        counts.setdefault(name, {})["none_found"] = number
    results = []
    for name, row in sorted(counts.items()):
        title, code, role = known_as(shop, name)
        results.append(RecipientResult(name=title, code=code, role=role, **row))  # type: ignore[arg-type]
    return tuple(results)


def unsent_views(shop: Shop, connection: Connection, plan_id: int) -> tuple[UnsentView, ...]:
    """The notices of a run that have not left, each with the recipient's channel."""
    lines = lines_unsent(connection, shop.ledger.shop, plan=plan_id)
    return tuple(
        UnsentView(
            name=known_as(shop, one.recipient)[0],
            letter=one.letter,
            count=one.count,
            to=tuple(place for place in (one.channel.address, one.channel.form) if place),
        )
        for one in unsent_of(shop, lines)
    )


def untold_views(shop: Shop, connection: Connection, plan_id: int) -> tuple[UntoldView, ...]:
    """Whom nobody could tell of this run's lost records, by number, with the recipient's channel."""
    return tuple(
        UntoldView(
            name=known_as(shop, one.recipient)[0],
            kind=one.kind,
            handle=one.handle,
            labels=one.labels,
            deliveries=one.ids,
            to=tuple(place for place in (one.channel.address, one.channel.form) if place),
        )
        for one in untold(shop, lost_handles(connection, shop.ledger.shop, plan=plan_id))
    )


def column_of(state: str, outcome: str, seen: str) -> str:
    """The protocol's column of a delivery; empty where its step never happened."""
    if state in ("held", "cancelled"):
        return ""
    if state in ("failed", "waiting"):
        return {"failed": "failed", "waiting": "accepted"}[state]
    if not outcome:
        return "instructed" if state == "ready" else ""
    if outcome in (Outcome.DONE, Outcome.ALREADY_GONE):  # one answer is no confirmation
        return "confirmed" if seen == "gone" else "instructed"
    return _COLUMNS[Outcome(outcome)]


_COLUMNS = {
    Outcome.ACCEPTED: "accepted",
    Outcome.STOPPED: "stopped",
    Outcome.NOTIFIED: "notified",
    Outcome.BY_HAND: "by_hand",
    Outcome.STALE: "kept",
    Outcome.REFUSED: "failed",
}


def read_back(
    shop: Shop, connection: Connection, plan_id: int, counted: "_Counted | None" = None
) -> ReadBack:
    """The figures of the closing sentence: records read back, deliveries accepted and notified."""
    if counted is None:
        plan = Plans(shop.ledger).by_id(connection, plan_id)
        steps = _as_of_now(shop, connection, plan_id)
        counted = _Counted(shop, steps, plan, hands_left(shop, connection, plan))
    results = recipient_results(shop, connection, plan_id)
    unread = {record: label for record, label in counted.unread.items() if record not in counted.left}
    left = unsettled(connection, plan_id)
    dues = sorted(date.fromisoformat(d) for d in counted.accepted.values() if d)
    return ReadBack(
        clean=len(counted.clean - counted.left.keys() - unread.keys()),
        left=len(counted.left),
        left_labels=tuple(sorted(counted.left.values())),
        unread=len(unread),
        unread_labels=tuple(sorted(unread.values())[:UNREAD_NAMED]),
        begun=len(left.begun),
        begun_labels=left.begun,
        to_begin=left.to_begin,
        accepted=len(counted.accepted) + sum(r.accepted for r in results),
        accepted_due=dues[-1] if dues else None,
        notified=sum(r.notified for r in results),
        by_hand=counted.tasks + sum(r.by_hand for r in results),
        told=tuple(
            SurpriseView(code=one.code, place=one.place, count=one.records)
            for one in Index(shop.ledger).told_of(connection, counted.clean | counted.left.keys())
        ),
    )


__all__ = ["protocol", "read_back", "recipient_results", "unwritten_codes"]
