"""`gallra demo`: the main job on the embedded sandbox, with the commands a merchant would type."""

import json as jsonlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.cli.common import out
from connector.errors import Exit, GallraError

START_SECONDS = 60

SHOP = """\
# The demo's shop: the sandbox on loopback, with keys of its own.
[shop]
id = "demo"
name = "Kvarnbackens Kök"
language = "{language}"

[platform]
name = "woocommerce"
url = "{woocommerce}"
key = {{ env = "DEMO_WOOCOMMERCE_KEY" }}
secret = {{ env = "DEMO_WOOCOMMERCE_SECRET" }}

[company]
name = "Kvarnbackens Kök AB"
organisation_number = "{organisation_number}"
contact = "dataskydd@kvarnbacken.example"
address = "Kvarngatan 1, 111 11 Stockholm"
financial_years = {{ ends = "12-31", from = {first_year} }}
oss = [[2021-07-01]]

[recipients.mailchimp]
url = "{mailchimp}"
key = {{ env = "DEMO_MAILCHIMP_KEY" }}
lists = ["{list_id}"]
stores = ["{store_id}"]

[recipients.klarna]
url = "{klarna}"
user = "{klarna_user}"
password = {{ env = "DEMO_KLARNA_PASSWORD" }}
letters = "at_once"

[recipients.payson]
url = "{payson}"
agent = "{payson_agent}"
key = {{ env = "DEMO_PAYSON_KEY" }}
letters = "at_once"

[recipients.postnord]
url = "{postnord}"
key = {{ env = "DEMO_POSTNORD_KEY" }}
letters = "at_once"
copy_months = 36

[ledger]
path = "gallra.sqlite"
key = {{ file = "vault.key" }}
subject_key = {{ file = "subject.key" }}

[letters]
folder = "letters"

[reports]
folder = "reports"

[policy.rules."T-20"]
waive_warning = true

[[attest.none]]
hold = "H6"
by = "Disa Demo"
on = {today}

[[attest.none]]
hold = "H7"
by = "Disa Demo"
on = {today}

[[attest.none]]
hold = "H8"
by = "Disa Demo"
on = {today}
"""

SHOPIFY = """\
# The demo's second shop: Shopify, with the same company and the same commands.
[shop]
id = "demo-shopify"
name = "Kvarnbackens Keramik"
language = "{language}"

[platform]
name = "shopify"
url = "{shopify}"
token = {{ env = "DEMO_SHOPIFY_TOKEN" }}

[company]
name = "Kvarnbackens Kök AB"
organisation_number = "{organisation_number}"
contact = "dataskydd@kvarnbacken.example"
financial_years = {{ ends = "12-31", from = {first_year} }}
oss = [[2021-07-01]]

[recipients.postnord]
letters = "at_once"

[ledger]
path = "gallra.sqlite"
key = {{ file = "vault.key" }}
subject_key = {{ file = "subject.key" }}

[letters]
folder = "letters"

[reports]
folder = "reports"

[policy.rules."T-20"]
waive_warning = true

[[attest.none]]
hold = "H6"
by = "Disa Demo"
on = {today}

[[attest.none]]
hold = "H8"
by = "Disa Demo"
on = {today}
"""
SHOPIFY_ORDERS, SHOPIFY_CUSTOMERS = 150, 60

LISTENER = """
[[listener]]
id = "{id}"
mark = "harmless"
by = "Disa Demo"
on = {today}
"""


def add_to(app: typer.Typer) -> None:
    """Adds this command."""
    app.command()(demo)


def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's files go.")] = Path(
        "demo-output"
    ),
    lang: Annotated[str, typer.Option("--language", "-l", help="sv or en.")] = "sv",
    seed: Annotated[int, typer.Option("--seed", help="Which made-up shop.")] = 7,
    orders: Annotated[int, typer.Option("--orders", help="How many orders.")] = 5000,
    customers: Annotated[int, typer.Option("--customers", help="How many customers.")] = 2000,
) -> None:
    """The whole job on a made-up shop: from check to a verified protocol, without a shop or key."""
    folder = folder.resolve()
    _fresh(folder)
    sandbox = _Sandbox(folder, seed=seed, orders=orders, customers=customers)
    try:
        environ = sandbox.start()
        _write_shop(folder, sandbox.services, lang)
        script = _Script(folder, environ, lang)
        script.run()
        _on_shopify(folder / "shopify", seed, lang)
        script.closing()
    finally:
        sandbox.stop()


def _on_shopify(folder: Path, seed: int, lang: str) -> None:
    """The same commands on a small Shopify shop."""
    folder.mkdir()
    sandbox = _Sandbox(folder, seed=seed, orders=SHOPIFY_ORDERS, customers=SHOPIFY_CUSTOMERS)
    try:
        environ = sandbox.start()
        _write_shop(folder, sandbox.services, lang, text=SHOPIFY)
        _Script(folder, environ, lang, platform="shopify").run_short()
    finally:
        sandbox.stop()


def _fresh(folder: Path) -> None:
    """An empty folder of the demo's own; one that holds anything else is left alone."""
    marker = folder / ".gallra-demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise GallraError(f"{folder.name} holds other files. Name an empty folder with --folder.")
    if folder.exists():
        import shutil

        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    marker.touch()


class _Sandbox:
    """The stand-in services, as a process of their own on loopback."""

    def __init__(self, folder: Path, *, seed: int, orders: int, customers: int) -> None:
        self.port_file = folder / "sandbox.json"
        self.arguments = ["--seed", str(seed), "--orders", str(orders), "--customers", str(customers)]
        self.services: dict[str, Any] = {}
        self._started: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, str]:
        """Starts it and waits until it answers; returns the environment with its keys."""
        command = [sys.executable, "-m", "sandbox", "--port-file", str(self.port_file), *self.arguments]
        self._started = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
        deadline = time.monotonic() + START_SECONDS
        while not self.port_file.exists():
            if self._started.poll() is not None or time.monotonic() > deadline:
                raise GallraError("The sandbox did not start. Run `python -m sandbox --help` to see why.")
            time.sleep(0.05)
        self.services = jsonlib.loads(self.port_file.read_text())
        self.port_file.unlink()
        found = self.services
        return {
            **os.environ,
            "DEMO_WOOCOMMERCE_KEY": found["woocommerce"]["key"],
            "DEMO_WOOCOMMERCE_SECRET": found["woocommerce"]["secret"],
            "DEMO_MAILCHIMP_KEY": found["mailchimp"]["key"],
            "DEMO_KLARNA_PASSWORD": found["klarna"]["password"],
            "DEMO_PAYSON_KEY": found["payson"]["key"],
            "DEMO_POSTNORD_KEY": found["postnord"]["key"],
            "DEMO_SHOPIFY_TOKEN": found["shopify"]["token"],
            "GALLRA_SHOP": "shop.toml",
        }

    def stop(self) -> None:
        """Ends it, and waits for its end."""
        if self._started is None:
            return
        if self._started.stdin:
            self._started.stdin.close()
        try:
            self._started.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._started.terminate()
            self._started.wait(timeout=5)


def _write_shop(folder: Path, services: dict[str, Any], lang: str, *, text: str = SHOP) -> None:
    from connector.files import write_text
    from connector.ledger import new_key
    from connector.shop import system_clock

    today = system_clock().date()
    write_text(folder / "vault.key", new_key())
    write_text(folder / "subject.key", new_key())
    write_text(
        folder / "shop.toml",
        text.format(
            language=lang,
            organisation_number="556677-8899",
            today=today,
            first_year=today.year - 13,
            woocommerce=services["woocommerce"]["url"],
            mailchimp=services["mailchimp"]["url"],
            list_id=services["mailchimp"]["list_id"],
            store_id=services["mailchimp"]["store_id"],
            klarna=services["klarna"]["url"],
            klarna_user=services["klarna"]["user"],
            payson=services["payson"]["url"],
            payson_agent=services["payson"]["agent"],
            postnord=services["postnord"]["url"],
            shopify=services["shopify"]["url"],
        ),
    )


class _Script:
    """Runs the commands one by one, each shown as it is typed."""

    def __init__(
        self, folder: Path, environ: dict[str, str], lang: str, *, platform: str = "woocommerce"
    ) -> None:
        self.folder = folder
        self.environ = environ
        self.lang = lang
        self.platform = platform

    def run(self) -> None:
        """Check to protocol; an unexpected exit code ends the demo with it."""
        self._tell(
            "Which permissions the keys have, and who listens:",
            "Vad nycklarna får göra, och vem som lyssnar:",
        )
        self.type("check")
        self._tell("Read the shop into the index:", "Läs in butiken i indexet:")
        self.type("pull")
        self._tell("The dry run. Nothing is changed:", "Torrkörningen. Inget ändras:")
        self.type("plan")
        code = self._code()
        who = ["--by", "Disa Demo", "--role", "owner", "--evidence", "read the report"]
        self._tell(
            "The limits stop a first run that nobody has looked at:", "Gränserna stoppar en första körning:"
        )
        self.type("approve", code, *who, expect=Exit.BLOCKED)
        self.type("approve", code, *who, "--first-run")
        self._tell(
            "Something hears of changed orders; until it is marked, nothing goes:",
            "Något lyssnar på ändrade ordrar; innan det är märkt rörs inget:",
        )
        self.type("apply", expect=Exit.BLOCKED)
        self._mark_listeners()
        self.type("apply")
        self._tell("The recipients:", "Mottagarna:")
        self.type("push")
        self._tell("The protocol, and everything read back:", "Protokollet, och allt läst igen:")
        self.type("verify", show=False)
        self.type("report")

    def run_short(self) -> None:
        """The same on another platform, each command's last line alone."""
        self._tell("The same commands on a Shopify shop:", "Samma kommandon på en Shopify-butik:")
        self.type("check", last=True)
        self.type("pull", last=True)
        self.type("plan", last=True)
        self.type("approve", self._code(), "--by", "Disa Demo", "--role", "owner", "--first-run", last=True)
        self._mark_listeners()
        # Shopify keeps some profiles until later: those steps are partial, and due in the next plan.
        self.type("apply", last=True, allow=Exit.PARTIAL)
        for word in ("push", "verify", "report"):
            self.type(word, last=True)

    def type(
        self,
        *words: str,
        expect: Exit = Exit.DONE,
        show: bool = True,
        last: bool = False,
        allow: Exit | None = None,
    ) -> None:
        """Types one command and shows what it says, all of it or its last line."""
        out(f"\n$ gallra {' '.join(_quoted(w) for w in words)}")
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "connector", *words],
            cwd=self.folder,
            env=self.environ,
            capture_output=last or not show,
            check=False,
        )
        if last:
            out((ended.stdout.decode().strip().splitlines() or [""])[-1])
        if ended.returncode not in (expect, allow):
            out(((ended.stdout or b"") + (ended.stderr or b"")).decode().strip())
            raise GallraError(
                f"`gallra {words[0]}` ended with exit code {ended.returncode}, not {int(expect)}. "
                "What it said stands above; nothing outside the sandbox was touched."
            )
        if ended.returncode:
            out(f"(exit code {ended.returncode}, as it should be)")

    def _json(self, *words: str) -> Any:
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "connector", *words, "--json"],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            check=True,
        )
        return jsonlib.loads(ended.stdout)

    def _code(self) -> str:
        return str(self._json("show")["digest"])[:8]

    def _mark_listeners(self) -> None:
        """What a person does after testing one order: each listener gets a mark in the shop's file."""
        from connector.shop import system_clock

        listeners = self._json("check")["services"][self.platform].get("listeners", [])
        text = "".join(
            LISTENER.format(id=one["id"], today=system_clock().date())
            for one in listeners
            if one.get("active", True)
        )
        with (self.folder / "shop.toml").open("a", encoding="utf-8") as file:
            file.write(text)
        out(f"\n# {len(listeners)} [[listener]] -> shop.toml")

    def closing(self) -> None:
        """Where the reports lie, and the two sentences that sum the run."""
        reports = self.folder / "reports"
        self._tell("Open these in a browser:", "Öppna dessa i en webbläsare:")
        for path in sorted(reports.glob("*.html")):
            out(f"  {path}")
        self._tell("The closing sentences:", "Slutmeningarna:")
        out(str(self._json("show")["sentence"]))
        ended = subprocess.run(
            [sys.executable, "-m", "connector", "verify"],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        out(ended.stdout.strip())
        if ended.returncode:
            raise typer.Exit(ended.returncode)

    def _tell(self, en: str, sv: str) -> None:
        out(f"\n# {sv if self.lang == 'sv' else en}")


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word
