"""A row of one kind read into a record, or named as unread with what could still be read of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from adapters.woocommerce.answers import ADAPTER, Row, whole
from adapters.woocommerce.readable import plain, why_unreadable
from connector.identity import normalise_phone
from connector.ports import Keyer, Live, Unread
from connector.records import Identifier, Kind, Record, Ref

_Made = TypeVar("_Made")


class Read(NamedTuple):
    """The rows of one answer: read, and not readable."""

    records: tuple[Record, ...]
    unread: tuple[Unread, ...]


class Reader:
    """Reads the rows of one kind of record."""

    def __init__(
        self, kind: Kind, keyer: Keyer, *, to_record: Callable[[Row], Record], to_live: Callable[[Row], Live]
    ) -> None:
        self.kind = kind
        self._keyer = keyer
        self._to_record = to_record
        self._to_live = to_live

    def ref(self, id_: object) -> Ref:
        """Where a record of this kind lives."""
        return Ref(adapter=ADAPTER, kind=self.kind, id=str(id_))

    def usable(self, row: Row, *, fields: str = "") -> Row | Unread:
        """The plain row, or why it cannot be read; `fields` are those that were asked for."""
        row = plain(row)
        why = why_unreadable(row, self.kind, fields=fields)
        return self.unread(row, why) if why else row

    def records(self, rows: Iterable[Row], prepare: Callable[[list[Row]], None] | None = None) -> Read:
        """The records of these rows, and those that could not be read; `prepare` sees what can be."""
        usable = [self.usable(row) for row in rows]
        if prepare is not None:
            prepare([row for row in usable if not isinstance(row, Unread)])
        read = [one if isinstance(one, Unread) else self._made(one, self._to_record) for one in usable]
        return Read(
            tuple(one for one in read if isinstance(one, Record)),
            tuple(one for one in read if isinstance(one, Unread)),
        )

    def live(self, row: Row) -> Live | Unread:
        """The live record of a usable row, or that it cannot be read."""
        return self._made(row, self._to_live)

    def _made(self, row: Row, made: Callable[[Row], _Made]) -> _Made | Unread:
        try:
            return made(row)
        except Exception:  # whatever a plugin left: one record must not stop the shop, and is not let go
            return self.unread(row, "malformed")

    def unread(self, row: Row, reason: str) -> Unread:
        """The record as unread, with its number and its people as far as they can be read."""
        number = row.get("number")
        label = str(number) if isinstance(number, str | int) and number else str(row["id"])
        return Unread(
            ref=self.ref(row["id"]), reason=reason, label=label[:40], identifiers=tuple(self._named(row))
        )

    def nameless(self, id_: str, reason: str) -> Unread:
        """A record of which nothing was read but that it may be there."""
        return Unread(ref=self.ref(id_), reason=reason, label=id_)

    def _named(self, row: Row) -> Iterator[Identifier]:
        account = whole(row.get("id" if self.kind is Kind.CUSTOMER else "customer_id"))
        digests = [("account", self._keyer("account", f"{ADAPTER}:{account or 0}"))]
        places = [row.get(name) for name in ("billing", "email", "reviewer_email", "email_restrictions")]
        digests += [("email", self._keyer("email", address)) for address in _addresses(places)]
        digests.append(("phone", self._keyer("phone", _phone(row.get("billing")))))
        for type_, digest in dict.fromkeys(digests):
            if digest:
                yield Identifier(type=type_, digest=digest)  # type: ignore[arg-type]


def _phone(billing: Any) -> str:
    if not isinstance(billing, dict) or not isinstance(billing.get("phone"), str | int):
        return ""
    country = billing.get("country")
    known = country if isinstance(country, str) and country else "SE"
    return normalise_phone(str(billing["phone"]), known) or ""


def _addresses(parts: Sequence[Any]) -> Iterator[str]:
    """Every e-mail address in these parts, whatever their shape."""
    for part in parts:
        if isinstance(part, str) and "@" in part:
            yield part
        elif isinstance(part, dict):
            yield from _addresses(list(part.values()))
        elif isinstance(part, list):
            yield from _addresses(part)
