"""Tables as they are drawn: without empty columns, and in a shape that no window is too narrow for."""

from msgspec.structs import replace

from connector.report.blocks import Cell, Column, Row, Table
from connector.report.words import NOTHING

STACKED = 3
"""Columns from which a table with more than one column of text is set as cards in a narrow window."""

DENSE = 6
"""Columns from which a table is small, and cards already on a tablet unless it is figures."""

FIGURES = 9
"""Columns from which a table of figures, which are short, is cards on a tablet too."""

SHORT = 13
"""Rows below which a table is kept on one printed page."""


def without_empty(table: Table) -> Table:
    """The table without the columns in which no row says anything; the first, which names the row, stays."""
    plain = [row for row in table.rows if row.role != "group"]
    keeps = [place == 0 or any(_says(row, place) for row in plain) for place in range(len(table.columns))]
    if not plain or all(keeps):
        return table
    columns: tuple[Column, ...] = tuple(one for one, keep in zip(table.columns, keeps, strict=True) if keep)
    return replace(table, columns=columns, rows=tuple(_kept(row, keeps) for row in table.rows))


def _says(row: Row, place: int) -> bool:
    return place < len(row.cells) and not is_empty(row.cells[place])


def is_empty(cell: Cell) -> bool:
    """Whether a cell says nothing."""
    return cell.text.strip() in ("", NOTHING) and not (cell.note or cell.parts)


def _kept(row: Row, keeps: list[bool]) -> Row:
    """A row's cells in the columns that are kept; the head of a group spans them all."""
    if row.role == "group":
        return row
    return replace(row, cells=tuple(cell for cell, keep in zip(row.cells, keeps, strict=False) if keep))


def shape(table: Table) -> str:
    """The classes that the style sheet knows a table by."""
    wide = "dense" if _is_dense(table) else "stacked" if _is_stacked(table) else "plain"
    small = "small" if len(table.columns) >= DENSE else ""
    short = "short" if len(table.rows) < SHORT else ""
    grouped = "grouped" if table.rows and table.rows[0].role == "group" else ""
    return " ".join(filter(None, (wide, small, short, grouped)))


def _texts(table: Table) -> int:
    return sum(1 for column in table.columns if column.align != "number")


def _is_dense(table: Table) -> bool:
    return len(table.columns) >= (DENSE if _texts(table) > 1 else FIGURES)


def _is_stacked(table: Table) -> bool:
    """Whether its columns would be too narrow on a telephone; a bar with its numbers is not."""
    texts = _texts(table)
    bars = any(cell.parts for row in table.rows for cell in row.cells)
    return len(table.columns) > STACKED or (len(table.columns) == STACKED and texts > 1 and not bars)
