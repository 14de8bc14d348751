"""What Payson is: an own controller, run by Svea Bank AB, told by letter."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import StrictBool

from adapters.interests import PAYMENT_FIELDS, order
from connector.about import About
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.ports import Channel


class PaysonTable(Recipient):
    """Payson, run by Svea Bank AB, which the letters go to."""

    needs: ClassVar[tuple[str, ...]] = ("agent", "key")

    code: Literal["PA"] = "PA"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "Svea Bank AB (Payson)"
    role_assumed: StrictBool = True
    agent: Text | None = None
    url: SecureUrl | None = None
    key: Secret | None = None


ABOUT = About(
    name="payson",
    title="Payson",
    order=4,
    recipient=PaysonTable,
    by_letter=(order("payson_checkout", PAYMENT_FIELDS),),
    tells_without_key=True,
    channel=Channel(
        address="privacy@svea.com",
        source="Svea Bank AB's privacy policy for payments in shops",
        read=date(2026, 11, 29),
    ),
)
