"""One step ahead: in order, one under way, errors in their turn, closed at the end."""

import threading
from collections.abc import Generator

import pytest

from adapters.ahead import one_ahead


def counting(asked: list[int], *, most: int = 4) -> Generator[int, None, None]:
    for number in range(most):
        asked.append(number)
        yield number


def test_steps_come_in_their_order() -> None:
    with one_ahead(counting([])) as steps:
        assert list(steps) == [0, 1, 2, 3]


def test_the_next_step_is_asked_for_while_one_is_worked_on() -> None:
    worked_on = threading.Event()

    def two() -> Generator[int, None, None]:
        yield 0
        worked_on.set()
        yield 1

    with one_ahead(two()) as steps:
        next(steps)
        assert worked_on.wait(5)


def test_no_more_than_one_step_is_ahead() -> None:
    asked: list[int] = []
    with one_ahead(counting(asked)) as steps:
        next(steps)
    assert asked == [0, 1]


def test_an_error_is_raised_after_the_steps_before_it() -> None:
    def broken() -> Generator[int, None, None]:
        yield 0
        raise LookupError

    with one_ahead(broken()) as steps:
        assert next(steps) == 0
        with pytest.raises(LookupError):
            next(steps)


def test_steps_that_are_left_are_closed() -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    with one_ahead(endless()) as steps:
        next(steps)
    assert closed.is_set()


def test_a_run_that_is_stopped_does_not_wait_for_the_step_under_way() -> None:
    answers = threading.Event()

    def slow() -> Generator[int, None, None]:
        yield 0
        answers.wait(60)

    def stopped() -> None:
        with one_ahead(slow()) as steps:
            next(steps)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not answers.is_set()
    answers.set()
