"""A shop that answers well and not truly: nothing it leaves out is gone, and nothing unread is clean."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

import pytest

from adapters.shopify import pull
from adapters.shopify.fetch import SEEN_WITHOUT
from adapters.shopify.platform import Shopify
from connector.errors import RemoteError, RetryLater
from connector.ports import Controls, Gone, Look, Page, Unread
from connector.records import FIELD_BITS, Action, Field, Kind, Record, Ref
from connector.services.controls import PERSONS
from sandbox import Sandbox
from sandbox.shopify.service import Shopify as StandIn
from tests.support_shopify import controls_of
from tests.unit.adapters.shopify.test_flows import clock_of, platform_of, pulled, tasks

KINDS = (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART, Kind.COUPON)
PAGES = {
    Kind.ORDER: "PageOrders", Kind.CUSTOMER: "PageCustomers", Kind.SUBSCRIBER: "PageCustomers",
    Kind.DRAFT_ORDER: "PageDraftOrders", Kind.CART: "PageCarts", Kind.COUPON: "PageGiftCards",
}  # fmt: skip
LISTS = ("list_empty", "list_gap", "cursor_ignored", "other_query", "count_high")
FILES = ("file_short", "file_gap", "file_repeats", "file_garbled")


SIZE = {"orders": 300, "customers": 90}  # so that there are two pages of orders


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop of 300 orders and 90 customers."""
    with Sandbox(**SIZE) as box:
        yield box.shopify


@cache
def shown(kind: Kind) -> dict[Ref, Record]:
    """What an honest walk over such a shop meets: the same in each, so walked once a kind."""
    with Sandbox(**SIZE) as box:
        return pulled(platform_of(box.shopify).pull(kind, since=None))[0]


@pytest.fixture
def platform(stand_in: StandIn) -> Shopify:
    """A platform that knows records that live, under the permissions of its last complete pull."""
    platform = platform_of(stand_in)
    known = {kind: controls_of(stand_in, kind) for kind in KINDS}
    platform = platform.holding_against(known.__getitem__)
    return platform


def refs_of(kind: Kind, count: int = 6) -> list[Ref]:
    """Some records of a kind, the newest ones: controls are the oldest."""
    return sorted(shown(kind), key=lambda ref: int(ref.id))[-count:]


def old_orders(stand_in: StandIn) -> list[Ref]:
    """Orders that a token without read_all_orders does not see."""
    limit = (clock_of(stand_in)() - SEEN_WITHOUT - timedelta(days=2)).date()
    found = shown(Kind.ORDER).items()
    old = [ref for ref, record in found if record.facts.created and record.facts.created < limit]
    return sorted(old, key=lambda ref: int(ref.id))[-6:]


def reasons(looks: Iterator[Look]) -> set[str]:
    """Why these looks are unread; `gone` or `there` where they are not."""
    return {
        look.reason if isinstance(look, Unread) else "gone" if isinstance(look, Gone) else "there"
        for look in looks
    }


def left_out(pages: list[Page], there: int) -> bool:
    """Whether a walk may be believed to have shown all: the last page says so and the numbers agree."""
    seen = {record.ref for page in pages for record in page.records}
    seen |= {one.ref for page in pages for one in page.unread}
    newer = {ref for page in pages for ref in page.newer}
    last = pages[-1]
    believed = last.complete and last.counted is not None and len(seen - newer) >= last.counted
    return believed and len(seen) < there


# By id.


def test_what_is_deleted_in_the_shop_is_gone_beside_a_living_control(
    platform: Shopify, stand_in: StandIn
) -> None:
    refs = refs_of(Kind.ORDER)
    for ref in refs:
        del stand_in.shop.orders[int(ref.id)]
    assert reasons(platform.fetch(refs)) == reasons(platform.read_back(refs, notes=frozenset())) == {"gone"}


def test_a_token_that_lost_read_all_orders_makes_no_old_order_gone_or_clean(
    platform: Shopify, stand_in: StandIn
) -> None:
    refs = old_orders(stand_in)
    list(platform.apply(tasks(platform, refs, Action.REDACT, frozenset({Field.EMAIL}))))
    stand_in.lose("read_all_orders")
    assert reasons(platform.read_back(refs, notes=frozenset())) == {"scopes_changed"}
    assert reasons(platform.fetch(refs)) == {"scopes_changed"}


def test_an_old_order_is_not_gone_where_the_permission_looks_the_same_and_no_old_control_answers(
    platform: Shopify, stand_in: StandIn
) -> None:
    refs = old_orders(stand_in)
    scopes = stand_in.keyring.tokens[stand_in.token].scopes
    stand_in.lose("read_all_orders")
    known = controls_of(stand_in, Kind.ORDER)  # as if it had never been granted
    platform = platform.holding_against(lambda kind: known)
    assert "read_all_orders" in scopes
    assert reasons(platform.fetch(refs)) == {"no_control"}


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_a_record_is_read_only_where_a_control_shows_what_it_is_known_to_hold(
    kind: Kind, platform: Shopify, stand_in: StandIn
) -> None:
    found = shown(kind)
    ref, *rest = sorted(found, key=lambda one: int(one.id), reverse=True)
    holding = next(one for one in rest if found[one].present & PERSONS)
    empty = next(one for one in rest if not found[one].present & FIELD_BITS[Field.IP_ADDRESS])
    known = controls_of(stand_in, kind)

    def controls(held: dict[Ref, int]) -> set[str]:
        knowing = Controls(cursor=known.cursor, living=known.living, held=held)
        other = platform.holding_against(lambda kind: knowing)
        return reasons(other.fetch([ref])) | reasons(other.read_back([ref], notes=frozenset()))

    assert controls({holding: found[holding].present & PERSONS}) == {"there"}
    assert controls({empty: FIELD_BITS[Field.IP_ADDRESS]}) == {"no_control"}


def test_a_young_control_says_nothing_of_an_old_order(platform: Shopify, stand_in: StandIn) -> None:
    row = stand_in.shop.place_order(email="ny@kund.example")
    young = Ref(adapter="shopify", kind=Kind.ORDER, id=row["id"].rpartition("/")[2])
    known = controls_of(stand_in, Kind.ORDER)
    platform = platform.holding_against(lambda kind: Controls(cursor=known.cursor, living=(young,)))
    (ref,) = refs_of(Kind.ORDER, 1)  # the newest but that one
    del stand_in.shop.orders[int(ref.id)]
    assert reasons(platform.fetch([ref])) == {"no_control"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["nodes_null", "nodes_short", "other_query"])
def test_ids_that_answer_nothing_are_unread_and_never_gone(
    kind: Kind, fault: str, platform: Shopify, stand_in: StandIn
) -> None:
    refs = refs_of(kind)
    stand_in.faults.add(fault, "nodes(ids", times=-1)
    seen = reasons(platform.fetch(refs)) | reasons(platform.read_back(refs, notes=frozenset()))
    assert seen <= ({"there"} if fault == "other_query" else {"no_control", "not_answered"})


@pytest.mark.parametrize(
    ("kind", "scope"), [(Kind.DRAFT_ORDER, "read_draft_orders"), (Kind.COUPON, "read_gift_cards")]
)
def test_a_kind_that_is_closed_since_is_unread_and_stops_no_other(
    kind: Kind, scope: str, platform: Shopify, stand_in: StandIn
) -> None:
    refs = refs_of(kind)
    stand_in.lose(scope, scope.replace("read", "write"))
    assert reasons(platform.fetch(refs)) == {"scopes_changed"}


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_complete_pull_nothing_is_gone(kind: Kind, stand_in: StandIn) -> None:
    platform = platform_of(stand_in)
    platform = platform.holding_against(lambda kind: Controls(living=controls_of(stand_in, kind).living))
    assert reasons(platform.fetch([Ref(adapter="shopify", kind=kind, id="99999999")])) == {"no_control"}


def test_a_shop_whose_index_knows_no_living_draft_takes_one_from_the_list(
    platform: Shopify, stand_in: StandIn
) -> None:
    refs = refs_of(Kind.DRAFT_ORDER, 1)
    known = controls_of(stand_in, Kind.DRAFT_ORDER)
    platform = platform.holding_against(lambda kind: Controls(cursor=known.cursor))
    del stand_in.shop.draft_orders[int(refs[0].id)]
    assert reasons(platform.fetch(refs)) == {"gone"}


def test_a_permission_gained_since_the_last_complete_pull_takes_no_word_away(
    platform: Shopify, stand_in: StandIn
) -> None:
    refs = refs_of(Kind.CUSTOMER, 1)
    known = controls_of(stand_in, Kind.CUSTOMER)
    fewer = known.cursor.replace('"write_gift_cards",', "")
    assert fewer != known.cursor
    platform = platform.holding_against(lambda kind: Controls(cursor=fewer, living=known.living))
    del stand_in.shop.customers[int(refs[0].id)]
    assert reasons(platform.fetch(refs)) == {"gone"}


def test_an_erasure_is_not_carried_out_by_a_null_without_a_control(
    platform: Shopify, stand_in: StandIn
) -> None:
    (ref,) = refs_of(Kind.CUSTOMER, 1)
    stand_in.faults.add("nodes_null", "nodes(ids", times=-1)
    assert isinstance(next(platform.before_erasure([ref])), Unread)


def test_a_profile_that_is_emptied_of_all_is_erased_only_beside_a_control(
    platform: Shopify, stand_in: StandIn
) -> None:
    (ref,) = refs_of(Kind.CUSTOMER, 1)
    stand_in.shop.edit_customer(
        int(ref.id), firstName=None, lastName=None, defaultEmail=None, defaultPhone=None, addresses=[],
        note=None, tags=[], metafields=[],
    )  # fmt: skip
    assert isinstance(next(platform.before_erasure([ref])), Gone)
    stand_in.lose("write_gift_cards", "read_gift_cards")
    assert isinstance(next(platform.before_erasure([ref])), Unread)


def test_a_living_profile_that_was_to_go_with_its_subscription_is_read_back_as_there(
    platform: Shopify, stand_in: StandIn
) -> None:
    ref = next(ref for ref in shown(Kind.SUBSCRIBER) if not stand_in.shop.orders_of.read(int(ref.id)))
    stand_in.shop.place_order(email="ny@kund.example", customer=int(ref.id))
    email = stand_in.shop.customers.read(int(ref.id))["defaultEmail"]
    stand_in.shop.edit_customer(int(ref.id), defaultEmail={**email, "marketingState": "UNSUBSCRIBED"})
    assert reasons(platform.fetch([ref])) == {"gone"}
    assert reasons(platform.read_back([ref], notes=frozenset())) == {"there"}


# Walks.


@pytest.mark.parametrize("kind", KINDS)
def test_a_walk_of_an_honest_shop_is_complete_and_its_count_is_what_was_shown(
    kind: Kind, platform: Shopify
) -> None:
    found, last = pulled(platform.pull(kind, since=None))
    assert last.complete
    assert last.counted == len(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", LISTS)
def test_a_list_that_leaves_something_out_is_not_believed(
    kind: Kind, fault: str, platform: Shopify, stand_in: StandIn
) -> None:
    there = len(shown(kind))
    match = "counted:" if fault == "count_high" else PAGES[kind]
    stand_in.faults.add(fault, match, times=-1)
    try:
        pages = list(platform.pull(kind, since=None))
    except RemoteError:
        assert fault == "cursor_ignored"
        return
    finally:
        assert fault in {kind for kind, _ in stand_in.faults.struck}
    assert not left_out(pages, there)
    if fault == "count_high":
        seen = sum(len(page.records) for page in pages)
        assert pages[-1].counted == seen + 5


def test_pages_that_repeat_themselves_end_the_pull(platform: Shopify, stand_in: StandIn) -> None:
    stand_in.faults.add("cursor_ignored", "PageOrders", times=-1)
    with pytest.raises(RetryLater, match="something else than was asked"):
        list(platform.pull(Kind.ORDER, since=None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_is_not_whole_is_run_anew_and_never_believed(
    kind: Kind, fault: str, platform: Shopify, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BULK_FROM", 1)
    honest = shown(kind)
    stand_in.faults.add(fault, "bulk-results", times=1)
    again, last = pulled(platform.pull(kind, since=None))
    assert (again, last.counted) == (honest, len(honest))
    assert (fault, 1) == (stand_in.faults.struck[0][0], len(stand_in.faults.struck))
    stand_in.faults.add(fault, "bulk-results", times=-1)
    with pytest.raises(RetryLater, match="Run again"):
        list(platform.pull(kind, since=None))


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CART])
def test_without_read_all_orders_no_walk_of_orders_is_complete(kind: Kind, stand_in: StandIn) -> None:
    stand_in.lose("read_all_orders")
    _, last = pulled(platform_of(stand_in).pull(kind, since=None))
    assert not last.complete
    assert last.counted is None


def test_a_permission_lost_between_two_walks_is_seen_by_the_second(
    platform: Shopify, stand_in: StandIn
) -> None:
    pulled(platform.pull(Kind.ORDER, since=None))
    stand_in.lose("read_all_orders")
    _, last = pulled(platform.pull(Kind.ORDER, since=None))
    assert not last.complete


def test_what_came_into_being_during_the_walk_is_no_part_of_its_count(
    platform: Shopify, stand_in: StandIn
) -> None:
    pages = platform.pull(Kind.ORDER, since=None)
    first = next(pages)
    row = stand_in.shop.place_order(email="ny@kund.example")
    stand_in.shop.settle()
    rest = list(pages)
    (new,) = rest[-1].newer
    assert new.id == row["id"].rpartition("/")[2]
    assert rest[-1].counted == len(first.records) + sum(len(page.records) for page in rest) - 1


def test_an_id_that_is_passed_over_as_another_kind_is_not_missed(
    platform: Shopify, stand_in: StandIn
) -> None:
    customers, last = pulled(platform.pull(Kind.CUSTOMER, since=None))
    assert len(stand_in.shop.customers) > len(customers) == last.counted


def test_what_changed_and_was_counted_but_not_shown_is_missing(platform: Shopify, stand_in: StandIn) -> None:
    _, last = pulled(platform.pull(Kind.ORDER, since=None))
    stand_in.shop.turn(days=2)
    for number in list(stand_in.shop.orders)[:8]:
        stand_in.shop.edit_order(number, note="nytt")
    stand_in.shop.settle()
    _, honest = pulled(platform.pull(Kind.ORDER, since=last.cursor))
    assert honest.missing == 0
    stand_in.faults.add("list_gap", "PageOrders", times=-1)
    _, lying = pulled(platform.pull(Kind.ORDER, since=last.cursor))
    assert lying.missing == 1


def test_the_permissions_of_the_last_complete_walk_stay_in_the_cursor_of_every_later_pull(
    platform: Shopify, stand_in: StandIn
) -> None:
    _, last = pulled(platform.pull(Kind.ORDER, since=None))
    _, later = pulled(platform.pull(Kind.ORDER, since=last.cursor))
    assert "read_all_orders" in last.cursor
    assert "read_all_orders" in later.cursor


def test_gift_cards_that_were_not_all_shown_may_be_anybodys(platform: Shopify, stand_in: StandIn) -> None:
    found, _ = pulled(platform.pull(Kind.CUSTOMER, since=None))
    assert not all(record.facts.balance for record in found.values())
    fresh = platform_of(stand_in)
    stand_in.faults.add("list_empty", "GiftCardBalances", times=-1)
    found, _ = pulled(fresh.pull(Kind.CUSTOMER, since=None))
    assert all(record.facts.balance for record in found.values())
