"""What a person must do in the shop: one row a task, with the number that it keeps from run to run."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, or_, select, update

from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.index.marks import RESIDUE
from connector.ledger.states import PlanState
from connector.ledger.store import Ledger, in_chunks, write_many
from connector.records import Kind, Outcome, Ref, Value

RAN = (PlanState.BEGUN, PlanState.FINISHED, PlanState.ABANDONED)
GONE, UNKNOWN = "gone", "unknown"
RECTIFY = "rectify"
"""The code of a place that a person asked to have put right and no call sets; the part stands behind it."""
_TOGETHER = 500


class NewTask(Value, frozen=True, kw_only=True):
    """A place of one record that a hand is needed at; without a record one act does it for all of a kind.

    `fields` (a bit set) call for it, none where the record goes whole. Whether it is still to do is seen by
    the record's own fields (`by_hand`; `asked` are those of them that a request to the service takes), or by
    the place itself (`residue`; `placed` where it says when it is cleared, `taken` where the service's own
    erasure takes it).
    """

    adapter: str
    kind: str
    remote_id: str = ""
    record: int | None = None
    label: str = ""
    place: str
    fields: int = 0
    by_hand: int = 0
    asked: int = 0
    residue: bool = False
    placed: bool = False
    taken: bool = False
    since: date | None = None


def key_of(task: NewTask) -> tuple[str, str, str, str]:
    """What makes it the same task in the next plan."""
    return (task.adapter, task.kind, task.remote_id, task.place)


class TaskRow(NewTask, frozen=True, kw_only=True):
    """A task with its number and where it stands."""

    number: int
    plan: int
    done_by: str = ""
    done_at: str | None = None
    seen: str = ""
    again_at: str | None = None

    @property
    def every(self) -> bool:
        """Whether one act does it for every record of its kind."""
        return self.record is None and bool(self.kind)

    @property
    def ref(self) -> Ref:
        """Where its record lives."""
        return Ref(adapter=self.adapter, kind=Kind(self.kind), id=self.remote_id)


class Tasks:
    """The tasks of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._mine = schema.task.c.shop == ledger.shop

    def note(self, connection: Connection, plan: int, tasks: Sequence[NewTask]) -> None:
        """Takes in what a plan, a receipt or a check names; one that is known keeps its number.

        One that was read back as gone and is named again is open again.
        """
        if not tasks:
            return
        found = {key_of(one): one for one in tasks}
        known = self._known(connection, found.values())
        self._renew(connection, plan, [one for key, one in found.items() if key in known])
        fresh = [one for key, one in found.items() if key not in known]
        first = int(connection.scalar(select(func.max(schema.task.c.number)).where(self._mine)) or 0) + 1
        rows = [
            {"shop": self.ledger.shop, "number": number, "plan": plan, **_columns(one)}
            | {"done_by": "", "seen": ""}
            for number, one in enumerate(fresh, first)
        ]
        write_many(connection, insert(schema.task), rows)

    def _known(self, connection: Connection, tasks: Collection[NewTask]) -> set[tuple[str, str, str, str]]:
        table = schema.task.c
        keys = (table.adapter, table.kind, table.remote_id, table.place)
        found: set[tuple[str, str, str, str]] = set()
        for some in in_chunks(sorted({one.record for one in tasks if one.record is not None})):
            rows = connection.execute(select(*keys).where(self._mine, table.record.in_(some)))
            found.update((row[0], row[1], row[2], row[3]) for row in rows)
        if any(one.record is None for one in tasks):
            rows = connection.execute(select(*keys).where(self._mine, table.record.is_(None)))
            found.update((row[0], row[1], row[2], row[3]) for row in rows)
        return found

    def _renew(self, connection: Connection, plan: int, tasks: Sequence[NewTask]) -> None:
        table = schema.task
        keys = ("adapter", "kind", "remote_id", "place")
        here = (self._mine, *(table.c[name] == bindparam(f"{name}_") for name in keys))
        rows = [_columns(one) | {"plan": plan} for one in tasks]
        bound = [{f"{name}_" if name in keys else name: value for name, value in row.items()} for row in rows]
        names = [name for name in (rows[0] if rows else ()) if name not in keys]
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        write_many(connection, update(table).where(*here).values(values), bound)
        again = {"done_by": "", "done_at": None, "seen": "", "again_at": self.ledger.now()}
        came_back = (*here, table.c.seen == GONE, table.c.remote_id != "")
        whose = [{name: value for name, value in row.items() if name.endswith("_")} for row in bound]
        write_many(connection, update(table).where(*came_back).values(again), whose)

    def rows(self, connection: Connection, *chosen: ColumnElement[bool]) -> Iterator[TaskRow]:
        """The tasks that are chosen, by number; streamed."""
        table, after = schema.task, 0
        while True:
            here = select(table).where(self._mine, table.c.number > after, *chosen)
            some = connection.execute(here.order_by(table.c.number).limit(_TOGETHER)).all()
            if not some:
                return
            after = some[-1].number
            yield from map(_row, some)

    def open(self, connection: Connection) -> Iterator[TaskRow]:
        """Those that nobody has said to be done."""
        return self.rows(connection, schema.task.c.done_at.is_(None))

    def done(self, connection: Connection, *, since: str = "", until: str = "") -> Iterator[TaskRow]:
        """Those that somebody has said to be done, in a span of time."""
        at = schema.task.c.done_at
        bounds = [at.is_not(None), *([at >= since] if since else []), *([at < until] if until else [])]
        return self.rows(connection, *bounds)

    def to_look_at(self, connection: Connection) -> list[TaskRow]:
        """Those said to be done that were not read back yet, and those that are done for every record."""
        table = schema.task.c
        unseen = or_(table.seen == "", table.record.is_(None))
        return list(self.rows(connection, table.done_at.is_not(None), table.kind != "", unseen))

    def close(self, connection: Connection, numbers: Sequence[int], *, by: str) -> None:
        """A named person has done these."""
        self._set(connection, numbers, done_by=by, done_at=self.ledger.now(), seen="")
        self.ledger.event(connection, "tasks_done", by=by, count=len(numbers))

    def open_again(self, connection: Connection, numbers: Sequence[int], *, found: bool = True) -> None:
        """These are still to do: their places were found there, or (not `found`) a person takes it back."""
        again = self.ledger.now() if found else None
        self._set(connection, numbers, done_by="", done_at=None, seen="", again_at=again)

    def was_seen(self, connection: Connection, numbers: Sequence[int], word: str) -> None:
        """What reading them back showed: gone, or that no reading shows it."""
        self._set(connection, numbers, seen=word)

    def _set(self, connection: Connection, numbers: Sequence[int], **values: Any) -> None:
        table = schema.task
        for some in in_chunks(numbers):
            connection.execute(update(table).where(self._mine, table.c.number.in_(some)).values(**values))

    def ran(self, connection: Connection, records: Collection[int]) -> frozenset[int]:
        """Those of these records that a run has written to, or left to a hand."""
        found: set[int] = set()
        for some in in_chunks(sorted(records)):
            found.update(connection.scalars(self._of_runs().where(schema.step.c.record.in_(some))))
        return frozenset(found)

    def _of_runs(self) -> Any:
        step, plan = schema.step, schema.plan
        kept = step.c.outcome.in_([Outcome.STALE, Outcome.REFUSED])
        return (
            select(step.c.record)
            .join(plan, plan.c.id == step.c.plan)
            .where(plan.c.shop == self.ledger.shop, plan.c.state.in_(RAN))
            .where(step.c.outcome != "", or_(~kept, step.c.done != 0))
            .distinct()
        )

    def holding(self, connection: Connection, task: TaskRow, *, today: date) -> list[int]:
        """The records whose time is over and that show the place of a task done for all of them."""
        record, mark = schema.record, schema.mark
        due = or_(record.c.id.in_(self._of_runs()), record.c.next_due <= today.isoformat())
        rows = connection.scalars(
            select(record.c.id)
            .join(mark, mark.c.record == record.c.id)
            .where(record.c.shop == self.ledger.shop, record.c.kind == task.kind, record.c.gone.is_(False))
            .where(mark.c.code == RESIDUE, mark.c.place == task.place, due)
            .order_by(record.c.id)
        )
        return list(dict.fromkeys(rows))


def named_in(numbers: Collection[int], ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Those of these numbers that are named; a range names what it spans of them.

    Raises LedgerError where a number is none of them, a range spans none, or nothing is named.
    """
    strange = [span for span in ranges if not any(span[0] <= number <= span[1] for number in numbers)]
    if strange or not ranges:
        named = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in strange[:10]) or "nothing"
        raise LedgerError(f"Not on the list: {named}. Nothing was recorded. `gallra todo` has the numbers.")
    return sorted({number for first, last in ranges for number in numbers if first <= number <= last})


def _columns(task: NewTask) -> dict[str, Any]:
    return {
        **{name: getattr(task, name) for name in NewTask.__struct_fields__ if name != "since"},
        "since": task.since.isoformat() if task.since else "",
    }


def _row(row: Row[Any]) -> TaskRow:
    values = {name: getattr(row, name) for name in TaskRow.__struct_fields__}
    return TaskRow(**values | {"since": date.fromisoformat(row.since) if row.since else None})
