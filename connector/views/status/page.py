"""The shops' statuses as the overview that the reports draw."""

from collections.abc import Sequence
from datetime import datetime

from connector.calendar import STOCKHOLM
from connector.report.drawn.overview import page
from connector.report.overview.model import Overview, ShopRow
from connector.views.status.model import Status


def as_html(rows: Sequence[Status], *, language: str = "", at: datetime | None = None) -> str:
    """A page of every shop, in this language or the one that most of them have."""
    agencies = {row.agency for row in rows if row.agency}
    view = Overview(
        rows=tuple(map(row_of, rows)),
        at=at or datetime.now(STOCKHOLM),
        agency=agencies.pop() if len(agencies) == 1 else "",
    )
    return page(view, language or language_of(rows))


def language_of(rows: Sequence[Status]) -> str:
    """The language that most of the shops have; Swedish where they are even."""
    known = [row.language for row in rows]
    return "en" if known.count("en") > known.count("sv") else "sv"


def row_of(status: Status) -> ShopRow:
    """One shop's status as the overview has it."""
    return ShopRow(
        name=status.name or status.shop,
        id=status.shop,
        state=status.state,
        needs=status.needs,
        code=status.last_code,
        last_run=status.last_run,
        last_good=status.last_good,
        last_erased=status.last_erased,
        waits=sum(one.count for one in status.waiting),
        next_due=status.next_due,
        read=status.rests_on,
    )
