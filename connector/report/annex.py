"""The CSV annex: one line per field of a record, and per place that needs a hand; streamed."""

import csv as comma_separated
import io
from collections.abc import Iterable, Iterator

from connector.report.shared import AnnexRow

HEADER = ("order_id", "slag", "fält", "regel_id", "tiden_raknas_fran", "sparas_tom", "atgard", "sparr")
WHOLE_RECORD = "*"
# A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv(rows: Iterable[AnnexRow]) -> Iterator[str]:
    """The annex line by line, header first; columns as in law/documents §2, kind beside the id."""
    yield _line(HEADER)
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
