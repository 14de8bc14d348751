"""Whose one record is: asked of its service now, for one named person; nothing of it is kept."""

from collections.abc import Mapping

from connector.errors import GallraError, RemoteError
from connector.ledger.plans import StepRow
from connector.ports import living, looked
from connector.ports.disclosing import Discloses
from connector.records import Field
from connector.shop import Shop

WHOSE = (Field.NAME, Field.EMAIL, Field.PHONE)
"""What says whose a record is; the rest of it is looked at in the shop's own admin."""


def whose(shop: Shop, step: StepRow, *, by: str) -> Mapping[Field, tuple[str, ...]]:
    """The name, address and number on a record as it is now, each value once; empty where it shows none.

    The chain says who looked at which record, before anything is asked. Raises GallraError where the
    service does not answer, OtherShop where another shop does.
    """
    ref = step.step.ref
    shop.unchanged()
    shop.recognise()  # another shop's person under the same id is nobody's business here
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "revealed", by=by, label=step.step.label, kind=str(ref.kind))
    platform = shop.platforms[ref.adapter]
    if not isinstance(platform, Discloses):
        return {}
    try:
        found = living(looked(platform.fetch_to_show([ref]), [ref]))
    except RemoteError:
        raise GallraError("The shop does not answer now. Try again later. Nothing was shown.") from None
    shown = platform.shown(found[ref]) if ref in found else ()
    values = {field: dict.fromkeys(one.text for one in shown if field in one.fields) for field in WHOSE}
    return {field: tuple(filter(None, texts)) for field, texts in values.items() if any(texts)}


__all__ = ["WHOSE", "whose"]
