"""What every platform must hold to, over HTTP against the stand-in services."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.service import Mailchimp
from adapters.shopify.client import connect as connect_shopify
from adapters.shopify.files import Files
from adapters.shopify.platform import Shopify
from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.identity import make_keyer
from connector.places.shared import out_of_reach
from connector.ports import (
    Ability,
    Gone,
    Identified,
    Live,
    Platform,
    Receipt,
    Task,
    TellsTime,
    Unread,
    looked,
)
from connector.records import Action, Field, Kind, Outcome, Record, Ref, from_bits, to_bits
from sandbox.box import Sandbox
from tests.support_caches import cache_everything
from tests.support_shopify import with_controls
from tests.unit.adapters.told import no_wait

KEYER = make_keyer(b"k" * 32)
LEFT_ALONE = (Outcome.DONE, Outcome.STOPPED)


def now() -> datetime:
    return datetime.now(UTC)


def woocommerce(box: Sandbox, key: str | None = None) -> Platform:
    service = box.woocommerce
    settings = {"url": service.url, "key": key or service.key, "secret": service.secret}
    return WooCommerce(connect(settings, sleep=no_wait), settings, keyer=KEYER, clock=now)


def mailchimp(box: Sandbox, key: str | None = None) -> Platform:
    service = box.mailchimp
    settings = {"url": service.url, "key": key or service.key, "lists": [service.list_id]}
    return MailchimpPlatform(Mailchimp(settings, sleep=no_wait), settings, keyer=KEYER)


def shopify(box: Sandbox, key: str | None = None) -> Platform:
    service = box.shopify
    service.use_plan("Enterprise")
    settings = {"url": service.url, "token": key or service.token}
    made = Shopify(connect_shopify(settings, sleep=no_wait), Files(), settings, keyer=KEYER, clock=now)
    return with_controls(made, service)


@dataclass(frozen=True)
class Case:
    """One kind of record of one platform, and what there is of it on the stand-in service."""

    service: str
    kind: Kind
    make: Callable[..., Platform]
    there: Callable[[Sandbox], int]
    gone: str
    write: str
    wrong_key: str
    action: Action = Action.REDACT
    fields: frozenset[Field] = field(default_factory=frozenset)
    fits: Callable[[Live], bool] | None = None  # which records the action is for, where not for all

    def running(self, box: Sandbox) -> Any:
        return getattr(box, self.service)

    def __str__(self) -> str:
        return f"{self.service}-{self.kind}-{self.action}"


def consent(row: dict[str, Any]) -> str:
    """The state of a Shopify customer's consent to letters, as the shop keeps it."""
    return str((row["defaultEmail"] or {}).get("marketingState", "NOT_SUBSCRIBED"))


def owed(box: Sandbox, number: int) -> bool:
    """Whether the shop owes a Shopify customer something, on a gift card or as store credit."""
    shop = box.shopify.shop
    credit = shop.customers.read(number)["storeCreditAccounts"]
    for card in shop.gift_cards.values():
        if number in (card["customer_number"], (card["recipient"] or {}).get("customer_number")):
            credit = [*credit, card]
    return any(float(one["balance"]["amount"]) > 0 for one in credit)


def contact(box: Sandbox, number: int) -> bool:
    """Whether a Shopify customer was asked for consent, and has no order, account or money in the shop."""
    shop, row = box.shopify.shop, box.shopify.shop.customers.read(number)
    employed = any(one["customer_number"] == number for one in shop.company_contacts.values())
    tied = bool(shop.orders_of.read(number)) or employed or owed(box, number)
    return not (tied or row["state"] != "DISABLED" or consent(row) == "NOT_SUBSCRIBED")


def profiles(box: Sandbox) -> int:
    return sum(not contact(box, number) for number in box.shopify.shop.customers)


def subscriptions(box: Sandbox) -> int:
    rows = box.shopify.shop.customers
    return sum(contact(box, n) or consent(rows.read(n)) == "SUBSCRIBED" for n in rows)


def members(box: Sandbox) -> int:
    return len(box.mailchimp.shop.members[box.mailchimp.list_id])


WOO = {"service": "woocommerce", "make": woocommerce, "gone": "99999999", "wrong_key": "ck_wrong"}
CONTACT = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.IP_ADDRESS, Field.BILLING_ADDRESS})
ORDERS = Case(**WOO, kind=Kind.ORDER, write="POST orders/batch", fields=CONTACT,
              there=lambda box: len(box.woocommerce.shop.orders))  # fmt: skip
CUSTOMERS = Case(**WOO, kind=Kind.CUSTOMER, write="POST customers/batch", action=Action.DELETE,
                 there=lambda box: len(box.woocommerce.shop.customers))  # fmt: skip
REVIEWS = Case(**WOO, kind=Kind.REVIEW, write="products/reviews", fields=frozenset({Field.NAME, Field.EMAIL}),
               there=lambda box: len(box.woocommerce.shop.reviews))  # fmt: skip
COUPONS = Case(**WOO, kind=Kind.COUPON, write="coupons", fields=frozenset({Field.EMAIL}),
               there=lambda box: len(box.woocommerce.shop.coupons))  # fmt: skip
MEMBER = {"service": "mailchimp", "kind": Kind.SUBSCRIBER, "make": mailchimp, "there": members,
          "wrong_key": "wrong-key-us19"}  # fmt: skip
SUBSCRIBERS = Case(**MEMBER, gone="", write="actions/delete-permanent", action=Action.DELETE)
LEAVING = Case(**MEMBER, gone="", write="PATCH", action=Action.UNSUBSCRIBE)
SHOPIFY = {"service": "shopify", "make": shopify, "gone": "99999999", "wrong_key": "shpat_wrong"}
SHOPIFY_ORDERS = Case(**SHOPIFY, kind=Kind.ORDER, write="orderUpdate",
                      fields=frozenset({Field.EMAIL, Field.PHONE}),
                      there=lambda box: len(box.shopify.shop.orders))  # fmt: skip
PROFILE = {**SHOPIFY, "kind": Kind.CUSTOMER, "there": profiles}
SHOPIFY_CUSTOMERS = Case(**PROFILE, write="customerDelete", action=Action.DELETE,
                         fits=lambda live: bool(live.raw["canDelete"]))  # fmt: skip
SHOPIFY_PROFILES = Case(**PROFILE, write="customerUpdate",
                        fields=frozenset({Field.NAME, Field.EMAIL, Field.PHONE}))  # fmt: skip
SUBSCRIPTION = {**SHOPIFY, "kind": Kind.SUBSCRIBER, "there": subscriptions}
SHOPIFY_SUBSCRIBERS = Case(**SUBSCRIPTION, write="customerDelete", action=Action.DELETE,
                           fits=lambda live: bool(live.raw["canDelete"]))  # fmt: skip
SHOPIFY_LEAVING = Case(**SUBSCRIPTION, write="ConsentUpdate", action=Action.UNSUBSCRIBE)
SHOPIFY_PEOPLE = (SHOPIFY_CUSTOMERS, SHOPIFY_SUBSCRIBERS)
KINDS = (ORDERS, CUSTOMERS, REVIEWS, COUPONS, SUBSCRIBERS, SHOPIFY_ORDERS, *SHOPIFY_PEOPLE)
REDACTED = (ORDERS, CUSTOMERS, REVIEWS, COUPONS, SHOPIFY_ORDERS, SHOPIFY_PROFILES)
ALL = (*KINDS, LEAVING, SHOPIFY_LEAVING, SHOPIFY_PROFILES)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, orders=130, customers=120) as running:
        yield running


def pulled(platform: Platform, kind: Kind) -> list[Record]:
    return [record for page in platform.pull(kind, since=None) for record in page.records]


def some(platform: Platform, case: Case, count: int = 6) -> list[Live]:
    """Records with something to take, fetched."""
    wanted = []
    for record in pulled(platform, case.kind):
        if case.action is Action.UNSUBSCRIBE and record.facts.status != "subscribed":
            continue
        if case is CUSTOMERS and record.facts.status != "customer":
            continue  # staff: no API deletes them
        if record.facts.balance:
            continue  # a coupon that is worth money is never written
        if case.action is Action.DELETE or not case.fields or case.fields & set(from_bits(record.present)):
            wanted.append(record.ref)
    if case.fits is not None:
        wanted = [live.record.ref for live in lives_of(platform, wanted) if case.fits(live)]
    found = lives_of(platform, wanted[-count:])
    assert found
    return found


def lives_of(platform: Platform, refs: Sequence[Ref]) -> list[Live]:
    """The records among these that are there."""
    return [look for look in platform.fetch(refs) if isinstance(look, Live)]


def tasks(lives: list[Live], case: Case) -> list[Task]:
    return [
        Task(live=live, action=case.action,
             fields=case.fields & set(from_bits(live.record.present)) or frozenset({Field.EMAIL}))
        for live in lives
    ]  # fmt: skip


def by_ref(receipts: list[Receipt]) -> dict[Ref, Receipt]:
    found = {receipt.ref: receipt for receipt in receipts}
    assert len(found) == len(receipts), "two receipts for one task"
    return found


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_what_a_cache_kept_is_no_look_at_a_record(
    case: Case, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = case.make(box)
    refs = [live.ref for live in some(platform, case)]
    cache_everything(monkeypatch)
    looks = [*platform.fetch(refs), *platform.read_back(refs, notes=frozenset(refs))]
    assert [look.reason for look in looks if isinstance(look, Unread)] == ["cached"] * 2 * len(refs)


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_pull_brings_every_record_once_and_says_when_it_was_the_last_page(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    pages = list(platform.pull(case.kind, since=None))
    refs = [record.ref for page in pages for record in page.records]
    assert len(refs) == len(set(refs)) == case.there(box)
    assert [page.complete for page in pages][-1]
    assert not any(page.complete for page in pages[:-1])
    assert all(page.cursor for page in pages)


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_pull_that_is_taken_up_at_any_page_misses_nothing(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    pages = list(platform.pull(case.kind, since=None))
    for place, page in enumerate(pages[:-1]):
        seen = {record.ref for before in pages[: place + 1] for record in before.records}
        rest = {r.ref for more in platform.pull(case.kind, since=page.cursor) for r in more.records}
        assert len(seen | rest) == case.there(box)


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_what_a_fetch_says_is_what_a_pull_said(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    records = {record.ref: record for record in pulled(platform, case.kind)}
    for live in lives_of(platform, list(records)[:7]):
        known = records[live.record.ref]
        assert live.record.present == known.present
        assert live.record.version == known.version
        assert live.record.identifiers == known.identifiers
        assert set(live.record.copies) == {n for n, v in live.handles.items() if v}


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_record_that_is_gone_is_called_gone_and_is_no_error(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    there = some(platform, case, 1)[0].record.ref
    id = case.gone or f"{box.mailchimp.list_id}:{'0' * 32}"
    gone = Ref(adapter=platform.name, kind=case.kind, id=id)
    looks = looked(platform.fetch([gone, there]), [gone, there])
    assert looks[gone] == Gone(ref=gone)
    assert isinstance(looks[there], Live)


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_nothing_to_fetch_and_nothing_to_do_is_no_request(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    before = sum(case.running(box).requests.values())
    assert list(platform.fetch([])) == []
    assert list(platform.apply([])) == []
    assert sum(case.running(box).requests.values()) == before


@pytest.mark.parametrize("case", ALL, ids=str)
def test_each_task_gets_one_receipt_and_a_second_time_is_already_gone(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    lives = some(platform, case)
    first = by_ref(list(platform.apply(tasks(lives, case))))
    assert first.keys() == {live.record.ref for live in lives}
    assert {receipt.outcome for receipt in first.values()} <= set(LEFT_ALONE)
    again = lives_of(platform, list(first))
    if case.action is Action.DELETE:
        assert {type(look) for look in platform.fetch(list(first))} == {Gone}
        second = by_ref(list(platform.apply(tasks(lives, case))))
        # Shopify's null right before a write has no control beside it: the next fetch tells.
        untouched = Outcome.REFUSED if case.service == "shopify" else Outcome.ALREADY_GONE
        assert {receipt.outcome for receipt in second.values()} == {untouched}
    elif case.action is Action.UNSUBSCRIBE:
        second = by_ref(list(platform.apply(tasks(again, case))))
        assert {receipt.outcome for receipt in second.values()} == {Outcome.ALREADY_GONE}
    else:
        # What stands only where no call changes anything is a hand's.
        shown = [set(from_bits(live.record.present & ~live.record.stuck)) for live in again]
        assert not [fields for fields in shown if case.fields & fields]


@pytest.mark.parametrize("case", REDACTED, ids=str)
def test_what_a_platform_says_it_can_redact_reads_back_empty(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    able = {f for f, a in platform.capabilities(case.kind).fields.items() if a is Ability.REDACT}
    lives = some(platform, case, 40)
    given = {
        live.record.ref: able & set(from_bits(live.record.present | live.record.unread)) for live in lives
    }
    todo = [
        Task(live=live, action=Action.REDACT, fields=frozenset(given[live.record.ref]))
        for live in lives
        if given[live.record.ref]
    ]
    receipts = by_ref(list(platform.apply(todo)))
    tried: set[Field] = set()
    for live in platform.read_back(list(receipts), notes=frozenset(receipts)):
        receipt = receipts[live.ref]
        if isinstance(live, Gone):  # nothing of anybody is left on it
            tried |= receipt.done
            continue
        assert isinstance(live, Live)
        assert receipt.done | receipt.by_hand >= given[live.record.ref]
        tried |= receipt.done
        reached = live.record.present & ~out_of_reach(live.record, to_bits(receipt.done))
        left = set(from_bits(reached)) & (receipt.done - receipt.by_hand)
        assert not left, f"{case.kind} still shows {left}"
    assert tried


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_field_with_no_ability_is_never_called_redactable(case: Case, box: Sandbox) -> None:
    can = case.make(box).capabilities(case.kind)
    assert can.kind is case.kind
    assert can.fields
    for field_, ability in can.fields.items():
        if ability is Ability.DELETE:
            assert can.deletes or can.places.get(field_)
        if ability in (Ability.CANNOT, Ability.BY_REQUEST):
            assert can.places.get(field_), f"{field_} of {case.kind} names no place for a hand"


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_service_that_asks_for_patience_once_is_asked_again(case: Case, box: Sandbox) -> None:
    case.running(box).faults.add("429", times=1)
    assert len(pulled(case.make(box), case.kind)) == case.there(box)


@pytest.mark.parametrize("fault", ["429", "503_html", "cut"])
@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_service_that_never_answers_is_to_be_tried_later(case: Case, fault: str, box: Sandbox) -> None:
    case.running(box).faults.add(fault, times=-1)
    with pytest.raises(RetryLater) as raised:
        pulled(case.make(box), case.kind)
    assert raised.value.adapter == case.service


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_refused_key_stops_the_adapter(case: Case, box: Sandbox) -> None:
    platform = case.make(box, case.wrong_key)
    with pytest.raises(AccessDenied):
        pulled(platform, case.kind)
    access = platform.check()
    assert not access.can_read


@pytest.mark.parametrize("case", [ORDERS, CUSTOMERS, SHOPIFY_ORDERS, *SHOPIFY_PEOPLE], ids=str)
def test_half_a_batch_that_fails_leaves_the_other_half_done(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    lives = some(platform, case)
    case.running(box).faults.add("half_batch", case.write, times=-1)
    receipts = by_ref(list(platform.apply(tasks(lives, case))))
    outcomes = [receipts[live.record.ref].outcome for live in lives]
    assert Outcome.DONE in outcomes
    assert Outcome.REFUSED in outcomes
    assert all(r.reason for r in receipts.values() if r.outcome is Outcome.REFUSED)


@pytest.mark.parametrize("case", [ORDERS, CUSTOMERS, SUBSCRIBERS, SHOPIFY_ORDERS, *SHOPIFY_PEOPLE], ids=str)
def test_an_answer_that_was_lost_is_settled_and_nothing_is_done_twice(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    lives = some(platform, case, 3)
    case.running(box).faults.add("cut_after", case.write, times=1)
    receipts = by_ref(list(platform.apply(tasks(lives, case))))
    assert receipts.keys() == {live.record.ref for live in lives}
    assert {r.outcome for r in receipts.values()} <= {Outcome.DONE, Outcome.ALREADY_GONE}
    after = {live.ref: live.record for live in lives_of(platform, list(receipts))}
    for live in lives:
        record = after.get(live.record.ref)
        assert record is None or not case.fields & set(from_bits(record.present))


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_platform_that_is_not_there_is_told_apart_and_check_never_raises(case: Case, box: Sandbox) -> None:
    platform = case.make(box)
    case.running(box).server.stop()
    assert not platform.check().reachable
    with pytest.raises(RemoteError):
        pulled(platform, case.kind)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_no_value_of_a_person_reaches_a_log_or_an_error(
    case: Case, box: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform = case.make(box)
    lives = some(platform, case, 4)
    values = {v for live in lives for name in ("email", "phone") for v in live.handles.get(name, ())}
    assert values
    list(platform.apply(tasks(lives, case)))
    case.running(box).faults.add("500", times=-1)
    with pytest.raises(RemoteError) as raised:
        list(platform.fetch([live.record.ref for live in lives]))
    told = caplog.text + str(raised.value) + repr(lives) + repr(tasks(lives, case))
    assert not [value for value in values if value in told]


@pytest.mark.parametrize("make", [woocommerce, mailchimp, shopify])
def test_a_platform_says_which_shop_it_is_and_what_time_it_is_there(
    box: Sandbox, make: Callable[..., Platform]
) -> None:
    """Without both, a ledger could be carried out on a copy, or by a clock that runs ahead."""
    platform = make(box)
    box.turn(hours=-5)
    assert isinstance(platform, Identified)
    assert isinstance(platform, TellsTime)
    assert all(platform.identity().ids.values())
    told = platform.service_time()
    assert told is not None
    assert abs((told - now()).total_seconds() + 5 * 3600) < 60
