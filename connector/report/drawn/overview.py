"""The status page: every shop in one table, sorted by links alone, in the reports' own design."""

import re
from collections.abc import Callable, Sequence

from markupsafe import Markup

from connector.records import Value
from connector.report import basis
from connector.report.drawn.page import _environment, style, unbroken
from connector.report.overview.lines import heads, needed, said, state_word, whom_word
from connector.report.overview.model import NeedView, Overview, ShopRow
from connector.report.shared import Language
from connector.report.words import Words

TYPED = re.compile("`([^`]+)`")
SIGNS = (
    ("broken", "✕", "alarm"),
    ("failing", "▲", "failing"),
    ("overdue", "!", "late"),
    ("needing", "●", "hand"),
    ("awaiting", "◐", "wait"),
    ("never", "○", "quietly"),
    ("well", "✓", "accent"),
)
"""Each state of a shop, the gravest first, with a sign and a colour that no other has."""

STATES = tuple(name for name, _, _ in SIGNS)

Key = Callable[[ShopRow], tuple[object, ...]]
"""What rows are sorted by."""
_COLUMNS = ("shop", "state", "needed", "run", "waits", "next")


class DrawnRow(Value, frozen=True, kw_only=True):
    """One shop's row as the page shows it."""

    name: str
    id: str
    state: str
    tone: str
    needs: tuple[tuple[str, Markup, bool], ...]
    run: tuple[str, ...]
    waits: str
    next: str
    read: tuple[str, ...]


def _urgent(row: ShopRow) -> tuple[object, ...]:
    first = min((need.order for need in row.needs), default=None)
    return STATES.index(row.state), first is None, first or (), row.name


SORTED: dict[str, Key] = {
    "next": lambda row: (row.next_due or "9999", row.name.casefold()),
    "run": lambda row: (row.last_run, row.name.casefold()),
    "state": lambda row: (STATES.index(row.state), row.name.casefold()),
    "shop": lambda row: (row.name.casefold(),),
    "need": _urgent,  # the last one is what a reader sees who has chosen none
}


def page(view: Overview, language: Language) -> str:
    """The overview as one self-contained HTML file, without script."""
    tables = [
        (name, [drawn_row(row, language) for row in sorted(view.rows, key=key)])
        for name, key in SORTED.items()
    ]
    words = Words(language)
    return (
        _environment()
        .get_template("overview.html.j2")
        .render(
            language=language,
            style=style(),
            say=lambda key, **values: said(key, language, **values),
            sender=view.agency or "Gallra",
            at=words.moment(view.at),
            lead=lead_of(view.rows, language),
            heads=dict(zip(_COLUMNS, heads(language, _COLUMNS), strict=True)),
            orders=tuple(SORTED),
            signs=SIGNS,
            tables=tables,
        )
    )


def lead_of(rows: Sequence[ShopRow], language: Language) -> tuple[str, ...]:
    """How many shops need somebody, and what is overdue."""
    well = sum(1 for row in rows if row.state == "well")
    late = sorted((need for row in rows for need in row.needs if need.over), key=lambda one: one.order)
    counts = {"shops": len(rows), "well": well, "needing": len(rows) - well}
    first = said("lead_one" if len(rows) == 1 else "lead", language, **counts)
    return (first, said("overdue", language, n=len(late), day=late[0].due)) if late else (first,)


def drawn_row(row: ShopRow, language: Language) -> DrawnRow:
    """One shop's row as a page shows it."""
    return DrawnRow(
        name=row.name,
        id=row.id if row.id != row.name else "",
        state=state_word(row.state, language),
        tone=row.state,
        needs=tuple(_need(need, language) for need in sorted(row.needs, key=lambda one: one.order)),
        run=tuple(_run(row, language)),
        waits=said("waits", language, n=row.waits) if row.waits else "",
        next=row.next_due or said("none", language),
        read=basis.closing(row.read, {}, Words(language)),
    )


def _need(need: NeedView, language: Language) -> tuple[str, Markup, bool]:
    return whom_word(need.whom, language), told(needed(need, language)), bool(need.over)


def _run(row: ShopRow, language: Language) -> list[str]:
    """The last run, then what else a reader asks of it."""
    told = [moment(row.last_run) or said("never", language)]
    if row.code:
        told.append(said("code", language, code=row.code))
    if row.last_good and row.last_good != row.last_run:
        told.append(said("good", language, at=moment(row.last_good)))
    if row.last_erased:
        told.append(said("erased", language, at=moment(row.last_erased)))
    return told


def told(text: str) -> Markup:
    """Text, escaped, with dates on one line and what is typed as such."""
    return Markup(TYPED.sub(r"<code>\1</code>", str(unbroken(text))))  # noqa: S704  escaped


def moment(at: str) -> str:
    """A moment of the ledger to the minute."""
    return at[:16].replace("T", " ")
