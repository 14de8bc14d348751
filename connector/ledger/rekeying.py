"""The vault key can be changed: every handle is put under another, or given up where the old one is lost."""

import base64
import os

from sqlalchemy import Connection, insert, update

from connector.errors import LedgerError
from connector.identity import key_fingerprint
from connector.ledger import schema
from connector.ledger.schema import DIGEST_KEY
from connector.ledger.sealing import VAULT_KEY, meta, open_vault, rows, wrapped_names
from connector.ledger.store import Ledger
from connector.ledger.stranded import give_up
from connector.ledger.vault import KEY_BYTES, Vault


def rekey(ledger: Ledger, *, old: bytes, new: bytes, by: str) -> int:
    """Puts every sealed handle under another vault key, all or none; returns how many.

    No handle is opened. Raises WrongKey where `old` is not the ledger's key.
    """
    must_be_another(ledger, new)
    before, after = open_vault(ledger, old), Vault(new)
    count = 0
    with ledger.begin() as connection:
        ledger.turn(connection)  # no message comes in between
        for one, row in rows(connection):
            sealed = before.rewrapped(row.sealed, bound_to=one.bound(row), to=after)
            connection.execute(update(one.table).where(one.table.c.id == row.id).values(sealed=sealed))
            count += 1
        names = before.unwrap(base64.b64decode(meta(connection, DIGEST_KEY) or ""), bound_to=DIGEST_KEY)
        _bind(connection, new, names)
        ledger.note(connection, "meta", VAULT_KEY)
        ledger.event(connection, "rekeyed", by=by, handles=count, key=key_fingerprint(new))
    return count


def give_up_old_key(ledger: Ledger, new: bytes, *, by: str) -> int:
    """Destroys what is sealed under a key that is lost, names it for a person, and binds the new key.

    Returns how many handles and messages.
    """
    must_be_another(ledger, new)
    with ledger.begin() as connection:
        ledger.turn(connection)
        count = give_up(ledger, connection)
        _bind(connection, new, os.urandom(KEY_BYTES))
        ledger.note(connection, "meta", VAULT_KEY)
        ledger.event(connection, "vault_key_lost", by=by, handles=count, key=key_fingerprint(new))
    return count


def must_be_another(ledger: Ledger, new: bytes) -> None:
    """Refuses the key that the ledger is under already. Raises LedgerError."""
    with ledger.begin() as connection:
        known = meta(connection, VAULT_KEY)
    if known == key_fingerprint(new):
        raise LedgerError(
            "The ledger is under this vault key already. Make another with `gallra init --keys` in an empty "
            "folder, let ledger.key in the shop's file name it, and run again."
        )


def _bind(connection: Connection, new: bytes, names: bytes) -> None:
    _set_meta(connection, DIGEST_KEY, wrapped_names(Vault(new), names))
    _set_meta(connection, VAULT_KEY, key_fingerprint(new))


def _set_meta(connection: Connection, name: str, value: str) -> None:
    here = update(schema.meta).where(schema.meta.c.name == name)
    if not connection.execute(here.values(value=value)).rowcount:
        connection.execute(insert(schema.meta).values(name=name, value=value))
