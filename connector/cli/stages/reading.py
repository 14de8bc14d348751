"""`gallra check` and `gallra pull`: what the keys may do, and what is new."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Language,
    Progress,
    ShopFile,
    as_json,
    language,
    load,
    notices,
    out,
    say,
)
from connector.cli.folder import Ended, Jobs, over
from connector.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from connector.ports import Access, Listener
    from connector.report.words import Words
    from connector.shop import Shop
    from connector.stages.pull import Pulled


def check(
    shop: ShopFile = DEFAULT,
    resolved: Annotated[bool, typer.Option("--resolved", help="Each setting and its file.")] = False,
    jobs: Jobs = 1,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Connect, and say what the keys may do and what is missing; writes nothing."""
    if shop.is_dir():
        from connector.cli.stages.of_folder import check_folder

        raise typer.Exit(int(check_folder(shop, asked, jobs=jobs, json=json, lang=lang)))
    opened = load(shop)
    if resolved:
        from connector.settings import resolved as lines

        if json:
            named = ("key", "value", "origin")
            as_json({"settings": [dict(zip(named, row, strict=True)) for row in lines(opened.settings)]})
            return
        for key, value, origin in lines(opened.settings):
            out(f"{key} = {value}    # {origin}")
        return
    from connector.settings import cautions
    from connector.views.seal import seal_alert

    for line in (*cautions(opened.settings), *filter(None, [seal_alert(opened)])):
        say(f"Warning: {line}")
    accesses, code = asked(opened)
    if json:
        as_json({"services": accesses}, exit_code=code)
        if code is not Exit.DONE:
            say("Error: not all that is needed can be done; its problems say why. Mend them, check again.")
    else:
        show_access(opened, accesses, language(opened, lang))
    raise typer.Exit(int(code))


def asked(opened: "Shop") -> "tuple[dict[str, Access], Exit]":
    """What every service answers, and whether all that is needed can be done."""
    from connector.views.unnamed import with_unnamed

    accesses = with_unnamed(opened, opened.check())
    keyed = {*opened.platforms, *opened.settings.recipients_by_api()}
    well = all(a.reachable and a.can_read for name, a in accesses.items() if name in keyed)
    well = well and not any(one.severity == "error" for a in accesses.values() for one in a.problems)
    return accesses, Exit.DONE if well else _of_what_is_wrong(accesses.values())


def _of_what_is_wrong(accesses: "Iterable[Access]") -> Exit:
    """75 where all that is wrong is that services do not answer; a wrong address or key is 1."""
    errors = [one for access in accesses for one in access.problems if one.severity == "error"]
    return Exit.TRY_LATER if errors and all(one.later for one in errors) else Exit.ERROR


def show_access(opened: "Shop", accesses: "dict[str, Access]", chosen: str) -> None:
    """Prints what each service's keys may do, who listens, and what is still to be filled in."""
    from connector.report.words import Words
    from connector.views.recipients import is_carried

    words = Words(chosen)
    for name, access in accesses.items():
        rights = "read/write" if access.can_write else "read only" if access.can_write is False else "read"
        if name in opened.platforms or name in opened.settings.recipients_by_api():
            state = "ok" if access.reachable and access.can_read else "NOT OK"
            out(f"{name}: {state}, {rights} {access.version} {access.timezone}".rstrip())
        elif is_carried(opened.settings, name):
            out(f"{name}: by the shop system's own erasure")
        else:
            out(f"{name}: by letter")
        for problem in access.problems:
            out(f"  {problem.severity}: {problem.sv if chosen == 'sv' else problem.en}")
        for one in access.listeners:
            where = f", {words.say('check.to', host=one.host)}" if one.host else ""
            paused = "" if one.active else " (paused)"
            heard = words.code("hears", one.hears)
            out(f"  listens: {one.name} [{one.id}]: {heard}{where}{paused}{_judged(opened, one, words)}")
    for key, remedy in opened.settings.unanswered():
        out(f"fill in: {key} ({remedy})")


def _judged(opened: "Shop", one: "Listener", words: "Words") -> str:
    """What was found of a listener, by whom, and in which file that stands."""
    from connector.ports import mark_of

    mark = mark_of(one, opened.marks)
    if mark is None:
        return ""
    told = {"mark": mark.mark, "by": mark.by, "on": mark.on, "place": mark.place}
    return f"; {words.say('check.judged', **told)}"


def pull(
    shop: ShopFile = DEFAULT,
    full: Annotated[bool, typer.Option("--full", help="Walk all records again.")] = False,
    jobs: Jobs = 1,
    json: AsJson = False,
) -> None:
    """Read what is new or changed into the index, which holds no direct identifiers."""
    if shop.is_dir():
        raise typer.Exit(int(over(shop, partial(_pull_one, full=full), jobs=jobs, json=json)))
    opened = load(shop)
    code, results = _pulled(opened, full=full, quiet=json)
    if json:
        as_json({"pulled": results}, exit_code=code)
        raise typer.Exit(int(code))
    for one in results:
        gone = f", {one.gone} gone" if one.gone else ""
        unread = f", {one.unread} could not be read (`gallra unread list`)" if one.unread else ""
        again = f", {one.asked_again} asked for by id again" if one.asked_again else ""
        out(f"{one.adapter} {one.kind}: {one.read} read, {one.changed} new or changed{gone}{again}{unread}")
    for one in results:
        if not one.complete:
            say(f"Warning: {one.adapter} {one.kind}: {one.told()}")
    raise typer.Exit(int(code))


def _pulled(opened: "Shop", *, full: bool, quiet: bool) -> "tuple[Exit, tuple[Pulled, ...]]":
    """Pulls one shop, and says what there is to note of it."""
    from connector.stages.flow import locked, pull_shop, settle_messages, settle_urgent_messages

    progress = Progress(quiet=quiet)
    with locked(opened):
        settle_urgent_messages(opened)
        opened.check()
        results = tuple(pull_shop(opened, full=full, tell=progress))
        settle_messages(opened)
    progress.end()
    notices(opened)
    return Exit.DONE if all(one.complete for one in results) else Exit.PARTIAL, results


def _pull_one(path: "Path", *, full: bool) -> Ended:
    """One shop of a folder, in one line."""
    code, results = _pulled(load(path), full=full, quiet=True)
    read, changed = sum(one.read for one in results), sum(one.changed for one in results)
    short = [f"{one.adapter} {one.kind}: {one.told()}" for one in results if not one.complete]
    line = " ".join((f"Pulled: {read} read, {changed} new or changed.", *short))
    return Ended(code, line, {"pulled": results})
