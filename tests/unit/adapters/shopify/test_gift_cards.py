"""Gift cards: their texts are read and cleared; code, balance and dates are never written."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapters.shopify import gift_cards, operations, pull
from adapters.shopify.platform import Shopify
from adapters.shopify.standing import Standing
from connector.errors import MoneyMoved
from connector.identity import make_keyer
from connector.ports import Receipt
from connector.records import Action, Field, Kind, Outcome, Ref, from_bits
from sandbox import Sandbox
from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.service import Shopify as StandIn
from tests.unit.adapters.shopify.test_flows import never_walked, platform_of, pulled, tasks

TODAY = date(2026, 11, 22)
TEXTS = frozenset({Field.STAFF_NOTES, Field.GIFT_RECIPIENT})
CARD: dict[str, Any] = {
    "id": "gid://shopify/GiftCard/1", "createdAt": "2026-01-02T10:00:00Z",
    "updatedAt": "2026-01-02T10:00:00Z", "enabled": True, "deactivatedAt": None, "expiresOn": None,
    "balance": {"amount": "300.0"}, "note": "Köpt av Disa", "customer": {"id": "gid://shopify/Customer/9"},
    "recipientAttributes": {
        "message": "Grattis Moa", "preferredName": "Moa", "sendNotificationAt": "2026-01-05T10:00:00Z",
        "recipient": {"id": "gid://shopify/Customer/7"},
    },
}  # fmt: skip


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A shop with fifteen gift cards."""
    with Sandbox(orders=120, customers=40) as box:
        yield box.shopify


def cleared(platform: Shopify) -> tuple[list[Ref], list[Receipt]]:
    """Every card of the shop, and what came of clearing its texts."""
    found, _ = pulled(platform.pull(Kind.COUPON, since=None))
    refs = sorted(found, key=lambda ref: ref.id)
    return refs, list(platform.apply(tasks(platform, refs, Action.REDACT, TEXTS)))


def untouched(stand_in: StandIn) -> list[tuple[Any, ...]]:
    """What no write may change: balance, dates, holder and recipient."""
    names = ("balance", "expiresOn", "enabled")
    rows = stand_in.shop.gift_cards.values()
    return [
        (*(str(row[name]) for name in names), row["customer_number"], (row["recipient"] or {}).get(key))
        for row in rows
        for key in ("customer_number", "sendNotificationAt")
    ]


def test_a_card_holds_its_note_its_recipient_and_its_holder() -> None:
    record = gift_cards.to_record(CARD, keyer=make_keyer(b"k" * 32), today=TODAY)
    assert set(from_bits(record.present)) == {Field.STAFF_NOTES, Field.GIFT_RECIPIENT, Field.ACCOUNT}
    assert "Moa" not in repr(record)
    assert "Disa" not in repr(record)


def test_a_card_is_delivered_on_the_day_it_is_sent() -> None:
    assert gift_cards.facts(CARD, TODAY).delivered == date(2026, 1, 5)
    assert gift_cards.facts({**CARD, "recipientAttributes": None}, TODAY).delivered == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("changes", "closed"),
    [
        ({}, None),
        ({"expiresOn": "2026-11-22"}, None),
        ({"expiresOn": "2026-11-21"}, date(2026, 11, 21)),
        ({"deactivatedAt": "2026-03-01T10:00:00Z"}, date(2026, 3, 1)),
        ({"balance": {"amount": "0.0"}}, date(2026, 1, 2)),
        ({"balance": {"amount": "0.01"}}, None),
        ({"balance": None}, None),
    ],
)
def test_a_card_has_ended_once_it_has_expired_is_used_up_or_deactivated(
    changes: dict[str, Any], closed: date | None
) -> None:
    assert gift_cards.facts({**CARD, **changes}, TODAY).closed == closed


@pytest.mark.parametrize(
    ("changes", "owed"),
    [
        ({}, True),
        ({"expiresOn": "2026-11-22"}, True),
        ({"expiresOn": "2026-11-21"}, False),
        ({"createdAt": "2016-11-21T10:00:00Z", "updatedAt": "2016-11-21T10:00:00Z"}, False),
        ({"createdAt": "2010-01-02T10:00:00Z", "updatedAt": "2016-11-22T10:00:00Z"}, True),
        ({"enabled": False}, False),
        ({"balance": {"amount": "0.0"}}, False),
    ],
)
def test_a_balance_is_owed_until_the_card_has_expired_or_lain_still_for_ten_years(
    changes: dict[str, Any], owed: bool
) -> None:
    card = {**CARD, "recipientAttributes": None, **changes}
    assert gift_cards.is_owed(card, TODAY) is owed


def test_every_card_is_read_by_page_and_in_bulk_alike(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = platform_of(stand_in)
    by_page, _ = pulled(platform.pull(Kind.COUPON, since=None))
    monkeypatch.setattr(pull, "BULK_FROM", 1)
    in_bulk, _ = pulled(platform.pull(Kind.COUPON, since=None))
    assert len(by_page) == 15
    assert in_bulk == by_page


def test_the_texts_go_and_balance_dates_and_people_stay(stand_in: StandIn) -> None:
    before = untouched(stand_in)
    platform = platform_of(stand_in)
    refs, receipts = cleared(platform)
    assert {receipt.outcome for receipt in receipts} == {Outcome.DONE}
    rows = list(stand_in.shop.gift_cards.values())
    assert not any(row["note"] for row in rows)
    assert not any(row["recipient"]["message"] or row["recipient"]["preferredName"]
                   for row in rows if row["recipient"])  # fmt: skip
    assert untouched(stand_in) == before
    left = [live.record.present for live in platform.fetch(refs)]
    assert all(set(from_bits(bits)) <= {Field.ACCOUNT} for bits in left)


def test_clearing_a_card_twice_finds_it_already_gone(stand_in: StandIn) -> None:
    platform = platform_of(stand_in)
    refs, _ = cleared(platform)
    again = list(platform.apply(tasks(platform, refs, Action.REDACT, TEXTS)))
    assert {receipt.outcome for receipt in again} == {Outcome.ALREADY_GONE}


def test_a_card_that_the_app_may_not_write_is_left_for_a_hand_with_its_place(stand_in: StandIn) -> None:
    scopes = set(ALL_SCOPES) - {"write_gift_cards"}
    _, receipts = cleared(platform_of(stand_in, token=stand_in.token_with(scopes)))
    assert {(one.outcome, one.reason, one.places) for one in receipts} == {
        (Outcome.BY_HAND, "lacks_scope:write_gift_cards", ("gift_card",))
    }
    assert any(row["note"] for row in stand_in.shop.gift_cards.values())


def test_a_shop_whose_cards_may_not_be_read_has_none_and_the_check_says_so(stand_in: StandIn) -> None:
    scopes = set(ALL_SCOPES) - {"write_gift_cards", "read_gift_cards"}
    platform = never_walked(platform_of(stand_in, token=stand_in.token_with(scopes)))
    assert list(platform.pull(Kind.COUPON, since=None)) == []
    assert "missing_scope:write_gift_cards" in {problem.code for problem in platform.check().problems}


def test_a_card_whose_balance_moved_since_its_fetch_is_left_as_it_is(stand_in: StandIn) -> None:
    platform = platform_of(stand_in)
    found, _ = pulled(platform.pull(Kind.COUPON, since=None))
    planned = tasks(platform, list(found)[:1], Action.REDACT, TEXTS)
    card = stand_in.shop.gift_cards[int(planned[0].ref.id)]
    before = dict(card)
    card["balance"] = {"amount": "1.0", "currencyCode": "SEK"}
    (receipt,) = platform.apply(planned)
    assert (receipt.outcome, receipt.reason) == (Outcome.STALE, "changed_meanwhile")
    assert card["note"] == before["note"]


def test_a_balance_that_moves_with_a_write_stops_the_run(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = platform_of(stand_in)
    found, _ = pulled(platform.pull(Kind.COUPON, since=None))
    planned = tasks(platform, list(found)[:1], Action.REDACT, TEXTS)
    monkeypatch.setattr(Standing, "settled", lambda self, tasks: (list(tasks), []))
    stand_in.shop.gift_cards[int(planned[0].ref.id)]["balance"] = {"amount": "1.0", "currencyCode": "SEK"}
    with pytest.raises(MoneyMoved):
        list(platform.apply(planned))


def test_no_operation_reads_or_writes_the_code_of_a_card() -> None:
    written = [operations.read(name) for name in operations.names() if "gift_card" in name]
    assert written
    assert not any(word in text for text in written for word in ("Code", "Characters", "initialValue"))
