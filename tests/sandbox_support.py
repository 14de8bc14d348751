"""A whole shop on the stand-in services: its settings, its keys, and the commands an operator types."""

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from connector.cli import main
from connector.cli.demo.settings import environment, listener_text, shop_text, write_company
from connector.shop import Shop, open_shop, system_clock
from sandbox.box import Sandbox


@dataclass(frozen=True)
class Said:
    """How one command ended, and all it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stood on stdout, as JSON."""
        return msgspec.json.decode(self.out)


def typed(*words: str, stdin: str = "") -> Said:
    """Types one command where this process stands, and answers what it asks; without answers stdin stays."""
    answers = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    out, err, code = io.BytesIO(), io.StringIO(), 0
    try:
        with (
            mock.patch.object(sys, "argv", ["gallra", *words]),
            mock.patch.object(sys, "stdin", answers if stdin else sys.stdin),
            redirect_stdout(io.TextIOWrapper(out, encoding="utf-8", write_through=True)) as shown,
            redirect_stderr(err),
        ):
            main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = out.getvalue().decode()
    shown.detach()
    return Said(code, said, err.getvalue())


@dataclass
class SandboxShop:
    """One shop's folder and the services behind it."""

    box: Sandbox
    folder: Path
    heard: list[Said] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The shop's settings."""
        return self.folder / "shop.toml"

    @property
    def environ(self) -> dict[str, str]:
        """The keys of the services."""
        return {**environment(self.box.credentials()), "GALLRA_SHOP": str(self.file)}

    def gallra(
        self, *words: str, clock: Callable[[], datetime] | None = None, stdin: str = ""
    ) -> Said:
        """Types one command, and answers what it asks; the clock may be another than the machine's."""
        moment = clock or system_clock

        def opened(path: Path, *, environ: Mapping[str, str]) -> Shop:
            return open_shop(path, environ=environ, clock=moment)

        with (
            chdir(self.folder),
            mock.patch.dict(os.environ, self.environ),
            mock.patch("connector.shop.open_shop", opened),
        ):
            said = typed(*words, stdin=stdin)
        self.heard.append(said)
        return said

    def open(self, clock: Callable[[], datetime] = system_clock) -> Shop:
        """The shop as the commands open it."""
        return open_shop(self.file, environ=os.environ | self.environ, clock=clock)

    @property
    def code(self) -> str:
        """The newest plan's code."""
        return str(self.gallra("show", "--json").json["digest"])[:8]

    def approve(self, *more: str) -> Said:
        """A named person approves the newest plan."""
        return self.gallra("approve", self.code, "--by", "Disa Demo", "--role", "owner", *more)

    def mark_listeners(self, *, clock: Callable[[], datetime] | None = None) -> int:
        """Marks every listener harmless, as a person does after a trial; returns how many."""
        services = self.gallra("check", "--json", clock=clock).json["services"]
        listeners = next(services[name] for name in ("woocommerce", "shopify") if name in services)
        listeners = listeners.get("listeners", [])
        with self.file.open("a", encoding="utf-8") as file:
            file.write(listener_text(listeners, date.today()))
        return len(listeners)

    def ready(self) -> None:
        """From check to an approved plan, listeners marked."""
        for words in (("check",), ("pull",), ("plan",)):
            said = self.gallra(*words)
            assert said.code == 0, (words, said.out[-400:], said.err[-400:])
        assert self.approve("--first-run").code == 0
        self.mark_listeners()

    def ledger_bytes(self) -> bytes:
        """Every byte of the ledger's files, the write-ahead log included."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("gallra.sqlite*")))


def make_shop(box: Sandbox, folder: Path) -> SandboxShop:
    """The demo's shop over running services, its company and keys beside it."""
    write_company(folder, date.today())
    shop = SandboxShop(box, folder)
    shop.file.write_text(shop_text("woocommerce", box.credentials()), encoding="utf-8")
    return shop


def make_shopify_shop(box: Sandbox, folder: Path) -> SandboxShop:
    """The same company's shop at Shopify; its company and keys stand above it."""
    write_company(folder.parent, date.today())
    folder.mkdir()
    shop = SandboxShop(box, folder)
    shop.file.write_text(shop_text("shopify", box.credentials()), encoding="utf-8")
    return shop
