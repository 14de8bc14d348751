"""From the text of a description to its checked form, with every fault that can be told at once."""

import re
import tomllib
from typing import Any

import msgspec

from connector.about.described.judging import faults_of, secrets_in
from connector.about.described.parts import Described
from connector.errors import SettingsError
from connector.text.decoding import toml_table

_LARGEST = 256 * 1024
_AT = re.compile(r" - at `\$?\.?(.*?)`\Z")


def read_description(text: str, *, file: str, codes: tuple[str, ...]) -> Described:
    """The description that a file holds; `codes` are the kinds of recipient that there are.

    Raises SettingsError with every fault, each with its file and place.
    """
    faults, found = _read(text, codes)
    if found is None or faults:
        raise SettingsError([f"{file}: {fault}" for fault in dict.fromkeys(faults)])
    return found


def _read(text: str, codes: tuple[str, ...]) -> tuple[list[str], Described | None]:
    if len(text) > _LARGEST:
        return ["is larger than any description. Name the right file."], None
    try:
        table = toml_table(text)
    except tomllib.TOMLDecodeError as error:
        return [f"is no TOML ({error}). Correct the line."], None
    faults = list(secrets_in(table))
    try:
        found = msgspec.convert(table, Described)
    except (msgspec.ValidationError, RecursionError) as error:
        return [*faults, _told(error)], None
    return [*faults, *faults_of(found, codes)], found


def _told(error: Exception) -> str:
    """What does not fit, with its place; the value itself is never said."""
    text = str(error)
    at = _AT.search(text)
    what = _AT.sub("", text)
    where = at[1] if at else ""
    return f"{where or 'file'}: does not fit ({what}). Correct it by the page on descriptions."


def fields_of(value: Any) -> tuple[str, ...]:
    """The keys that a part of a description may have."""
    return tuple(field.name for field in msgspec.structs.fields(value))
