"""The ledger itself: `gallra ledger moved`."""

from typing import Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopOption, as_json, load, out
from connector.cli.verbs import Verbs

ledger = Verbs(help="The ledger itself: which shop it belongs to.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(ledger, name="ledger")


@ledger.callback()
def _of_its_own() -> None:
    """Keeps `moved` a command by name, while it is the only one."""


@ledger.command()
def moved(
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Say that the shop has moved and is the same one; its own orders must agree."""
    from connector.cli.free_text import said
    from connector.services.binding import moved as bind_anew
    from connector.services.binding import told
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    with locked(opened):
        found = bind_anew(opened.ledger, opened.platforms.values(), opened.stays, by=person)
    if json:
        as_json({"services": found, "by": person})
        return
    for name, seen in found.items():
        changed = told(seen) or "nothing differs"
        out(f"{name}: {changed}; {seen.agree} of {seen.sampled} sampled orders agree. By {person}.")
    out("The next pull reads everything again.")
