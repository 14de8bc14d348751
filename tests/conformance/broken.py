"""Valid values broken part by part: what whoever decodes them must answer with a clear word."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime, time
from itertools import cycle
from typing import Any, NamedTuple

GONE = object()
"""Instead of a value: the part is not there."""

ODD: tuple[Any, ...] = (
    GONE, "", "\u202e\x1b[31m=cmd()", 0, -1, 10**30, 1.5, True, [], [[1]], {}, {"x": 1}, "2026-02-31",
    "<b>'\"&",
)  # fmt: skip
Path = tuple[Any, ...]


class Broken(NamedTuple):
    """A value with one part broken, and which."""

    at: Path
    odd: Any
    value: Any


def parts(value: Any, at: Path = ()) -> Iterator[Path]:
    """The path of every part of a value, the whole excepted."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from parts(part, (*at, key))


def broken_at(value: Any, at: Path, odd: Any) -> Any:
    """The value with another part at this place, or without it."""
    found = deepcopy(value)
    within = found
    for key in at[:-1]:
        within = within[key]
    if odd is GONE:
        del within[at[-1]]
    else:
        within[at[-1]] = odd
    return found


def broken(value: Any, *, each: int = 2, but: tuple[str, ...] = ()) -> Iterator[Broken]:
    """Every part of the value broken in `each` ways, all ways in turn; `but` parts of these names."""
    ways = cycle(ODD)
    for at in parts(value):
        if at[-1] not in but:
            for _ in range(each):
                odd = next(ways)
                yield Broken(at, odd, broken_at(value, at, odd))


def toml(value: Any) -> str:
    """A value as TOML: the tables of the file inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return json.dumps(value)


def toml_file(table: dict[str, Any]) -> str:
    """A table as a TOML file."""
    return "".join(f"{json.dumps(name)} = {toml(value)}\n" for name, value in table.items())
