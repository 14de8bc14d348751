"""What Klarna and Kustom are: own controllers, told of orders; a customer token can be stopped."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import StrictBool

from adapters.interests import PAYMENT_FIELDS, order
from connector.about import About
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.ports import Act, Channel, Interest
from connector.records import Field, Kind


class KlarnaTable(Recipient):
    """Klarna, its own controller: told of orders, its customer tokens stopped."""

    needs: ClassVar[tuple[str, ...]] = ("user", "password")

    code: Literal["KL"] = "KL"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "Klarna Bank AB"
    user: Text | None = None
    url: SecureUrl | None = None
    password: Secret | None = None
    look_up: StrictBool = True
    clean_references: StrictBool = False


class KustomTable(KlarnaTable):
    """Kustom, which runs what was Klarna Checkout."""

    title: Text = "Kustom"
    role_assumed: StrictBool = True


# A token stands on the orders that it pays. It ends with the account that they are of (schedule T-23, T-16),
# which waits while a subscription runs (H7).
STOP = Interest(
    act=Act.STOP, kind=Kind.ORDER, handle="klarna_token", fields=frozenset({Field.ACCOUNT}), irreversible=True
)
CLEAN = Interest(
    act=Act.ERASE,
    kind=Kind.ORDER,
    handle="klarna_order",
    fields=frozenset({Field.NAME, Field.EMAIL}),
    irreversible=True,
)

ABOUT = About(
    name="klarna",
    title="Klarna",
    order=2,
    recipient=KlarnaTable,
    by_letter=(order("klarna_order", PAYMENT_FIELDS),),
    within="PA",
    tells_without_key=True,
    # Its Swedish notice names no address in the copies read: requests go through the form on the page.
    channel=Channel(
        form="https://www.klarna.com/se/dataskydd/",
        address="Klarna Bank AB (publ), Sveavägen 46, 111 34 Stockholm",
        source="Klarna's Swedish privacy page and notice",
        read=date(2026, 11, 29),
    ),
    final={Act.STOP: "klarna_token"},
)

KUSTOM = About(
    name="kustom",
    title="Kustom",
    order=3,
    recipient=KustomTable,
    by_letter=ABOUT.by_letter,
    within=ABOUT.within,
    tells_without_key=True,
    channel=Channel(
        form="https://kustom.co/privacy-policy",
        source="Kustom's privacy notice of 2024-09-30, section 6",
        read=date(2026, 11, 29),
    ),
    final=ABOUT.final,
)
