"""From the ledger to the work list: every task that is still to do, offline and without a key."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Connection

from connector.deciding.hands import is_asked_for, is_due, is_there, was_erased
from connector.ledger import queries
from connector.ledger.answers import unsent as lines_unsent
from connector.ledger.holds import Holds, OpenHolds
from connector.ledger.index import Row, Rows
from connector.ledger.last_check import last_found
from connector.ledger.plans import CURRENT, Plans
from connector.ledger.tasks import TaskRow, Tasks, named_in
from connector.policy import decide
from connector.ports import Access
from connector.records import Kind, from_bits
from connector.report.todo.model import LetterView, TaskView, Todo
from connector.shop import Shop
from connector.views.dry_run.heads import letterhead
from connector.views.letters import unsent_of
from connector.views.todo.matters import matters
from connector.views.warning import line_to_warn, waiting_for_warning

_TOGETHER = 500


def todo(shop: Shop) -> Todo:
    """What a person must do in the shop now, and what was done since the last run began."""
    know_policy(shop)
    unwarned = waiting_for_warning(shop)
    with shop.ledger.begin() as connection:
        accesses = last_found(connection, shop.ledger)
        tasks, held = split(shop, connection)
        runs = shop.ledger.events(connection, "apply_started")
        done = Tasks(shop.ledger).done(connection, since=runs[-1].at if runs else "")
        return Todo(
            shop=letterhead(shop, accesses),
            made_at=shop.clock(),
            file=str(shop.file.absolute()) if shop.file else "",
            tasks=tuple(task_view(one, count, accesses) for one, count in tasks),
            held=held,
            done=tuple(task_view(one, None, accesses) for one in done),
            letters=_letters(shop, connection),
            matters=matters(shop, connection, accesses),
            warnings=unwarned,
            warn_command=line_to_warn(shop),
        )


def know_policy(shop: Shop) -> None:
    """Reads what the policy needs of the ledger, before a transaction that needs the policy begins."""
    _ = shop.policy


def split(shop: Shop, connection: Connection) -> tuple[list[tuple[TaskRow, int | None]], int]:
    """The tasks to do now, with their records where one act does it for all; and how many wait for holds."""
    judge = _Judge(shop, connection)
    found: list[tuple[TaskRow, int | None]] = []
    held = 0
    rows = Tasks(shop.ledger).open(connection)
    while some := list(islice(rows, _TOGETHER)):
        for task, count, waits in judge.of(some):
            held += waits
            if not waits:
                found.append((task, count))
    return found, held


class _Judge:
    """Says of tasks whether they are still to do: due now or left by a run, there, and on no hold."""

    def __init__(self, shop: Shop, connection: Connection) -> None:
        self.shop = shop
        self.connection = connection
        self.tasks = Tasks(shop.ledger)
        self.index = Rows(shop.ledger)
        self.holds: OpenHolds = Holds(shop.ledger).open(connection)
        current = Plans(shop.ledger).current(connection, states=CURRENT)
        self.plan = current.id if current else None
        found = last_found(connection, shop.ledger).values()
        self.beyond = {one.place for access in found for one in access.beyond if one.count != 0}

    def of(self, tasks: Iterable[TaskRow]) -> Iterator[tuple[TaskRow, int | None, bool]]:
        """Those still to do, each with the number of its records where one act does it for all of them."""
        some = list(tasks)
        ids = sorted({one.record for one in some if one.record is not None})
        rows, gone = self.index.rows(self.connection, ids), queries.gone(self.connection, ids)
        ran = self.tasks.ran(self.connection, ids)
        beside: dict[int | None, list[TaskRow]] = {}
        for one in some:
            beside.setdefault(one.record, []).append(one)
        for one in some:
            if one.record is None:
                count = (
                    len(self.tasks.holding(self.connection, one, today=self.shop.today))
                    if one.every
                    else None
                )
                if count != 0:
                    yield one, count, False
                continue
            row = rows.get(one.record)
            erased = row is not None and was_erased(beside[one.record], row.record)
            record = row.record if row else None
            if is_there(one, record, gone=one.record in gone, erased=erased) and self._called_for(
                one, row, ran
            ):
                yield one, None, row is not None and not is_asked_for(one) and self._on_hold(row)

    def _called_for(self, task: TaskRow, row: Row | None, ran: frozenset[int]) -> bool:
        """Whether a run left it to a hand, or what the plan named is due now."""
        if task.record in ran or row is None or is_asked_for(task):
            return True
        if task.plan != self.plan:
            return False
        return self._on_hold(row) or is_due(task, decide(row.record, self.shop.policy, today=self.shop.today))

    def _on_hold(self, row: Row) -> bool:
        return bool(self.holds.on(row).facts.holds)


def task_view(task: TaskRow, records: int | None, accesses: dict[str, Access]) -> TaskView:
    """A task as it is shown, with the link that the last check of its service gave."""
    access = accesses.get(task.adapter)
    kind = Kind(task.kind) if task.kind else None
    return TaskView(
        number=task.number,
        place=task.place,
        adapter=task.adapter,
        kind=kind,
        id=task.remote_id,
        label=task.label or task.remote_id,
        link=access.link(kind, task.remote_id) if access and kind else "",
        fields=from_bits(task.by_hand or task.fields),
        records=records,
        since=task.since,
        again=_day(task.again_at),
        done_by=task.done_by,
        done_on=_day(task.done_at),
        seen=task.seen,
    )


def _day(moment: str | None) -> date | None:
    return datetime.fromisoformat(moment).date() if moment else None


def _letters(shop: Shop, connection: Connection) -> tuple[LetterView, ...]:
    """The notices that have not left; they are closed by `gallra letters sent`, not here."""
    found = unsent_of(shop, lines_unsent(connection, shop.ledger.shop))
    titles = {name: one.title or name for name, one in shop.settings.recipients.named().items()}
    return tuple(
        LetterView(
            name=titles.get(one.recipient, one.recipient),
            letter=one.letter,
            count=one.count,
            to=tuple(place for place in (one.channel.address, one.channel.form) if place),
        )
        for one in found
    )


Range = tuple[int, int]
"""The first and last number of some tasks."""


def close_tasks(shop: Shop, ranges: Sequence[Range], *, place: str, by: str) -> list[int]:
    """A named person has done these tasks, or all of a place; returns their numbers.

    Raises LedgerError, and records nothing, where one that is named is not to do.
    """
    shop.unchanged()
    know_policy(shop)
    with shop.ledger.begin() as connection:
        tasks, _ = split(shop, connection)
        there = [one.number for one, _ in tasks if place in ("", one.place, one.place.partition(":")[0])]
        done = named_in(there, ranges or [(0, max(there, default=0))])
        Tasks(shop.ledger).close(connection, done, by=by)
    return done


def open_tasks_again(shop: Shop, ranges: Sequence[Range], *, by: str) -> list[int]:
    """A named person takes back that these were done. Raises LedgerError where nobody said so of one."""
    shop.unchanged()
    tasks = Tasks(shop.ledger)
    with shop.ledger.begin() as connection:
        again = named_in([one.number for one in tasks.done(connection)], ranges)
        tasks.open_again(connection, again, found=False)
        shop.ledger.event(connection, "tasks_open_again", by=by, count=len(again))
    return again
