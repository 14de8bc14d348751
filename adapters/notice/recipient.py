"""A recipient that is told by letter only, and what each kind of recipient is told of (schedule §4)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.notice.notifier import Notifier
from connector.errors import SettingsError
from connector.ports import Access, Act, Delivery, DeliveryReceipt, Finding, Interest, Role
from connector.records import Field, Kind

PAYMENT_FIELDS = frozenset(
    {
        Field.NAME, Field.EMAIL, Field.PHONE, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS,
        Field.PERSONAL_NUMBER, Field.PAYMENT_DETAILS,
    }
)  # fmt: skip
_BOOKS = frozenset(
    {Field.NAME, Field.BILLING_ADDRESS, Field.COMPANY, Field.ORGANISATION_NUMBER, Field.EMAIL, Field.PHONE}
)
_DESK = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.CUSTOMER_NOTE, Field.STAFF_NOTES})
_APPS = frozenset(Field) - {Field.ACCOUNT}


def _order(handle: str, fields: frozenset[Field], *, on_delete: bool = False) -> Interest:
    return Interest(act=Act.NOTIFY, kind=Kind.ORDER, handle=handle, fields=fields, on_delete=on_delete)


_ACCOUNT = Interest(act=Act.NOTIFY, kind=Kind.CUSTOMER, handle="customer", on_delete=True)

INTERESTS: dict[str, tuple[Interest, ...]] = {
    "KL": (_order("klarna_order", PAYMENT_FIELDS),),
    "PA": (_order("payson_checkout", PAYMENT_FIELDS),),
    "PN": (_order("tracking_number", frozenset({Field.TRACKING_NUMBER})),),
    "BK": (_order("order_number", _BOOKS),),
    "HD": (_order("order_number", _DESK, on_delete=True), _ACCOUNT),
    "SH": (_order("order_number", _APPS, on_delete=True), _ACCOUNT),
    "AD": (_ACCOUNT,),
    "AN": (_ACCOUNT,),
    "MC": (_order("order_number", frozenset({Field.EMAIL}), on_delete=True), _ACCOUNT),
}


class LetterRecipient:
    """Told by letter only; `sends` in the settings narrows what it is told of."""

    def __init__(self, settings: Mapping[str, Any], notifier: Notifier) -> None:
        self._notifier = notifier
        self.name = notifier.party.name
        self.role: Role = notifier.party.role
        self.recipient = notifier.party.code
        if self.recipient not in INTERESTS:
            raise SettingsError(
                [f"recipients.{self.name}.code: is not one of {', '.join(INTERESTS)}; choose one of them"]
            )
        sends = frozenset(Field(field) for field in settings.get("sends") or ())
        self.interests = narrowed(INTERESTS[self.recipient], sends)

    def check(self) -> Access:
        """What the letter lacks; there is nothing to reach."""
        problems = self._notifier.problems()
        ready = not any(problem.severity == "warning" for problem in problems)
        return Access(adapter=self.name, reachable=ready, can_read=ready, can_write=ready, problems=problems)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Lines for the next letter, or the letter itself where it is due."""
        return self._notifier.push(deliveries)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """What a recipient did on a letter cannot be read back."""
        return self._notifier.verify(deliveries)


def narrowed(interests: Sequence[Interest], sends: frozenset[Field]) -> tuple[Interest, ...]:
    """The interests in what a recipient is sent; all where nothing is said.

    A carrier is told when the parcel's number goes, whatever else it was sent.
    """
    if not sends:
        return tuple(interests)
    sends |= {Field.TRACKING_NUMBER}
    kept = []
    for interest in interests:
        fields = interest.fields & sends
        if fields or not interest.fields:
            kept.append(
                Interest(
                    act=interest.act, kind=interest.kind, handle=interest.handle, fields=fields,
                    on_delete=interest.on_delete, irreversible=interest.irreversible,
                )
            )  # fmt: skip
    return tuple(kept)
