"""A sample of `make crash`: a few points of one platform, and that the harness sees what is broken."""

from collections.abc import Iterator

import pytest

from tests.crash.line import OBJECTS, Line, Struck
from tests.crash.world import SERVER, World


@pytest.fixture
def world() -> Iterator[World]:
    """About twenty records of a WooCommerce shop."""
    made = World("woocommerce", customers=3, orders=8)
    yield made
    made.remove()


@pytest.fixture
def over_a_server() -> Iterator[World]:
    """The same, its ledger on PostgreSQL."""
    made = World("woocommerce", customers=3, orders=8, ledger=SERVER)
    yield made
    made.remove()


def failed(struck: list[Struck]) -> list[Struck]:
    return [one for one in struck if one.wrong or not one.met]


def test_a_process_killed_after_any_of_these_writes_ends_as_one_that_never_was(world: World) -> None:
    line = Line(world=world, mine=lambda _stage, point: point in (2, 3), told_only=True)
    struck = list(line.strikes(("apply", "push")))
    assert len(struck) == 2 + 4, "two points of each stage, and the undisturbed run of each"
    assert not failed(struck)


def test_over_a_server_too(over_a_server: World) -> None:
    line = Line(world=over_a_server, mine=lambda _stage, point: point == 2, told_only=True)
    struck = list(line.strikes(("apply",)))
    assert len(struck) == 1 + 1
    assert not failed(struck)


def test_an_objection_to_mailings_killed_after_any_of_its_writes_ends_as_one_that_never_was() -> None:
    world = World("woocommerce", customers=12, orders=20)
    try:
        world.lets_objections_go()
        line = Line(world=world, mine=lambda _stage, _point: True, told_only=True)
        struck = list(line.strikes(OBJECTS))
    finally:
        world.remove()
    assert len(struck) >= 1 + 3, "the mailing service, an account and an order"
    assert not failed(struck)


def test_a_broken_outbox_is_seen_by_a_point_that_fails(world: World) -> None:
    line = Line(world=world, mine=lambda _stage, point: point == 8, told_only=True, broken="outbox")
    wrong = [told for one in failed(list(line.strikes(("apply",)))) for told in one.wrong]
    assert any("ledger/delivery" in told for told in wrong)
