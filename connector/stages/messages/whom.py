"""Whom a message means: by the account it names, or else by the address."""

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from connector.ledger import Ledger, outside
from connector.ledger.inbox import Message
from connector.ledger.index import Pulls
from connector.ports import Keyer
from connector.ports.heard import NO_ACCOUNT, Heard
from connector.records import Kind, Ref


class Whom(NamedTuple):
    """A person as the index knows one: accounts, at least one of them, some orders, and who it is."""

    heard: Heard  # with the account in the first place
    accounts: tuple[Ref, ...]
    orders: tuple[Ref, ...]
    persons: tuple[int, ...]

    @property
    def to_look_at(self) -> tuple[Ref, ...]:
        """Every record that must be read; one who has no account has none to be read."""
        real = [ref for ref in self.accounts if not is_stand_in(ref)]
        listed = [ref for ref in self.heard.refs if ref not in self.accounts]
        return tuple(dict.fromkeys((*real, *listed, *self.orders)))


def is_stand_in(account: Ref) -> bool:
    """Whether this stands for somebody who has no account."""
    return account.id.isdecimal() and int(account.id) >= NO_ACCOUNT


def names_account(heard: Heard | None) -> bool:
    """Whether a message about a person names an account."""
    return heard is not None and bool(heard.refs) and heard.refs[0].kind is Kind.CUSTOMER


def whom(connection: Connection, ledger: Ledger, message: Message, keyer: Keyer) -> Whom | None:
    """Whom a message about a person means; None while that cannot be known.

    Nobody is known by an address only where every kind of the platform has been read to its end.
    """
    heard = message.heard
    if heard is None:
        return None
    persons = _persons(connection, ledger, heard, keyer)
    accounts = heard.refs[:1] if names_account(heard) else ()
    if not accounts:
        found = _of(connection, ledger, persons, message.adapter, Kind.CUSTOMER)
        if not found and not _read_to_the_end(connection, ledger, message.adapter):
            return None
        accounts = found or (_stand_in(message),)
        ids = tuple(ref.id for ref in found)
        handles = {**heard.handles, **({"customer": ids} if ids else {})}
        heard = msgspec.structs.replace(heard, refs=(*accounts, *heard.refs), handles=handles)
    return Whom(heard, accounts, _of(connection, ledger, persons, message.adapter, Kind.ORDER), persons)


def _of(
    connection: Connection, ledger: Ledger, persons: tuple[int, ...], adapter: str, kind: Kind
) -> tuple[Ref, ...]:
    return tuple(outside.records_of(connection, ledger.shop, persons, adapter=adapter, kind=kind))


def _stand_in(message: Message) -> Ref:
    return Ref(adapter=message.adapter, kind=Kind.CUSTOMER, id=str(NO_ACCOUNT + message.id))


def _persons(connection: Connection, ledger: Ledger, heard: Heard, keyer: Keyer) -> tuple[int, ...]:
    """Who has the account, or the address; an address that several people have given is nobody's."""
    if names_account(heard):
        rows = outside.known(connection, ledger.shop, heard.refs[:1]).values()
        found = [person for _, person in rows]
    else:
        addresses = heard.handles.get("email", ())
        found = [outside.person_of(connection, ledger.shop, keyer("email", one)) for one in addresses]
    return tuple(person for person in found if person)


def _read_to_the_end(connection: Connection, ledger: Ledger, adapter: str) -> bool:
    bases = [one for one in Pulls(ledger).bases(connection) if one.adapter == adapter]
    return bool(bases) and all(one.complete for one in bases)
