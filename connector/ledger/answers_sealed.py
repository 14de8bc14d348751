"""Answers to requests, sealed: each in a file of its own under a key of its own, which the vault key wraps.

The key lies in the ledger and is destroyed with its row: from then on no copy of the file opens, wherever one
was left. Opening names who; after 30 days key and file are destroyed.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, select

from connector.calendar import to_date
from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.in_order import must_not_go_back
from connector.ledger.sealing import bound_answer
from connector.ledger.store import Ledger
from connector.ledger.vault import KEY_BYTES, NONCE_BYTES, Vault
from connector.machine.files import write_bytes
from connector.records import Value

KEPT_DAYS = 30
MAGIC = b"GALLRA-ANSWER-1\n"
"""How a sealed file begins: what it is, and nothing of whom."""


class SealedAnswer(Value, frozen=True, kw_only=True):
    """What is known of an answer that is not opened."""

    request: str
    scope: str
    file: Path
    at: str
    until: date


class Answers:
    """The sealed answers of one shop, under its vault."""

    def __init__(self, ledger: Ledger, vault: Vault) -> None:
        self.ledger = ledger
        self.vault = vault
        self._mine = schema.request_answer.c.shop == ledger.shop

    def seal(self, request: str, scope: str, file: Path, content: bytes) -> SealedAnswer:
        """Writes a sealed file of a new name beside `file`; then its key takes the earlier answer's place.

        Until the key is stored the earlier answer opens, and from then on the new one: at no point neither.
        What is left of earlier tries opens for nobody, and is removed last, or by the next try. Raises
        ClockUnsure.
        """
        with self.ledger.begin() as connection:
            must_not_go_back(self.ledger, connection)
        key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        place = SimpleNamespace(shop=self.ledger.shop, request=request, scope=scope)
        bound = bound_answer(place)
        sealed = MAGIC + nonce + AESGCM(key).encrypt(nonce, content, bound.encode())
        until = to_date(self.ledger.clock()) + timedelta(days=KEPT_DAYS)
        new = file.absolute().with_name(f"{file.stem}-{os.urandom(4).hex()}{file.suffix}")
        write_bytes(new, sealed)
        wrapped = self.vault.seal(base64.b64encode(key).decode(), bound_to=bound)
        table, at = schema.request_answer, self.ledger.now()
        values = {
            "shop": self.ledger.shop, "request": request, "scope": scope, "file": str(new),
            "at": at, "until": until.isoformat(), "sealed": wrapped,
        }  # fmt: skip
        with self.ledger.begin() as connection:
            here = (self._mine, table.c.request == request, table.c.scope == scope)
            before = [Path(one) for one in connection.scalars(select(table.c.file).where(*here))]
            connection.execute(delete(table).where(*here))
            connection.execute(table.insert().values(**values))
            self.ledger.event(
                connection, "answer_sealed", request=request, scope=scope, until=until.isoformat()
            )
        for old in (*before, *_earlier_tries(file.absolute(), new)):
            _remove(old)
        return SealedAnswer(request=request, scope=scope, file=new, at=at, until=until)

    def open(self, request: str, scope: str, *, by: str) -> bytes:
        """The answer; the chain says first who opened it. Raises LedgerError for none, ClockUnsure."""
        table = schema.request_answer
        with self.ledger.begin() as connection:
            must_not_go_back(self.ledger, connection)
            here = (self._mine, table.c.request == request, table.c.scope == scope)
            row = connection.execute(select(table).where(*here)).first()
            today = to_date(self.ledger.clock()).isoformat()
            if row is None or row.sealed is None or row.until < today:
                raise LedgerError(
                    f"There is no answer to request {request} that can be opened: none was made, or its 30 "
                    "days are over. Make it anew with `gallra request access`."
                )
            self.ledger.event(connection, "answer_opened", request=request, scope=scope, by=by)
        return self._opened(row)

    def _opened(self, row: Any) -> bytes:
        bound = bound_answer(row)
        key = base64.b64decode(self.vault.open(row.sealed, bound_to=bound))
        try:
            sealed = Path(row.file).read_bytes()
            at = len(MAGIC) + NONCE_BYTES
            if not sealed.startswith(MAGIC):
                raise ValueError
            return AESGCM(key).decrypt(sealed[len(MAGIC) : at], sealed[at:], bound.encode())
        except (OSError, InvalidTag, ValueError):
            raise LedgerError(
                f"The sealed answer to request {row.request} is not there any more, or was changed. Make it "
                "anew with `gallra request access`."
            ) from None

    def all(self) -> list[SealedAnswer]:
        """Every answer that is not destroyed yet, the oldest first."""
        table = schema.request_answer
        with self.ledger.begin() as connection:
            rows = connection.execute(select(table).where(self._mine).order_by(table.c.id)).all()
        return [_read(row) for row in rows]


def expire_answers(ledger: Ledger, connection: Connection) -> int:
    """Destroys the answers of this shop whose time is over, the file with its key; returns how many.

    Where the process ends before that is stored, the key goes with the next try: it opens nothing any more.
    """
    table, today = schema.request_answer, to_date(ledger.clock()).isoformat()
    old = connection.execute(select(table).where(table.c.shop == ledger.shop, table.c.until < today)).all()
    for row in old:
        connection.execute(delete(table).where(table.c.id == row.id))
        ledger.event(connection, "answer_destroyed", request=row.request, scope=row.scope)
        _remove(Path(row.file))
    return len(old)


def _earlier_tries(file: Path, new: Path) -> Iterator[Path]:
    """Files of the same answer that no key opens: a process ended before their key, or before they went."""
    for one in file.parent.glob(f"{file.stem}-*{file.suffix}"):
        mark = one.stem.removeprefix(f"{file.stem}-")
        if one != new and len(mark) == 8 and not set(mark) - set("0123456789abcdef"):
            yield one


def _remove(file: Path) -> None:
    with suppress(OSError):  # without its key it opens for nobody
        file.unlink(missing_ok=True)


def _read(row: Any) -> SealedAnswer:
    return SealedAnswer(
        request=row.request, scope=row.scope, file=Path(row.file), at=row.at,
        until=date.fromisoformat(row.until),
    )  # fmt: skip


__all__ = ["KEPT_DAYS", "MAGIC", "Answers", "SealedAnswer", "expire_answers"]
