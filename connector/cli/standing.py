"""How the shops of a folder stand: each by its file, and the lines that close `gallra status`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from connector.cli.common import load, unforeseen, width
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from connector.views.status import Status

SHOWN = 20


def shown(path: Path) -> "Status":
    """The status of one shop's file; one that cannot be read is told of, and stops no other."""
    from connector.views.status import status_of

    try:
        return status_of(load(path))
    except GallraError as fault:
        return status_of(None, name=path.name, fault=str(fault))
    except Exception as fault:  # one that nobody foresaw too
        return status_of(None, name=path.name, fault=unforeseen(fault))


def ended_of(status: "Status", *, last_run: bool) -> Exit:
    """1 for a shop that cannot be read; else 0, or as its last run ended."""
    if status.fault:
        return Exit.ERROR
    return Exit(status.last_code or 0) if last_run else Exit.DONE


def closing(rows: "Sequence[Status]", language: str) -> "Iterator[str]":
    """The table of every shop, then what waits in all of them, the longest overdue first."""
    from connector.report.overview import columns, heads, needed, said, state_word, whom_word

    cells = [
        (row.name or row.shop, state_word(row.state, language), _code(row), _first(row, language))
        for row in rows
    ]
    yield ""
    yield from columns((heads(language), *cells), width=width())
    waits = [(need, row.name or row.shop) for row in rows for need in row.needs]
    waits.sort(key=lambda one: one[0].order)
    if len(rows) < 2 or not waits:  # one shop's own lines have said it
        return
    yield ""
    yield said("worst_first", language)
    told = [(name, whom_word(need.whom, language), needed(need, language)) for need, name in waits[:SHOWN]]
    yield from (f"  {line}" for line in columns(told, width=width() - 2))
    if len(waits) > SHOWN:
        yield said("rest", language, n=len(waits) - SHOWN)


def _code(row: "Status") -> str:
    code = ended_of(row, last_run=True)
    return "–" if row.last_code is None and code is Exit.DONE else str(int(code))


def _first(row: "Status", language: str) -> str:
    """What is most urgent at a shop, and how much there is beside."""
    from connector.report.overview import needed, said

    if not row.needs:
        return "–"
    more = len(row.needs) - 1
    first = needed(row.needs[0], language)
    return f"{first} {said('more', language, n=more)}" if more else first
