"""What each letter to somebody who made a request says, as facts (Art. 12(3), 12(4), 19)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from connector.records import Value
from connector.report.shared import Both
from connector.request import RequestKind


class Why(StrEnum):
    """Why an answer takes longer (Art. 12(3))."""

    COMPLEX = "complex"
    MANY = "many"


class Ground(StrEnum):
    """Why a request is refused, each with what the law says of it."""

    NOT_IDENTIFIED = "not_identified"  # Art. 11(2), 12(2), 12(6)
    UNFOUNDED = "unfounded"  # Art. 12(5)
    EXCESSIVE = "excessive"  # Art. 12(5)
    ABUSIVE = "abusive"  # Art. 12(5); C-526/24: even a first request, with proof
    LAW_REQUIRES = "law_requires"  # Art. 17(3)(b)
    CLAIMS = "claims"  # Art. 17(3)(e), 21(1)
    OTHERS = "others"  # Art. 15(4), 20(4)
    NOT_COVERED = "not_covered"  # the article does not reach the processing (20(1), 21(1))


NEED_PROOF = frozenset({Ground.UNFOUNDED, Ground.EXCESSIVE, Ground.ABUSIVE})
"""Grounds that the controller bears the burden of showing (Art. 12(5), last sentence)."""


class Sender(Value, frozen=True, kw_only=True):
    """Who writes: the shop, the company that answers for it, and where an answer goes."""

    shop: str
    company: str
    contact: str
    organisation_number: str = ""


class About(Value, frozen=True, kw_only=True):
    """Which request: its code, what was asked for, and when it came in."""

    request: str
    kind: RequestKind
    received: date


class Receipt(Value, frozen=True, kw_only=True):
    """That the request came in; at level 0 with the code that shows who reads the mail of the address."""

    due: date
    code: str = ""


class Extension(Value, frozen=True, kw_only=True):
    """That the answer takes up to two months more, and why; `told` is at the latest `notice_by`."""

    told: date
    notice_by: date
    due: date
    why: Why


class Kept(Value, frozen=True, kw_only=True):
    """What stays in spite of the request: of which record, by which law, until when (None: a hold).

    `instead` is what was done all the same: `restricted`, `hidden`, `unsubscribed`, `requested`, or nothing;
    `by_hand` where it is no law that keeps it: nobody's program takes it.
    """

    what: Both
    record: str
    law: Both
    until: date | None
    instead: Literal["", "restricted", "hidden", "unsubscribed", "requested", "by_hand"] = ""


class Accessed(Value, frozen=True, kw_only=True):
    """That the copy is made: what it is, and how it is handed over. `scope` as in the answer itself.

    `read` is the moment at which it was read in the shop: what came since is not in it.
    """

    scope: Literal["access", "portability"]
    records: int
    masked: int
    by_hand: int
    read: datetime


class Erased(Value, frozen=True, kw_only=True):
    """What was erased, and what stays; `anonymised`: nothing links what is left to the person."""

    done: tuple[tuple[Both, str], ...]
    kept: tuple[Kept, ...] = ()
    told: tuple[str, ...] = ()
    backups_until: date | None = None
    suppressed: bool = False
    anonymised: bool = False
    loosened: tuple[str, ...] = ()  # orders of which the owner keeps nothing for claims
    for_nothing_else: bool = False  # the company says so of what stays


class Refusal(Value, frozen=True, kw_only=True):
    """That the request is refused, on what ground and for what reasons of this very case."""

    ground: Ground
    reasons: str
    proof: str = ""


class Confirmation(Value, frozen=True, kw_only=True):
    """That an objection to marketing, another objection, a rectification or a restriction is carried out.

    `queued_until` is the last day on which what was queued may still arrive; `fields` what was changed. Of
    mailings `ended` are the channels that were read back so, by service, `waiting` those that were not, and
    `by_hand` whom no call reaches.
    """

    on: date
    marketing: bool = False
    ended: tuple[Both, ...] = ()
    waiting: tuple[Both, ...] = ()
    by_hand: tuple[str, ...] = ()
    queued_until: date | None = None
    fields: tuple[Both, ...] = ()
    told: tuple[str, ...] = ()


class Lifting(Value, frozen=True, kw_only=True):
    """That a restriction is to be lifted, and why: told before it is (Art. 18(3))."""

    reasons: str


Content = Receipt | Extension | Accessed | Erased | Refusal | Confirmation | Lifting


class Letter(Value, frozen=True, kw_only=True):
    """One letter in one language, as it is mailed or printed; `name` is what it is called in the register."""

    name: str
    subject: str
    text: str


__all__ = [
    "NEED_PROOF", "About", "Accessed", "Confirmation", "Content", "Erased", "Extension", "Ground", "Kept",
    "Letter", "Lifting", "Receipt", "Refusal", "Sender", "Why",
]  # fmt: skip
