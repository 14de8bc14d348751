"""What came of mailings that a person wants no more, as a command says it and how it ends."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.cli.common import monitors, notices, out, say
from connector.cli.speaking import said, spoken
from connector.deciding.lost import RECORD_GONE
from connector.errors import Exit, worst
from connector.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from connector.report.words import Words
    from connector.shop import Shop
    from connector.stages.flow.objecting import Carried, Ended


def show_carried(
    opened: "Shop",
    carried: "Carried",
    written: "Sequence[Path]",
    *,
    remembered: "date | None",
    quiet: bool,
) -> Exit:
    """Says what became of each channel, and what a person must know; how the command ends.

    `written` are the pages of its protocol, `remembered` the day of an objection taken in now.
    """
    from connector.stages.flow.objecting import left_alone

    code = worst((_exit_of(carried), Exit.PARTIAL if opened.beside.faults else Exit.DONE))
    notices(opened)
    monitors(opened)
    for line in left_alone(carried):
        say(f"Note: {line}")
    if carried.applied is None:  # else apply has said it of each service
        for line in opened.beside.told():
            say(f"Warning: {line}")
    for line in carried.applied.warnings if carried.applied else ():
        say(f"Warning: {line}")
    if not quiet:
        if remembered is not None:
            out(f"The objection of {remembered} is remembered, as a keyed hash, and read back.")
        for told in (*_told(carried), *(f"  {page}" for page in written)):
            out(told)
    if carried.waiting is not None:
        say(f"Error: {carried.waiting}")
    return code


def fields_of(carried: "Carried") -> dict[str, Any]:
    """The same as JSON has it."""
    return {
        "plan": carried.plan.code if carried.plan else None,
        "ended": carried.ended,
        "finished": carried.finished,
        "waiting": str(carried.waiting) if carried.waiting else None,
        "own_will": carried.own_will,
        "again": carried.again,
        "unread": carried.unread,
        "by_hand": carried.by_hand,
    }


def _told(carried: "Carried") -> "Iterator[str]":
    from connector.report.words import Words

    if carried.plan is None and not carried.finished:
        yield "No record says yes to mailings against it: there is nothing to end."
        return
    words = Words(spoken())
    if carried.finished:
        yield "Finished, of an earlier try:"
        yield from _lines(carried.finished, words)
    if carried.plan is None:
        return
    yield from _lines(carried.ended, words)
    clean = sum(one.seen == "clean" for one in carried.ended)
    yield f"Plan {carried.plan.code}: {clean} of {len(carried.ended)} mailings ended and read back."


def _lines(ended: "Sequence[Ended]", words: "Words") -> "Iterator[str]":
    for one in ended:
        where = f"{words.service(one.adapter)} {words.code('single', one.kind)} {one.label}"
        yield f"  {where}, {words.code('channel', one.channel)}: {_of(one, words)}"


def _of(one: "Ended", words: "Words") -> str:
    """What became of a channel, and how it was read back."""
    from connector.report.tables import lower_first, reason_name

    if not one.outcome:
        return said("waits")
    if one.seen == "clean":
        return said("ended, and read back so")
    if one.seen == "left" and one.outcome != Outcome.REFUSED:
        return said("the service said yes, and mailings are still on")
    why = f" ({lower_first(reason_name(one.reason, words))})" if one.reason else ""
    return f"{words.code('outcome', one.outcome)}{why}"


def _exit_of(carried: "Carried") -> Exit:
    """Data left is the gravest; what was refused, or not read, is some of it undone; else as it waits."""
    ended = (*carried.finished, *carried.ended)
    if any(one.seen == "left" and one.outcome != Outcome.REFUSED for one in ended):
        return Exit.DATA_LEFT
    undone = [one for one in ended if one.outcome and one.seen != "clean" and _is_undone(one)]
    pushed = carried.pushed is None or carried.pushed.whole
    if undone or carried.unread or not pushed or (carried.applied is not None and not carried.applied.whole):
        return Exit.PARTIAL
    if carried.waiting is not None:
        return Exit(carried.waiting.exit)
    begun = (*carried.finished, *(carried.ended if carried.applied is not None else ()))
    unbegun = any(not one.outcome for one in begun)
    return Exit.PARTIAL if unbegun else Exit.DONE


def _is_undone(one: "Ended") -> bool:
    """Whether mailings may still come; what the person asked for anew, or is no more there, is no fault."""
    gone = one.outcome == Outcome.ALREADY_GONE and one.reason == RECORD_GONE
    return one.outcome != Outcome.STALE and not gone


__all__ = ["fields_of", "show_carried"]
