"""How many fields stand under which verdict, kept exact as rows are decided anew."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from connector.ledger import schema
from connector.ledger.store import Ledger, write_many, write_tuples
from connector.records import Field, Wave
from connector.verdicts import FieldVerdict, State, Verdict


class TallyKey(NamedTuple):
    """What verdicts are counted by; `through` is the day kept through, or due since."""

    kind: str
    field: str
    rule: str
    state: str
    reason: str
    wave: str
    basis: str
    through: str


_Key = tuple[str, ...]
"""A TallyKey as it is looked up: a plain tuple is made in a third of the time."""

REMEMBERED = 5_000
"""Verdicts looked up by identity: rows are drawn in turn, and what is shared comes close together."""

AT_ONCE = 5_000
"""Tallies written in one go: a shop that never erased anything has one for each day of each field."""

PENDING = 5_000
"""Lists of tallies counted before they are taken apart: most rows' lists are those of other rows too."""


class Tallies:
    """Counts in memory while planning, written back as differences."""

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        table = schema.tally
        self.shop = ledger.shop
        self._ids: dict[_Key, int] = {}
        self._delta: dict[int, int] = {}
        self._moved: Counter[str] = Counter()
        self._fresh: list[_Key] = []
        self._of_verdict: dict[int, tuple[FieldVerdict, str, int]] = {}
        self._next = 1
        for row in connection.execute(select(table)):
            self._next = max(self._next, row.id + 1)
            if row.shop == self.shop:
                self._ids[tuple(map(intern, row[2:10]))] = row.id

    def listed(self, kind: str, verdict: Verdict) -> str:
        """What a row with this verdict keeps: the numbers of its tallies, as a list."""
        ids = [self._id(kind, v) for v in verdict.fields]
        if verdict.record is not None:
            ids.append(self._id(kind, verdict.record))
        ids += [self._number(_alert(kind, code)) for code in verdict.alerts]
        return ",".join(map(str, ids))

    def count(self, before: Iterable[str], after: Iterable[str]) -> None:
        """Counts the former tallies of some rows out and their new ones in."""
        self._moved.update(after)
        for listed, times in Counter(before).items():
            self._moved[listed] -= times
        if len(self._moved) >= PENDING:
            self._take_apart()

    def _take_apart(self) -> None:
        for listed, by in self._moved.items():
            for text in listed.split(",") if by and listed else ():
                tally_id = int(text)
                self._delta[tally_id] = self._delta.get(tally_id, 0) + by
        self._moved.clear()

    def _id(self, kind: str, verdict: FieldVerdict) -> int:
        # The engine shares verdict objects between records: look the object up before its parts.
        known = self._of_verdict.get(id(verdict))
        if known is not None and known[0] is verdict and known[1] == kind:
            return known[2]
        tally_id = self._number(_key(kind, verdict))
        if len(self._of_verdict) > REMEMBERED:
            self._of_verdict.clear()
        self._of_verdict[id(verdict)] = (verdict, kind, tally_id)
        return tally_id

    def _number(self, key: _Key) -> int:
        tally_id = self._ids.get(key)
        if tally_id is None:
            tally_id = self._ids[key] = self._next
            self._next += 1
            self._fresh.append(key)
        return tally_id

    def flush(self, connection: Connection) -> None:
        """Writes what changed."""
        self._take_apart()
        table = schema.tally
        for start in range(0, len(self._fresh), AT_ONCE):
            some = self._fresh[start : start + AT_ONCE]
            rows = [(self._ids[key], self.shop, *key, 0) for key in some]
            write_tuples(connection, insert(table), ("id", "shop", *TallyKey._fields, "count"), rows)
        added = {"count": table.c["count"] + bindparam("by")}
        here = update(table).where(table.c.id == bindparam("id_")).values(added)
        moved = ({"id_": i, "by": by} for i, by in self._delta.items() if by)
        while some_moved := list(islice(moved, AT_ONCE)):
            write_many(connection, here, some_moved)
        connection.execute(delete(table).where(table.c.shop == self.shop, table.c["count"] <= 0))
        self._fresh.clear()
        self._delta.clear()


def _alert(kind: str, code: str) -> TallyKey:
    """What alerts of whole records are counted by."""
    return TallyKey(kind=kind, field="", rule="", state="alert", reason=code, wave="", basis="", through="")


@lru_cache(maxsize=20_000)
def _written(day: date) -> str:
    """The day as text, one text for all the fields that share it: keys are kept by the hundred thousand."""
    return day.isoformat()


def _key(kind: str, verdict: FieldVerdict) -> _Key:
    state, reason = verdict.state, verdict.reason
    if state is State.HELD:
        holds = ",".join((*verdict.holds, *(f"{h}?" for h in verdict.unknown_holds)))
        reason = holds or reason
    day = verdict.keep_through if state is State.KEEP else verdict.eligible_from
    return (
        kind,
        _TEXTS[verdict.field] if verdict.field else "record",
        verdict.rule,
        "kept_by_law" if verdict.by_law else _TEXTS[state],
        reason,
        _TEXTS[verdict.wave],
        verdict.basis,
        _written(day) if day else "",
    )


# An enumeration's own `value` costs a call, and is asked for three times a verdict.
_TEXTS: dict[str, str] = {one: one.value for many in (Field, State, Wave) for one in many}


def read_tallies(connection: Connection, shop: str) -> Iterable[tuple[TallyKey, int]]:
    """Every tally with its count."""
    table = schema.tally
    for row in connection.execute(select(table).where(table.c.shop == shop, table.c["count"] > 0)):
        yield TallyKey(*row[2:10]), row[10]
