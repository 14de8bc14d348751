"""The files of the demo's company and shops, filled in with the addresses of the running services."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from connector.about import About
from connector.about.tables import is_secret
from connector.ledger import new_key
from connector.machine.files import write_text
from connector.registry import descriptions

Services = Mapping[str, Mapping[str, Any]]
"""Every address and credential, by service, as the sandbox's port file holds them."""

YEARS = 13
"""How far back the company's financial years reach: further than any order of the made-up shop."""

ARCHIVE = {
    "sv": "butikens ordrar, och dagsrapporterna i bokföringsprogrammet",
    "en": "the shop's orders, and the daily totals in the bookkeeping program",
}
"""Where the made-up accountant says that the vouchers lie."""

LISTENER = """
[[listener]]
id = "{id}"
mark = "harmless"
by = "Disa Demo"
on = {today}
"""


_SHELL_NAME = re.compile(r"[^A-Za-z0-9_]")
"""What no variable's name has (POSIX XBD 3.230): a recipient's name may hold a hyphen."""


def environment(services: Services) -> dict[str, str]:
    """The variables that the shops' files read their keys from."""
    return {
        _SHELL_NAME.sub("_", f"DEMO_{about.name}_{key}").upper(): services[about.name][key]
        for about in descriptions().values()
        for key in _secrets_of(about)
        if key in services.get(about.name, {})
    }


def _secrets_of(about: About) -> Iterator[str]:
    for table in filter(None, (about.platform, about.recipient)):
        yield from (key for key in table.model_fields if is_secret(table, key))


def write_company(folder: Path, today: date, language: str = "sv") -> None:
    """Writes the company's file and, beside it, the three keys of its ledgers."""
    write_text(folder / "company.toml", company_text(today, language))
    write_keys(folder)


def write_keys(folder: Path) -> None:
    """Writes new keys under the names that the company's file gives them."""
    for name in ("vault.key", "subject.key", "seal.key"):
        write_text(folder / name, new_key())


def company_text(today: date, language: str = "sv") -> str:
    """The company's file, every question of it answered on this day, in the language of its protocols."""
    archive = ARCHIVE[language if language in ARCHIVE else "sv"]
    return _template("company").substitute(today=today, first_year=today.year - YEARS, archive=archive)


def shop_text(platform: str, services: Services, language: str = "sv") -> str:
    """The file of the demo's shop of this name (a platform, or `recipients`); it extends the company's."""
    found = {
        f"{name}_{key}".replace("-", "_"): value
        for name, keys in services.items()
        for key, value in keys.items()
    }
    return _template(platform).substitute(found, language=language)


def listener_text(listeners: list[Mapping[str, Any]], today: date) -> str:
    """What a person writes after trying one order: each of these that is switched on is harmless."""
    return "".join(LISTENER.format(id=one["id"], today=today) for one in listeners if one.get("active", True))


def _template(name: str) -> Template:
    return Template((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
