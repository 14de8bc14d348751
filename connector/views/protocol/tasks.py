"""What is still a task for a hand: what is gone from its record by now needs none."""

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.ledger import queries
from connector.ledger.index import Marks, Rows
from connector.ledger.index.marks import RESIDUE
from connector.ledger.last_check import last_found
from connector.ledger.plans import RAN, Plans, StepRow
from connector.ledger.tasks import Tasks
from connector.plan import Plan
from connector.ports import Ability
from connector.records import Field, Kind, Record, to_bits
from connector.report.todo.model import TasksAt, TaskView
from connector.shop import Shop
from connector.views.todo import split, task_view

NAMED = 100
"""Tasks of a place that a protocol names; the work list has them all."""

_TOGETHER = 500
NOT_READ_BY_LISTS = frozenset({Field.STAFF_NOTES})


def as_of_now(shop: Shop, connection: Connection, plan_id: int) -> Iterator[StepRow]:
    """The steps, without the tasks that are none any more: what is gone from its record needs no hand.

    So the places that a platform's own erasure takes leave the list once the record was read without them.
    """
    steps = Plans(shop.ledger).steps(connection, plan_id)
    rows = Rows(shop.ledger)
    while some := list(islice(steps, _TOGETHER)):
        ids = sorted({one.record for one in some if one.step.needs_hand})
        now, gone = rows.rows(connection, ids), queries.gone(connection, ids)
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
        for one in Marks(shop.ledger).marks(connection)
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


def tasks_left(shop: Shop, connection: Connection, plan_id: int) -> tuple[tuple[TasksAt, ...], int]:
    """What is still to do, place by place, and how many tasks wait for a hold; nothing of an older run."""
    newest = Plans(shop.ledger).current(connection, states=RAN)
    if newest is None or newest.id != plan_id:
        return (), 0
    accesses = last_found(connection, shop.ledger)
    tasks, held = split(shop, connection)
    places: dict[str, list[TaskView]] = {}
    for task, count in tasks:
        places.setdefault(task.place.partition(":")[0], []).append(task_view(task, count, accesses))
    found = sorted(places.items(), key=lambda item: (item[1][0].kind is None, -len(item[1]), item[0]))
    return tuple(TasksAt(place=place, count=len(own), tasks=tuple(own[:NAMED])) for place, own in found), held


def tasks_done(shop: Shop, connection: Connection, plan_id: int) -> tuple[TaskView, ...]:
    """What persons did by hand since the run before this one began, until the one after it did."""
    starts = queries.starts(connection, shop.ledger.shop)
    ours = [at for at, plan in starts if plan == plan_id]
    if not ours:
        return ()
    before = [at for at, plan in starts if plan != plan_id and at < ours[0]]
    after = [at for at, plan in starts if plan != plan_id and at > ours[-1]]
    since, until = before[-1] if before else "", after[0] if after else ""
    accesses = last_found(connection, shop.ledger)
    done = Tasks(shop.ledger).done(connection, since=since, until=until)
    return tuple(task_view(one, None, accesses) for one in done)
