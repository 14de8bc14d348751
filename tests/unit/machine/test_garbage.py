"""The cycle collector is paused, and never for good."""

import gc

import pytest

from connector.machine.garbage import without_cycle_search


def test_the_collector_is_off_inside_and_on_again_after() -> None:
    with without_cycle_search():
        inside = gc.isenabled()

    assert (inside, gc.isenabled()) == (False, True)


def test_the_collector_is_on_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="made up"), without_cycle_search():
        raise ValueError("made up")

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_cycle_search():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
