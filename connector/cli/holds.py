"""Holds that people place: `gallra hold add`, `list` and `release`."""

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, one_of, out, say
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.shop import Shop

hold = typer.Typer(help="Reasons to wait that no shop data shows: place, list and release them.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(hold, name="hold")


@hold.command()
def add(
    reason: Annotated[str, typer.Option("--reason", help="Why; no personal data.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")],
    review: Annotated[str, typer.Option("--review", help="When to look at it again (YYYY-MM-DD).")],
    shop: ShopOption = DEFAULT,
    kind: Annotated[str, typer.Option("--hold", help="H1 to H9 of the schedule.")] = "H5",
    order: Annotated[str, typer.Option("--order", help="The order's number.")] = "",
    person: Annotated[
        bool, typer.Option("--person", help="A person; the e-mail is read from stdin or a prompt.")
    ] = False,
) -> None:
    """Place a hold on an order or a person, until a named owner releases it."""
    from connector.ledger.holds import Holds
    from connector.records import HoldId

    if bool(order) == person:
        raise GallraError("Name one of --order NUMBER and --person.")
    opened = load(shop)
    day = _day(review)
    record, digest = (None, _digest(opened)) if person else (_record(opened, order), None)
    with opened.ledger.begin() as connection:
        number = Holds(opened.ledger).add(
            connection,
            hold=one_of(HoldId, kind),
            reason=reason,
            owner=owner,
            review=day,
            record=record,
            digest=digest,
            key=opened.key if person else "",
        )
    out(f"Hold {number} ({kind}) is placed, owner {owner}, review {day}. Plan again before you apply.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GallraError(f"{text} is no date. Write --review YYYY-MM-DD.") from None


def _digest(opened: "Shop") -> bytes:
    """People are named on stdin or at a prompt, never in argv, where others could see them."""
    prompt = sys.stdin.isatty()
    address = typer.prompt("E-mail", hide_input=True) if prompt else sys.stdin.readline().strip()
    digest = opened.keyer("email", address)
    if digest is None:
        raise GallraError("That is no e-mail address. Nothing was placed; try again.")
    return digest


def _record(opened: "Shop", number: str) -> int:
    from connector.ledger.index import Index
    from connector.records import Kind

    with opened.ledger.begin() as connection:
        row = Index(opened.ledger).find(connection, kind=Kind.ORDER, number=number)
    if row is None:
        raise GallraError(f"Order {number} is not in the index. Run `gallra pull`, or correct the number.")
    return row.id


@hold.command("list")
def list_holds(
    shop: ShopOption = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="Released ones too.")] = False,
    json: AsJson = False,
) -> None:
    """List the open holds; one past its review date is a warning, it never lapses by itself."""
    from connector.ledger.holds import Holds

    opened = load(shop)
    with opened.ledger.begin() as connection:
        rows = Holds(opened.ledger).list(connection, every=every)
    if json:
        as_json({"holds": rows})
        return
    for row in rows:
        state = f"released {row.released}" if row.released else f"review {row.review}"
        out(f"{row.id}  {row.hold}  {row.by}  {row.owner}  {state}  {row.reason}")
        if not row.released and row.review < opened.today:
            say(f"Warning: hold {row.id} is past its review date. Ask {row.owner}, then release or renew it.")
    out(f"{len(rows)} holds.")


@hold.command()
def release(
    number: Annotated[int, typer.Argument(help="The hold's number.")],
    by: Annotated[str, typer.Option("--by", help="Who releases it.")],
    shop: ShopOption = DEFAULT,
) -> None:
    """End a hold, by a named person."""
    from connector.ledger.holds import Holds

    opened = load(shop)
    with opened.ledger.begin() as connection:
        Holds(opened.ledger).release(connection, number, by=by)
    out(f"Hold {number} is released by {by}.")
