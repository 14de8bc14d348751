"""What a phrase is, and what a voice must be able to say."""

from collections.abc import Mapping

from connector.policy.schema import Clock, Condition
from connector.records import Field, Kind, Value


class Said(Value, frozen=True, kw_only=True):
    """One phrase in both languages."""

    sv: str
    en: str


def said(sv: str, en: str) -> Said:
    """A phrase."""
    return Said(sv=sv, en=en)


class Voice(Value, frozen=True, kw_only=True):
    """The words of one kind of text: to a customer ("you"), or in an internal register."""

    fields: Mapping[tuple[Kind, Field], Said]
    """What each field is called; one that stands nowhere here goes with its neighbours."""
    records: Mapping[str, Said]
    """What a rule of whole records is about; another is called by its title."""
    begins: Mapping[Clock, Said]
    """From when a period is counted."""
    begins_of: Mapping[tuple[Kind, Clock], Said]
    """The same where a kind of record calls for words of its own."""
    at_once: Mapping[Clock, Said]
    """How a period of no days is said."""
    warned: Said
    """That a required warning comes first."""
    until_left: Said
    """Until when a subscription goes on while the rule that would end it is off."""
    when: Mapping[Condition, Said]
    """In which case something else holds; the same in every voice unless it speaks of a person."""

    instead: Mapping[Kind, Said] = {}
    """How long records stay that the platform removes at its own time; the rule's does not run there."""
    besides: Mapping[tuple[Kind, Field], Said] = {}
    """What is true of a field on the shop's platform besides the rule's period."""

    def begin(self, kind: Kind, clock: Clock) -> Said:
        """From when a period of this kind of record is counted."""
        return self.begins_of.get((kind, clock)) or self.begins[clock]
