"""What a plan rests on: each kind complete as of when, incomplete by how many, or declared not read.

What a kind's facts say of a person must not be missing when that person's account is decided: a kind
that is incomplete keeps every kind that reads it out of the plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec

from connector.records import Field, Kind, Value

NOT_ANSWERED = "not_answered"
"""Why a kind is incomplete whose service did not answer: where the pull stood is where the next goes on."""

Place = tuple[str, Kind]

READS: Mapping[Kind, frozenset[Kind]] = {
    # last purchase, open orders, holds; whether somebody still subscribes
    Kind.CUSTOMER: frozenset({Kind.ORDER, Kind.SUBSCRIBER}),
    # last purchase, last login, whether there is an account
    Kind.SUBSCRIBER: frozenset({Kind.ORDER, Kind.CUSTOMER}),
    # last purchase, open returns, whether somebody is a customer at all
    Kind.SUPPORT_MESSAGE: frozenset({Kind.ORDER, Kind.CUSTOMER}),
}
"""The kinds whose facts a verdict on this kind reads through its person (SubjectFacts)."""


FIELD_NOT_SHOWN = "field_not_shown"
"""Why a kind is incomplete of which a field is empty in all that was brought; the fields behind a colon."""


def fields_of(why: str) -> tuple[Field, ...]:
    """The fields that a reason names as not shown; none where it is another reason."""
    code, _, names = why.partition(":")
    return tuple(Field(name) for name in names.split(",") if name) if code == FIELD_NOT_SHOWN else ()


class Basis(Value, frozen=True, kw_only=True):
    """What is known of one kind at one service: when it was last read to its end, and what was missing.

    `missing` is what the service counted and did not show, None where no walk has ended yet; `why` says
    it where there is no number (`not_counted`, `not_answered`), and what else the service no longer shows
    (`scope_lost`, `fewer`, `field_not_shown:` and the fields). `declared_by` and `declared_on` name who
    said in the settings that it may stay so, and `unread` how many records were there and could not be read.
    """

    adapter: str
    kind: Kind
    as_of: str | None = None
    missing: int | None = None
    why: str = ""
    unread: int = 0
    declared_by: str = ""
    declared_on: date | None = None

    @property
    def complete(self) -> bool:
        """Whether all of it was read, or a named person said that what is missing may be left out."""
        return bool(self.declared_by) or (self.missing == 0 and not self.why)


class Declared(Protocol):
    """A named person's word that some records of a kind may stay unread: at most so many."""

    @property
    def kind(self) -> Kind: ...
    @property
    def at_most(self) -> int: ...
    @property
    def by(self) -> str: ...
    @property
    def on(self) -> date: ...


def bases_of(
    known: Iterable[Basis],
    kinds: Mapping[str, Sequence[Kind]],
    declared: Sequence[Declared],
    unread: Mapping[tuple[str, str], int],
) -> tuple[Basis, ...]:
    """One basis for every kind of every platform; one that no pull has read rests on nothing."""
    found = {(one.adapter, one.kind): one for one in known}
    return tuple(
        with_word(
            msgspec.structs.replace(
                found.get((name, kind), Basis(adapter=name, kind=kind)),
                unread=unread.get((name, str(kind)), 0),
            ),
            declared,
        )
        for name, held in kinds.items()
        for kind in held
    )


def with_word(basis: Basis, declared: Sequence[Declared]) -> Basis:
    """The basis with the named person's word that what is missing may be left out, where one covers it."""
    word = next((one for one in declared if one.kind is basis.kind), None)
    if word is None or basis.missing is None or basis.missing > word.at_most or basis.why == NOT_ANSWERED:
        return basis
    return msgspec.structs.replace(basis, declared_by=word.by, declared_on=word.on)


def not_answered(bases: Iterable[Basis]) -> frozenset[Place]:
    """The kinds of services that did not answer the last pull: nothing that stands there is planned."""
    return frozenset((basis.adapter, basis.kind) for basis in bases if basis.why == NOT_ANSWERED)


def accounts_unread(bases: Iterable[Basis]) -> bool:
    """Whether somebody may have an account that no pull has met: then nobody counts as one without."""
    return any(one.kind is Kind.CUSTOMER and not one.complete for one in bases)


def left_out(bases: Iterable[Basis]) -> frozenset[Kind]:
    """The kinds that are not drawn, for a kind whose facts they read is incomplete."""
    incomplete = {basis.kind for basis in bases if not basis.complete}
    return frozenset(kind for kind, reads in READS.items() if reads & incomplete)
