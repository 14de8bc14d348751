"""A shop's settings on their way into the fleet, and out again for a worker; no secret is among them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from connector.errors import GallraError, SettingsError
from connector.machine.files import text_of, write_text
from connector.settings import Settings, load_settings
from connector.settings.agency import agency_file
from connector.text.decoding import toml_table


class Entry(NamedTuple):
    """What the fleet keeps of a shop: its settings' file, or the settings themselves, and its cron line.

    `hears` says that the shop has webhooks, for which somebody else must listen.
    """

    id: str
    file: str | None
    settings: str | None
    cron: str
    hears: bool = False


def entry_of(path: Path, environ: Mapping[str, str], *, kept: bool) -> Entry:
    """What a settings file makes of a shop; where it is `kept`, the database holds its text.

    Raises SettingsError, also where there is no cron line, and where a text to be kept rests on other files
    or holds an address that is as good as a secret.
    """
    settings = load_settings(path, environ=environ)
    cron = settings.schedule.cron
    if cron is None:
        raise SettingsError(['schedule.cron: is not set. Write cron = "15 3 * * *" under [schedule].'])
    hears = settings.webhooks is not None
    if not kept:
        return Entry(settings.shop.id, str(path.resolve()), None, cron, hears)
    text = text_of(path)
    _must_stand_alone(path, text, settings)
    return Entry(settings.shop.id, None, text, cron, hears)


def _must_stand_alone(path: Path, text: str, settings: Settings) -> None:
    if "extends" in toml_table(text) or agency_file(path) is not None:
        raise SettingsError(
            [f"{path.name}: rests on other files, which the database does not hold. Add it without --keep, "
             "or write all of it in one file."]
        )  # fmt: skip
    _must_name_no_command(path.name, text)
    for where in _callable_by_whoever_knows(settings):
        raise SettingsError(
            [f"{where}: whoever knows this address may call it, and no secret stands in the database. "
             "Add the shop without --keep."]
        )  # fmt: skip


def _must_name_no_command(name: str, text: str) -> None:
    """Whoever may write to the database shall not say what runs on a worker's machine."""
    try:
        table = toml_table(text)
    except ValueError:
        raise SettingsError(
            [f"{name}: is no TOML that can be read. Write it anew, or take it away."]
        ) from None
    if _names_a_command(table):
        raise SettingsError(
            [f"{name}: names a command as a secret's source, and settings in the database may name none. "
             "Write { env = \"NAME\" } or { file = \"path\" }."]
        )  # fmt: skip


def _names_a_command(value: object) -> bool:
    if isinstance(value, dict):
        return "command" in value or any(map(_names_a_command, value.values()))
    return isinstance(value, list) and any(map(_names_a_command, value))


def _callable_by_whoever_knows(settings: Settings) -> Iterator[str]:
    """The settings whose address is as good as a secret: its path is what a caller must know."""
    ping = settings.alerts.ping
    called = {
        "alerts.ping.start": ping.start, "alerts.ping.ok": ping.ok, "alerts.ping.fail": ping.fail,
        "veto.url": settings.veto.url if settings.veto else None,
        **{f"alerts.webhook.{one.name}": one.url for one in settings.alerts.webhook},
    }  # fmt: skip
    for where, url in called.items():
        parts = urlsplit(url or "")
        if parts.path.strip("/") or parts.query:
            yield where


def place_of(shop: str, file: str | None, settings: str | None, folder: Path) -> Path:
    """The settings' file for a worker: the shop's own, or one in the worker's folder with the kept text.

    Raises GallraError where the file is not on this machine.
    """
    if file is not None:
        path = Path(file)
        if not path.is_file():
            raise GallraError(
                f"{path} is not on this machine. Run the worker where the shop's file lies, or `gallra fleet "
                "remove` the shop."
            )
        return path
    _must_name_no_command(shop, settings or "")
    path = folder.absolute() / shop / f"{shop}.toml"
    if not path.is_file() or text_of(path) != settings:
        write_text(path, settings or "")
    return path


def cron_of(path: Path, environ: Mapping[str, str], before: str | None) -> str | None:
    """The cron line as the file has it now; that of before where the file cannot be read."""
    try:
        return load_settings(path, environ=environ).schedule.cron
    except GallraError:
        return before
