"""`gallra init --from LIST`: many shops at once, each row or table the answers to init's own questions."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from connector.errors import GallraError, SettingsError
from connector.machine.files import text_of, write_text
from connector.records import Value
from connector.setup.compose import Draft, draft
from connector.setup.keys import key_files, make
from connector.setup.questions import faults, questions
from connector.setup.wording import Language, slug
from connector.text.decoding import toml_table

LANGUAGE = "language"
ALL = "all"


class Listed(Value, frozen=True, kw_only=True):
    """One shop of a list: where it stands, and its answers."""

    place: str
    answers: Mapping[str, str]


def drafts(path: Path, *, language: Language, today: date) -> tuple[Draft, ...]:
    """What init would write of every shop of a list. Raises SettingsError with every fault of all of them."""
    listed = tuple(read(path))
    if not listed:
        raise GallraError(
            f"{path} lists no shop. Write one a row, under {', '.join(_names()[:4])} and so on."
        )
    wrong = [fault for one in listed for fault in _faults(one, language)] + list(_twice(listed))
    if wrong:
        raise SettingsError([*wrong, "Nothing was written."])
    return tuple(
        draft(_own(one), language=_spoken(one, language), today=today, keys=_keys(one)) for one in listed
    )


def read(path: Path) -> Iterator[Listed]:
    """The shops of a CSV with a heading row, or of a TOML with [[shop]] and, for all of them, [all]."""
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError):
        raise GallraError(f"{path} cannot be read. Name a CSV or TOML file in UTF-8.") from None
    if path.suffix == ".toml":
        yield from _of_toml(text, path.name)
    else:
        yield from _of_csv(text, path.name)


def _of_csv(text: str, name: str) -> Iterator[Listed]:
    head = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    for row in _readable(rows, name):
        cells = {str(key).strip(): str(value or "").strip() for key, value in row.items() if key}
        if any(cells.values()):
            over = {"": "more"} if None in row else {}
            yield Listed(place=f"{name}:{rows.line_num}", answers={**cells, **over})


def _readable(rows: "csv.DictReader[str]", name: str) -> Iterator[dict[str | Any, str | Any]]:
    """The rows, up to one that no CSV has. Raises GallraError that names its line."""
    try:
        yield from rows
    except csv.Error as fault:
        line = rows.line_num
        raise GallraError(f"{name}:{line}: no row of a CSV ({fault}). Correct it.") from None


def _of_toml(text: str, name: str) -> Iterator[Listed]:
    try:
        table = toml_table(text)
    except tomllib.TOMLDecodeError as fault:
        raise GallraError(f"{name} is no TOML ({fault}). Correct it.") from None
    shared, shops = table.get(ALL, {}), table.get("shop", [])
    if not isinstance(shared, dict) or not _are_tables(shops):
        raise GallraError(f"{name}: write [all] once for what all shops share, and [[shop]] for each shop.")
    for number, one in enumerate(shops, 1):
        own = {key: _text(value) for key, value in {**shared, **one}.items()}
        yield Listed(place=f"{name}: shop {number}", answers=own)


def _are_tables(shops: object) -> bool:
    return isinstance(shops, list) and all(isinstance(one, dict) for one in shops)


def _text(value: Any) -> str:
    """An answer as it would be typed: a list by commas, true and false as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _names() -> list[str]:
    return [question.id for question in questions()]


def _own(one: Listed) -> dict[str, str]:
    """The answers alone; an empty one is as if it was not there, so that its default counts."""
    return {key: text for key, text in one.answers.items() if text and key != LANGUAGE}


def _spoken(one: Listed, language: Language) -> Language:
    return "en" if one.answers.get(LANGUAGE, language) == "en" else "sv"


def _faults(one: Listed, language: Language) -> Iterator[str]:
    unknown = sorted(key for key in one.answers if key not in {*_names(), LANGUAGE})
    for key in unknown:
        told = f"{key} is no question" if key else "the row has more cells than the heading"
        yield f"{one.place}: {told}. The questions are {', '.join(_names())}, and {LANGUAGE}."
    if one.answers.get(LANGUAGE, "sv") not in ("sv", "en", ""):
        yield f"{one.place}: {LANGUAGE}: write sv or en."
    for name, fault in faults(_own(one)).items():
        yield f"{one.place}: {name}: {fault.of(language)}"


def _id(one: Listed) -> str:
    return one.answers.get("shop_id") or slug(one.answers.get("shop_name", ""))


def _keys(one: Listed) -> str:
    """What a company's three keys are called by: its shops share them, and no other company's do."""
    return slug(one.answers.get("company") or _id(one))


def _twice(listed: Sequence[Listed]) -> Iterator[str]:
    """Shops of one id: each needs its own for ever."""
    first: dict[str, str] = {}
    for one in listed:
        if (known := first.setdefault(_id(one), one.place)) != one.place:
            yield f"{one.place}: shop_id: {_id(one)} is that of {known} too. Give it another in shop_id."


def write(made: Sequence[Draft], folder: Path) -> list[Path]:
    """Writes every shop's file, letter and keys. Raises GallraError, and writes none, where one is there."""
    files = {folder / f"{one.shop_id}.toml": one.settings for one in made}
    letters = {folder / f"{one.shop_id}-revisor.txt": one.letter for one in made}
    if there := [str(path) for path in files if path.exists()]:
        raise GallraError(f"{', '.join(there)} exists, and nothing was written. Move it, or take it out.")
    for path, text in {**files, **letters}.items():
        write_text(path, text)
    keys = sorted({folder / name for one in made for name in key_files(one.keys).values()})
    return [*files, *letters, *make(keys)]
