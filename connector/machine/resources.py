"""The files that come with Gallra (presets, promises): in the repository or in an installed wheel."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from connector.errors import GallraError
from connector.machine.files import text_of


def config_folder() -> Traversable:
    """The folder `config`: beside the packages in the repository, inside `connector` in a wheel."""
    packaged = files("connector") / "config"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parent.parent.parent / "config"


def config_text(*path: str) -> str | None:
    """The text of a file under `config`, None where there is none."""
    file = config_folder().joinpath(*path)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def config_names(folder: str, suffix: str = ".toml") -> tuple[str, ...]:
    """The names, without suffix, of the files in a folder of `config`, sorted."""
    entries = config_folder().joinpath(folder)
    if not entries.is_dir():
        return ()
    names = (entry.name for entry in entries.iterdir() if entry.is_file())
    return tuple(sorted(name.removesuffix(suffix) for name in names if name.endswith(suffix)))


def file_text(path: Path) -> str | None:
    """The text of a file that a person named, None where there is none. Raises GallraError for no text."""
    try:
        return text_of(path) if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        raise GallraError(
            f"{path} cannot be read as UTF-8 text. Check its encoding and its rights."
        ) from None


def packaged_text(*path: str) -> str:
    """The text of a file that lies beside the engine's own code."""
    return files("connector").joinpath(*path).read_text(encoding="utf-8")


def names_beside(package: str, suffix: str) -> tuple[str, ...]:
    """The names of the files with this ending that lie beside an adapter's code, sorted."""
    return tuple(sorted(one.name for one in files(package).iterdir() if one.name.endswith(suffix)))


def text_beside(package: str, name: str) -> str | None:
    """The text of a file that lies beside an adapter's code, None where it ships none."""
    file = files(package).joinpath(name)
    return file.read_text(encoding="utf-8") if file.is_file() else None
