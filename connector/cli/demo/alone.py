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
        out(_told(folder, language))
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            say("\n" + CLOSED["sv" if language == "sv" else "en"])


def write_shops(folder: Path, services: Services, language: str) -> None:
    """The company's file, a shop's on each platform, and the keys as a shell reads them."""
    write_company(folder, system_clock().date(), language)
    write_text(folder / FILE, shop_text("woocommerce", services, language))
    (folder / "shopify").mkdir()
    write_text(folder / "shopify" / FILE, shop_text("shopify", services, language))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment(services).items()]
    write_text(folder / KEYS, "\n".join([*lines, f"export GALLRA_SHOP={FILE}", ""]))


def _told(folder: Path, language: str) -> str:
    where, at = shlex.quote(str(folder)), f"shopify/{FILE}"
    typed = f"    cd {where}\n    . ./{KEYS}\n    gallra check\n    gallra pull\n    gallra plan"
    return _SAID["sv" if language == "sv" else "en"].format(typed=typed, shopify=at)


_SAID = {
    "sv": """\
En påhittad WooCommerce-butik, en Shopify-butik, Mailchimp, Klarna, Payson och PostNord
svarar på den här datorn tills du trycker Ctrl-C. I ett annat fönster:

{typed}

Shopify-butiken är `{shopify}`: `gallra check {shopify}`.""",
    "en": """\
A made-up WooCommerce shop, a Shopify shop, Mailchimp, Klarna, Payson and PostNord
answer on this machine until Ctrl-C. In another terminal:

{typed}

The Shopify shop is `{shopify}`: `gallra check {shopify}`.""",
}
CLOSED = {
    "sv": "Den påhittade butiken är stängd; nästa är en ny.",
    "en": "The made-up shop is closed; the next one is a new one.",
}
