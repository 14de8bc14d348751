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
    one_of,
    out,
    say,
)
from connector.cli.mailings import fields_of, show_carried
from connector.cli.speaking import said
from connector.errors import Exit, GallraError, worst

if TYPE_CHECKING:
    from connector.request import Channel
    from connector.shop import Shop
    from connector.stages.flow.objecting import Carried, Objector


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
            if len(paths) > 1 and not json:
                out(f"{path.name}:")
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
    from connector.policy.free_text import said as checked

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
    from connector.stages.flow.objecting import carry_withdrawals, object_to_mailings
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
        for earlier in (one.plan.code for one in carried.earlier):
            written += write_protocol(opened, None, earlier)[1]
        if carried.applied is not None and carried.plan is not None:
            written += write_protocol(opened, None, carried.plan.code)[1]
    since = objector.received if objector is not None else None
    code = show_carried(opened, carried, written, remembered=since, quiet=quiet)
    return _Row(path.name, code, carried)


def _fields(one: _Row) -> dict[str, Any]:
    if one.carried is None:
        return {"shop": one.file, "fault": one.fault}
    return {"shop": one.file, **fields_of(one.carried)}
