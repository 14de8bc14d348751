"""`gallra sandbox`: the made-up shop by itself, so that every command can be tried against it."""

import shlex
from pathlib import Path

from connector.cli.common import out, say
from connector.cli.demo.script import FILE
from connector.cli.demo.services import Sandbox
from connector.cli.demo.settings import Services, environment, shop_text, write_company
from connector.machine.files import write_text
from connector.shop import system_clock

KEYS = "keys.sh"


def keep_open(folder: Path, sandbox: Sandbox, language: str) -> None:
    """Writes the files of both made-up shops, says what to type, and waits until Ctrl-C."""
    with sandbox:
        write_shops(folder, sandbox.services, language)
        out(_told(folder))
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            say("\nThe made-up shop is closed; the next one is a new one.")


def write_shops(folder: Path, services: Services, language: str) -> None:
    """The company's file, a shop's on each platform, and the keys as a shell reads them."""
    write_company(folder, system_clock().date())
    write_text(folder / FILE, shop_text("woocommerce", services, language))
    (folder / "shopify").mkdir()
    write_text(folder / "shopify" / FILE, shop_text("shopify", services, language))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment(services).items()]
    write_text(folder / KEYS, "\n".join([*lines, f"export GALLRA_SHOP={FILE}", ""]))


def _told(folder: Path) -> str:
    where = shlex.quote(str(folder))
    return f"""\
A made-up WooCommerce shop, a Shopify shop, Mailchimp, Klarna, Payson and PostNord
answer on this machine until Ctrl-C.
In another terminal:

    cd {where}
    . ./{KEYS}
    gallra check
    gallra pull
    gallra plan

The Shopify shop is `shopify/{FILE}`: `gallra check shopify/{FILE}`."""
