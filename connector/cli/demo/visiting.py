"""`gallra demo --web`: the made-up shop on the pages, to look at a plan, a request and an approval."""

import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from connector.cli.common import out, say
from connector.cli.demo.alone import CLOSED
from connector.cli.demo.asking import ADDRESS, BY
from connector.cli.demo.script import Script
from connector.cli.demo.services import Sandbox
from connector.cli.demo.settings import write_company
from connector.cli.folder import found
from connector.machine.files import write_text
from connector.serve.pages.app import application
from connector.serve.pages.home import Home, home_of
from connector.serve.pages.people import Role
from connector.serve.pages.serving import Loads, site_of
from connector.serve.web import Application, Listening
from connector.settings.serving import Web
from connector.shop import Shop, open_shop, system_clock

if TYPE_CHECKING:
    from connector.serve.pages.asking import Site

WHO = "Disa Demo"


def show(folder: Path, sandbox: Sandbox, language: str) -> None:
    """Makes a dry run and takes a request in, then shows the pages on loopback until Ctrl-C."""
    write_company(folder, system_clock().date(), language)
    with sandbox:
        script = Script.of_shop(folder, "woocommerce", sandbox.services, language)
        _prepare(script, [*sandbox.services.get("people", {}).values()])
        site = _site(folder, script)
        server = Listening(Application({}, pages=application(site)), site.home.listen)
        try:
            out(told(site, language))
            sandbox.wait()
        except KeyboardInterrupt:
            say("\n" + CLOSED["sv" if language == "sv" else "en"])
        finally:
            server.stop()


def _prepare(script: Script, people: list[str]) -> None:
    """A plan that nobody has approved, and a person who asks to be erased."""
    for words in (("check",), ("pull",), ("plan",)):
        script.type(*words, last=True)
    if people:
        write_text(script.folder / ADDRESS, f"{people[0]}\n")
        script.type("request", "open", "erase", "--person", *BY, last=True, given=ADDRESS)


def _site(folder: Path, script: Script) -> "Site":
    def load(path: Path) -> Shop:
        return open_shop(path, environ=script.environ)

    def look(path: Path) -> Shop:
        shop = load(path)
        shop.only_reads = True
        return shop

    site = site_of(folder, partial(found, folder), Loads(load, look))
    return site._replace(home=_home())


def _home() -> Home:
    """The usual address of the pages, or another port of this machine where that one is taken."""
    usual = Web()
    host, _, port = usual.listen.rpartition(":")
    for wanted in (int(port), 0):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((host, wanted))
            except OSError:
                continue
            return home_of(Web(listen=f"{host}:{one.getsockname()[1]}"))
    return home_of(usual)


def told(site: "Site", language: str) -> str:
    """The link that makes the passkey, once, and what to look at."""
    secret = site.people.invite(WHO, [Role.APPROVER, Role.ANSWERER])
    said = _SAID["sv" if language == "sv" else "en"]
    return said.format(link=f"{site.home.origin}/enrol/{secret}", address=f"{site.home.origin}/")


def waits(minutes: int, language: str) -> str:
    """How long it takes until the pages are there."""
    if language == "sv":
        return f"Sidorna visas om ungefär {minutes} min. Bara demons mapp och den här datorn berörs."
    return f"The pages are there in about {minutes} min. Only the demo's folder and this machine are touched."


_SAID = {
    "sv": """\

Öppna länken i en webbläsare på den här datorn, en gång. Den skapar en passkey; adressen heter
localhost, där webbläsare tillåter det utan certifikat:

    {link}

Därefter visas sidorna på {address} tills du trycker Ctrl-C: en plan som väntar på godkännande,
en begäran om radering, breven och arbetslistan. Inget når en annan dator.""",
    "en": """\

Open the link in a browser on this machine, once. It makes a passkey; the address is called
localhost, where browsers allow that without a certificate:

    {link}

From then on the pages are at {address} until Ctrl-C: a plan that waits to
be approved, a request to be erased, the letters and the work list. Nothing reaches another machine.""",
}
