"""A platform whose receipts lie: what a receipt cannot explain is a deviation, and never clean."""

from collections.abc import Callable

import pytest

from connector.deciding.honest import NOT_EXPLAINED, held_to
from connector.ports import Ability, Receipt, Task
from connector.records import FIELD_BITS, Action, Field, Outcome, Tie
from tests.engine_support import Engine

Lie = Callable[[Task, Receipt], Receipt]


def lying(engine: Engine, lie: Lie, *, writes: bool = True) -> None:
    """A shop that does what it is asked, or nothing at all, and says something else."""
    write = engine.shop._write

    def answer(task: Task) -> Receipt:
        well = write(task) if writes else Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)
        return lie(task, well) if task.ref.id == "1" else write(task)

    engine.shop._write = answer  # type: ignore[method-assign]
    for number in ("0", "1"):
        engine.shop.order(number)
    engine.pull()
    engine.plan()
    engine.apply(only="#0")
    engine.apply()


def by_hand(field: Field, *, places: tuple[str, ...] = ()) -> Lie:
    return lambda task, well: Receipt(
        ref=task.ref,
        outcome=Outcome.DONE,
        done=well.done - {field},
        by_hand=frozenset({field}),
        places=places,
    )


def test_a_field_that_is_left_to_a_hand_without_a_reason_is_refused_and_read_back(engine: Engine) -> None:
    lying(engine, by_hand(Field.EMAIL), writes=False)
    assert engine.outcome("1") == Outcome.REFUSED
    assert NOT_EXPLAINED in engine.reasons()["1"]
    assert engine.verify().left == 1


def test_nobody_is_told_of_a_field_that_a_receipt_left_to_a_hand(engine: Engine) -> None:
    lying(engine, by_hand(Field.EMAIL))
    engine.push()
    assert [who for who, _ in engine.recipients[0].told] == ["0"]


def test_all_left_to_a_hand_without_a_reason_is_a_deviation(engine: Engine) -> None:
    def nothing(task: Task, _well: Receipt) -> Receipt:
        return Receipt(ref=task.ref, outcome=Outcome.BY_HAND, by_hand=task.fields)

    lying(engine, nothing, writes=False)
    assert {outcome for (id, _), (_, outcome) in engine.steps().items() if id == "1"} == {Outcome.REFUSED}


def test_a_field_that_was_taken_without_being_asked_for_is_a_deviation(engine: Engine) -> None:
    more = Field.COMPANY

    def lie(task: Task, well: Receipt) -> Receipt:
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=well.done | {more})

    lying(engine, lie)
    assert engine.reasons()["1"] == {"deviates:more_than_asked"}
    assert engine.reasons()["0"] == {""}


def test_a_receipt_for_a_record_that_nobody_asked_about_counts_for_nothing(engine: Engine) -> None:
    touched = 0
    apply = engine.shop.apply

    def more(tasks):  # type: ignore[no-untyped-def]
        yield from apply(tasks)
        ref = engine.shop.of("2").ref
        yield Receipt(ref=ref, outcome=Outcome.DONE, done=frozenset({Field.EMAIL}))

    for number in ("1", "2"):
        engine.shop.order(number)
    engine.shop.order("2", engine.today)
    engine.pull()
    engine.plan()
    engine.shop.apply = more  # type: ignore[method-assign]
    touched = engine.apply()
    assert touched == 1


@pytest.mark.parametrize("why", ["place", "stuck", "tied", "cannot"])
def test_a_field_that_is_left_to_a_hand_for_a_reason_stays_by_hand(engine: Engine, why: str) -> None:
    from msgspec.structs import replace

    from connector.ports import Live

    held = engine.shop.order("1")
    record = engine.shop.record(held)
    abilities = engine.shop.capabilities(held.ref.kind)
    if why == "stuck":
        record = replace(record, stuck=FIELD_BITS[Field.EMAIL])
    if why == "tied":
        record = replace(record, ties=(Tie(place="meta", field=Field.EMAIL, waits_for=()),))
    if why == "cannot":
        abilities = replace(abilities, fields={**abilities.fields, Field.EMAIL: Ability.CANNOT})
    task = Task(
        live=Live(record=record, handles={}, raw=None), action=Action.REDACT, fields=frozenset({Field.EMAIL})
    )
    receipt = Receipt(
        ref=held.ref, outcome=Outcome.BY_HAND, by_hand=frozenset({Field.EMAIL}),
        places=("order:1",) if why == "place" else (),
    )  # fmt: skip
    assert held_to(task, receipt, abilities) == receipt
