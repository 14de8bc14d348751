"""What every platform knows of a place that holds a person, whatever its API calls it."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from connector.identity import is_placeholder
from connector.places.suspected import Own, own_words
from connector.records import Field, to_bits

POSTCODE_KEPT = 3
"""Marks of a postcode that stay, with the country, as proof of the place of supply (T-04)."""

NEW_ADDRESS = "\0new address"
"""Stands for a fresh random address, made when it is written."""


class _Held(Protocol):
    @property
    def field(self) -> Field: ...


class Parts(NamedTuple):
    """What a platform calls the parts of an address."""

    first_name: str
    last_name: str
    streets: tuple[str, ...]
    town: str
    postcode: str


def says(value: object) -> bool:
    """Whether a value is somebody's: neither empty nor a placeholder."""
    return bool(value) and not is_placeholder(str(value))


def new_address(kind: str) -> str:
    """A random address that reaches nobody (schedule T-02; RFC 2606): never made from the old one."""
    return f"{kind}-{secrets.token_hex(8)}@redacted.invalid"


def present_bits(holdings: Iterable[_Held]) -> int:
    """The bit set of the fields that have a holding."""
    return to_bits(frozenset(holding.field for holding in holdings))


def people(
    blocks: Iterable[Mapping[str, Any]], parts: Parts, said: Callable[[Mapping[str, Any], str], str]
) -> Own:
    """The words of the people on these addresses; `said` reads a part of one as text."""
    every = list(blocks)
    return own_words(
        [f"{said(one, parts.first_name)} {said(one, parts.last_name)}" for one in every],
        emails=[said(one, "email") for one in every],
        phones=[said(one, "phone") for one in every],
        streets=[said(one, part) for one in every for part in parts.streets],
        towns=[said(one, parts.town) for one in every],
        postcodes=[said(one, parts.postcode) for one in every],
    )
