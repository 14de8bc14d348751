"""Where the fleet's database is: `fleet.url`, from a variable or by reference from `fleet.toml`."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.about.secrets import Secret, SecretMissing
from connector.about.tables import Table
from connector.errors import GallraError, SettingsError
from connector.machine.files import text_of
from connector.text.decoding import toml_table

VARIABLE = "GALLRA_FLEET_URL"
"""The variable that holds the address, user and password included."""

FILE = Path("fleet.toml")
FOLDER = Path("fleet-shops")
"""Where a worker keeps the shops whose settings lie in the database: their files, ledgers and reports."""

_NEEDS = ("procrastinate", "psycopg", "psycopg_pool")


class Fleet(Table):
    """The table `[fleet]`: the database's address, and the folder of shops whose settings lie there."""

    url: Secret | None = None
    folder: Path = FOLDER


def must_be_installed() -> None:
    """Raises GallraError where the libraries of a fleet are not there."""
    lacking = [name for name in _NEEDS if find_spec(name) is None]
    if lacking:
        raise GallraError(
            f"A fleet needs {', '.join(lacking)}, which is not installed. Run pip install 'gallra[fleet]'; "
            "`gallra run` and `gallra serve` need none of it."
        )


def read_fleet(path: Path) -> Fleet:
    """What a file says of the fleet; nothing where there is no such file. Raises SettingsError."""
    if not path.is_file():
        return Fleet()
    try:
        table = toml_table(text_of(path))
    except (OSError, ValueError):
        raise SettingsError(
            [f"{path}: is no TOML that can be read. Write it anew, or take it away."]
        ) from None
    own: Any = table.pop("fleet", {})
    if table:
        raise SettingsError([f"{path}: {next(iter(table))}: is not known. The file holds only [fleet]."])
    try:
        made = Fleet.model_validate(own)
    except ValidationError:
        raise SettingsError(
            [f"{path}: fleet: may hold url = {{ env = \"NAME\" }} or {{ file = \"path\" }}, and folder."]
        ) from None
    return _anchored(made, path.resolve().parent)


def _anchored(made: Fleet, beside: Path) -> Fleet:
    """Paths count from the file's own folder."""
    url = made.url
    if url is not None and url.file is not None:
        url = Secret(file=beside / url.file)
    return Fleet(url=url, folder=beside / made.folder)


def url_of(fleet: Fleet, environ: Mapping[str, str]) -> str:
    """The database's address: from the variable, else from where the file says. Raises SettingsError."""
    given = environ.get(VARIABLE, "").strip()
    if given:
        return given
    if fleet.url is None:
        raise SettingsError(
            [f"fleet.url: is not set. Set {VARIABLE} to the address of a PostgreSQL database, or name its "
             "source in fleet.toml."]
        )  # fmt: skip
    try:
        return fleet.url.value(environ)
    except SecretMissing as fault:
        raise SettingsError([f"fleet.url: {fault}"]) from None
