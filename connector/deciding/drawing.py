"""A plan being drawn: rows whose date has come are decided, what is due becomes steps."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, update

from connector.basis import Basis, accounts_unread, left_out, not_answered
from connector.deciding.anew import as_if_with_account
from connector.deciding.hands import tasks_of
from connector.deciding.terms import Terms
from connector.ledger import Ledger, schema
from connector.ledger.holds import Holds
from connector.ledger.index import Row, Rows, Subjects
from connector.ledger.index.rows import IDENTIFYING, MUST_DECIDE
from connector.ledger.plans import NewStep, Plans
from connector.ledger.store import write_many, write_tuples
from connector.ledger.tallies import Tallies
from connector.ledger.tasks import NewTask, Tasks
from connector.ledger.unread import Unreads
from connector.plan import (
    Digester,
    Outlook,
    Step,
    Totals,
    classify,
    hands,
    of_its_own,
    only_by_hand,
    steps_of,
    to_everybody,
    told,
)
from connector.policy import decide
from connector.ports import Act, Capabilities, Interest, Recipient
from connector.records import HoldId, Kind, Record, Wave
from connector.verdicts import State, Verdict

CHUNK = 2000
# Orders and what hangs on them first: accounts, subscribers and messages read what their person's orders say.
FIRST = (Kind.ORDER, Kind.REVIEW, Kind.COUPON, Kind.CART, Kind.DRAFT_ORDER)
THEN = (Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.SUPPORT_MESSAGE)


class Drawing:
    """A plan being drawn: steps stream into the ledger, counts stay in memory."""

    def __init__(self, ledger: Ledger, connection: Connection, terms: Terms, draft: int) -> None:
        self.ledger = ledger
        self.connection = connection
        self.policy = terms.policy
        self.capabilities = terms.capabilities
        self.recipients = terms.recipients
        self.today = terms.today
        self._session = terms.policy.session(terms.today, frozenset())
        self.draft = draft
        self.seq = 0
        self.digester = Digester()
        self.tallies = Tallies(ledger, connection)
        self.by_hand: dict[Kind, int] = {}
        self.at_once: dict[Kind, set[str]] = {}
        self.hands: dict[str, int] = {}
        self.hand_records = 0
        self.holds = Holds(ledger).open(connection)
        self.bases: tuple[Basis, ...] = ()
        self.withheld: dict[Kind, int] = {}
        self._left_out: frozenset[Kind] = frozenset()
        self._accounts_unread = False
        self._silent: frozenset[tuple[str, Kind]] = frozenset()
        self._barred = Unreads(ledger).barred(connection)
        self._glances: dict[tuple[object, ...], _Glance] = {}
        self._outlook: dict[tuple[str, Act, str, bool, Wave], int] = {}
        self._rows = Rows(ledger)
        self._subjects = Subjects(ledger)
        self._plans = Plans(ledger)
        self._tasks = Tasks(ledger)
        self._under_way = self._plans.under_way(connection, terms.today)

    def rest_on(self, bases: Sequence[Basis]) -> None:
        """What was read and what was not: kinds that read an incomplete one are left out of the plan."""
        self.bases = tuple(bases)
        self._left_out, self._silent = left_out(bases), not_answered(bases)
        self._accounts_unread = accounts_unread(bases)

    def draw(self, *, anew: bool) -> None:
        """Decides what has come due, or (`anew`) every row."""
        self.forget(self._rows.gone_rows(self.connection))
        self._subjects.refresh_subjects(self.connection)
        self.decide_kinds(FIRST, anew=anew)
        self._subjects.refresh_subjects(self.connection, kinds=THEN)
        self.decide_kinds(THEN, anew=anew)

    def totals(self) -> dict[str, Totals]:
        """Every record of the shop once, by kind and by what becomes of it."""
        by_kind: dict[Kind, dict[str, int]] = {}
        for (kind, state), count in self._rows.counts(self.connection).items():
            by_kind.setdefault(kind, {})[state] = count
        return {
            str(kind): Totals(
                by_hand=self.by_hand.get(kind, 0) + len(self.at_once.get(kind, ())),
                **{s: states.get(s, 0) for s in ("delete", "redact", "held", "kept_by_law", "nothing_due")},
            )
            for kind, states in sorted(by_kind.items())
        }

    def undecided(self) -> dict[str, Totals]:
        """How many records there are of each kind: nothing is said of what becomes of them."""
        counts: dict[str, int] = {}
        for (kind, _), count in self._rows.counts(self.connection).items():
            counts[str(kind)] = counts.get(str(kind), 0) + count
        return {kind: Totals(nothing_due=count) for kind, count in sorted(counts.items())}

    def decide_kinds(self, kinds: Sequence[Kind], *, anew: bool) -> None:
        """Decides every row of these kinds whose date has come, or (`anew`) every row."""
        today = None if anew else self.today
        for chunk in _chunks(self._rows.due_ids(self.connection, kinds=kinds, today=today)):
            rows = self._rows.rows(self.connection, chunk)
            decided = [self._decide(rows[i]) for i in chunk if i in rows]
            self.tallies.count(
                [row.tallies for row, *_ in decided], [tallies for _, _, _, (*_, tallies) in decided]
            )
            self._write_rows(decided)
            due = [(row, verdict) for row, verdict, due, _ in decided if due]
            self._write_steps([one for one in due if one[0].id not in self._under_way])

    def draw_again(
        self,
        ids: Sequence[int],
        *,
        without: frozenset[str],
        carried_out: int | None = None,
        loosened: Mapping[int, frozenset[str]] | None = None,
    ) -> None:
        """Draws what is due of these rows once some purposes count no longer; the index is left as it is.

        The holds of the request that is `carried_out` do not bind it, and what it takes is passed on to every
        recipient; `loosened` says of rows what else counts no longer there.
        """
        self.holds = Holds(self.ledger).open(self.connection, carried_out=carried_out)
        self._subjects.refresh_subjects(self.connection)
        for chunk in _chunks(array("q", sorted(set(ids)))):
            for row in self._rows.rows(self.connection, chunk).values():
                if row.id in self._under_way or self.held_back(row):
                    continue
                record = self.with_holds(row)
                ended = without | (loosened or {}).get(row.id, frozenset())
                verdict = decide(record, self.policy, today=self.today, without=ended)
                can = self.capabilities[record.ref.adapter, record.ref.kind]
                steps = steps_of(record, verdict, can, today=self.today)
                for step in () if only_by_hand(steps) else steps:
                    self.add(row.id, step if carried_out is None else to_everybody(step))

    def _decide(self, row: Row) -> "_Decided":
        known = self.holds.on(row)
        record = as_if_with_account(known) if self._accounts_unread else known
        verdict = self._session.decide(record)
        seen = self._sum_up(record, verdict)
        _, due, holds, state, tallies = seen
        if due and self.held_back(row):
            due, state = False, "held"
        # What was taken for true until all accounts are read is decided again by the next plan.
        next_due = self.today if seen.due or record is not known else verdict.next_due
        return (
            row, verdict, due, (None if next_due is None else _written(next_due), state, holds, tallies)
        )  # fmt: skip

    def _sum_up(self, record: Record, verdict: Verdict) -> "_Glance":
        """What a verdict adds up to; worked out once where the same field verdicts come again.

        The policy shares them between records, so that they are known by their identity: each is kept
        alive beside what was made of it. Those of a record with shared places are its own.
        """
        if record.ties:
            return self._worked_out(record, verdict)
        ref = record.ref
        key = (
            ref.adapter,
            ref.kind,
            record.stuck,
            verdict.alerts,
            id(verdict.record),
            *map(id, verdict.fields),
        )
        known = self._glances.get(key)
        if known is None:
            if len(self._glances) >= REMEMBERED:
                self._glances.clear()
            known = self._glances[key] = self._worked_out(record, verdict)
        return known

    def _worked_out(self, record: Record, verdict: Verdict) -> "_Glance":
        due, holds = _at_a_glance(verdict)
        can = self.capabilities[record.ref.adapter, record.ref.kind]
        return _Glance(
            verdict=verdict,
            due=due,
            holds=holds,
            state=classify(verdict, can, stuck=record.stuck),
            tallies=self.tallies.listed(record.ref.kind.value, verdict),
        )

    def held_back(self, row: Row) -> bool:
        """Whether a due record is left out, for what its verdict rests on was not read; counts it then."""
        withheld, kind = self._withheld(row), row.record.ref.kind
        if withheld:
            self.withheld[kind] = self.withheld.get(kind, 0) + 1
        return withheld

    def _withheld(self, row: Row) -> bool:
        """Whether what this record's verdict may rest on was not read: nothing of it is planned."""
        ref = row.record.ref
        place = (ref.adapter, ref.kind)
        if ref.kind in self._left_out or place in self._silent or place not in self.capabilities:
            return True
        return self._barred.bars(row.id, row.subject, row.record)

    def with_holds(self, row: Row) -> Record:
        """The record with the ledger's manual holds on it and on its person."""
        return self.holds.on(row)

    def _write_rows(self, decided: "Sequence[_Decided]") -> None:
        table = schema.record
        changed = [
            (row, columns)
            for row, _, _, columns in decided
            if row.next_due == MUST_DECIDE or columns != (row.next_due, row.state, row.holds, row.tallies)
        ]
        write_tuples(
            self.connection,
            update(table)
            .where(table.c.id == bindparam("id_"))
            .values({name: bindparam(name) for name in _COLUMNS}),
            (*_COLUMNS, "id_"),
            [columns + (row.id,) for row, columns in changed],  # noqa: RUF005 (half the time)
        )
        otherwise = [(row, holds) for row, (_, _, holds, _) in changed if holds != row.holds]
        self._subjects.dirty_subjects_of_rows(self.connection, [row.id for row, _ in otherwise])
        # What held it was all that tied a record without a name to its person.
        free = [row.id for row, holds in otherwise if not (holds or row.record.present & IDENTIFYING)]
        self._subjects.part(self.connection, free)

    def _write_steps(self, due: Sequence[tuple[Row, Verdict]]) -> None:
        steps: list[NewStep] = []
        tasks: list[NewTask] = []
        for row, verdict in due:
            ref = row.record.ref
            can = self.capabilities[ref.adapter, ref.kind]
            drawn = steps_of(row.record, verdict, can, today=self.today)
            own = self._count_hands(ref.kind, drawn, can)
            tasks += tasks_of(row.id, drawn, can)
            if only_by_hand(drawn):
                self.hand_records += own
                self._note_hands(drawn)
                continue
            for step in drawn:
                steps.append(NewStep(self.seq, row.id, step))
                self.seq += 1
                self.digester.add(step)
                self._look_ahead(step)
        self._plans.add_steps(self.connection, self.draft, steps)
        self._tasks.note(self.connection, self.draft, tasks)

    def rows(self, ids: Sequence[int]) -> dict[int, Row]:
        """These rows of the index."""
        return self._rows.rows(self.connection, ids)

    def steps_by_kind(self) -> dict[Kind, int]:
        """How many steps were drawn so far, by kind of record."""
        return {
            Kind(kind): count for wave in self.digester.waves() for kind, count in wave.records.items()
        }

    def add(self, record: int, step: Step) -> int:
        """Adds one step of a record's row; returns its sequence number."""
        seq = self.seq
        self._plans.add_steps(self.connection, self.draft, [NewStep(seq, record, step)])
        self.seq += 1
        self.digester.add(step)
        self._look_ahead(step)
        return seq

    def _count_hands(self, kind: Kind, steps: Sequence[Step], can: Capabilities) -> bool:
        """Whether a record needs a hand of its own; what one act does in every record counts once."""
        told = {one for step in steps for one in hands(step)}
        own = any(of_its_own(one, can) for one in told)
        self.by_hand[kind] = self.by_hand.get(kind, 0) + own
        places = {place for field, place in told if not of_its_own((field, place), can)}
        self.at_once.setdefault(kind, set()).update(places)
        return own

    def _note_hands(self, steps: Sequence[Step]) -> None:
        """What only a hand can do is told, and nothing of it needs an approval."""
        places = {f"{s.ref.kind}|{name}|{place}" for s in steps for name, place in hands(s)}
        for key in places:
            self.hands[key] = self.hands.get(key, 0) + 1

    def _look_ahead(self, step: Step) -> None:
        for recipient in self.recipients:
            for interest in self.told(step, recipient):
                key = (recipient.name, interest.act, interest.handle, interest.irreversible, step.wave)
                self._outlook[key] = self._outlook.get(key, 0) + 1

    def told(self, step: Step, recipient: Recipient) -> tuple[Interest, ...]:
        """What of a step a recipient is told."""
        after = self.policy.after_contract
        return told(step, recipient.processor.interests, recipient.code, after_contract=after)

    def outlook(self) -> tuple[Outlook, ...]:
        """What each recipient would be asked, wave by wave."""
        return tuple(
            Outlook(recipient=name, act=act, handle=handle, irreversible=irreversible, wave=wave, count=count)
            for (name, act, handle, irreversible, wave), count in sorted(
                self._outlook.items(), key=lambda item: tuple(map(str, item[0]))
            )
        )

    def forget(self, gone: Sequence[tuple[int, str]]) -> None:
        """Counts records out that are gone from the shop."""
        table = schema.record
        self.tallies.count([tallies for _, tallies in gone], ())
        write_many(
            self.connection,
            update(table)
            .where(table.c.id == bindparam("id_"))
            .values(tallies="", next_due=None, state="gone", holds=""),
            [{"id_": row_id} for row_id, _ in gone],
        )


REMEMBERED = 3_000
"""Sums of verdicts that are kept while a plan is drawn: bounds its memory."""

# In the order of the table: they are handed on to the database as they are.
_COLUMNS = ("next_due", "state", "holds", "tallies")


class _Glance(NamedTuple):
    """What a verdict adds up to: whether anything is due, its holds, where it counts, its tallies."""

    verdict: Verdict
    due: bool
    holds: str
    state: str
    tallies: str


_Decided = tuple[Row, Verdict, bool, tuple[str | None, str, str, str]]
"""A row, what the policy says of it now, whether anything is due, and its columns as in _COLUMNS.

A plain tuple: one is made for every row of the index.
"""


@lru_cache(maxsize=2_000)
def _written(day: date) -> str:
    """The day as text: many records wait for the same one."""
    return day.isoformat()


def _at_a_glance(verdict: Verdict) -> tuple[bool, str]:
    """Whether anything is due, and every open hold, whichever of the fields it binds."""
    due = False
    holds: set[HoldId] = set()
    for field in verdict.fields if verdict.record is None else (*verdict.fields, verdict.record):
        due = due or field.state is State.DUE
        holds.update(field.holds)
    return due, ",".join(sorted(holds))


def _chunks(ids: "array[int]") -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
