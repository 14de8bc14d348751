"""Which hold a person means, and what it binds: said when it is placed."""

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from connector.cli.common import say
from connector.cli.speaking import said, spoken

if TYPE_CHECKING:
    from connector.records import HoldId, Kind
    from connector.shop import Shop

CLAIM, RETURN = "H5", "H2"
_OF_A_RETURN = re.compile(
    r"\b(retur|reklam|ångr|ånger|återbetal|klagomål|byte|return|complain|refund|withdr|exchange)",
    re.IGNORECASE,
)


def chosen(kind: str, reason: str) -> str:
    """The hold that is meant: as it was named, else a claim; who types is asked about a return."""
    if kind or not _OF_A_RETURN.search(reason):
        return kind or CLAIM
    if sys.stdin.isatty():
        meant = typer.confirm(said("Is it a return or a complaint (H2), and no legal claim (H5)?"), err=True)
        return RETURN if meant else CLAIM
    say(
        "Warning: the reason speaks of a return or a complaint, and none of H1 to H9 is named, so it is "
        "placed as H5, a legal claim. For a return or a complaint name --hold H2; they bind different fields."
    )
    return CLAIM


def bindings(opened: "Shop", hold: "HoldId", kind: "Kind") -> dict[str, list[str]]:
    """The fields of a kind of record that a hold keeps, and those that go when they are due."""
    from connector.policy.binding import bound_by

    kept, goes = bound_by(opened.written.rules, hold, kind)
    return {"binds": [str(one) for one in kept], "goes": [str(one) for one in goes]}


def told_of(found: dict[str, list[str]], hold: "HoldId") -> Iterator[str]:
    """What a hold binds, in words."""
    from connector.report.words import Words

    words = Words(spoken())
    for key in ("binds", "goes"):
        if found[key]:
            fields = ", ".join(words.code("field", one).lower() for one in found[key])
            yield words.say(f"hold_placed.{key}", hold=hold, fields=fields)
