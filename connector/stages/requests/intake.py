"""Requests from a file (CSV or JSON), as exported elsewhere: each row is read, or said to be none."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from connector.calendar import add_months
from connector.errors import GallraError
from connector.records import Value
from connector.request import OLDEST_YEARS, Channel, RequestKind
from connector.text.strict_json import read_json

MOST_BYTES, MOST_ROWS, LONGEST = 1_000_000, 1_000, 320
"""Of a file, of its rows, of one value in it (an e-mail address has at most 320 signs)."""

COLUMNS = ("kind", "received", "channel", "email", "phone", "name", "order", "customer")
"""What a row may have; `kind` and `received` it must, and one of those that say whose data it is."""

_WHOSE = ("email", "phone", "order", "customer")


class AskedRow(Value, frozen=True, kw_only=True):
    """One request of a file; whose it is stands in clear only here, and is never printed."""

    number: int
    kind: RequestKind
    received: date
    channel: Channel = Channel.EMAIL
    email: str = ""
    phone: str = ""
    name: str = ""
    order: str = ""
    customer: str = ""

    def __repr__(self) -> str:
        return f"AskedRow-{self.number}"


class BadRow(Value, frozen=True, kw_only=True):
    """A row that is no request, and why, by column; never what stands in it."""

    number: int
    why: str


def rows_of(content: bytes, *, as_json: bool, today: date) -> tuple[AskedRow | BadRow, ...]:
    """The rows of a file in their order. Raises GallraError where none can be read, or it is too long."""
    if len(content) > MOST_BYTES:
        raise GallraError("The file is larger than 1 MB. Split it. Nothing was taken in.")
    found = list(_of_json(content) if as_json else _of_csv(content))
    if len(found) > MOST_ROWS:
        raise GallraError(f"The file has more than {MOST_ROWS} rows. Split it. Nothing was taken in.")
    return tuple(_row(number, one, today) for number, one in enumerate(found, 1))


def _of_json(content: bytes) -> Iterator[Any]:
    try:
        found = read_json(content)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise GallraError("The file is no JSON list of requests. Nothing was taken in.")
    yield from found


def _of_csv(content: bytes) -> Iterator[Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GallraError("The file is no text in UTF-8. Save it so. Nothing was taken in.") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise GallraError("The file is no CSV that can be read. Nothing was taken in.") from None
    heads = [one.strip().casefold() for one in rows[0]] if rows else []
    if not heads or len(set(heads)) != len(heads) or set(heads) - set(COLUMNS):
        raise GallraError(
            f"The first line names the columns, each once, of these: {', '.join(COLUMNS)}. Nothing was taken "
            "in."
        )
    for row in rows[1:]:
        yield dict(zip(heads, row, strict=True)) if len(row) == len(heads) else None


def _row(number: int, found: Any, today: date) -> AskedRow | BadRow:
    if not isinstance(found, Mapping) or set(found) - set(COLUMNS):
        return BadRow(number=number, why="columns")
    values: dict[str, str] = {}
    for name, value in found.items():
        if not isinstance(value, str) or len(value) > LONGEST or not value.strip().isprintable():
            return BadRow(number=number, why=name)
        if value.strip():
            values[name] = value.strip()
    if not any(name in values for name in _WHOSE):
        return BadRow(number=number, why="whose")
    given = {name: values.pop(name, "") for name in ("kind", "received", "channel")}
    kind, channel = given["kind"].casefold(), given["channel"].casefold() or str(Channel.EMAIL)
    try:
        received = date.fromisoformat(given["received"])
    except ValueError:
        received = date.max
    if kind not in set(RequestKind):
        return BadRow(number=number, why="kind")
    if not add_months(today, -12 * OLDEST_YEARS) <= received <= today:
        return BadRow(number=number, why="received")
    if channel not in set(Channel):
        return BadRow(number=number, why="channel")
    return AskedRow(
        number=number, kind=RequestKind(kind), received=received, channel=Channel(channel), **values
    )


__all__ = ["COLUMNS", "MOST_BYTES", "MOST_ROWS", "AskedRow", "BadRow", "rows_of"]
