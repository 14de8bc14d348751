"""The keys by which plugins and apps keep data: a catalogue as data, and the table a shop reads with.

A catalogue is a TOML file beside an adapter: one line a key or pattern, with what it holds (a field, or
`harmless`), the plugin, where that was read, and when.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fnmatch import translate
from functools import lru_cache
from typing import Any

import msgspec

from connector.errors import SettingsError
from connector.records import Field, Kind

HARMLESS = "harmless"
"""What an entry, or a line of the settings, says of a key that holds no person."""

ANYTHING = "*"
"""Stands for anything in the key of an entry."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a catalogue: `key` is exact or, with `*` in it, a pattern; `of` names kinds of record."""

    key: str
    of: tuple[Kind, ...]
    holds: str
    plugin: str
    source: str
    read: date

    @property
    def field(self) -> Field | None:
        """The field it holds; None for a harmless one."""
        return None if self.holds == HARMLESS else Field(self.holds)


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: tuple[Entry, ...] = ()


def read(text: str) -> tuple[Entry, ...]:
    """The entries of a catalogue; raises msgspec.ValidationError, or ValueError for an unknown field."""
    found = msgspec.convert(tomllib.loads(text), _Catalogue).keys
    for entry in found:
        _ = entry.field
    return found


class Table(Mapping[str, Field]):
    """What each key holds, patterns included; `harmless` says which hold no person."""

    def __init__(
        self,
        exact: Mapping[str, Field],
        entries: Iterable[Entry] = (),
        harmless: Iterable[str] = (),
        *,
        vouched: Iterable[str] = (),
    ) -> None:
        self._entries = tuple(entries)
        plain = [one for one in self._entries if ANYTHING not in one.key]
        self._exact = {**{one.key: one.field for one in plain if one.field}, **exact}
        free = {one.key for one in plain if one.field is None}
        self._harmless = frozenset({*free, *harmless} - exact.keys())
        self._vouched = frozenset(vouched)
        self._patterns = [
            (re.compile(translate(one.key)), one.field) for one in self._entries if ANYTHING in one.key
        ]
        self._found = lru_cache(maxsize=4096)(self._look_up)

    def _look_up(self, key: str) -> tuple[Field | None, bool]:
        """The field of a key, and whether it is harmless; an exact key goes before a pattern."""
        if key in self._exact:
            return self._exact[key], False
        if key in self._harmless:
            return None, True
        matching = ((field, field is None) for pattern, field in self._patterns if pattern.match(key))
        return next(matching, (None, False))

    def __getitem__(self, key: str) -> Field:
        field = self._found(key)[0]
        if field is None:
            raise KeyError(key)
        return field

    # A table is asked for many keys that it does not name: without an exception for each.
    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._found(key)[0] is not None

    def get(self, key: str, default: Any = None) -> Any:
        """The field of a key, or the default."""
        field = self._found(key)[0]
        return default if field is None else field

    def __iter__(self) -> Iterator[str]:
        return iter(self._exact)

    def __len__(self) -> int:
        return len(self._exact)

    def __or__(self, other: Mapping[str, Field]) -> "Table":
        kept = self._vouched - other.keys()
        return Table({**self._exact, **other}, self._entries, self._harmless - other.keys(), vouched=kept)

    def harmless(self, key: str) -> bool:
        """Whether a key is known to hold no person."""
        return self._found(key)[1]

    def vouched(self, key: str) -> bool:
        """Whether the shop's own settings say that a key holds no person: then nothing in it is told."""
        return key in self._vouched

    def with_settings(self, own: Mapping[str, str], name: str) -> "Table":
        """This table with a shop's own lines, which win. Raises SettingsError for a field that is none."""
        wrong = sorted(value for value in own.values() if value != HARMLESS and value not in set(Field))
        if wrong:
            raise SettingsError([f"{name}: no field is called {value!r}; use custom." for value in wrong])
        fields = {key: Field(value) for key, value in own.items() if value != HARMLESS}
        free = own.keys() - fields.keys()
        kept = {key: field for key, field in self._exact.items() if key not in free}
        entries = [one for one in self._entries if one.key not in free]
        harmless = {*self._harmless, *free} - fields.keys()
        return Table({**kept, **fields}, entries, harmless, vouched=free)
