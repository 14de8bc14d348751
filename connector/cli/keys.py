"""`gallra keys ask`: a shop's keys by its platform's own page."""

from typing import Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopFile, load, told
from connector.cli.verbs import Verbs

keys = Verbs(help="A shop's own keys: asked for on its platform's page, received by `gallra serve`.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(keys, name="keys")


@keys.callback()
def _of_a_shop() -> None:
    """Keeps `ask` a command by name, while it is the only one."""


@keys.command()
def ask(
    shop: ShopFile = DEFAULT,
    read_only: Annotated[bool, typer.Option("--read-only", help="A key that may only read.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Replace keys that are there.")] = False,
    json: AsJson = False,
) -> None:
    """Say where the shop's owner agrees to make keys; they come to `gallra serve`, into their files."""
    from connector.serve.keys import HOURS
    from connector.serve.keys import ask as asked

    address = asked(load(shop), write=not read_only, again=again)
    line = f"Open this within {HOURS} hour, signed in to the shop, while `gallra serve` runs:\n{address}"
    told(json, line, address=address, hours=HOURS)
