"""The ledger itself: `gallra ledger moved` and `gallra ledger seal`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, ShopOption, load, out, say
from connector.errors import Exit

if TYPE_CHECKING:
    from connector.shop import Shop

ledger = typer.Typer(help="The ledger itself: which shop it belongs to, and the seal on it.")


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(ledger, name="ledger")


@ledger.command()
def moved(
    by: Annotated[str, typer.Option("--by", help="Who answers for it.")],
    shop: ShopOption = DEFAULT,
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
    for name, seen in found.items():
        changed = told(seen) or "nothing differs"
        out(f"{name}: {changed}; {seen.agree} of {seen.sampled} sampled orders agree. By {person}.")
    out("The next pull reads everything again.")


@ledger.command()
def seal(
    by: Annotated[str, typer.Option("--by", help="Who answers for the ledger as it stands.")],
    shop: ShopOption = DEFAULT,
    as_it_stands: Annotated[
        bool, typer.Option("--as-it-stands", help="Though it was changed by hand, or the seal key is lost.")
    ] = False,
) -> None:
    """Put a ledger of before under a seal key, so that a change by hand is noticed; makes the key."""
    from connector.cli.free_text import said
    from connector.ledger.proof.sealing import seal as put_under_seal
    from connector.stages.flow import locked

    person = said(by, "--by")
    opened = load(shop)
    if not _has_key(opened, shop):
        raise typer.Exit(int(Exit.BLOCKED))
    with locked(opened):
        done = put_under_seal(opened.ledger, by=person, as_it_stands=as_it_stands)
    for one in done.breaks:
        say(f"Answered for by {person}, not proven: {one}")
    out(
        f"Sealed by {person}: {', '.join(done.shops)}. What stood there before ({done.events} events) is "
        "sealed at upgrade, not proven; every change from here is noticed. Keep a copy of the key."
    )


def _has_key(opened: "Shop", file: Path) -> bool:
    """Whether there is a seal key; makes one, and says what to write, where the shop's file names none."""
    from connector.ledger import new_key
    from connector.machine.files import write_text

    secret = opened.settings.ledger.seal_key
    named = file.parent / "seal.key" if secret is None else secret.file
    if named is not None and not named.exists():
        write_text(named, new_key())
        out(f"Written: {named}. Keep a copy somewhere safe: without it every run stops.")
    if secret is None:
        say(
            'Write seal_key = { file = "seal.key" } under [ledger], beside key and subject_key, then run '
            "this again. Shops that share a ledger share the key."
        )
    return secret is not None
