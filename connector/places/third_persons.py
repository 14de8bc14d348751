"""What of a record must not reach the person whom it is about: others in it, and what weak proof keeps shut.

Art. 15(4): the right to a copy shall not adversely affect the rights and freedoms of others. At level 0 of
identification somebody has shown no more than that they read the mail of one address.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Literal

from connector.detect import Type, detect
from connector.places.cutting import fields_in, without
from connector.places.masking import MASK, masked
from connector.ports.basics import Keyer
from connector.ports.disclosing import Given, Shown, Why
from connector.records import Field, Kind, Value
from connector.text.folding import folded_text, same_person

LEAST = 0
"""The level of identification at which only the address itself was shown."""


class Proof(Value, frozen=True, kw_only=True):
    """What the person has shown: the keyed addresses and numbers that are theirs, how surely (0 to 2).

    `names` is what their records call them; None where no record names anybody, empty where the records name
    several and nothing tells which of them asks.
    """

    digests: frozenset[bytes]
    level: int
    names: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"<Proof {self.level}>"


_NOTES = frozenset({Field.CUSTOMER_NOTE, Field.STAFF_NOTES})
_PROTECTED = frozenset({Field.PERSONAL_NUMBER, Field.BIRTH_DATE})
_OF_WHERE = frozenset({Field.SHIPPING_ADDRESS, Field.GIFT_RECIPIENT})
_OWN_WORDS = frozenset({Field.NAME, Field.EMAIL, Field.PHONE, Field.BILLING_ADDRESS, Field.COMPANY})
# Where several people stand in one record, or somebody else's words may.
_SHARED = frozenset({Kind.COUPON})
_Type = Literal["email", "phone"]
_FOUND: dict[Type, _Type] = {Type.EMAIL: "email", Type.PHONE: "phone"}


_NAME = re.compile(r"(.*?)_?(?:first|last|given|family)_?name\]?", re.IGNORECASE)


def names_among(records: Sequence[tuple[Kind, Sequence[Shown]]]) -> tuple[str, ...] | None:
    """What somebody is called: by their own accounts, else by most of their records, as `Proof.names`."""
    named = [(kind, name) for kind, shown in records if (name := _name_of(shown))]
    if not named:
        return None
    if accounts := [name for kind, name in named if kind is Kind.CUSTOMER]:
        return tuple(dict.fromkeys(accounts))
    names = [name for _, name in named]
    counts = {one: sum(_may_be_one(one, other) for other in names) for one in dict.fromkeys(names)}
    most = [one for one, count in counts.items() if count == max(counts.values())]
    return tuple(most) if all(_may_be_one(most[0], other) for other in most) else ()


def _name_of(shown: Sequence[Shown]) -> str:
    """The full name of whom a record is about: the first that stands in it and is no gift's recipient."""
    found: dict[str, list[str]] = {}
    for one in shown:
        own = Field.NAME in one.fields and Field.GIFT_RECIPIENT not in one.fields
        if own and (block := _NAME.fullmatch(one.place)):
            found.setdefault(block[1], []).append(one.text)
    return " ".join(next(iter(found.values()), ()))


def _may_be_one(one: str, other: str) -> bool:
    """Whether two names may be one person's: alike, or one lacks what the other has."""
    words, others = ({*folded_text(name).replace("-", " ").split()} for name in (one, other))
    return words <= others or others <= words or same_person(one, other)


def _is_anothers(shown: Sequence[Shown], kind: Kind, proof: Proof) -> str:
    """The name of somebody else whom a record is about, whoever's address it carries; empty where nobody."""
    if proof.level > LEAST or proof.names is None or kind is Kind.CUSTOMER:
        return ""
    name = _name_of(shown)
    return "" if any(_may_be_one(name, own) for own in proof.names) else name


def masked_for(shown: Sequence[Shown], kind: Kind, proof: Proof, keyer: Keyer) -> tuple[Given, ...]:
    """Every value of a record, others and what the proof does not open masked; none is left out.

    At the least proof a record that is about somebody of another name shows no more of them than that it is.
    """
    others, stranger = _others(shown), _is_anothers(shown, kind, proof)
    names = [*_names(others), *(one.text for one in others), *filter(None, (stranger,))]

    def mask(one: Shown) -> Given:
        if stranger and set(one.fields) - {Field.EMAIL}:
            return _given(one, MASK, (Why.THIRD_PERSON,))
        if why := _whole(one, proof, gift=bool(others)):
            return _given(one, MASK, (why,))
        text, found = one.text, list[Why]()
        if proof.level == LEAST and Field.DOOR_CODE in fields_in(text, key=_key(one.place), words=True):
            text = str(without(text, {Field.DOOR_CODE}, key=_key(one.place), words=True))
            found.append(Why.DOOR_CODE)
        closed = without_strangers(text, lambda type_, value: _may_see(one, kind, proof, keyer(type_, value)))
        if closed != text:
            text = closed
            found.append(Why.OTHER_ADDRESS)
        free = not _OWN_WORDS.intersection(one.fields)
        if free and (nameless := masked(text, names)) != text:
            text = nameless
            found.append(Why.THIRD_PERSON)
        return _given(one, text, tuple(found))

    return tuple(map(mask, shown))


def _whole(one: Shown, proof: Proof, *, gift: bool) -> Why | None:
    """Why a value is masked whole; None where it is not."""
    fields = frozenset(one.fields)
    if Field.GIFT_RECIPIENT in fields or (gift and _OF_WHERE & fields and not fields & _OWN_WORDS):
        return Why.THIRD_PERSON
    if proof.level > LEAST:
        return None
    if Field.DOOR_CODE in fields and not fields - {Field.DOOR_CODE}:
        return Why.DOOR_CODE
    if fields & _NOTES:
        return Why.NOTE
    return Why.PROTECTED if fields & _PROTECTED else None


def _others(shown: Sequence[Shown]) -> list[Shown]:
    """What names somebody else than the buyer: a gift's recipient."""
    return [one for one in shown if Field.GIFT_RECIPIENT in one.fields and len(one.text) < _LONGEST_NAME]


_LONGEST_NAME = 80


def _names(others: Sequence[Shown]) -> list[str]:
    """Their names whole, as they are written in a sentence."""
    parts = [one.text for one in others if "name" in one.place.casefold()]
    return [" ".join(parts)] if len(parts) > 1 else []


def _may_see(one: Shown, kind: Kind, proof: Proof, digest: bytes | None) -> bool:
    """Whether an address or number in a value may be shown: what is proven, else what stands as their own."""
    if digest is None or digest in proof.digests:
        return True
    own = {Field.EMAIL, Field.PHONE}.intersection(one.fields)
    if Field.PHONE in own and Field.EMAIL not in own and kind not in _SHARED:
        return True
    return proof.level > LEAST and bool(own) and kind not in _SHARED


def without_strangers(text: str, may: Callable[[_Type, str], bool]) -> str:
    """The text without the addresses and numbers that may not be seen."""
    gone = [
        (one.start, one.end)
        for one in detect(text)
        if (type_ := _FOUND.get(one.type)) and not may(type_, text[one.start : one.end])
    ]
    parts, at = list[str](), 0
    for start, end in sorted(gone):
        if start >= at:
            parts += [text[at:start], MASK]
        at = max(at, end)
    return "".join((*parts, text[at:]))


def _key(place: str) -> str:
    return place.rpartition("[")[2].rstrip("]").rpartition(".")[2]


def _given(one: Shown, text: str, why: Collection[Why]) -> Given:
    return Given(place=one.place, text=text, fields=one.fields, given=one.given, why=tuple(why))


__all__ = ["LEAST", "Proof", "masked_for", "names_among", "without_strangers"]
