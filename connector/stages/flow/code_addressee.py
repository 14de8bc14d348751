"""Whose address a code that proves who asks goes to: one that the request holds, and the record too."""

from connector.errors import GallraError
from connector.ledger.index import Row, Rows
from connector.ledger.requests import RequestRow
from connector.ports import Live
from connector.records import Ref, Value
from connector.shop import Shop
from connector.stages.flow.opening_requests import register_of


class Addressee(Value, frozen=True, kw_only=True):
    """Where a code goes: to the address that was given, or, where a message gave none, to that of a record.

    `unlike` are records whose number was given beside an address that they do not carry: no code proves them.
    """

    record: Ref | None = None
    unlike: tuple[Ref, ...] = ()


def addressee_of(shop: Shop, row: RequestRow) -> Addressee:
    """Whose address a request's code goes to, its records read now. Raises GallraError where none may go.

    A platform's message names an account and an address: where the account does not carry that address,
    whoever reads the mail of the one has shown nothing of the other.
    """
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        named = register.named(connection, row)
        numbered = [one.record for one in named if one.record is not None]
        rows = list(Rows(shop.ledger).rows(connection, numbered).values())
    mails = {one.digest for one in named if one.type == "email"}
    if not mails:
        raise GallraError("The request names no e-mail address to send a code to. Prove it --elsewhere.")
    unlike = tuple(one.record.ref for one in rows if mails.isdisjoint(_mails_of(shop, one)))
    if row.message is None or row.has_contact:
        return Addressee(unlike=unlike)
    if unlike or not rows:
        raise GallraError(
            f"The message that request {row.code} came in by names one record and another's address, or the "
            "record could not be read now: a code would prove nothing of who asks. Find out who asks, and "
            "prove it --elsewhere. No code was made."
        )
    return Addressee(record=rows[0].record.ref)


def _mails_of(shop: Shop, row: Row) -> set[bytes]:
    """The addresses, keyed, that a record carries as it is read now."""
    platform = shop.platforms.get(row.record.ref.adapter)
    looks = platform.fetch([row.record.ref]) if platform is not None else ()
    lives = [look for look in looks if isinstance(look, Live)]
    return {one.digest for live in lives for one in live.record.identifiers if one.type == "email"}


__all__ = ["Addressee", "addressee_of"]
