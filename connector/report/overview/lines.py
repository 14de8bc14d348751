"""The words of the overview, and its table as lines of a terminal."""

import textwrap
from collections.abc import Iterator, Sequence
from functools import cache

from connector.about.both import Both
from connector.report.catalogues import read_catalogue
from connector.report.overview.model import NeedView
from connector.report.shared import Language
from connector.report.translated import translated

_GAP = 2
_LEAST = 24  # columns that the last column has at least, else it stands below its row


@cache
def _catalogue() -> dict[str, dict[str, Both]]:
    return read_catalogue("overview", dict[str, dict[str, Both]])


def said(key: str, language: Language, **values: object) -> str:
    """A sentence of the overview."""
    return _catalogue()["say"][key].of(language).format(**values)


def state_word(state: str, language: Language) -> str:
    """A shop's state in words."""
    return _catalogue()["state"][state].of(language)


def whom_word(whom: str, language: Language) -> str:
    """Whom something waits for, in words."""
    return _catalogue()["whom"][whom].of(language)


def heads(language: Language, names: Sequence[str] = ("shop", "state", "code", "needed")) -> tuple[str, ...]:
    """The headings of these columns."""
    return tuple(_catalogue()["head"][name].of(language) for name in names)


def needed(need: NeedView, language: Language) -> str:
    """What is needed, and how late it is or until when it must be done."""
    values = dict(need.values)
    if fault := values.get("said"):  # an error, as it was raised
        values["said"] = translated(fault, language)
    text = _catalogue()["need"][need.what].of(language).format(**values)
    when = _when(need, language)
    return f"{text} ({when})" if when else text


def _when(need: NeedView, language: Language) -> str:
    if need.over == 1:
        return said("over_one", language)
    if need.over:
        return said("over", language, n=need.over)
    if need.due is not None:
        return said("due", language, day=need.due)
    return said("since", language, day=need.since) if need.since else ""


def columns(rows: Sequence[Sequence[str]], *, width: int) -> Iterator[str]:
    """Rows in columns, the last one broken to the width; on a narrow screen it stands below its row."""
    fixed = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    indent = sum(fixed) + _GAP * len(fixed)
    below = width - indent < _LEAST
    for row in rows:
        head = "".join(cell.ljust(size + _GAP) for cell, size in zip(row[:-1], fixed, strict=True))
        room = width - (_GAP if below else indent)
        told = [line for part in row[-1].splitlines() for line in textwrap.wrap(part, room)] or [""]
        if below:
            yield head.rstrip()
            yield from (" " * _GAP + line for line in told if line)
        else:
            yield (head + told[0]).rstrip()
            yield from (" " * indent + line for line in told[1:])
