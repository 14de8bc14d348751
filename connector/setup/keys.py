"""The ledger's three keys: called as the settings name them, made where their files are not there yet."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import GallraError

if TYPE_CHECKING:
    from connector.settings import Settings

NAMES: Mapping[str, str] = {"key": "vault", "subject_key": "subject", "seal_key": "seal"}
"""Each key of [ledger] that holds one, and what its file is called."""
SEALED_WITH = ("key", "subject_key")
"""Without these a ledger that is there cannot be read; a new one would open nothing."""


def key_files(company: str = "") -> dict[str, str]:
    """The file of each key, by its key in [ledger]; of many shops, each company's begin with its name."""
    whose = f"{company}-" if company else ""
    return {setting: f"{whose}{name}.key" for setting, name in NAMES.items()}


def make(paths: Sequence[Path]) -> list[Path]:
    """Makes every key that is not there, each readable by its owner alone; returns those that were made."""
    from connector.ledger import new_key
    from connector.machine.files import write_text

    fresh = [path for path in dict.fromkeys(paths) if not path.exists()]
    for path in fresh:
        write_text(path, new_key())
    return fresh


def named_by(shops: Sequence[Path], environ: Mapping[str, str]) -> list[Path]:
    """The key files that these shops' settings name, or would where they name none.

    Raises GallraError for settings that cannot be read, and for a ledger whose own key is not there.
    """
    from connector.settings import load_settings

    found = [one for shop in shops for one in _of(load_settings(shop, environ=environ), shop.parent)]
    return list(dict.fromkeys(found))


def _of(settings: "Settings", folder: Path) -> Iterator[Path]:
    ledger = settings.ledger
    sources = {"key": ledger.key, "subject_key": ledger.subject_key, "seal_key": ledger.seal_key}
    for setting, file in key_files().items():
        source = sources[setting]
        path = folder / file if source is None else source.file
        if path is None:  # a variable or a command gives it
            continue
        if setting in SEALED_WITH and ledger.path.exists() and not path.exists():
            raise GallraError(
                f"{path} is not there, and a ledger that it belongs to is: {ledger.path}. Put back your copy "
                "of the key. A new one would not open it, and none was made."
            )
        yield path
