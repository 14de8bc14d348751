"""The descriptions that a shop's own file names: recipients that nobody wrote an adapter for."""

from collections.abc import Mapping
from pathlib import Path

from connector.about.described import Described
from connector.errors import SettingsError
from connector.machine.files import text_of
from connector.registry import descriptions, read_recipient
from connector.settings.lines import dotted
from connector.settings.source import Document


def own_descriptions(document: Document) -> Mapping[str, Described]:
    """Each description by the name of the recipient whose table names it.

    Raises SettingsError where one cannot be read, has a fault, or is of another name.
    """
    recipients = document.table.get("recipients")
    tables = recipients if isinstance(recipients, dict) else {}
    return {
        str(name): _described(document, str(name), table["description"])
        for name, table in tables.items()
        if isinstance(table, dict) and isinstance(table.get("description"), str)
    }


def read_file(path: Path) -> Described:
    """The recipient of a description's file. Raises SettingsError with every fault."""
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError):
        told = f"{path.name}: cannot be read. Check the name and the rights of the file."
        raise SettingsError([told]) from None
    return read_recipient(text, file=path.name)


def _described(document: Document, name: str, file: str) -> Described:
    where = ("recipients", name, "description")
    place = f"{document.place(where)}: {dotted(where)}"
    if name in descriptions():
        raise SettingsError([f"{place}: {name} is known to Gallra already. Take this line out."])
    found = read_file(Path(file))
    if found.name != name:
        raise SettingsError([f"{place}: describes {found.name}. Call the table recipients.{found.name}."])
    return found
