"""`gallra unsubscribe`: whoever objects to mailings gets none, in any service, the same day (GDPR 21(2))."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Progress,
    ShopOption,
    as_json,
    load,
    monitors,
    notices,
    one_of,
    out,
    say,
)
from connector.cli.speaking import said, spoken
from connector.deciding.lost import RECORD_GONE
from connector.errors import Exit, GallraError, worst
from connector.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.report.words import Words
    from connector.request import Channel
    from connector.shop import Shop
    from connector.stages.flow.objecting import Carried, Ended, Objector


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
    app.command()(unsubscribe)


def unsubscribe(  # noqa: PLR0913 (a command's parameters are its options)
    by: Annotated[str, typer.Option("--by", help="Your name.")] = "",
    address_from: Annotated[
        str,
        typer.Option("--address-from", help="`-`: the address or number is a line on stdin; else asked for."),
    ] = "",
    received: Annotated[
        str, typer.Option("--received", help="The day it came in, as 2026-12-31; default: today.")
    ] = "",
    channel: Annotated[
        str,
        typer.Option("--channel", help="How it came in: email, letter, phone, form, in_person or webhook."),
    ] = "email",
    carry: Annotated[
        bool, typer.Option("--carry", help="Nobody new: carry on what is remembered, or said at one service.")
    ] = False,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """End every mailing to somebody who objects: remembered, ended, told, read back; a folder: every shop."""
    from connector.cli.folder import files
    from connector.request import Channel

    via = one_of(Channel, channel)
    if address_from not in ("", "-"):
        raise GallraError(
            "An address is never given on the command line. Write --address-from - and pipe it in."
        )
    name = _named(by, carry=carry)
    given = "" if carry else _typed()
    rows = []
    paths = files(shop)
    for path in paths:
        try:
            opened = load(path)
            objector = None if carry else _objector(opened, given, received, (name, via))
            rows.append(_one(path, opened, objector, quiet=json))
        except GallraError as fault:  # one shop that does not answer keeps no other from remembering
            if len(paths) == 1:
                raise
            say(f"Error: {path.name}: {fault}")
            rows.append(_Row(path.name, Exit(fault.exit), None, str(fault)))
    code = worst(one.code for one in rows)
    if json:
        as_json({"shops": [_fields(one) for one in rows]}, exit_code=code)
    raise typer.Exit(int(code))


class _Row(NamedTuple):
    """One shop, how it ended, and what came of it."""

    file: str
    code: Exit
    carried: "Carried | None"
    fault: str = ""


def _named(by: str, *, carry: bool) -> str:
    from connector.cli.free_text import said as checked

    if not by and not carry:
        raise GallraError("Who takes the objection in? Give --by.")
    return checked(by, "--by") if by else ""


def _typed() -> str:
    """People are named on stdin or at a prompt, never in argv, where others could see them."""
    if sys.stdin.isatty():
        return str(typer.prompt(said("E-mail address or phone number"), hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _objector(opened: "Shop", given: str, received: str, took: "tuple[str, Channel]") -> "Objector":
    from connector.cli.policy import day_of
    from connector.stages.flow.objecting import Objector

    day = day_of(received, "--received") if received else opened.today
    by, channel = took
    if "@" in given:
        return Objector(received=day, by=by, channel=channel, email=given)
    return Objector(received=day, by=by, channel=channel, phone=given)


def _one(path: Path, opened: "Shop", objector: "Objector | None", *, quiet: bool) -> _Row:
    from connector.cli.stages.reporting import write_protocol
    from connector.stages.flow import locked
    from connector.stages.flow.objecting import (
        carry_withdrawals,
        left_alone,
        object_to_mailings,
    )
    from connector.stages.flow.reading import pull_shop
    from connector.views.lint.refusing import must_be_sound

    progress = Progress(quiet=quiet)
    written: list[Path] = []
    with locked(opened):
        sound = must_be_sound(opened)
        if objector is None:
            pull_shop(opened, tell=progress)
            carried = carry_withdrawals(opened, sound, tell=progress)
        else:
            carried = object_to_mailings(opened, sound, objector, tell=progress)
        progress.end()
        if carried.applied is not None and carried.plan is not None:
            written = write_protocol(opened, None, carried.plan.code)[1]
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
        if objector is not None:
            out(f"The objection of {objector.received} is remembered, as a keyed hash, and read back.")
        for told in (*_told(carried), *(f"  {page}" for page in written)):
            out(told)
    if carried.waiting is not None:
        say(f"Error: {carried.waiting}")
    return _Row(path.name, code, carried)


def _told(carried: "Carried") -> "Iterator[str]":
    from connector.report.words import Words

    if carried.plan is None:
        yield "No record says yes to mailings against it: there is nothing to end."
        return
    words = Words(spoken())
    for one in carried.ended:
        where = f"{words.service(one.adapter)} {words.code('single', one.kind)} {one.label}"
        yield f"  {where}, {words.code('channel', one.channel)}: {_of(one, words)}"
    clean = sum(one.seen == "clean" for one in carried.ended)
    yield f"Plan {carried.plan.code}: {clean} of {len(carried.ended)} mailings ended and read back."


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
    if any(one.seen == "left" and one.outcome != Outcome.REFUSED for one in carried.ended):
        return Exit.DATA_LEFT
    undone = [one for one in carried.ended if one.outcome and one.seen != "clean" and _is_undone(one)]
    pushed = carried.pushed is None or carried.pushed.whole
    if undone or carried.unread or not pushed or (carried.applied is not None and not carried.applied.whole):
        return Exit.PARTIAL
    if carried.waiting is not None:
        return Exit(carried.waiting.exit)
    unbegun = carried.applied is not None and any(not one.outcome for one in carried.ended)
    return Exit.PARTIAL if unbegun else Exit.DONE


def _is_undone(one: "Ended") -> bool:
    """Whether mailings may still come; what the person asked for anew, or is no more there, is no fault."""
    gone = one.outcome == Outcome.ALREADY_GONE and one.reason == RECORD_GONE
    return one.outcome != Outcome.STALE and not gone


def _fields(one: _Row) -> dict[str, Any]:
    carried = one.carried
    if carried is None:
        return {"shop": one.file, "fault": one.fault}
    return {
        "shop": one.file,
        "plan": carried.plan.code if carried.plan else None,
        "ended": carried.ended,
        "waiting": str(carried.waiting) if carried.waiting else None,
        "own_will": carried.own_will,
        "again": carried.again,
        "unread": carried.unread,
    }
