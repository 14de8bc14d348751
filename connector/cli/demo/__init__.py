"""`gallra demo`, the main job on a made-up shop as a merchant types it; `gallra sandbox`, that shop alone."""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.common import say
from connector.cli.speaking import speak
from connector.errors import GallraError

ORDERS_A_MINUTE = 2500
SMALL_ORDERS, SMALL_CUSTOMERS = 150, 60
NEEDS = "graphql"
"""The library that the made-up Shopify runs on; what `gallra[demo]` brings."""

Lang = Annotated[str, typer.Option("--language", "-l", help="sv or en.")]
Seed = Annotated[int, typer.Option("--seed", help="Which made-up shop.")]
Orders = Annotated[int, typer.Option("--orders", help="How many orders.")]
Customers = Annotated[int, typer.Option("--customers", help="How many customers.")]


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command()(demo)
    app.command()(sandbox)


def demo(  # noqa: PLR0913 (a command's parameters are its options)
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's files go.")] = Path(
        "demo-output"
    ),
    lang: Lang = "sv",
    seed: Seed = 7,
    orders: Orders = 5000,
    customers: Customers = 2000,
    web: Annotated[
        bool, typer.Option("--web", help="Only to the dry run, then show it in a browser until Ctrl-C.")
    ] = False,
) -> None:
    """The whole job on a made-up shop: from check to a verified protocol, without a shop or key."""
    _with_extra()
    if web:
        speak(lang)
        _in_a_browser(folder.resolve(), lang, seed, orders, customers)
        return
    from connector.cli.demo.asking import NEEDED, Asking
    from connector.cli.demo.script import Script
    from connector.cli.demo.services import Sandbox
    from connector.cli.demo.settings import write_company
    from connector.shop import system_clock

    speak(lang)
    folder = folder.resolve()
    _fresh(folder)
    say(f"The demo takes about {_minutes(orders)}. Nothing outside {folder.name} is touched.")
    _compile_once(folder)
    write_company(folder, system_clock().date(), lang)
    with Sandbox(folder, seed=seed, orders=orders, customers=customers) as sandbox:
        script = Script.of_shop(folder, "woocommerce", sandbox.services, lang)
        script.run()
        if len(people := list(sandbox.services.get("people", {}).values())) >= NEEDED:
            Asking(script, people).run()
        script.closing(_on_small_shops(folder, seed, lang))


def _in_a_browser(folder: Path, lang: str, seed: int, orders: int, customers: int) -> None:
    """The pages over the made-up shop, on this machine alone."""
    from connector.cli.demo.services import Sandbox
    from connector.cli.demo.visiting import show, waits

    say(waits(1 + orders // ORDERS_A_MINUTE, lang))
    _fresh(folder)
    _compile_once(folder)
    show(folder, Sandbox(folder, seed=seed, orders=orders, customers=customers), lang)


def sandbox(
    folder: Annotated[Path, typer.Option("--folder", help="Where its files go.")] = Path("sandbox-shop"),
    lang: Lang = "sv",
    seed: Seed = 7,
    orders: Orders = 1000,
    customers: Customers = 400,
) -> None:
    """A made-up shop that answers until Ctrl-C, so that every command can be tried against it."""
    _with_extra()
    from connector.cli.demo.alone import keep_open
    from connector.cli.demo.services import Sandbox

    folder = folder.resolve()
    _fresh(folder)
    keep_open(folder, Sandbox(folder, seed=seed, orders=orders, customers=customers), lang)


def _with_extra() -> None:
    """Raises GallraError that says what to install, where the made-up shop is not."""
    from importlib.util import find_spec

    if find_spec(NEEDS) is None or find_spec("sandbox") is None:
        raise GallraError("The made-up shop is an extra. Install it: python3 -m pip install 'gallra[demo]'.")


def _minutes(orders: int) -> str:
    """How long it takes on two quiet cores: commands that start, and orders that are read and erased."""
    minutes = 1 + orders // ORDERS_A_MINUTE
    return "one minute" if minutes == 1 else f"{minutes} minutes"


def _on_small_shops(folder: Path, seed: int, lang: str) -> list[str]:
    """The same commands on a small Shopify shop, and a request where every recipient is connected.

    Returns a line on each recipient.
    """
    from connector.cli.demo.everybody import carried_at, request_everywhere
    from connector.cli.demo.script import Script
    from connector.cli.demo.services import Sandbox

    at_shopify, connected = folder / "shopify", folder / "recipients"
    for each in (at_shopify, connected):
        each.mkdir()
    size = {"orders": SMALL_ORDERS, "customers": SMALL_CUSTOMERS}
    with Sandbox(connected, seed=seed, everywhere=True, **size) as sandbox:
        shopify = Script.of_shop(at_shopify, "shopify", sandbox.services, lang)
        shopify.run_short()
        script = Script.of_shop(connected, "woocommerce", sandbox.services, lang, file="recipients")
        address = str(sandbox.services["everywhere"]["address"])
        return [*request_everywhere(script, address), *carried_at(shopify)]


def _fresh(folder: Path) -> None:
    """An empty folder of the demo's own; one that holds anything else is left alone."""
    marker = folder / ".gallra-demo"
    if folder.exists():
        if any(folder.iterdir()) and not marker.exists():
            raise GallraError(f"{folder.name} holds other files. Name an empty folder with --folder.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    marker.touch()


def _compile_once(folder: Path) -> None:
    """On a machine that keeps no compiled files, the demo's two dozen commands share some of their own."""
    if sys.dont_write_bytecode and not sys.pycache_prefix:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / ".compiled")
