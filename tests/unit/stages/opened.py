"""A shop opened from settings, over the in-memory shop: the stages as the commands call them."""

import base64
import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path
from unittest import mock

from connector.cli import main
from connector.identity import make_keyer
from connector.services.absent import Platforms
from connector.shop import Shop, open_shop
from tests.engine_support import SEAL_KEY, SUBJECT_KEY, VAULT_KEY, MemoryShop, TurnableClock
from tests.sandbox_support import Said

SETTINGS = """\
[shop]
id = "egg"
name = "Ägget"
language = "en"

[platform]
name = "woocommerce"
url = "https://egg.example"
key = {{ env = "EGG_KEY" }}
secret = {{ env = "EGG_SECRET" }}

[company]
name = "Ägget AB"
organisation_number = "556016-0680"
contact = "dataskydd@egg.example"
financial_years = {{ ends = "12-31", from = 2010 }}
oss = []

[accountant.answer]
by = "Rut Revisor"
on = 2026-11-01
order_is_underlag = true
archive = "the shop's orders"

[ledger]
path = "{folder}/gallra.sqlite"
key = {{ env = "EGG_VAULT" }}
subject_key = {{ env = "EGG_SUBJECT" }}
seal_key = {{ env = "EGG_SEAL" }}

[reports]
folder = "{folder}/reports"

[limits]
records = 10000
percent = 100.0
jump = 1000.0

[policy.rules."T-20"]
waive_warning = true
{attested}"""
ATTESTED = "".join(
    f'\n[[attest.none]]\nhold = "H{number}"\nby = "Disa Demo"\non = 2026-11-01\n' for number in (6, 7, 8)
)
ENVIRON = {
    "EGG_KEY": "k",
    "EGG_SECRET": "s",
    "EGG_VAULT": base64.urlsafe_b64encode(VAULT_KEY).decode(),
    "EGG_SUBJECT": base64.urlsafe_b64encode(SUBJECT_KEY).decode(),
    "EGG_SEAL": base64.urlsafe_b64encode(SEAL_KEY).decode(),
}


class Opened:
    """The same shop, opened anew for every command, as each process does."""

    def __init__(self, folder: Path, *, attested: bool = True) -> None:
        self.folder = folder
        self.file = folder / "egg.toml"
        words = ATTESTED if attested else ""
        self.file.write_text(SETTINGS.format(folder=folder, attested=words), encoding="utf-8")
        self.clock = TurnableClock()
        self.memory = MemoryShop(make_keyer(SUBJECT_KEY), name="woocommerce")
        self.beside: list[MemoryShop] = []  # platforms that are not the shop system itself

    def open(self, path: Path | None = None, *, environ: Mapping[str, str] = ENVIRON) -> Shop:
        """The shop; a minute has gone by."""
        self.clock.now += timedelta(minutes=1)
        shop = open_shop(path or self.file, environ=environ, clock=self.clock)
        shop.__dict__["platforms"] = Platforms((one.name, one) for one in (self.memory, *self.beside))
        return shop

    def gallra(self, *words: str) -> Said:
        """Types one command on the shop."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        try:
            with (
                mock.patch.dict(os.environ, {**ENVIRON, "GALLRA_SHOP": str(self.file)}),
                mock.patch.object(sys, "argv", ["gallra", *words]),
                mock.patch("connector.shop.open_shop", self.open),
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def planned(self) -> str:
        """Pulled, planned and approved; the plan's code."""
        for words in (("check",), ("pull",), ("plan",)):
            assert self.gallra(*words).code == 0, words
        code = str(self.gallra("show", "--json").json["digest"])[:8]
        said = self.gallra("approve", code, "--by", "Disa Demo", "--role", "owner")
        assert said.code == 0, said.err
        return code

    def ran(self, *ids: str, verified: bool = True) -> str:
        """Orders of these ids are pulled, planned, approved, erased and read back; the plan's code."""
        for id in ids:
            self.memory.order(id)
        code = self.planned()
        for words in (("apply",), *([("verify",)] if verified else [])):
            said = self.gallra(*words)
            assert said.code == 0, (words, said.err)
        return code

    @property
    def protocols(self) -> list[str]:
        """The protocols that lie in the reports folder."""
        return sorted(path.name for path in (self.folder / "reports").glob("protocol-*.json"))
