"""Every kind of record by which a platform ends mailings, held to the suite against the stand-in services."""

from collections.abc import Iterable
from typing import Any

import pytest

from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.ports import Platform, WithdrawsConsent
from connector.records import Kind
from connector.registry import PLATFORMS
from connector.testing import ConsentSuite
from sandbox.box import Sandbox
from tests.conformance.test_platforms import (
    KEYER,
    OfMailchimp,
    OfShopify,
    OfTheSandbox,
    OfWooCommerce,
    box,
    mailchimp,
    now,
    shopify,
    woocommerce,
)
from tests.unit.adapters.told import no_wait

SAID = "2025-01-02T10:00:00Z"
THREE = frozenset({"email", "sms", "whatsapp"})


class Consenting(OfTheSandbox, ConsentSuite):
    """The stand-ins' faults; each is taken back by `well`."""

    def well(self, service: Sandbox) -> None:
        self.running(service).faults.clear()


def say_yes_in_meta(rows: Iterable[dict[str, Any]], keys: Iterable[str]) -> None:
    """These records' meta says yes by these keys, whatever they said before."""
    for row in rows:
        kept = [one for one in row["meta_data"] if one["key"] not in keys]
        fresh = [
            {"id": row["id"] * 1000 + at, "key": key, "value": value}
            for at, (key, value) in enumerate(zip(keys, ("1", "yes", "on"), strict=False))
        ]
        row["meta_data"] = [*kept, *fresh]


class OfAShopWithOptIns(OfWooCommerce, Consenting):
    """A shop whose plugins ask for letters, text messages and WhatsApp."""

    channels = THREE
    keys: tuple[str, ...]

    def build(self, service: Sandbox, key: str | None = None) -> Platform:
        stand_in = service.woocommerce
        settings = {
            "url": stand_in.url, "key": stand_in.key, "secret": stand_in.secret,
            "opt_in": {"sms_ok": "sms", "whatsapp_ok": "whatsapp"},
        }  # fmt: skip
        return WooCommerce(connect(settings, sleep=no_wait), settings, keyer=KEYER, clock=now)


class TestWooCommerceOrders(OfAShopWithOptIns):
    kind, write = Kind.ORDER, "POST orders/batch"
    keys = ("mailchimp_woocommerce_is_subscribed", "sms_ok", "whatsapp_ok")

    def say_yes(self, service: Sandbox) -> None:
        shop = service.woocommerce.shop
        say_yes_in_meta((shop.orders[number] for number in list(shop.orders)[:20]), self.keys)


class TestWooCommerceCustomers(OfAShopWithOptIns):
    kind, write = Kind.CUSTOMER, "POST customers/batch"
    keys = ("mailchimp_woocommerce_is_subscribed", "sms_ok", "whatsapp_ok")

    def say_yes(self, service: Sandbox) -> None:
        shop = service.woocommerce.shop
        say_yes_in_meta((shop.customers[number] for number in list(shop.customers)[:20]), self.keys)


class TestMailchimpContacts(OfMailchimp, Consenting):
    write, channels, by_hand = "PATCH", frozenset({"email", "sms"}), frozenset({"sms"})

    def say_yes(self, service: Sandbox) -> None:
        rows = list(service.mailchimp.shop.members[service.mailchimp.list_id].values())
        for at, row in enumerate(rows):
            row.update(status="subscribed", sms_subscription_status="", sms_subscription_last_updated="")
            if at % 2:
                row.update(sms_subscription_status="subscribed", sms_subscription_last_updated=SAID)


class OfShopifysChannels(OfShopify, Consenting):
    channels, write = THREE, "ConsentUpdate"

    def say_yes(self, service: Sandbox) -> None:
        """By letter and text message, and by WhatsApp as far as it waits for its confirmation."""
        shop = service.shopify.shop
        for number in list(shop.customers):
            row = shop.customers.read(number)
            if row["defaultEmail"] and row["defaultPhone"]:
                email = {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": SAID,
                         "marketingOptInLevel": "SINGLE_OPT_IN"}  # fmt: skip
                said = {"optInLevel": "SINGLE_OPT_IN", "updatedAt": SAID}
                waits = {"state": "PENDING", **said}
                phone = {"state": "SUBSCRIBED", **said, "whatsApp": waits}
                shop.edit_customer(
                    number, defaultEmail={**row["defaultEmail"], **email},
                    defaultPhone={**row["defaultPhone"], **phone},
                )  # fmt: skip


class TestShopifyCustomers(OfShopifysChannels):
    kind = Kind.CUSTOMER


class TestShopifySubscribers(OfShopifysChannels):
    kind = Kind.SUBSCRIBER


@pytest.mark.parametrize("make", [woocommerce, mailchimp, shopify])
def test_every_kind_by_which_a_platform_ends_mailings_is_held_to_the_suite(make: Any, box: Sandbox) -> None:
    platform = make(box)
    assert isinstance(platform, WithdrawsConsent)
    suites = [one for name, one in globals().items() if name.startswith("Test")]
    held = {one.kind for one in suites if one.named == platform.name}
    assert held == platform.consents_of


def test_every_platform_of_the_registry_that_ends_mailings_stands_here() -> None:
    from importlib.metadata import entry_points

    assert {point.name for point in entry_points(group=PLATFORMS)} == {
        "woocommerce", "mailchimp", "shopify",
        "imap",  # messages say yes or no to no mailing
    }  # fmt: skip


__all__ = ["box"]
