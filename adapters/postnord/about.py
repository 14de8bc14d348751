"""What PostNord is: an own controller, told by letter; with a key it says when parcels arrived."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import StrictBool

from adapters.interests import order
from connector.about import About
from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.about.values import Text
from connector.about.web import SecureUrl
from connector.ports import Channel
from connector.records import Field


class PostNordTable(Recipient):
    """PostNord: tracks parcels by key; its own controller, so told by letter."""

    needs: ClassVar[tuple[str, ...]] = ("key",)

    code: Literal["PN"] = "PN"
    role: Literal["processor", "controller"] = "controller"
    title: Text = "PostNord Sverige AB"
    role_assumed: StrictBool = True
    key: Secret | None = None
    customer_number: Text | None = None
    url: SecureUrl | None = None


ABOUT = About(
    name="postnord",
    title="PostNord",
    order=5,
    recipient=PostNordTable,
    by_letter=(order("tracking_number", frozenset({Field.TRACKING_NUMBER})),),
    tells_without_key=True,
    channel=Channel(
        address="dataprotectionofficer@postnord.com",
        source="https://www.postnord.com/sv/om-oss/gdpr/",
        read=date(2026, 11, 29),
    ),
)
