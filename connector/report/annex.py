"""The CSV annex: one line per field of a record, and per place that needs a hand; streamed."""

import csv as comma_separated
import io
from collections.abc import Iterable, Iterator

from connector.report.shared import AnnexRow, Language
from connector.report.words import Words

COLUMNS = ("order_id", "kind", "field", "rule_id", "counted_from", "kept_through", "action", "holds")
"""The columns by their keys, in an order that no version changes; headings are in the reader's language."""

WHOLE_RECORD = "*"
# A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv(rows: Iterable[AnnexRow], language: Language) -> Iterator[str]:
    """The annex line by line, headings first; columns as in law/documents §2, kind beside the id.

    Cells hold codes, the same in every language.
    """
    words = Words(language)
    yield _line(tuple(words.say(f"annex.{name}") for name in COLUMNS))
    for row in rows:
        yield _line(_cells(row))


def _cells(row: AnnexRow) -> tuple[str, ...]:
    return (
        _plain(row.order_id),
        row.kind,
        row.field or _plain(row.place) or WHOLE_RECORD,
        _plain(row.rule),
        row.clock_from.isoformat() if row.clock_from else "",
        row.keep_through.isoformat() if row.keep_through else "",
        row.action,
        " ".join(row.holds),
    )


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    comma_separated.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
