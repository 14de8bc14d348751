"""What a platform on the stand-in Shopify holds absence against, where no ledger is at hand."""

from adapters.shopify.cursor import Cursor
from adapters.shopify.platform import Shopify
from connector.ports import Controls
from connector.records import Kind, Ref
from sandbox.shopify.service import Shopify as StandIn


def controls_of(stand_in: StandIn, kind: Kind) -> Controls:
    """The oldest records that live in the stand-in, under the permissions that its token has now."""
    shop = stand_in.shop
    rows = {
        Kind.ORDER: shop.orders, Kind.CUSTOMER: shop.customers, Kind.SUBSCRIBER: shop.customers,
        Kind.DRAFT_ORDER: shop.draft_orders, Kind.CART: shop.abandoned_checkouts,
        Kind.COUPON: shop.gift_cards,
    }[kind]  # fmt: skip
    scopes = tuple(sorted(stand_in.keyring.tokens[stand_in.token].scopes))
    controls = tuple(Ref(adapter="shopify", kind=kind, id=str(number)) for number in sorted(rows)[:5])
    return Controls(cursor=Cursor(phase="done", scopes=scopes).encoded(), living=controls)


def with_controls(platform: Shopify, stand_in: StandIn) -> Shopify:
    """The same platform, which may call gone what the stand-in no longer has."""
    return platform.holding_against(lambda kind: controls_of(stand_in, kind))
