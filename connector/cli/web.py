"""The pages: `gallra web`, and who may see them."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ShopFile,
    ShopOption,
    as_json,
    load,
    load_to_read,
    one_of,
    out,
    say,
    told,
)
from connector.cli.folder import found
from connector.cli.verbs import Verbs, WithOwn
from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.serve.pages.home import Home


class _Showing(WithOwn):
    """`gallra web SHOP` shows the pages."""

    own = "start"


web = Verbs(help="The pages in a browser: show them, and who may see them.", cls=_Showing)

Name = Annotated[str, typer.Option("--name", help="The person's name, as approvals will have it.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(web, name="web")


@web.command()
def start(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """Show the pages of one shop or a folder until it is stopped; an empty folder asks for a shop."""
    from connector.serve.pages.serving import Loads, pages_of
    from connector.serve.web import Application, Listening

    _must_be_there(shop)
    pages = pages_of(shop, partial(found, shop), Loads(load, load_to_read))
    nobody = Application({}, pages=pages.application)
    server = Listening(nobody, pages.home.listen, certificate=pages.home.certificate)
    if json:
        as_json({"address": f"{pages.home.origin}/"})
    else:
        say(f"Pages at {pages.home.origin}/.")
    try:
        while server.is_alive:
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


@web.command()
def invite(
    name: Name,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="approver, answerer or reader; may be repeated. Everybody reads."),
    ] = None,
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Give out a link, for one passkey and one day; who has one already gets another, and these roles."""
    from connector.policy.free_text import said
    from connector.serve.pages.people import Role
    from connector.serve.pages.serving import people_of

    _must_be_there(shop)
    person, roles = said(name, "--name"), [one_of(Role, one) for one in role or ("reader",)]
    home = _home(shop)
    secret = people_of(shop).invite(person, roles)
    link = f"{home.origin}/enrol/{secret}"
    if json:
        as_json({"name": person, "roles": roles, "link": link})
        return
    out(link)
    say(f"Give this link to {person} and to nobody else: it works once, within a day.")


def _must_be_there(place: Path) -> None:
    """A folder may be empty, its first shop is connected on the pages; but it is made by a person."""
    if not place.exists():
        raise GallraError(f"There is no {place}. Make that folder, or name a shop's file.")


def _home(place: Path) -> "Home":
    from connector.serve.pages.serving import home_in

    return home_in(place, found(place), load_to_read)


@web.command()
def people(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List who may see the pages, what they may do, and how many passkeys they have."""
    from connector.serve.pages.serving import people_of

    listed = people_of(shop).list()
    if json:
        rows = [(one.name, sorted(one.roles), one.passkeys, one.ended) for one in listed]
        names = ("name", "roles", "passkeys", "ended")
        as_json({"people": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    for one in listed:
        roles = ", ".join(sorted(one.roles))
        out(
            f"{one.name}  {roles}  "
            + (f"let go {one.ended[:10]}" if one.ended else f"passkeys: {one.passkeys}")
        )
    out(f"{len(listed)} people.")


@web.command()
def end(name: Name, shop: ShopOption = DEFAULT, json: AsJson = False) -> None:
    """Let somebody go: their passkeys, sessions and invitations count no more from now on."""
    from connector.serve.pages.serving import people_of

    people_of(shop).end(name)
    told(json, f"{name} may see the pages no more.", name=name)
