"""Consents that stand against their person's word: an objection that is remembered, or a no elsewhere.

An objection (GDPR 21(2)) ends every channel. A no that somebody gave at one service ends the same channel at
the others; one that Gallra wrote there itself is no new word, so that nothing is carried back and forth. A
yes of a later day than the no is the person's own will.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from connector.ledger import Ledger
from connector.ledger.consents import Consents, Saying, consents, words_in
from connector.ports import Gone, Live, Platform
from connector.ports.consents import BY_PHONE, holders
from connector.records import Consent, Identifier, Kind
from connector.services.beside import Beside

_PERSONS = ("email", "phone")


class Word(NamedTuple):
    """That somebody wants no mailings since a day, by one channel or any; `at` the service that said so."""

    since: date
    channel: str = ""
    at: str = ""


class Due(NamedTuple):
    """What stands against a word on a record: its channels since when, and by what its person is known."""

    since: Mapping[str, date]
    digests: frozenset[bytes]


class Withdrawn(NamedTuple):
    """What stands against a word, by row, and what is left alone.

    `own_will` are rows with a yes of a later day than an objection; `again` those that say yes anew, without
    a day, after Gallra had set them to no: an import, or the person. Neither is undone, and both are told.
    `unread` could not be looked at now.
    """

    due: Mapping[int, Due]
    own_will: frozenset[int] = frozenset()
    again: frozenset[int] = frozenset()
    unread: int = 0


Carried = Mapping[int, tuple[Identifier, ...]]
"""What each record carries of its person."""


def withdrawn(
    ledger: Ledger,
    platforms: Mapping[str, Platform],
    beside: Beside,
    *,
    of: Collection[bytes] = (),
    anew: bool = False,
) -> Withdrawn:
    """What stands against a word where a service can end it; call it outside a transaction.

    With `of` only what is remembered under these hashes; `anew` where a person has just said so: a yes
    without a day is then older, whatever came before. Raises RemoteError where the shop does not answer.
    """
    with ledger.begin() as connection:
        found = consents(ledger, connection, of=of)
    ours = {} if anew else found.ours
    here = holders(platforms)
    yes = [one for one in found.yes if (one.ref.adapter, one.ref.kind) in here]
    carried, unread = _carried(found, [*yes, *found.no], platforms, beside)
    said = _words(found, carried)
    judged = _judged(_without_twins([one for one in yes if one.row in carried]), carried, said, ours)
    return judged._replace(unread=sum(one.row in unread for one in yes))


Words = Mapping[bytes, Sequence[Word]]
"""What was said, by the hash of whoever said it."""


def _judged(yes: Sequence[Saying], carried: Carried, said: Words, ours: Mapping[int, date]) -> Withdrawn:
    due: dict[int, Due] = {}
    own_will, again = set[int](), set[int]()
    for one in yes:
        since: dict[str, date] = {}
        digests: set[bytes] = set()
        for consent in one.consents:
            against = _against(one, consent, carried[one.row], said) if consent.given else {}
            if not against:
                continue
            day = max(word.since for word in against.values())
            ended = ours.get(one.row)
            if consent.changed is not None and consent.changed > day:
                own_will |= {one.row} if any(not word.at for word in against.values()) else set()
            elif consent.changed is None and ended is not None and ended >= day:
                again.add(one.row)
            else:
                since[consent.channel] = day
                digests |= against.keys()
        if since:
            due[one.row] = Due(since, frozenset(digests))
    return Withdrawn(due, frozenset(own_will), frozenset(again))


def _words(found: Consents, carried: Carried) -> Words:
    words = defaultdict[bytes, list[Word]](list)
    for digest, since in found.objected.items():
        words[digest].append(Word(since))
    for one in found.no:
        for consent in words_in(one, found.ours):
            for identifier in carried.get(one.row, ()):
                if consent.changed is not None and _speaks_of(identifier, consent.channel):
                    words[identifier.digest].append(Word(consent.changed, consent.channel, one.ref.adapter))
    return words


def _against(
    one: Saying, consent: Consent, carried: Sequence[Identifier], words: Words
) -> dict[bytes, Word]:
    """The hashes under which a word stands against this yes, each with the latest; objections go first."""
    found: dict[bytes, Word] = {}
    for identifier in carried:
        if not _speaks_of(identifier, consent.channel):
            continue
        for word in words.get(identifier.digest, ()):
            if word.channel in ("", consent.channel) and word.at != one.ref.adapter:
                before = found.get(identifier.digest, word)
                found[identifier.digest] = max(before, word, key=lambda each: (each.since, not each.at))
    return found


def _speaks_of(identifier: Identifier, channel: str) -> bool:
    """A telephone number may be a household's: it speaks of what comes by telephone, and of nothing else."""
    return identifier.type == "email" or (identifier.type == "phone" and channel in BY_PHONE)


def _carried(
    found: Consents, records: Sequence[Saying], platforms: Mapping[str, Platform], beside: Beside
) -> tuple[dict[int, tuple[Identifier, ...]], frozenset[int]]:
    """What each record carries: the person's one address and number, or what a look at it shows.

    And those that did not let themselves be looked at; one that is gone is neither.
    """
    sure = {who for who, each in found.known.items() if _goes_by_one(each)}
    carried = {one.row: found.known[one.subject] for one in records if one.subject in sure}
    asked = [one for one in records if one.subject not in sure]
    unread = set[int]()
    for name, platform in platforms.items():
        own = {one.ref: one.row for one in asked if one.ref.adapter == name}
        for ref, look in (beside.fetch(platform, sorted(own, key=str)) if own else {}).items():
            if isinstance(look, Live):
                carried[own[ref]] = look.record.identifiers
            elif not isinstance(look, Gone):
                unread.add(own[ref])
    return carried, frozenset(unread)


def _goes_by_one(known: Sequence[Identifier]) -> bool:
    """Whether a person has one address and at most one number: all that is theirs carries those."""
    types = Counter(one.type for one in known)
    return types["email"] == 1 and types["phone"] <= 1


def _without_twins(yes: Sequence[Saying]) -> list[Saying]:
    """A subscriber and an account of one id are one profile at their service: the account is written."""
    accounts = {(one.ref.adapter, one.ref.id) for one in yes if one.ref.kind is Kind.CUSTOMER}
    return [
        one
        for one in yes
        if one.ref.kind is not Kind.SUBSCRIBER or (one.ref.adapter, one.ref.id) not in accounts
    ]


__all__ = ["Due", "Withdrawn", "withdrawn"]
