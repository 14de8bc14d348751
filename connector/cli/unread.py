"""Records that are there and could not be read: `gallra unread list` and `settle`."""

from typing import Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, out, told
from connector.cli.verbs import Verbs
from connector.errors import GallraError

unread = Verbs(help="Records that could not be read: they and their people are left alone.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(unread, name="unread")


@unread.command("list")
def list_(shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Every record that could not be read: its number here, its place, why, and since when."""
    from connector.ledger.unread import Unreads
    from connector.report.tables import reason_name
    from connector.report.words import Words

    opened = load(shop)
    with opened.ledger.begin() as connection:
        rows = Unreads(opened.ledger).listed(connection)
    if json:
        as_json({"unread": rows})
        return
    words = Words("en")
    for row in rows:
        whom = "its person is left alone" if row.named else "names nobody: no account is deleted"
        state = f"settled by {row.settled_by}" if row.settled_by else whom
        out(
            f"{row.id}: {row.ref.adapter} {row.ref.kind} {row.label or row.ref.id}, {row.since[:10]}: "
            f"{reason_name(row.reason, words)}; {state}"
        )
    if not rows:
        out("Every record that the services showed could be read.")


@unread.command()
def settle(
    numbers: Annotated[list[int], typer.Argument(help="The numbers of `gallra unread list`.")],
    by: Annotated[str, typer.Option("--by", help="Who has looked at them in the shop.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """A named person has looked at these in the shop: they hold nobody else, and stay untouched."""
    from connector.ledger.unread import Unreads
    from connector.policy.free_text import said

    person = said(by, "--by")
    opened = load(shop)
    unreads = Unreads(opened.ledger)
    with opened.ledger.begin() as connection:
        known = {row.id for row in unreads.listed(connection) if not row.settled_by}
        missing = sorted(set(numbers) - known)
        if missing:
            raise GallraError(
                f"No open unread record has the number {', '.join(map(str, missing))}; "
                "`gallra unread list` shows them. Nothing was done."
            )
        unreads.settle(connection, numbers, by=person)
        opened.ledger.event(connection, "unread_settled", numbers=sorted(set(numbers)), by=person)
    line = f"Settled by {person}: {', '.join(map(str, sorted(set(numbers))))}. Plan anew: `gallra plan`."
    told(json, line, settled=sorted(set(numbers)), by=person)
