"""What Shopify is: its keys in the settings, what it holds, and what it leaves to itself."""

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictStr

from connector.about import About, Both
from connector.about.refusing import refuse
from connector.about.secrets import Secret
from connector.about.tables import ShopSystem
from connector.about.values import Holds
from connector.records import Field as RecordField
from connector.records import Kind

_METAFIELD = re.compile(r"[A-Za-z0-9$:_-]{2,255}\.[A-Za-z0-9_-]{2,64}")


def _metafield_key(value: str) -> str:
    if not _METAFIELD.fullmatch(value):
        raise refuse('is no metafield. Write "namespace.key", as Shopify shows it under Custom data.')
    return value


MetafieldKey = Annotated[StrictStr, AfterValidator(_metafield_key)]


class ShopifyTable(ShopSystem):
    """A shop behind the GraphQL Admin API."""

    needs: ClassVar[tuple[str, ...]] = ("url", "key", "secret")

    key: Secret | None = None
    secret: Secret | None = None
    token: Secret | None = None
    order_meta: dict[str, Holds] = Field(default_factory=dict)
    # Metafields by `namespace.key`.
    order_metafields: dict[MetafieldKey, RecordField] = Field(default_factory=dict)
    customer_metafields: dict[MetafieldKey, RecordField] = Field(default_factory=dict)
    harmless_metafields: tuple[MetafieldKey, ...] = ()

    def lacking(self) -> tuple[str, ...]:
        """With a token of its own a shop needs neither the app's id nor its secret."""
        return tuple(key for key in super().lacking() if self.token is None or key == "url")


_WITH_ALL_ORDERS = Both(
    sv="i Shopify försvinner uppgiften först när alla köp som hör till samma kund får tas bort",
    en="at Shopify it goes only once every purchase of the same customer may be removed",
)

ABOUT = About(
    name="shopify",
    title="Shopify",
    order=2,
    platform=ShopifyTable,
    hosted=True,
    accounts_subscribe=True,
    kinds=(Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART, Kind.COUPON),
    to_fill_in=Both(sv="appens id och hemlighet", en="the app's id and secret"),
    keys_made=Both(
        sv="I Shopifys Dev Dashboard: skapa en app, ge den behörigheterna read_orders, read_all_orders och "
        "read_customers, och installera den i butiken. Id och hemlighet står i appens inställningar.",
        en="In Shopify's Dev Dashboard: create an app, give it the scopes read_orders, read_all_orders and "
        "read_customers, and install it in the shop. Its id and secret stand in the app's settings.",
    ),
    key_names={
        "key": Both(sv="Appens klient-id", en="The app's client id"),
        "secret": Both(sv="Appens hemlighet", en="The app's client secret"),
    },
    instead={
        Kind.CART: Both(
            sv="Shopify tar själv bort den efter tre månader",
            en="Shopify removes it by itself after three months",
        )
    },
    besides={
        (Kind.ORDER, RecordField.BILLING_ADDRESS): _WITH_ALL_ORDERS,
        (Kind.ORDER, RecordField.IP_ADDRESS): _WITH_ALL_ORDERS,
        (Kind.ORDER, RecordField.USER_AGENT): _WITH_ALL_ORDERS,
        (Kind.ORDER, RecordField.PAYMENT_DETAILS): _WITH_ALL_ORDERS,
        (Kind.ORDER, RecordField.PAYMENT_REFERENCE): Both(
            sv="därefter finns den kvar i Shopify", en="after that it remains at Shopify"
        ),
    },
)
