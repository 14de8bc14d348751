"""What a platform's API leaves to the platform: then its time runs, and the text says that one."""

from collections.abc import Mapping

from msgspec.structs import replace

from connector.records import Field, Kind
from connector.report.policy_text.voices import Voice
from connector.report.shared import Both, both

INSTEAD: Mapping[str, Mapping[Kind, Both]] = {
    "shopify": {
        Kind.CART: both(
            "Shopify tar själv bort den efter tre månader", "Shopify removes it by itself after three months"
        )
    }
}
"""Records that the platform alone removes, and when."""

_WITH_ALL_ORDERS = both(
    "i Shopify försvinner uppgiften först när alla köp som hör till samma kund får tas bort",
    "at Shopify it goes only once every purchase of the same customer may be removed",
)
_WITH_THE_REVIEW = both(
    "i WooCommerce tas den bort för hand, med hela omdömet",
    "in WooCommerce it is removed by hand, with the review",
)
_STAYS = both("därefter finns den kvar i Shopify", "after that it remains at Shopify")
BESIDES: Mapping[str, Mapping[tuple[Kind, Field], Both]] = {
    "shopify": {
        (Kind.ORDER, Field.BILLING_ADDRESS): _WITH_ALL_ORDERS,
        (Kind.ORDER, Field.IP_ADDRESS): _WITH_ALL_ORDERS,
        (Kind.ORDER, Field.USER_AGENT): _WITH_ALL_ORDERS,
        (Kind.ORDER, Field.PAYMENT_DETAILS): _WITH_ALL_ORDERS,
        (Kind.ORDER, Field.PAYMENT_REFERENCE): _STAYS,
    },
    "woocommerce": {(Kind.REVIEW, Field.IP_ADDRESS): _WITH_THE_REVIEW},
}
"""Fields that outlast their rule there; tests hold both tables to what the adapters can do."""


def on_platform(voice: Voice, platform: str) -> Voice:
    """The voice of a shop on this platform."""
    return replace(voice, instead=INSTEAD.get(platform, {}), besides=BESIDES.get(platform, {}))
