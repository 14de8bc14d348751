"""What each recipient's page says of it, object by object: no more than its adapter does."""

from datetime import date

import pytest

from connector.about.described import Thing
from connector.ports import Act
from connector.registry import described, recipients, things_of
from tests.support import REPOSITORY
from tests.unit.docs.capability_rows import platforms, processors

NAMES = [one.name for one in recipients()]
TOLD = {name: {interest.act for interest in one.interests} for name, one in processors()}
OWN_PLATFORMS = {name for name, _ in platforms()}
"""What goes there goes by a plan's own step, and nobody is told."""
PAGE = (REPOSITORY / "docs" / "reference" / "recipients.md").read_text("utf-8")


def hows(name: str) -> set[str]:
    return {thing.how for thing in things_of(name)}


@pytest.mark.parametrize("name", NAMES)
def test_every_recipient_says_object_by_object_what_becomes_of_it_and_on_whose_word(name: str) -> None:
    things = things_of(name)
    assert len(things) >= 2
    for thing in things:
        assert thing.en != thing.sv
        assert thing.source
        assert date(2026, 11, 1) <= thing.read <= date(2027, 12, 31)


@pytest.mark.parametrize("name", NAMES)
def test_every_recipient_says_what_nobody_or_only_a_person_can_do_there(name: str) -> None:
    assert hows(name) & {"by_hand", "cannot"}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_done_or_asked_where_the_adapter_calls_and_told_where_it_only_writes(name: str) -> None:
    called = TOLD[name] & {Act.ERASE, Act.STOP}
    assert bool(called) <= bool(hows(name) & {"done", "asked"})
    itself = name in OWN_PLATFORMS or (name in described() and described()[name].asked_of("carried"))
    if not called and not itself:
        assert "done" not in hows(name)
        assert hows(name) & {"told", "asked", "read"}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_a_row_for_each_thing(name: str) -> None:
    assert all(f"| `{name}` | {thing.en} |" in PAGE for thing in things_of(name))


def test_a_recipient_that_nobody_knows_holds_nothing_that_is_said() -> None:
    assert things_of("nobody") == ()
    assert all(isinstance(thing, Thing) for name in NAMES for thing in things_of(name))
