"""All shops on one page: last run, failures, what waits and is overdue, the next date; sorted by links."""

from pathlib import Path

from starlette.responses import Response

from connector.errors import GallraError
from connector.report.drawn.overview import SORTED, drawn_row, lead_of
from connector.report.overview.lines import heads, said
from connector.serve.pages.asking import Ask, let_go, page
from connector.serve.pages.people import Role
from connector.views.status import status_of
from connector.views.status.model import Status
from connector.views.status.page import row_of

_COLUMNS = ("shop", "state", "needed", "run", "waits", "next")


def show_shops(ask: Ask) -> Response:
    """Every shop, in the order that is asked for."""
    wanted = ask.query.get("sort", "")
    order = wanted if wanted in SORTED else "need"
    rows = sorted((row_of(_status(ask, path)) for path in ask.site.find()), key=SORTED[order])
    if not rows and ask.site.folder is not None:
        return page(ask, "shops_none.html.j2", may=ask.who.may(Role.APPROVER))
    return page(
        ask,
        "shops.html.j2",
        connects=ask.site.folder is not None and ask.who.may(Role.APPROVER),
        rows=[drawn_row(row, ask.language) for row in rows],
        lead=lead_of(rows, ask.language),
        opens=ask.site.shops().keys(),
        orders=tuple(SORTED)[::-1],
        sorted=order,
        over=lambda key: said(key, ask.language),
        heads=dict(zip(_COLUMNS, heads(ask.language, _COLUMNS), strict=True)),
    )


def _status(ask: Ask, path: Path) -> Status:
    """How one shop stands; one that cannot be read is told of, and stops no other."""
    try:
        opened = ask.site.look(path)
        try:
            return status_of(opened)
        finally:
            let_go(opened)
    except GallraError as fault:
        return status_of(None, name=path.name, fault=str(fault))
