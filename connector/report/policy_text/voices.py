"""Who is spoken to in a text of time limits, and the words for it: `report/texts/policy_text.toml`."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TypeVar

from msgspec.structs import replace

from connector.calendar import BOOKKEEPING_YEARS, OSS_YEARS
from connector.policy.file_format import Clock, Condition, Purpose
from connector.records import Field, Kind, Value
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both

Key = TypeVar("Key")
_YEARS: Mapping[str, int] = {"F1": BOOKKEEPING_YEARS, "F2": OSS_YEARS}
_ORDINALS: Mapping[int, Both] = {7: Both(sv="sjunde", en="seventh"), 10: Both(sv="tionde", en="tenth")}


class Voice(Value, frozen=True, kw_only=True):
    """The words of one kind of text: to a customer ("you"), or in an internal register."""

    fields: Mapping[tuple[Kind, Field], Both]
    """What each field is called; one that stands nowhere here goes with its neighbours."""
    records: Mapping[str, Both]
    """What a rule of whole records is about; another is called by its title."""
    begins: Mapping[Clock, Both]
    """From when a period is counted."""
    begins_of: Mapping[tuple[Kind, Clock], Both]
    """The same where a kind of record calls for words of its own."""
    at_once: Mapping[Clock, Both]
    """How a period of no days is said."""
    warned: Both
    """That a required warning comes first."""
    until_left: Both
    """Until when a subscription goes on while the rule that would end it is off."""
    when: Mapping[Condition, Both]
    """In which case something else holds; the same in every voice unless it speaks of a person."""

    instead: Mapping[Kind, Both] = {}
    """How long records stay that the platform removes at its own time; the rule's does not run there."""
    besides: Mapping[tuple[Kind, Field], Both] = {}
    """What is true of a field on the shop's platform besides the rule's period."""
    unseen: frozenset[Condition] = frozenset()
    """What is true of no record on the shop's platform: a case of it is not spoken of."""

    def begin(self, kind: Kind, clock: Clock) -> Both:
        """From when a period of this kind of record is counted."""
        return self.begins_of.get((kind, clock)) or self.begins[clock]

    def met(self, purposes: Iterable[Purpose]) -> tuple[Purpose, ...]:
        """Those of these purposes that some record on the shop's platform can have."""
        return tuple(one for one in purposes if self.unseen.isdisjoint(one.when))


class _Spoken(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A voice as the catalogue writes it."""

    fields: dict[Kind, dict[Field, Both]]
    records: dict[str, Both]
    begins: dict[Clock, Both]
    begins_of: dict[Kind, dict[Clock, Both]]
    at_once: dict[Clock, Both]
    warned: Both
    until_left: Both
    when: dict[Condition, Both]


class _Catalogue(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    customers: _Spoken
    register: _Spoken
    floors: dict[str, Both]
    endless: Both
    periods: dict[str, Both]


@cache
def _catalogue() -> _Catalogue:
    return read_catalogue("policy_text", _Catalogue)


@cache
def customers() -> Voice:
    """The words of the proposed policy text: plain, and to the customer, who is "you"."""
    return _voice(_catalogue().customers)


@cache
def register() -> Voice:
    """The words of the record of processing, in the third person, where they are others than to customers."""
    spoken, own = customers(), _voice(_catalogue().register)
    return replace(
        own,
        fields={**spoken.fields, **own.fields},
        begins={**spoken.begins, **own.begins},
        begins_of={**spoken.begins_of, **own.begins_of},
        at_once={**spoken.at_once, **own.at_once},
        when={**spoken.when, **own.when},
    )


def _voice(words: _Spoken) -> Voice:
    return Voice(
        fields=_in_pairs(words.fields),
        records=words.records,
        begins=words.begins,
        begins_of=_in_pairs(words.begins_of),
        at_once=words.at_once,
        warned=words.warned,
        until_left=words.until_left,
        when=words.when,
    )


def _in_pairs(tables: Mapping[Kind, Mapping[Key, Both]]) -> dict[tuple[Kind, Key], Both]:
    return {(kind, key): words for kind, table in tables.items() for key, words in table.items()}


def floor_words(floor: str) -> Both:
    """How long a floor of the law binds."""
    return _catalogue().floors[floor].filled(ordinal=_ORDINALS[_YEARS[floor]])


def endless() -> Both:
    """How long a rule that is off keeps."""
    return _catalogue().endless


def period_words(period: str) -> Both:
    """The period of a row without a rule; one that is not the preset's is shown as it is written."""
    return _catalogue().periods.get(period) or Both(sv=period, en=period)
