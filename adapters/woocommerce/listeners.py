"""Plugins that hear of a changed order or account and pass it on or act on it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from connector.ports import Listener


class Known(NamedTuple):
    """A plugin known to listen: a word of its folder name, what to call it, what it hears."""

    word: str
    name: str
    hears: str


_ORDERS = "saved_orders"
_ACCOUNTS = "saved_orders_and_accounts"
KNOWN = (
    Known("fortnox", "Fortnox", _ORDERS),
    Known("visma", "Visma", _ORDERS),
    Known("bokio", "Bokio", _ORDERS),
    Known("bjornlunden", "Björn Lundén", _ORDERS),
    Known("briox", "Briox", _ORDERS),
    Known("sie-export", "SIE export", _ORDERS),
    Known("wetail", "WeTail integration", _ORDERS),
    Known("mailchimp", "Mailchimp for WooCommerce", _ACCOUNTS),
    Known("klaviyo", "Klaviyo", _ACCOUNTS),
    Known("rule-", "Rule", _ACCOUNTS),
    Known("get-a-newsletter", "Get a Newsletter", _ACCOUNTS),
    Known("apsis", "Apsis", _ACCOUNTS),
    Known("mailpoet", "MailPoet", _ACCOUNTS),
    Known("omnisend", "Omnisend", _ACCOUNTS),
    Known("brevo", "Brevo", _ACCOUNTS),
    Known("hubspot", "HubSpot", _ACCOUNTS),
    Known("activecampaign", "ActiveCampaign", _ACCOUNTS),
    Known("nshift", "nShift", _ORDERS),
    Known("unifaun", "nShift (Unifaun)", _ORDERS),
    Known("pacsoft", "Pacsoft", _ORDERS),
    Known("postnord", "PostNord", _ORDERS),
    Known("fraktjakt", "Fraktjakt", _ORDERS),
    Known("shipmondo", "Shipmondo", _ORDERS),
    Known("sendify", "Sendify", _ORDERS),
    Known("dhl", "DHL", _ORDERS),
    Known("bring-", "Bring", _ORDERS),
    Known("ongoing", "Ongoing WMS", _ORDERS),
    Known("jetshop", "Jetshop", _ORDERS),
    Known("monitor-erp", "Monitor ERP", _ORDERS),
    Known("business-central", "Business Central", _ORDERS),
    Known("pyramid", "Pyramid", _ORDERS),
    Known("erp", "An ERP integration", _ORDERS),
    Known("zapier", "Zapier", _ORDERS),
    Known("make-connector", "Make", _ORDERS),
    Known("automatewoo", "AutomateWoo", _ACCOUNTS),
    Known("metorik", "Metorik", _ACCOUNTS),
    Known("facebook-for-woocommerce", "Meta for WooCommerce", _ORDERS),
)
GIFT_CARD_WORDS = (
    "gift-card", "giftcard", "gift-cert", "store-credit", "smart-coupon", "presentkort", "wallet", "points",
    "account-funds",
)  # fmt: skip
SUBSCRIPTION_WORDS = (
    "subscription",
    "prenumeration",
    "pre-order",
    "preorder",
    "deposits",
    "sumosubscriptions",
)


def folder(plugin: Mapping[str, Any]) -> str:
    """The folder name of an active plugin, in lower case."""
    return str(plugin.get("plugin") or "").partition("/")[0].casefold()


def any_plugin(plugins: Iterable[Mapping[str, Any]], words: Iterable[str]) -> bool:
    """Whether an active plugin's folder or name holds one of these words."""
    texts = [
        f"{folder(plugin)} {str(plugin.get('name') or '').casefold().replace(' ', '-')}" for plugin in plugins
    ]
    return any(word in text for text in texts for word in words)


def plugin_listeners(plugins: Iterable[Mapping[str, Any]]) -> tuple[Listener, ...]:
    """The active plugins that are known to hear of orders; each once, by its folder."""
    found: dict[str, Listener] = {}
    for plugin in plugins:
        slug = folder(plugin)
        known = next((known for known in KNOWN if known.word in slug), None)
        if known and slug not in found:
            found[slug] = Listener(
                id=f"plugin:{slug}", name=known.name, kind="plugin", hears=known.hears, plugin=slug
            )
    return tuple(found.values())


def webhook_listeners(webhooks: Iterable[Mapping[str, Any]]) -> tuple[Listener, ...]:
    """The shop's webhooks: a redacted order is sent to each that listens on order.updated."""
    return tuple(
        Listener(
            id=f"webhook:{webhook['id']}",
            name=str(webhook.get("name") or f"Webhook {webhook['id']}"),
            kind="webhook",
            hears=str(webhook.get("topic") or ""),
            active=webhook.get("status") == "active",
            host=_host(webhook.get("delivery_url")),
        )
        for webhook in webhooks
    )


def _host(address: object) -> str:
    """The host of an address; its path may hold a secret, and goes no further."""
    try:
        return urlsplit(str(address or "")).hostname or ""
    except ValueError:
        return ""
