"""A receipt is per field: what the shop refused is no part of what was done, and nobody calls it clean."""

from collections.abc import Iterator

import pytest

from connector.ledger.plans import Plans
from connector.ledger.plans.counts import deviated
from connector.ports import DEVIATES, Receipt, Task
from connector.records import FIELD_BITS, Field, Outcome, to_bits
from tests.engine_support import Engine


def refuse(engine: Engine, id: str, one: Field, *, reason: str = "shop_refused:email") -> None:
    """The shop writes everything of a record but this field, and says so."""
    right = engine.shop._write

    def write(task: Task) -> Receipt:
        if task.ref.id != id or one not in task.fields:
            return right(task)
        rest = Task(live=task.live, action=task.action, fields=task.fields - {one})
        receipt = right(rest)
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=receipt.done, refused={one: reason})

    engine.shop._write = write  # type: ignore[method-assign]


def applied(engine: Engine) -> None:
    engine.pull()
    engine.plan()
    engine.apply()


def rows(engine: Engine, id: str) -> Iterator[tuple[str, int, int, str, str]]:
    with engine.ledger.begin() as connection:
        for row in Plans(engine.ledger).steps(connection, engine.plan_id):
            if row.step.ref.id == id:
                yield row.outcome, row.done, row.refused, row.reason, row.read_back


def test_a_step_with_a_refused_field_is_refused_and_keeps_what_was_done(engine: Engine) -> None:
    engine.shop.order("1")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    found = [row for row in rows(engine, "1") if row[2]]
    assert [(outcome, refused, reason) for outcome, _, refused, reason, _ in found] == [
        ("refused", FIELD_BITS[Field.EMAIL], "shop_refused:email")
    ]
    assert not found[0][1] & FIELD_BITS[Field.EMAIL]


def test_the_steps_of_the_same_record_that_were_not_refused_are_done(engine: Engine) -> None:
    engine.shop.order("1")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    others = [outcome for outcome, _, refused, _, _ in rows(engine, "1") if not refused]
    assert others
    assert set(others) == {"done"}


def test_a_record_with_a_refused_field_is_not_clean(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    result = engine.verify(again=True)
    assert (result.clean, result.left) == (1, 1)


def test_it_is_counted_among_what_deviated(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    with engine.ledger.begin() as connection:
        assert deviated(connection, engine.plan_id) == 1


def test_a_refused_first_record_stops_no_run_and_is_no_check_of_the_first_write(engine: Engine) -> None:
    for number in range(1, 5):
        engine.shop.order(str(number))
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    assert [len(batch) for batch in engine.shop.batches] == [1, 1, 2]


def test_no_recipient_is_told_of_the_field_that_stayed(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    states = {(record, state) for _, record, state, _ in engine.deliveries()}
    assert ("1", "ready") not in states
    assert ("2", "ready") in states


def test_what_was_refused_is_in_the_next_plan(engine: Engine) -> None:
    engine.shop.order("1")
    refuse(engine, "1", Field.EMAIL)
    applied(engine)
    engine.verify()
    engine.pull()
    engine.plan()
    assert engine.planned()["1"] == {Field.EMAIL}


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.REFUSED])
def test_a_field_that_an_answer_names_nowhere_counts_as_refused(engine: Engine, outcome: Outcome) -> None:
    engine.shop.order("1")
    right = engine.shop._write

    def silent(task: Task) -> Receipt:
        receipt = right(task)
        done = receipt.done - {Field.NAME}
        return Receipt(ref=task.ref, outcome=outcome, done=done)

    engine.shop._write = silent  # type: ignore[method-assign]
    applied(engine)
    assert sum(refused for _, _, refused, _, _ in rows(engine, "1")) == to_bits({Field.NAME})


def test_an_answer_that_shows_another_record_is_counted_and_still_done(engine: Engine) -> None:
    engine.shop.order("1")
    right = engine.shop._write

    def other(task: Task) -> Receipt:
        done = right(task).done
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=done, reason=f"{DEVIATES}:other_status")

    engine.shop._write = other  # type: ignore[method-assign]
    applied(engine)
    assert {outcome for outcome, *_ in rows(engine, "1")} == {"done"}
    with engine.ledger.begin() as connection:
        assert deviated(connection, engine.plan_id) == 1
