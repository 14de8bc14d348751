"""A stop inside a batch keeps its proof: what was written is done, read back, counted and told of."""

import itertools

import pytest

from connector.errors import RetryLater
from connector.ledger.plans import Plans
from connector.ledger.plans.counts import filled_again
from connector.ports import Receipt, Task
from connector.records import FIELD_BITS, Action, Field, Kind, Outcome, Wave, from_bits
from tests.engine_support import Crash, Engine, Mortal

ORDERS = 12


def planned(engine: Engine, **values: str) -> Engine:
    for number in range(ORDERS):
        engine.shop.order(f"{number:02d}", phone=f"07012345{number:02d}", **values)
    engine.pull()
    engine.plan()
    return engine


def stopped(engine: Engine, after: int) -> None:
    """The process ends after so many writes."""
    written = itertools.count(1)

    class Ends(Mortal):
        def step(self, what: str = "") -> None:
            if what == "after a write" and next(written) == after:
                raise Crash

    engine.shop.mortal = Ends()
    with pytest.raises(Crash):
        engine.apply()
    engine.shop.mortal = Mortal()


def proven(engine: Engine) -> dict[Field, int]:
    """How many records each field is proven to be gone from."""
    counts: dict[Field, int] = {}
    with engine.ledger.begin() as connection:
        for row in Plans(engine.ledger).steps(connection, engine.plan_id):
            if row.read_back == "clean":
                for field in from_bits(row.done):
                    counts[field] = counts.get(field, 0) + 1
    return counts


@pytest.mark.parametrize("after", [1, 2, 7, ORDERS])
def test_every_field_that_went_is_proven_however_often_the_process_ended(engine: Engine, after: int) -> None:
    stopped(planned(engine), after)
    engine.apply()
    engine.push()
    engine.verify()
    taken = (Field.PHONE, Field.NAME, Field.IP_ADDRESS)
    assert {field: proven(engine)[field] for field in taken} == dict.fromkeys(taken, ORDERS)
    assert {outcome for _, outcome in engine.steps().values()} == {Outcome.DONE}
    assert {id for id, _ in engine.recipients[0].told} == {f"{number:02d}" for number in range(ORDERS)}


def test_every_field_that_went_is_proven_though_the_service_failed_in_the_middle(engine: Engine) -> None:
    planned(engine)
    engine.apply(only="#00")
    write = engine.shop._write

    def cut(task: Task) -> Receipt:
        receipt = write(task)
        if task.ref.id == "06":
            engine.shop._write = write  # type: ignore[method-assign]
            raise RetryLater("Cut. Try later.", adapter="shop", operation="apply", status=502)
        return receipt

    engine.shop._write = cut  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        engine.apply()
    engine.apply()
    engine.verify()
    assert proven(engine)[Field.PHONE] == ORDERS


def test_what_comes_back_after_a_stop_is_seen(engine: Engine) -> None:
    stopped(planned(engine), 5)
    engine.apply()
    engine.verify()
    held = engine.shop.of("02")
    held.values[Field.PHONE] = "0701234502"
    engine.shop.touch(held)
    engine.pull()
    engine.plan()
    with engine.ledger.begin() as connection:
        assert filled_again(connection, engine.plan_id) == ["order:#02"]


def test_what_was_written_before_a_stop_is_settled_in_one_look(engine: Engine) -> None:
    stopped(planned(engine), ORDERS)
    engine.shop.batches.clear()
    asked: list[int] = []
    fetch = engine.shop.fetch
    engine.shop.fetch = lambda refs: (asked.append(len(refs)), fetch(refs))[1]  # type: ignore[method-assign,func-returns-value]
    engine.apply()
    assert asked == [ORDERS - 1]
    assert engine.shop.batches == []


def test_what_was_not_written_before_a_stop_begins_again_with_one_record(engine: Engine) -> None:
    stopped(planned(engine), 4)
    engine.shop.batches.clear()
    engine.apply()
    assert [len(batch) for batch in engine.shop.batches] == [1, ORDERS - 5]


def test_a_deletion_whose_answer_was_lost_is_done(engine: Engine) -> None:
    for number in range(3):
        engine.shop.customer(f"9{number}")
    engine.pull()
    engine.plan()
    stopped(engine, 2)
    assert engine.apply() == 2
    assert {outcome for _, outcome in engine.steps().values()} == {Outcome.DONE}
    engine.verify()
    with engine.ledger.begin() as connection:
        rows = list(Plans(engine.ledger).steps(connection, engine.plan_id))
    assert {(row.step.action, row.read_back) for row in rows} == {(Action.DELETE, "clean")}


def test_what_was_taken_before_a_hold_came_is_read_back_and_told(engine: Engine) -> None:
    engine.shop.keeps = {("01", Field.NAME)}
    stopped(planned(engine), 2)
    engine.shop.touch(engine.shop.of("01"), disputed=True)
    engine.pull()
    engine.apply()
    engine.verify()
    with engine.ledger.begin() as connection:
        steps = list(Plans(engine.ledger).steps(connection, engine.plan_id))
    [taken] = [s for s in steps if s.outcome == Outcome.STALE]
    assert taken.done & FIELD_BITS[Field.EMAIL]
    assert not taken.done & FIELD_BITS[Field.NAME]
    assert taken.read_back == "clean"
    assert ("mailer", "01", "ready", True) in engine.deliveries()


def test_a_first_write_that_is_refused_lets_no_whole_batch_follow(engine: Engine) -> None:
    engine.shop.refuses = {"00", "01"}
    planned(engine).apply([Wave.EMAIL_ADDRESS])
    assert [len(batch) for batch in engine.shop.batches] == [1, 1, 1, ORDERS - 3]


def test_a_first_request_that_was_only_taken_on_lets_no_whole_batch_follow(engine: Engine) -> None:
    engine.shop.accepts = {"00": engine.today}
    planned(engine).apply([Wave.EMAIL_ADDRESS])
    assert [len(batch) for batch in engine.shop.batches][:3] == [1, 1, ORDERS - 2]


def test_what_was_deleted_is_not_planned_again_before_it_was_read_back(engine: Engine) -> None:
    for number in range(3):
        engine.shop.customer(f"9{number}")
    engine.pull()
    engine.plan()
    engine.apply()
    plan = engine.plan()
    assert plan.waves == ()
    assert sum(totals.records for totals in plan.totals.values()) == 0


def test_what_was_called_deleted_and_is_still_there_is_its_persons_again_once_it_was_read_back(
    engine: Engine,
) -> None:
    engine.shop.customer("89")
    engine.shop.customer("90")
    engine.pull()
    person = engine.subject_of("90", Kind.CUSTOMER)
    engine.plan()
    held = engine.shop.of("90", Kind.CUSTOMER)
    engine.apply()
    engine.shop.held[held.ref] = held
    assert engine.verify().left == 1
    assert engine.subject_of("90", Kind.CUSTOMER) == person
    assert engine.plan().waves


def test_a_record_that_was_gone_before_its_step_is_not_planned_again(engine: Engine) -> None:
    held = engine.shop.order("1")
    engine.pull()
    engine.plan()
    del engine.shop.held[held.ref]
    engine.apply()
    assert engine.plan().waves == ()
