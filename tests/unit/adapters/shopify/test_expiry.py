"""Abandoned checkouts that Shopify removed by itself: gone by its own rule, and never by absence alone."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from adapters.shopify.expiry import LIVES
from adapters.shopify.platform import Shopify
from connector.ports import Controls
from connector.records import Kind, Record, Ref
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.support_shopify import controls_of
from tests.unit.adapters.shopify.test_flows import clock_of, platform_of, pulled
from tests.unit.adapters.shopify.test_hostile import reasons


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A small shop, of whose checkouts none is a month old."""
    with Sandbox(orders=60, customers=20) as box:
        yield box.shopify


def carts_of(stand_in: StandIn) -> dict[Ref, Record]:
    """Every abandoned checkout, as a pull reads them."""
    found, _ = pulled(platform_of(stand_in).pull(Kind.CART, since=None))
    assert found
    return dict(found)


def knowing(stand_in: StandIn, known: dict[Ref, Record], **days: date) -> Shopify:
    """A platform whose ledger knows these checkouts, by their own last days or those given."""
    refs = sorted(known, key=lambda ref: int(ref.id))
    orders = controls_of(stand_in, Kind.ORDER)

    def last_days(asked: Sequence[Ref]) -> dict[Ref, date]:
        own = {ref: max(filter(None, (one.facts.created, one.facts.modified))) for ref, one in known.items()}
        return {ref: days.get(f"c{ref.id}", own[ref]) for ref in asked if ref in own}

    def controls(kind: Kind) -> Controls:
        if kind is not Kind.CART:
            return orders if kind is Kind.ORDER else controls_of(stand_in, kind)
        return Controls(
            cursor=orders.cursor, living=tuple(refs[:5]), newest=tuple(refs[:-6:-1]), last_days=last_days
        )

    platform = platform_of(stand_in)
    platform = platform.holding_against(controls)
    return platform


def lie(stand_in: StandIn) -> None:
    """An empty list, a count of none, and null for every checkout that is asked for, from now on."""
    stand_in.shop.abandoned_checkouts.clear()


def walked(platform: Shopify) -> None:
    """A pull of all checkouts in this very process."""
    list(platform.pull(Kind.CART, since=None))


def test_checkouts_that_have_run_out_are_gone_though_none_lives_beside_them(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    stand_in.shop.turn(days=120)
    assert not stand_in.shop.abandoned_checkouts
    platform = knowing(stand_in, known)
    walked(platform)
    assert reasons(platform.fetch(list(known))) == {"gone"}


def test_a_shop_that_hides_its_checkouts_before_they_can_have_run_out_makes_none_of_them_gone(
    stand_in: StandIn,
) -> None:
    known = carts_of(stand_in)
    lie(stand_in)
    platform = knowing(stand_in, known)
    walked(platform)
    assert reasons(platform.fetch(list(known))) == {"no_control"}


def test_an_old_checkout_is_not_gone_where_the_same_walk_hides_a_young_one(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    oldest = min(known, key=lambda ref: int(ref.id))
    lie(stand_in)
    long_ago = clock_of(stand_in)().date() - LIVES[Kind.CART] - timedelta(days=1)
    platform = knowing(stand_in, known, **{f"c{oldest.id}": long_ago})
    walked(platform)
    assert reasons(platform.fetch([oldest])) == {"no_control"}


@pytest.mark.parametrize("days", [0, 1])
def test_a_checkout_is_gone_only_once_it_is_older_than_the_rule_and_its_sweep(
    days: int, stand_in: StandIn
) -> None:
    known = carts_of(stand_in)
    oldest = min(known, key=lambda ref: int(ref.id))
    lie(stand_in)
    day = clock_of(stand_in)().date() - LIVES[Kind.CART] - timedelta(days=days)
    platform = knowing(stand_in, {oldest: known[oldest]}, **{f"c{oldest.id}": day})
    walked(platform)
    assert reasons(platform.fetch([oldest])) == ({"gone"} if days else {"no_control"})


def test_without_a_walk_in_this_very_process_nothing_has_run_out(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    stand_in.shop.turn(days=120)
    assert reasons(knowing(stand_in, known).fetch(list(known))) == {"no_control"}


def test_a_walk_that_shows_fewer_than_are_counted_lets_nothing_run_out(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    stand_in.shop.turn(days=120)
    platform = knowing(stand_in, known)
    stand_in.faults.add("count_high", "counted:", times=-1)
    walked(platform)
    assert reasons(platform.fetch(list(known))) == {"no_control"}


@pytest.mark.parametrize("scope", ["read_all_orders", "read_orders"])
def test_a_token_that_lost_a_permission_lets_nothing_run_out(scope: str, stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    platform = knowing(stand_in, known)
    stand_in.shop.turn(days=120)
    stand_in.lose(scope)
    walked(platform)
    assert reasons(platform.fetch(list(known))) == {"scopes_changed"}


def test_no_order_that_answers_beside_them_leaves_them_unread(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    stand_in.shop.turn(days=120)
    platform = knowing(stand_in, known)
    walked(platform)
    stand_in.faults.add("nodes_null", "nodes(ids", times=-1)
    assert reasons(platform.fetch(list(known))) == {"no_control"}


def test_what_the_walk_has_just_shown_has_not_run_out(stand_in: StandIn) -> None:
    known = carts_of(stand_in)
    long_ago = clock_of(stand_in)().date() - timedelta(days=400)
    old = {ref: replace(one, facts=replace(one.facts, created=long_ago)) for ref, one in known.items()}
    platform = knowing(stand_in, old, **{f"c{ref.id}": long_ago for ref in known})
    walked(platform)
    lie(stand_in)
    assert reasons(platform.fetch(list(known))) == {"no_control"}
