"""Notices to recipients: `gallra letters list` and `sent`."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopFile, ShopOption, as_json, load, notices, out, told
from connector.cli.verbs import Verbs
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.shop import Shop

letters = Verbs(help="Letters to recipients: which have not left, and that they did.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(letters, name="letters")


@letters.command("list")
def list_letters(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List the letters that are written and not sent, each with the recipient's address or form."""
    from connector.views.letters import unsent

    found = unsent(load(shop))
    if json:
        as_json({"letters": found})
        return
    for one in found:
        out(one.line().strip())
    out(f"{len(found)} not sent.")


@letters.command()
def sent(  # noqa: PLR0913 (a command's parameters are its options)
    names: Annotated[
        list[str], typer.Argument(metavar="LETTER...", help="Their names (`gallra letters list`).")
    ],
    by: Annotated[str, typer.Option("--by", help="Who says so.")],
    how: Annotated[str, typer.Option("--how", help="How it left: by post, by mail, through a form.")],
    on: Annotated[str, typer.Option("--on", help="When it left: YYYY-MM-DD; default: today.")] = "",
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Record that letters left: the recipient is notified, and what was sealed for it is destroyed."""
    from connector.ledger.answers import Sent
    from connector.policy.free_text import said
    from connector.stages.flow import shredded
    from connector.views.letters import record_sent

    person, way = said(by, "--by"), said(how, "--how")
    opened = load(shop)
    opened.unchanged()
    word = Sent(by=person, on=_day(on, opened), how=way)
    count = record_sent(opened, list(dict.fromkeys(names)), word)
    shredded(opened)
    notices(opened)
    line = f"Notified: {count} lines of {len(set(names))} letters, sent {word.on} ({way}), says {person}."
    told(json, line, lines=count, letters=sorted(set(names)), on=word.on, how=way, by=person)


def _day(text: str, opened: "Shop") -> date:
    """The day a letter left: not in the future."""
    try:
        day = date.fromisoformat(text) if text else opened.today
    except ValueError:
        raise GallraError("--on is no date. Write YYYY-MM-DD. Nothing was done.") from None
    if day > opened.today:
        raise GallraError(
            f"--on {day} is in the future: a letter is sent once it has left. Nothing was done."
        )
    return day
