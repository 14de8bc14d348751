"""Several batches of one shop under way at once: every guarantee of one batch alone holds for each."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import event

from adapters.woocommerce.lanes import Lanes, Worked
from connector.deciding.allowed import EVERYTHING, Allowed
from connector.errors import RetryLater
from connector.ports import Platform, Receipt, TakesBatches, Task
from connector.records import Kind, Outcome
from connector.services.shown import MOST as CONTROLS
from connector.stages.apply import apply, groups
from connector.stages.apply.groups import batches_at_once
from connector.stages.apply.means import Share
from connector.stages.apply.side_by_side import Course, SideBySide
from tests.engine_support import ALL_WAVES, Crash, Engine, Mortal

ORDERS = 13  # the first by itself, then four batches of three
SECONDS = 5


@pytest.fixture
def abreast(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A shop that takes two batches at once, thirteen of its orders planned, three to a batch."""
    monkeypatch.setattr(groups, "ONE_REQUEST", CONTROLS + 3)
    engine.shop.side_by_side = 2  # type: ignore[attr-defined]
    for number in range(ORDERS):
        engine.shop.order(f"{number:02d}")
    engine.pull()
    engine.plan()
    return engine


def refusal() -> RetryLater:
    return RetryLater("Wait. Run again.", adapter="shop", operation="apply")


def outcomes(engine: Engine) -> set[str]:
    return {outcome for _, outcome in engine.steps().values()}


def test_one_batch_is_written_while_another_is(abreast: Engine) -> None:
    both = threading.Barrier(2)

    def meet(tasks: Sequence[Task]) -> None:
        if len(tasks) > 1:
            both.wait(SECONDS)

    abreast.shop.before_apply = meet
    assert abreast.apply() == ORDERS
    assert [len(batch) for batch in abreast.shop.batches] == [1, 3, 3, 3, 3]
    assert outcomes(abreast) == {Outcome.DONE}


def test_one_thread_alone_writes_the_ledger(abreast: Engine) -> None:
    threads: set[threading.Thread] = set()
    event.listen(abreast.ledger.engine, "commit", lambda _: threads.add(threading.current_thread()))
    abreast.apply()
    assert threads == {threading.current_thread()}


def test_what_is_written_was_sealed_and_begun_before(abreast: Engine) -> None:
    told: list[tuple[int, int]] = []

    def look(tasks: Sequence[Task]) -> None:
        ids = {task.ref.id for task in tasks}
        begun = {id for (id, _), (state, _) in abreast.steps().items() if state == "begun"}
        told.append((len(ids), len(ids & begun)))

    abreast.shop.before_apply = look
    abreast.apply()
    assert [count for count, _ in told] == [begun for _, begun in told] == [1, 3, 3, 3, 3]


def test_a_fault_of_one_batch_ends_all_and_keeps_what_was_done(abreast: Engine) -> None:
    abreast.shop.fails_after = 1

    def fail(tasks: Sequence[Task]) -> None:
        abreast.shop.fault = refusal() if len(abreast.shop.batches) == 1 else abreast.shop.fault

    abreast.shop.before_apply = fail
    with pytest.raises(RetryLater):
        abreast.apply()
    written = [id for id, *_ in abreast.shop.written]
    done = {id for (id, _), (_, outcome) in abreast.steps().items() if outcome == Outcome.DONE}
    assert set(written) <= done
    assert len(abreast.shop.batches) <= 3
    abreast.shop.before_apply = lambda _tasks: None
    abreast.apply()
    assert outcomes(abreast) == {Outcome.DONE}
    assert sorted(id for id, *_ in abreast.shop.written) == [f"{number:02d}" for number in range(ORDERS)]


def test_a_process_that_ends_in_one_of_them_ends_as_it_would_have_when_run_again(abreast: Engine) -> None:
    for at in range(2, 40, 9):
        abreast.shop.mortal = Mortal(at)
        with suppress(Crash):
            abreast.apply()
    abreast.shop.mortal = Mortal()
    abreast.apply()
    assert outcomes(abreast) <= {Outcome.DONE}
    assert sorted(id for id, *_ in abreast.shop.written) == [f"{number:02d}" for number in range(ORDERS)]


def test_the_approvals_are_asked_before_each_batch(abreast: Engine) -> None:
    asked: list[int] = []
    means = abreast.means()

    def ask() -> Allowed:
        asked.append(1)
        return EVERYTHING

    apply(replace(means, ask_approvals=ask), Share(abreast.plan_id, ALL_WAVES))
    assert len(asked) == len(abreast.shop.batches)


def test_accounts_go_a_batch_at_a_time(abreast: Engine) -> None:
    """What changed of their persons' orders is pulled before each."""
    assert batches_at_once(abreast.means(), abreast.shop, Kind.CUSTOMER) == 1
    assert batches_at_once(abreast.means(), abreast.shop, Kind.ORDER) == 2


def test_a_platform_that_does_not_say_so_has_one_batch_at_a_time(engine: Engine) -> None:
    shop: Platform = engine.shop
    assert not isinstance(shop, TakesBatches)
    assert batches_at_once(engine.means(), shop, Kind.ORDER) == 1


def test_one_that_has_written_nothing_ends_once_another_is_stopped() -> None:
    side_by_side, written = SideBySide(), list[str]()
    failed = threading.Event()

    def fails() -> None:
        failed.set()
        side_by_side.stop(refusal())

    def first() -> Course[None]:
        yield fails
        raise refusal()

    def second() -> Course[None]:
        yield lambda: failed.wait(SECONDS)
        if side_by_side.stopped is None:
            written.append("second")

    def third() -> Course[None]:
        written.append("third")
        yield lambda: None

    with pytest.raises(RetryLater):
        side_by_side.run(iter([first(), second(), third()]), at_once=2)
    assert written == []


def task(number: int) -> Task:
    return Task.__new__(Task)  # lanes look at no part of it


def test_a_stop_in_one_batch_keeps_the_rest_of_another_from_being_sent() -> None:
    lanes, sent, held = Lanes(lanes=1, chunk=1), list[str](), threading.Event()
    lanes._tried.add("redact")

    def fails(_tasks: Sequence[Task]) -> Worked:
        held.wait(SECONDS)
        return Worked([], refusal())

    def writes(_tasks: Sequence[Task]) -> Worked:
        sent.append("written")
        return Worked([])

    def batch(work: object, ends: list[object]) -> None:
        try:
            ends.append(list(lanes.run("redact", [task(1), task(2)], work)))  # type: ignore[arg-type]
        except RetryLater as stop:
            ends.append(stop)

    ends: list[object] = []
    first = threading.Thread(target=batch, args=(fails, ends))
    first.start()
    while lanes._free._value:  # until it holds the only lane
        pass
    second = threading.Thread(target=batch, args=(writes, ends))
    second.start()
    while lanes._batches < 2:
        pass
    held.set()
    for one in (first, second):
        one.join(SECONDS)
    assert (sent, len(ends)) == ([], 2)
    assert list(lanes.run("redact", [task(1)], writes)) == []
    assert sent == ["written"]  # the stop was of those that were under way


def test_the_first_of_a_sort_is_tried_by_one_batch_alone() -> None:
    lanes, sizes = Lanes(lanes=2, chunk=5), list[int]()

    def work(tasks: Sequence[Task]) -> Worked:
        sizes.append(len(tasks))
        return Worked([Receipt(ref=None, outcome=Outcome.DONE)])  # type: ignore[arg-type]

    five = [task(number) for number in range(5)]
    runs = [threading.Thread(target=lambda: list(lanes.run("delete", five, work))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(SECONDS)
    assert sizes[0] == 1
    assert sorted(sizes) == [1, 2, 2, 2, 3]
