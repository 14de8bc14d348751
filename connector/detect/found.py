"""What the detector answers with: a type and a span."""

from bisect import bisect_left
from enum import IntEnum, StrEnum

import msgspec


class Type(StrEnum):
    """The kinds of token that the detector can tell apart."""

    PERSONAL_NUMBER = "personal_number"
    COORDINATION_NUMBER = "coordination_number"
    ORGANISATION_NUMBER = "organisation_number"
    BIRTH_DATE = "birth_date"
    DOOR_CODE = "door_code"
    CARD_NUMBER = "card_number"
    IBAN = "iban"
    BANKGIRO = "bankgiro"
    BANK_ACCOUNT = "bank_account"
    EMAIL = "email"
    PHONE = "phone"


PASSES = 3
"""How often a text is searched for what is to go from it; what is found after that is left to a hand."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One token of personal data: character offsets into the text, end exclusive."""

    type: Type
    start: int
    end: int


class Strength(IntEnum):
    """How surely a stretch of text is what it seems to be."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One way to read a stretch of text, before overlapping readings are settled."""

    type: Type
    start: int
    end: int
    strength: Strength = Strength.LIKELY


def settle(readings: list[Reading]) -> tuple[Found, ...]:
    """The strongest, then the longest reading of every stretch, in text order, none overlapping."""
    taken: list[Reading] = []
    for reading in sorted(readings, key=_rank):
        at = bisect_left(taken, reading.start, key=_start)
        free_before = at == 0 or taken[at - 1].end <= reading.start
        if free_before and (at == len(taken) or reading.end <= taken[at].start):
            taken.insert(at, reading)
    return tuple(Found(type=reading.type, start=reading.start, end=reading.end) for reading in taken)


def _start(reading: Reading) -> int:
    return reading.start


def _rank(reading: Reading) -> tuple[int, int, int, str]:
    return -reading.strength, reading.start - reading.end, reading.start, reading.type
