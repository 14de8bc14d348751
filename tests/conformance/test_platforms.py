"""Every kind of record of each platform, held to the suite over HTTP against the stand-in services."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import entry_points
from typing import Any

import pytest

from adapters.imap.platform import Mailbox
from adapters.mailchimp.platform import MailchimpPlatform
from adapters.mailchimp.service import Mailchimp
from adapters.shopify.client import connect as connect_shopify
from adapters.shopify.files import Files
from adapters.shopify.platform import Shopify
from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.errors import AccessDenied
from connector.identity import make_keyer
from connector.places.shared import out_of_reach
from connector.ports import Identified, Live, Platform, TellsTime
from connector.records import Action, Field, Kind, Outcome, Record, to_bits
from connector.registry import PLATFORMS, kinds_of
from connector.testing import (
    FaultyWritesSuite,
    ItselfSuite,
    PlatformSuite,
    ReadingSuite,
    RedactingSuite,
    WritingSuite,
)
from connector.testing.records import PlatformHooks
from sandbox.box import Sandbox
from sandbox.imap.mailbox import SUPPORT
from tests.support_caches import cache_everything
from tests.support_shopify import with_controls
from tests.unit.adapters.told import no_wait

KEYER = make_keyer(b"k" * 32)


def now() -> datetime:
    return datetime.now(UTC)


def woocommerce(box: Sandbox, key: str | None = None) -> Platform:
    service = box.woocommerce
    settings = {"url": service.url, "key": key or service.key, "secret": service.secret}
    return WooCommerce(connect(settings, sleep=no_wait), settings, keyer=KEYER, clock=now)


def mailchimp(box: Sandbox, key: str | None = None) -> Platform:
    service = box.mailchimp
    settings = {"url": service.url, "key": key or service.key, "lists": [service.list_id],
                "stores": [service.store_id]}  # fmt: skip
    return MailchimpPlatform(Mailchimp(settings, sleep=no_wait), settings, keyer=KEYER)


def shopify(box: Sandbox, key: str | None = None) -> Platform:
    service = box.shopify
    service.use_plan("Enterprise")
    settings = {"url": service.url, "token": key or service.token}
    made = Shopify(connect_shopify(settings, sleep=no_wait), Files(), settings, keyer=KEYER, clock=now)
    return with_controls(made, service)


def imap(box: Sandbox, key: str | None = None) -> Platform:
    settings = {
        **box.imap.credentials(), "security": "none", "folders": {"support": "INBOX/Kundtjänst"},
        "customers_only": ["support"], **({"password": key} if key else {}),
    }  # fmt: skip
    return Mailbox(settings, keyer=KEYER, sleep=no_wait)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, orders=130, customers=120) as running:
        yield running


class OfTheSandbox(PlatformHooks):
    """What the stand-in services can do, each hook with the faults of `named`."""

    named: str
    make: Callable[..., Platform]
    write: str  # the calls that carry the action out

    def __str__(self) -> str:
        return f"{self.named}-{self.kind}-{self.action}"

    @pytest.fixture
    def service(self, box: Sandbox) -> Sandbox:
        return box

    def running(self, box: Sandbox) -> Any:
        """The service of this platform."""
        return getattr(box, self.named)

    def build(self, service: Sandbox, key: str | None = None) -> Platform:
        return type(self).make(service, key)

    def gone(self, service: Sandbox) -> str:
        return "99999999"

    def rightly_left(self, record: Record, taken: frozenset[Field]) -> int:
        return out_of_reach(record, to_bits(taken))

    def requests(self, service: Sandbox) -> int:
        return sum(self.running(service).requests.values())

    def busy_once(self, service: Sandbox) -> None:
        self.running(service).faults.add("429", times=1)

    def busy(self, service: Sandbox) -> None:
        self.running(service).faults.add("429", times=-1)

    def down(self, service: Sandbox) -> None:
        self.running(service).faults.add("503_html", times=-1)

    def silent(self, service: Sandbox) -> None:
        self.running(service).faults.add("cut", times=-1)

    def fail(self, service: Sandbox) -> None:
        self.running(service).faults.add("500", times=-1)

    def stop(self, service: Sandbox) -> None:
        self.running(service).server.stop()

    def fail_half(self, service: Sandbox) -> None:
        self.running(service).faults.add("half_batch", self.write, times=-1)

    def lose_an_answer(self, service: Sandbox) -> None:
        self.running(service).faults.add("cut_after", self.write, times=1)

    def cached(self, patch: pytest.MonkeyPatch) -> None:
        cache_everything(patch)

    def turn(self, service: Sandbox, hours: int) -> None:
        service.turn(hours=hours)


# WooCommerce ---------------------------------------------------------------------------------


class OfWooCommerce(OfTheSandbox):
    named, make, wrong_key = "woocommerce", woocommerce, "ck_wrong"


class TestWooCommerceItself(OfWooCommerce, ItselfSuite):
    """Its identity and its clock."""


class TestWooCommerceOrders(OfWooCommerce, PlatformSuite):
    kind, write = Kind.ORDER, "POST orders/batch"
    fields = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.IP_ADDRESS, Field.BILLING_ADDRESS})

    def there(self, service: Sandbox) -> int:
        return len(service.woocommerce.shop.orders)


class TestWooCommerceCustomers(OfWooCommerce, PlatformSuite):
    kind, write, action = Kind.CUSTOMER, "POST customers/batch", Action.DELETE

    def there(self, service: Sandbox) -> int:
        return len(service.woocommerce.shop.customers)

    def fits(self, record: Record) -> bool:
        return record.facts.status == "customer"  # staff: no API deletes them


class TestWooCommerceReviews(OfWooCommerce, ReadingSuite, WritingSuite, RedactingSuite):
    kind, write, fields = Kind.REVIEW, "products/reviews", frozenset({Field.NAME, Field.EMAIL})

    def there(self, service: Sandbox) -> int:
        return len(service.woocommerce.shop.reviews)


class TestWooCommerceCoupons(OfWooCommerce, ReadingSuite, WritingSuite, RedactingSuite):
    kind, write, fields = Kind.COUPON, "coupons", frozenset({Field.EMAIL})

    def there(self, service: Sandbox) -> int:
        return len(service.woocommerce.shop.coupons)


# Mailchimp -----------------------------------------------------------------------------------


class OfMailchimp(OfTheSandbox):
    named, make, wrong_key, kind = "mailchimp", mailchimp, "wrong-key-us19", Kind.SUBSCRIBER

    def there(self, service: Sandbox) -> int:
        return len(service.mailchimp.shop.members[service.mailchimp.list_id])

    def gone(self, service: Sandbox) -> str:
        return f"{service.mailchimp.list_id}:{'0' * 32}"


class TestMailchimpItself(OfMailchimp, ItselfSuite):
    """Its identity and its clock."""


class TestMailchimpSubscribers(OfMailchimp, ReadingSuite, WritingSuite, FaultyWritesSuite):
    write, action = "actions/delete-permanent", Action.DELETE
    # They are deleted one by one: there is no batch of which a half could fail.
    test_half_a_batch_that_fails_leaves_the_other_half_done = None


class TestMailchimpLeaving(OfMailchimp, WritingSuite):
    write, action = "PATCH", Action.UNSUBSCRIBE


class TestMailchimpCarts(OfMailchimp, ReadingSuite, WritingSuite, FaultyWritesSuite):
    kind, write, action = Kind.CART, "carts/", Action.DELETE
    test_half_a_batch_that_fails_leaves_the_other_half_done = None

    def there(self, service: Sandbox) -> int:
        return len(service.mailchimp.shop.carts)

    def gone(self, service: Sandbox) -> str:
        return f"{service.mailchimp.store_id}:{'0' * 32}"


# Shopify -------------------------------------------------------------------------------------


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


class OfShopify(OfTheSandbox):
    named, make, wrong_key = "shopify", shopify, "shpat_wrong"
    # A null right before a write has no control beside it: the next fetch tells.
    deleted_again = Outcome.REFUSED


class OfShopifyProfiles(OfShopify):
    kind = Kind.CUSTOMER

    def there(self, service: Sandbox) -> int:
        return sum(not contact(service, number) for number in service.shopify.shop.customers)


class OfShopifySubscribers(OfShopify):
    kind = Kind.SUBSCRIBER

    def there(self, service: Sandbox) -> int:
        rows = service.shopify.shop.customers
        return sum(contact(service, n) or consent(rows.read(n)) == "SUBSCRIBED" for n in rows)


class Deletable(PlatformHooks):
    """Of these only some can be deleted, by the service's own word."""

    write, action = "customerDelete", Action.DELETE

    def fits_now(self, live: Live) -> bool:
        return bool(live.raw["canDelete"])


class TestShopifyItself(OfShopify, ItselfSuite):
    """Its identity and its clock."""


class TestShopifyOrders(OfShopify, PlatformSuite):
    kind, write, fields = Kind.ORDER, "orderUpdate", frozenset({Field.EMAIL, Field.PHONE})

    def there(self, service: Sandbox) -> int:
        return len(service.shopify.shop.orders)


class TestShopifyCustomers(Deletable, OfShopifyProfiles, ReadingSuite, WritingSuite, FaultyWritesSuite):
    pass


class TestShopifyProfiles(OfShopifyProfiles, WritingSuite, RedactingSuite):
    write, fields = "customerUpdate", frozenset({Field.NAME, Field.EMAIL, Field.PHONE})


class TestShopifySubscribers(Deletable, OfShopifySubscribers, ReadingSuite, WritingSuite, FaultyWritesSuite):
    pass


class TestShopifyLeaving(OfShopifySubscribers, WritingSuite):
    write, action = "ConsentUpdate", Action.UNSUBSCRIBE


class TestShopifyDraftOrders(OfShopify, ReadingSuite, WritingSuite):
    kind, write, action = Kind.DRAFT_ORDER, "draftOrderBulkDelete", Action.DELETE

    def there(self, service: Sandbox) -> int:
        """But for those that became orders: they are read as orders."""
        return sum(row["status"] != "COMPLETED" for row in service.shopify.shop.draft_orders.values())


class TestShopifyCarts(OfShopify, ReadingSuite):
    kind = Kind.CART

    def there(self, service: Sandbox) -> int:
        return len(service.shopify.shop.abandoned_checkouts)


class TestShopifyGiftCards(OfShopify, ReadingSuite):
    kind = Kind.COUPON

    def there(self, service: Sandbox) -> int:
        return len(service.shopify.shop.gift_cards)


# A mailbox ------------------------------------------------------------------------------------


class OfImap(OfTheSandbox):
    named, make, wrong_key, kind = "imap", imap, "wrong-password", Kind.SUPPORT_MESSAGE
    write, action = "UID EXPUNGE", Action.DELETE
    # Nothing answers in a mail server's place, and no batch of which a half could fail is one command.
    test_what_a_cache_kept_is_no_look_at_a_record = None
    test_half_a_batch_that_fails_leaves_the_other_half_done = None

    def there(self, service: Sandbox) -> int:
        return len(service.imap.shop.folders[SUPPORT].mails)

    def gone(self, service: Sandbox) -> str:
        return f"support:{service.imap.shop.folders[SUPPORT].validity}:99999999:{'0' * 16}"

    def busy_once(self, service: Sandbox) -> None:
        service.imap.faults.add("busy")

    def busy(self, service: Sandbox) -> None:
        service.imap.faults.add("busy", times=-1)

    def down(self, service: Sandbox) -> None:
        service.imap.faults.add("html", times=-1)

    def silent(self, service: Sandbox) -> None:
        service.imap.faults.add("cut", times=-1)

    def fail(self, service: Sandbox) -> None:
        service.imap.faults.add("failing", times=-1)


class TestImapMessages(OfImap, ReadingSuite, WritingSuite, FaultyWritesSuite):
    pass


def test_a_mailbox_says_which_one_it_is_and_nothing_of_its_address(box: Sandbox) -> None:
    """IMAP tells neither an id nor the time: the shop system's clock is the one that counts."""
    platform = imap(box)
    assert isinstance(platform, Identified)
    assert not isinstance(platform, TellsTime)
    told = platform.identity().ids
    assert set(told) == {"mailbox"}
    assert told == imap(box).identity().ids
    assert "@" not in str(told)
    with pytest.raises(AccessDenied):
        imap(box, "wrong-password").identity()  # type: ignore[attr-defined]


KINDS = (
    TestWooCommerceOrders(), TestWooCommerceCustomers(), TestWooCommerceReviews(), TestWooCommerceCoupons(),
    TestMailchimpSubscribers(), TestMailchimpCarts(),
    TestShopifyOrders(), TestShopifyCustomers(), TestShopifySubscribers(),
)  # fmt: skip
ALL = (*KINDS, TestMailchimpLeaving(), TestShopifyLeaving(), TestShopifyProfiles())


def test_every_kind_of_every_platform_of_the_registry_is_held_to_the_suite() -> None:
    there = {(point.name, kind) for point in entry_points(group=PLATFORMS) for kind in kinds_of(point.name)}
    suites = [one for name, one in globals().items() if name.startswith("Test")]
    assert there == {(one.named, one.kind) for one in suites if issubclass(one, ReadingSuite)}
