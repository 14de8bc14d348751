"""What can be copied out for the person whom it is about (Art. 15): of records, and at recipients."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connector.ports.looks import Live, Look
from connector.records import Field, Ref, Value


class Shown(Value, frozen=True, kw_only=True):
    """One value of a record as its service answered it: the place there, and of which fields it is.

    `given` says that the person typed it, or it was taken down from what they did in the shop (Art. 20).
    """

    place: str
    text: str
    fields: tuple[Field, ...] = ()
    given: bool = False

    def __repr__(self) -> str:
        return f"<Shown {self.place}>"


@runtime_checkable
class Discloses(Protocol):
    """A platform that says every value of a record that it was shown, by place and field."""

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These records as they are now, as `fetch`, without what only a decision needs beside them."""
        ...

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of it, in the service's own order; asks nothing."""
        ...


@runtime_checkable
class DisclosesNotes(Protocol):
    """A platform whose notes lie beside the record and are read one record at a time."""

    def notes_of(self, lives: Sequence[Live]) -> Iterator[tuple[Ref, Sequence[Shown] | None]]:
        """The notes of each record that can hold a person, four records at once; None where unread."""
        ...


class Why(StrEnum):
    """Why a value is masked, or a part of it; the page and the letters have words for each."""

    THIRD_PERSON = "third_person"
    OTHER_ADDRESS = "other_address"
    DOOR_CODE = "door_code"
    NOTE = "note"
    PROTECTED = "protected"


class Given(Value, frozen=True, kw_only=True):
    """One value as the person gets it; `why` says what of it is masked, empty where nothing is."""

    place: str
    text: str
    fields: tuple[Field, ...] = ()
    given: bool = False
    why: tuple[Why, ...] = ()

    def __repr__(self) -> str:
        return f"<Given {self.place}>"


class CopiedOut(Value, frozen=True, kw_only=True):
    """What a recipient holds under one handle; `reason` says why nothing of it was shown.

    `not_readable_there`: it shows no such thing, today or ever. Any other reason: ask again.
    """

    handle: str
    value: str
    shown: tuple[Shown, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    reason: str = ""

    def __repr__(self) -> str:
        return f"<CopiedOut {self.handle}>"


@runtime_checkable
class CopiesOut(Protocol):
    """A recipient whose API shows what it holds of one order or person; writes nothing."""

    name: str
    copies_by: tuple[str, ...]
    """The names of the handles that it is asked by; none where no key is configured."""

    def copy_out(self, asked: Mapping[str, Sequence[str]]) -> Iterator[CopiedOut]:
        """What it holds under each of these handles, one answer each; a failure is a reason."""
        ...


class Copied(Value, frozen=True, kw_only=True):
    """One record as the person gets it.

    `by_hand` are fields that it holds and no call shows, `places` where no API reaches; both are named in the
    answer. `notes` says how those beside it stand: `read`, `masked` (not fetched at this proof), `unread`.
    """

    ref: Ref
    label: str
    created: str
    items: tuple[Given, ...]
    by_hand: tuple[Field, ...] = ()
    places: tuple[str, ...] = ()
    notes: str = ""


class Question(Value, frozen=True, kw_only=True):
    """Something that may be the person's: for whoever answers, never for the person.

    `why`: `no_proven_address` (joined by an account or name alone), `anothers_account` (in an account whose
    own address is another), `account_unread` (that address could not be read), `beside_another` (the
    person stands in it, and it is somebody else's or nobody's), `other_person_there` (a recipient's
    answer names nobody that is proven), or, of a record that could not be read, its reason.
    """

    where: str
    ref: Ref | None
    label: str
    why: str


class FromRecipient(Value, frozen=True, kw_only=True):
    """What a recipient let be copied out under one of the person's own handles; or why nothing."""

    recipient: str
    handle: str
    items: tuple[Given, ...] = ()
    reason: str = ""


class Access(Value, frozen=True, kw_only=True):
    """Everything that was found of one person, on one look."""

    level: int
    copies: tuple[Copied, ...]
    recipients: tuple[FromRecipient, ...]
    questions: tuple[Question, ...]

    @property
    def named(self) -> frozenset[tuple[Ref, Field]]:
        """Every field that the answer shows, masks or names, by record: an erasure may touch no other."""
        shown = {(one.ref, field) for one in self.copies for item in one.items for field in item.fields}
        hand = {(one.ref, field) for one in self.copies for field in one.by_hand}
        return frozenset(shown | hand)


__all__ = [
    "Access", "Copied", "CopiedOut", "CopiesOut", "Discloses", "DisclosesNotes", "FromRecipient", "Given",
    "Question", "Shown", "Why",
]  # fmt: skip
