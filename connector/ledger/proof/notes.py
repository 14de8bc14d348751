"""The chain's word on a row as it stands: whatever was written since by hand is otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, inspect, select

from connector.ledger import schema
from connector.ledger.proof import forms
from connector.ledger.proof.commitments import canonical, commitment, new_salt
from connector.ledger.proof.links import STANDS, WIDENED, Place, append_parted

Named = tuple[str, str]
"""What a row is of, and its key."""


class Word(NamedTuple):
    """The newest word on a row: its event, its salt and its commitment, which is empty once it is gone."""

    seq: int
    salt: str
    committed: str

    def holds(self, row: bytes) -> bool:
        """Whether a row stands as the chain says."""
        return commitment(self.salt, row)["sha256"] == self.committed


class _Detail(msgspec.Struct):
    key: str
    of: str
    row: dict[str, str] = {}


class _Beside(msgspec.Struct):
    row: list[str] = []


_detail, _beside = msgspec.json.Decoder(_Detail).decode, msgspec.json.Decoder(_Beside).decode


def note(connection: Connection, place: Place, of: str, *key: Any) -> None:
    """Says in the chain how a row stands now, or that it is gone; in the transaction that wrote it."""
    found: list[tuple[str, bytes | None]] = [*forms.rows(connection, of, place.shop, key=key)]
    for row in found or [(forms.key_of(*key), None)]:
        _say(connection, place, of, row)


def note_all(connection: Connection, place: Place) -> int:
    """Says of every row how it stands now; returns how many. Tables of a later schema are not there yet."""
    there = inspect(connection).get_table_names()
    known = [of for of, form in forms.STANDING.items() if form.table.name in there]
    said = [(of, one) for of in known for one in forms.rows(connection, of, place.shop)]
    for of, one in said:
        _say(connection, place, of, one)
    return len(said)


def note_gone(connection: Connection, place: Place) -> None:
    """Says of every row that stands by the chain and is not there that it is gone, as somebody answers."""
    for of, key, how in list(differing(connection, place.shop)):
        if how == "taken":
            _say(connection, place, of, (key, None))


def widen(connection: Connection, place: Place) -> None:
    """From here on the chain speaks of the tables that it was silent on; once, in an older ledger too.

    What stands in them is taken as it is found: nothing proves it older than this moment.
    """
    if is_widened(connection, place.shop):
        return
    for of in forms.LATER:
        for row in forms.rows(connection, of, place.shop):
            _say(connection, place, of, row)
    append_parted(connection, place, WIDENED, (canonical({"of": list(forms.LATER)}), ""))


def is_widened(connection: Connection, shop: str) -> bool:
    """Whether the chain speaks of every table that it can."""
    table = schema.event
    said = select(table.c.seq).where(table.c.shop == shop, table.c.type == WIDENED).limit(1)
    return connection.scalar(said) is not None


def _say(connection: Connection, place: Place, of: str, row: tuple[str, bytes | None]) -> None:
    name, text = row
    salt = new_salt()
    detail: dict[str, Any] = {"of": of, "key": name, "form": 1}
    if text is not None:
        detail["row"] = commitment(salt, text)
    beside = "" if text is None else canonical({"row": [salt]})
    append_parted(connection, place, STANDS, (canonical(detail), beside))


def words(connection: Connection, shop: str) -> Mapping[Named, Word]:
    """The newest word on every row. Raises ValueError where one cannot be read."""
    table = schema.event
    chosen = select(table.c.seq, table.c.detail, table.c.beside)
    here = chosen.where(table.c.shop == shop, table.c.type == STANDS).order_by(table.c.seq)
    found: dict[Named, Word] = {}
    for seq, detail, beside in connection.execute(here):
        said = _detail(detail)
        salt = _beside(beside).row if beside else []
        found[said.of, said.key] = Word(seq, salt[0] if salt else "", said.row.get("sha256", ""))
    return found


def differing(connection: Connection, shop: str) -> Iterator[tuple[str, str, str]]:
    """Each row that is otherwise than its newest word: of, key, and `changed`, `added` or `taken`."""
    spoken = [of for of in forms.STANDING if of not in forms.LATER or is_widened(connection, shop)]
    known = {named: word for named, word in words(connection, shop).items() if named[0] in spoken}
    for of in spoken:
        for key, row in forms.rows(connection, of, shop):
            word = known.pop((of, key), None)
            if word is None or not word.committed:
                if of != "meta" or not _of_another_shop(connection, key, row):
                    yield of, key, "added"
            elif not word.holds(row) and not (of == "meta" and _of_another_shop(connection, key, row)):
                yield of, key, "changed"
    yield from ((of, key, "taken") for (of, key), word in known.items() if word.committed)


def _of_another_shop(connection: Connection, key: str, row: bytes) -> bool:
    """Whether the chain of a shop that shares the ledger says so of a key's fingerprint."""
    shops = connection.scalars(select(schema.chain.c.shop)).all()
    said = [words(connection, shop).get(("meta", key)) for shop in shops]
    return any(word is not None and word.committed and word.holds(row) for word in said)
