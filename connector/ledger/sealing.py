"""What of the ledger is sealed, and to which row: one list, for the vault, for copies and for shredding."""

import base64
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, select, update

from connector.errors import WrongKey
from connector.identity import key_fingerprint
from connector.ledger import schema
from connector.ledger.schema import DIGEST_KEY
from connector.ledger.store import Ledger
from connector.ledger.vault import KEY_BYTES, Vault

VAULT_KEY = "vault key"
_BATCH = 500


class Sealed(NamedTuple):
    """A table with a column `sealed`, and what a row of it is sealed to."""

    table: Table
    bound: Callable[[Any], str]


def bound_delivery(row: Any) -> str:
    """What a handle is sealed to: its own delivery, so that no other row opens it."""
    return joined(row.shop, row.plan, row.step, row.recipient, row.act, row.handle, row.remote_id)


def bound_message(row: Any) -> str:
    """What a message is sealed to: its own row of the inbox."""
    return joined("inbox", row.shop, row.adapter, row.key)


def bound_copy(row: Any) -> str:
    """What a copy is sealed to: its own record in its own plan."""
    return joined("undo", row.shop, row.plan, row.adapter, row.kind, row.remote_id)


def bound_request(row: Any) -> str:
    """What who asked is sealed to: their own request."""
    return joined("request", row.shop, row.code)


def bound_answer(row: Any) -> str:
    """What the key of an answer is sealed to: its own request and scope."""
    return joined("answer", row.shop, row.request, row.scope)


def joined(*parts: object) -> str:
    """The parts as the one text that a value is sealed to."""
    return "|".join(map(str, parts))


EVERYTHING = (
    Sealed(schema.delivery, bound_delivery),
    Sealed(schema.inbox, bound_message),
    Sealed(schema.undo_copy, bound_copy),
    Sealed(schema.request, bound_request),
    Sealed(schema.request_answer, bound_answer),
)


def must_be_of(ledger: Ledger, key: bytes) -> None:
    """Refuses a vault key that this ledger was not sealed with; writes nothing. Raises WrongKey."""
    with ledger.begin() as connection:
        known = meta(connection, VAULT_KEY)
    if known is not None and known != key_fingerprint(key):
        raise WrongKey(
            f"Another {VAULT_KEY} is at hand than the one this ledger was made with. "
            "Restore the old key; every run stops until then."
        )


def open_vault(ledger: Ledger, key: bytes) -> Vault:
    """The vault of this ledger under its key; what an earlier Gallra sealed is sealed anew, once.

    Raises WrongKey where the ledger was sealed with another key.
    """
    ledger.bind_key(VAULT_KEY, key_fingerprint(key))
    with ledger.apart() as connection:  # a key is opened when it is first needed
        wrapped = meta(connection, DIGEST_KEY)
        if wrapped is None:
            wrapped = _first_opened(ledger, connection, key)
    return _with_digests(key, wrapped)


def _with_digests(key: bytes, wrapped: str) -> Vault:
    names = Vault(key).unwrap(base64.b64decode(wrapped), bound_to=DIGEST_KEY)
    return Vault(key, digests=names)


def _first_opened(ledger: Ledger, connection: Connection, key: bytes) -> str:
    """Makes the key of names, and seals anew what lies under the vault key itself."""
    names = os.urandom(KEY_BYTES)
    wrapped = wrapped_names(Vault(key), names)
    made = ledger.upsert(schema.meta).values(name=DIGEST_KEY, value=wrapped).on_conflict_do_nothing()
    if not connection.execute(made).rowcount:
        return meta(connection, DIGEST_KEY) or wrapped  # another process was first
    vault = Vault(key, digests=names)
    for one, row in rows(connection):
        bound = one.bound(row)
        value = vault.open_first_version(row.sealed, bound_to=bound)
        new = {"sealed": vault.seal(value, bound_to=bound)}
        if "handle_digest" in one.table.c:
            new["handle_digest"] = vault.digest(value)
        connection.execute(update(one.table).where(one.table.c.id == row.id).values(**new))
    return wrapped


def how_many(connection: Connection) -> int:
    """How many rows of the ledger are sealed, whichever shop's."""
    return sum(
        int(connection.scalar(select(func.count()).where(one.table.c.sealed.is_not(None))) or 0)
        for one in EVERYTHING
    )


def opens(ledger: Ledger, vault: Vault) -> int:
    """How many of the sealed rows do not open with this vault; no value is kept."""
    lost = 0
    with ledger.begin() as connection:
        for one, row in rows(connection):
            try:
                vault.open(row.sealed, bound_to=one.bound(row))
            except WrongKey:
                lost += 1
    return lost


def rows(connection: Connection) -> Iterator[tuple[Sealed, Any]]:
    """Every sealed row, batch by batch, in the order of its table."""
    for one in EVERYTHING:
        after = 0
        chosen = select(one.table).where(one.table.c.sealed.is_not(None)).order_by(one.table.c.id)
        while rows := connection.execute(chosen.where(one.table.c.id > after).limit(_BATCH)).all():
            yield from ((one, row) for row in rows)
            after = rows[-1].id


def wrapped_names(vault: Vault, names: bytes) -> str:
    return base64.b64encode(vault.wrap(names, bound_to=DIGEST_KEY)).decode("ascii")


def meta(connection: Connection, name: str) -> str | None:
    found = connection.scalar(select(schema.meta.c.value).where(schema.meta.c.name == name))
    return None if found is None else str(found)
