"""Deliveries, clocks and recipients that the adapter tests share."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connector.ports import Act, Delivery
from connector.records import Field, Kind, Ref

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def no_wait(_: float) -> None:
    """Sleeps not at all."""


def clock_at(moment: datetime = NOON):
    """A clock that stands."""
    return lambda: moment


def delivery(
    *, id: int = 1, act: Act = Act.NOTIFY, kind: Kind = Kind.ORDER, handle: str = "order_number",
    value: str = "1001", order: str = "1001", fields: frozenset[Field] = frozenset({Field.NAME}),
    token: str = "", planned: date = date(2026, 11, 20), copy_gone_by: date | None = None,
) -> Delivery:  # fmt: skip
    """A delivery with what a test does not care about filled in."""
    return Delivery(
        id=id, act=act, kind=kind, handle=handle, value=value, ref=Ref(adapter="shop", kind=kind, id=order),
        planned=planned, fields=fields, token=token, copy_gone_by=copy_gone_by,
    )  # fmt: skip


def letter_settings(folder: Path, **changes: Any) -> dict[str, Any]:
    """What the settings hand to a letter."""
    return {
        "name": "klarna", "title": "Klarna Bank AB", "code": "KL", "role": "controller", "email": None,
        "address": "Box 1, 111 11 Exempelstad", "period": "at_once", "folder": str(folder), "language": "sv",
        "shop": "Ullboden", "organisation_number": "556677-8899", "contact": "integritet@ullboden.example",
        "company": "Ullboden AB", "company_address": "Gatan 1, 111 11 Exempelstad",
    } | changes  # fmt: skip
