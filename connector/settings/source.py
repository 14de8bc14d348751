"""Reads a settings file and the files it extends into one table that knows its lines."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector.about.refusing import Where
from connector.errors import SettingsError
from connector.machine.files import text_of
from connector.settings.agency import agency_file, must_be_general
from connector.settings.lines import Place, find_lines
from connector.text.decoding import toml_table

SECRET_SOURCES = frozenset({"env", "file", "command"})

_PATHS: tuple[Where, ...] = (
    ("ledger", "path"),
    ("letters", "folder"),
    ("reports", "folder"),
    ("policy", "promises"),
    ("policy", "preset"),
    ("policy", "text"),
    ("network", "ca_file"),
    ("metrics", "file"),
    *(("warning", mail, language) for mail in ("account", "renewal") for language in ("sv", "en")),
)
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


class Document:
    """The merged table and, for every path in it, the place that decided it."""

    __slots__ = ("file", "places", "table")

    def __init__(self, *, file: str, table: dict[str, Any], places: dict[Where, Place]) -> None:
        self.file = file
        self.table = table
        self.places = places

    def place(self, where: Where) -> Place:
        """The place of a path, or of the nearest table around it."""
        for depth in range(len(where), 0, -1):
            if where[:depth] in self.places:
                return self.places[where[:depth]]
        return Place(self.file, 1)


def read_document(path: Path) -> Document:
    """The file and what it extends, merged: tables deeply, lists and secrets replaced.

    An agency's file beside it lies below all of them; its listeners are judged beside the shop's own.
    Raises SettingsError where a file is missing, is no TOML, or extends itself.
    """
    start = path.resolve().parent
    own = _read(path, start=start, above=())
    agency = agency_file(path)
    if agency is None or os.path.relpath(agency.resolve(), start) in _files(own):
        return own
    return _under(_agency(agency, start), own)


def _files(document: Document) -> set[str]:
    """The files that anything of a document stands in."""
    return {place.file for place in document.places.values()}


def _agency(path: Path, start: Path) -> Document:
    """The agency's file. Raises SettingsError where it says what belongs to one shop."""
    shown = os.path.relpath(path.resolve(), start)
    text = _text(path, shown)
    table = _parse(text, shown)
    places = {where: Place(shown, line) for where, line in find_lines(text).items()}
    must_be_general(table, places, shown)
    return Document(file=shown, table=_anchored(table, path.resolve().parent), places=places)


def _under(agency: Document, own: Document) -> Document:
    """The shop's document on top of the agency's, whose listeners come after the shop's own."""
    shared, mine = agency.table.pop("listener", []), own.table.get("listener", [])
    if not (isinstance(shared, list) and isinstance(mine, list)):
        return _merge(agency, own)  # what is no list is told of where the settings are checked
    of_shared = {where: place for where, place in agency.places.items() if where[0] == "listener"}
    _forget(("listener",), agency.places)
    merged = _merge(agency, own)
    if shared:
        merged.table["listener"] = [*mine, *shared]
    for (_, *rest), place in of_shared.items():
        if rest:
            merged.places["listener", int(rest[0]) + len(mine), *rest[1:]] = place
    return merged


def _read(path: Path, *, start: Path, above: tuple[Path, ...]) -> Document:
    shown = os.path.relpath(path.resolve(), start)
    text = _text(path, shown)
    table = _parse(text, shown)
    places = {where: Place(shown, line) for where, line in find_lines(text).items()}
    base = table.pop("extends", None)
    own = Document(file=shown, table=_anchored(table, path.resolve().parent), places=places)
    if base is None:
        return own
    at = own.place(("extends",))
    parent = _parent(base, path, at=at, above=(*above, path.resolve()))
    merged = _merge(_read(parent, start=start, above=(*above, path.resolve())), own)
    merged.places.pop(("extends",), None)
    return merged


def _text(path: Path, shown: str) -> str:
    try:
        return text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        remedy = "Check the name and the rights of the file; `gallra init` writes a new one."
        raise SettingsError([f"{shown}:1: file: {reason}. {remedy}"]) from None


def _parse(text: str, shown: str) -> dict[str, Any]:
    try:
        return toml_table(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        line = int(found.group(1)) if found and found.group(1) else text.count("\n") + 1
        reason = _TOML_PLACE.sub("", str(error)).rstrip(".")
        remedy = "Correct the line: names stand bare, texts in quotes, dates as 2026-12-31."
        raise SettingsError([f"{shown}:{line}: file: not TOML ({reason}). {remedy}"]) from None


def _parent(base: object, path: Path, *, at: Place, above: tuple[Path, ...]) -> Path:
    if not isinstance(base, str) or not base:
        raise SettingsError([f'{at}: extends: must be one file name. Write extends = "../companies/x.toml".'])
    parent = path.parent / base
    if parent.resolve() in above:
        raise SettingsError(
            [f"{at}: extends: the files extend each other in a circle. Take this line out of one."]
        )
    if not parent.is_file():
        remedy = "Correct the path; it is counted from the folder of this file."
        raise SettingsError([f"{at}: extends: no such file. {remedy}"])
    return parent


def _merge(base: Document, own: Document) -> Document:
    places = dict(base.places)
    table = _merge_tables(base.table, own.table, where=(), places=places)
    places.update(own.places)
    return Document(file=own.file, table=table, places=places)


def _merge_tables(
    base: Mapping[str, Any], own: Mapping[str, Any], *, where: Where, places: dict[Where, Place]
) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        old = base.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and not is_secret(value):
            merged[key] = _merge_tables(old, value, where=(*where, key), places=places)
            continue
        _forget((*where, key), places)
        merged[key] = value
    return merged


def _forget(where: Where, places: dict[Where, Place]) -> None:
    for known in [known for known in places if known[: len(where)] == where]:
        del places[known]


def is_secret(value: object) -> bool:
    """Whether a value has the shape of a secret's source, `{ env = "NAME" }` and the like."""
    return isinstance(value, dict) and bool(value) and set(value) <= SECRET_SOURCES


def _anchored(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The table with relative paths counted from the folder of the file that names them."""
    for where in _PATHS:
        holder: Any = table
        for name in where[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and _is_path(where, holder.get(where[-1])):
            holder[where[-1]] = str(folder / Path(holder[where[-1]]).expanduser())
    recipients = table.get("recipients")
    for one in recipients.values() if isinstance(recipients, dict) else ():
        if isinstance(one, dict) and isinstance(one.get("description"), str):
            one["description"] = str(folder / Path(one["description"]).expanduser())
    _anchor_secrets(table, folder)
    return table


def _is_path(where: Where, value: object) -> bool:
    """Whether a value names a file; a preset does so only with its ending."""
    return isinstance(value, str) and (where != ("policy", "preset") or value.endswith(".toml"))


def _anchor_secrets(value: object, folder: Path) -> None:
    if isinstance(value, list):
        for item in value:
            _anchor_secrets(item, folder)
    if not isinstance(value, dict):
        return
    if is_secret(value) and isinstance(value.get("file"), str):
        value["file"] = str(folder / Path(value["file"]).expanduser())
    for item in value.values():
        _anchor_secrets(item, folder)
