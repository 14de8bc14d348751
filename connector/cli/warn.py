"""`gallra warn`: who must be warned before an account goes, the mails themselves, and what came back."""

import csv
import io
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Progress,
    ShopFile,
    ShopOption,
    as_json,
    load,
    notices,
    out,
    out_styled,
    say,
    told,
)
from connector.cli.verbs import Verbs
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from connector.shop import Shop
    from connector.stages.warn.addresses import Address
    from connector.stages.warn.lists import Listed
    from connector.stages.warn.sending import Warned

warn = Verbs(
    help="Who must be warned before an account goes or a consent ends: mail, export, what came back."
)
By = Annotated[str, typer.Option("--by", help="Who saw to it.")]
ByIfAny = Annotated[
    str | None, typer.Option("--by", help="Who approves the list; without it nobody is written to.")
]
Code = Annotated[str, typer.Option("--plan", help="The code of the list that was shown.")]
Again = Annotated[
    list[str] | None,
    typer.Option("--again", help="Only this id, although a mail was tried before; may be repeated."),
]
Most = Annotated[int, typer.Option("--most", min=0, help="At most so many; 0: what the settings say.")]
MOST_OF_STDIN = 100_000  # lines


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(warn, name="warn")


@warn.command("list")
def list_to_warn(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List by id who is to be warned now, and how the last try stands; writes to nobody."""
    from connector.stages.warn.lists import all_to_warn

    found = all_to_warn(load(shop))
    if json:
        as_json({"accounts": [one.whom.ref.id for one in found], "to_warn": found})
        return
    for one in found:
        out(" ".join(filter(None, (one.whom.ref.id, one.tried or "", one.why_not))))
    say(f"{len(found)} to warn. `gallra warn send` mails those whom nobody has tried yet.")


@warn.command("send")
def send(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    by: ByIfAny = None,
    plan: Code = "",
    again: Again = None,
    most: Most = 0,
    json: AsJson = False,
) -> None:
    """Mail those who are to be warned: without --by only the list, with the line that approves it."""
    from connector.policy.free_text import said
    from connector.stages.flow import warn_shop

    opened, progress = load(shop), Progress(quiet=json)
    if by is None:
        _show_list(opened, "send", again or (), most, json=json)
        return
    person, code = said(by, "--by"), _coded(plan, "send")
    done = warn_shop(opened, code, by=person, tell=progress)
    progress.end()
    notices(opened)
    ended = Exit.DONE if done.whole else Exit.PARTIAL
    if json:
        as_json({"warned": done, "by": person}, exit_code=ended)
    else:
        _show_sent(opened, done, person)
    raise typer.Exit(int(ended))


def _show_sent(opened: "Shop", done: "Warned", by: str) -> None:
    _show_how(sorted(done.skipped.items()))
    if done.stopped:
        say(f"Warning: {done.stopped}")
    if done.unknown:
        say(
            f"Warning: of {done.unknown} mails no answer says whether they left. They are no warnings, and "
            "are not sent again unasked: `gallra warn list` names them; `gallra warn done` or `--again` "
            "settles each."
        )
    out(
        f"Warned: {done.sent} mails taken by the mail server on {opened.today}, {done.refused} refused, "
        f"{done.later} to be tried again, {done.unknown} not known, by {by}."
    )


@warn.command("export")
def export(  # noqa: PLR0913 (a command's parameters are its options)
    to: Annotated[
        Path | None, typer.Option("--to", help="The new file (CSV), readable by you alone.")
    ] = None,
    by: ByIfAny = None,
    plan: Code = "",
    shop: ShopOption = DEFAULT,
    again: Again = None,
    most: Most = 0,
    json: AsJson = False,
) -> None:
    """Give the addresses out once, to be written to another way; nobody is warned by that yet."""
    from connector.policy.free_text import said
    from connector.stages.flow import export_shop

    opened, progress = load(shop), Progress(quiet=json)
    if by is None:
        _show_list(opened, "export", again or (), most, json=json)
        return
    person, code = said(by, "--by"), _coded(plan, "export")
    if to is None:
        raise GallraError("--to is missing. Name a new file for the addresses. Nothing was done.")
    with _only_once(to) as file:
        try:
            some, skipped = export_shop(opened, code, by=person, tell=progress)
            file.write("".join(_lines(some)))
            file.flush()
        except BaseException:
            to.unlink(missing_ok=True)
            raise
    progress.end()
    notices(opened)
    _show_how(() if json else sorted(skipped.items()))
    line = (
        f"Exported: {len(some)} addresses to {to}, by {person}. Delete the file once they are written to, "
        "and say so with `gallra warn done`."
    )
    told(json, line, exported=len(some), file=to, skipped=dict(skipped), by=person)


def _only_once(to: Path) -> io.TextIOWrapper:
    """A new file, its owner's alone. Raises GallraError where there is one already."""
    from connector.machine.files import PRIVATE, writing

    with writing(to):
        try:
            handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        except FileExistsError:
            raise GallraError(f"{to} exists. Name another file with --to. Nothing was done.") from None
    return io.TextIOWrapper(io.FileIO(handle, "w"), encoding="utf-8", newline="")


def _lines(some: "Sequence[Address]") -> Iterator[str]:
    from connector.report.annex import FORMULA

    for cells in (("id", "address", "date"), *((a.one.whom.ref.id, a.to, str(a.goes)) for a in some)):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow(
            f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells
        )
        yield buffer.getvalue()


@warn.command("done")
def warned(
    by: By,
    accounts: Annotated[
        list[str] | None,
        typer.Argument(help="Ids; none: all that `warn list` shows, but those whose mail is open."),
    ] = None,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that these were warned today in another way, or that a mail did arrive."""
    from connector.policy.free_text import said
    from connector.stages.warn.told import record_warned

    by = said(by, "--by")
    opened = load(shop)
    count = record_warned(opened, accounts or _all_but_open(opened), by=by, on=opened.today)
    line = f"Recorded: {count} accounts warned on {opened.today}, by {by}."
    told(json, line, warned=count, on=opened.today, by=by)


def _all_but_open(opened: "Shop") -> list[str]:
    """All but those whose mail was refused, came back or may have been lost: of these each is named."""
    from connector.ledger.states import WarningState
    from connector.stages.warn.lists import all_to_warn

    apart = (WarningState.BEGUN, WarningState.REFUSED, WarningState.BOUNCED)
    return [one.whom.ref.id for one in all_to_warn(opened) if one.tried not in apart]


@warn.command("bounced")
def bounced(
    by: By,
    accounts: Annotated[list[str] | None, typer.Argument(help="Ids of those whose mail came back.")] = None,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Read e-mail addresses from stdin, one a line.")
    ] = False,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that mails came back: what was a warning is none, and the accounts stay."""
    from connector.policy.free_text import said
    from connector.stages.warn.told import record_bounced

    person = said(by, "--by")
    if not accounts and not addresses:
        raise GallraError("Nothing is named. Give ids, or addresses on stdin with --addresses.")
    opened = load(shop)
    digests = _digests(opened) if addresses else []
    back = record_bounced(opened, accounts or [], digests, by=person)
    line = f"Taken back: {back} warnings, by {person}. They are to be warned in another way."
    told(json, line, taken_back=back, by=person)


def _digests(opened: "Shop") -> list[bytes]:
    """The keyed form of each address on stdin; the addresses are kept nowhere."""
    lines = [line.strip() for _, line in zip(range(MOST_OF_STDIN), sys.stdin, strict=False)]
    found = [opened.keyer("email", line) for line in lines if line]
    if None in found or not found:
        raise GallraError("A line of stdin is no e-mail address. Give one a line. Nothing was recorded.")
    return [one for one in found if one is not None]


def _coded(plan: str, verb: str) -> str:
    if not plan:
        raise GallraError(
            f"--plan is missing. `gallra warn {verb}` without --by shows the list and its code. Nobody was "
            "written to."
        )
    return plan


def _show_list(opened: "Shop", verb: str, again: Sequence[str], most: int, *, json: bool) -> None:
    """Who would be written to, who would not and why, and the line that approves it."""
    from connector.stages.flow import list_to_warn as listing
    from connector.views.warning import how_they_stand

    progress = Progress(quiet=json)
    found, made = listing(opened, again=again, most=most, tell=progress)
    progress.end()
    notices(opened)
    line = line_of(made, verb, opened.file) if made.records else ""
    if json:
        as_json({"list": made, "to_warn": found, "approve": line})
        return
    _show_how(how_they_stand(found))
    if not made.records:
        out(f"Nobody to write to now, of {len(found)} to be warned.")
        return
    lacking = " Fill in `letters.smtp` first." if _lacks_server(opened, verb) else ""
    out(f"List {made.code}: {len(made.records)} of {len(found)} to write to; nobody was written to.{lacking}")
    out(line)


def _show_how(counted: Iterable[tuple[str, int]]) -> None:
    """How many stand how, or were left out for which reason, in the language spoken."""
    from connector.cli.speaking import spoken
    from connector.report.words import Words

    words = Words(spoken())
    for code, count in counted:
        out_styled(f"  {count} {words.code('warn_state', code)}")


def _lacks_server(opened: "Shop", verb: str) -> bool:
    return verb == "send" and opened.settings.letters.smtp is None


def line_of(made: "Listed", verb: str, file: Path | None) -> str:
    """The command that approves a list, as it can be pasted anywhere."""
    shop = shlex.quote(str((file or DEFAULT).absolute()))
    target = "" if verb == "send" else " --to addresses.csv"
    return f"gallra warn {verb} --plan {made.code} --by NAME{target} --shop {shop}"
