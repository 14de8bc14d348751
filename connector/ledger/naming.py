"""Which record is meant by what a person types: its number first, its id where it is said to be one."""

from collections.abc import Callable, Sequence

from connector.errors import Ambiguous, GallraError
from connector.ledger import Ledger
from connector.ledger.index import Row, Rows
from connector.places.numbers import by_id, is_plain
from connector.records import Kind

Choose = Callable[[Sequence[Row]], Row | None]
"""Asks a person at a terminal which of several is meant; None where none is."""


def meant(ledger: Ledger, kind: Kind, text: str, *, by_id: bool = False, choose: Choose | None = None) -> Row:
    """The one record that is meant.

    Raises GallraError where none is indexed, Ambiguous where the number of one is the id of another
    or two share a number, and nobody is there to be asked.
    """
    with ledger.begin() as connection:
        found = Rows(ledger).find(connection, kind=kind, number=text, by_id=by_id)
    if not found:
        # What was typed may be a name or an address, so it is not said again.
        raise GallraError(
            f"No {kind} with that number or id is in the index. Run `gallra pull`, correct the number, "
            "or name another --kind."
        )
    if len(found) == 1:
        return found[0]
    chosen = choose(found) if choose else None
    if chosen is None:
        said = text if is_plain(text) else "What was typed"
        raise Ambiguous(
            f"{said} can mean {' or '.join(map(named, found))}. "
            "Give the id of the one you mean, and --id beside it."
        )
    return chosen


def said_of(label: str) -> str:
    """A record as a message says it, of a code such as `order:1042`."""
    kind, _, number = label.partition(":")
    return f"{kind.replace('_', ' ')} {number}" if number else label


def named(row: Row) -> str:
    """A record as it is said: its kind, the number the merchant knows, and its id."""
    record = row.record
    shown = f" {record.label}" if record.label not in ("", by_id(record.ref)) else ""
    return f"{record.ref.kind}{shown} (id {record.ref.id})"
