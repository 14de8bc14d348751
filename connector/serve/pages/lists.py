"""What stands beside the plan: work list, letters, requests with their clock, promises, reports, settings."""

from datetime import date
from pathlib import Path

from starlette.responses import Response

from connector.errors import GallraError, NotThere
from connector.ledger.answers import Sent
from connector.ledger.chain import runs
from connector.ledger.requests import Register
from connector.policy.free_text import said
from connector.report.blocks import Document
from connector.report.drawn.overview import drawn_row
from connector.report.dry_run.document import compose as compose_dry_run
from connector.report.promises.document import compose as compose_promises
from connector.report.protocol.document import compose as compose_protocol
from connector.report.protocol.model import Protocol
from connector.report.tables import place_name
from connector.report.todo.document import what_to_do, why_by_hand
from connector.serve.pages.asking import Ask, page, see_other
from connector.serve.pages.connect import has_plan
from connector.serve.pages.people import Role
from connector.settings import resolved
from connector.shop import Shop
from connector.stages.flow import shredded
from connector.text.decoding import json_as
from connector.views.dry_run import dry_run
from connector.views.letters import record_sent, unsent
from connector.views.promises.assembly import promise_report
from connector.views.status import status_of
from connector.views.status.page import row_of
from connector.views.todo import close_tasks, todo

TASKS = 100
"""Tasks of one page."""


def show_shop(ask: Ask) -> Response:
    """How one shop stands, and what waits for whom; an approver is led to the first read."""
    id, approver = ask.path["shop"], ask.who.may(Role.APPROVER)
    with ask.site.first_look(id) as shop:
        if not shop.has_ledger and approver:
            return see_other(f"/connect/shop/{id}")
    with ask.site.reading(id) as shop:
        row = drawn_row(row_of(status_of(shop)), ask.language)
        first = approver and not has_plan(shop)
        return page(ask, "shop.html.j2", shop=shop.settings.shop, row=row, first=first)


def show_todo(ask: Ask) -> Response:
    """What a person must do in the shop, with a box for each task."""
    words = ask.spoken.words
    with ask.site.reading(ask.path["shop"]) as shop:
        view = todo(shop)
        pages = max(1, -(-len(view.tasks) // TASKS))
        asked = ask.query.get("page", "1")
        at = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1, 1), pages)
        return page(
            ask, "todo.html.j2", shop=shop.settings.shop, view=view, at=at, pages=pages,
            told=ask.told(done="todo.ticked"), tasks=view.tasks[(at - 1) * TASKS : at * TASKS],
            place=lambda one: place_name(one.place, words), do=lambda one: what_to_do(one.place, words),
            why=lambda one: why_by_hand(one.place, words),
        )  # fmt: skip


def tick_off(ask: Ask) -> Response:
    """A named person has done these tasks; the next pull or verify reads them back."""
    ticked = {one for one in ask.form.get("task", ()) if one.isascii() and one.isdigit() and len(one) < 10}
    if not ticked:
        raise GallraError("Nothing is ticked. Nothing was recorded.")
    with ask.site.acting(ask.path["shop"]) as shop:
        close_tasks(shop, [(int(one), int(one)) for one in sorted(ticked)], place="", by=ask.who.name)
    return see_other(f"/shop/{ask.path['shop']}/todo?done={len(ticked)}")


def show_letters(ask: Ask) -> Response:
    """The letters that are written and have not left, each with where it goes."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return page(
            ask, "letters.html.j2", shop=shop.settings.shop, letters=unsent(shop),
            today=shop.today.isoformat(), told=ask.told(sent="letters.sent"),
        )  # fmt: skip


def letters_left(ask: Ask) -> Response:
    """A named person says that letters left: their recipients are notified, what was sealed is destroyed."""
    names = list(dict.fromkeys(ask.form.get("letter", ())))
    if not names:
        raise GallraError("No letter is ticked. Nothing was done.")
    with ask.site.acting(ask.path["shop"]) as shop:
        how = said(ask.one("how"), ask.spoken.say("letters.how"))
        shop.unchanged()
        record_sent(shop, names, Sent(by=ask.who.name, on=_day(ask, shop), how=how))
        shredded(shop)
    return see_other(f"/shop/{ask.path['shop']}/letters?sent={len(names)}")


def _day(ask: Ask, shop: Shop) -> date:
    """The day that letters left: not in the future."""
    try:
        day = date.fromisoformat(ask.one("on"))
    except ValueError:
        raise GallraError("The day is no date. Write YYYY-MM-DD. Nothing was done.") from None
    if day > shop.today:
        raise GallraError("The day is in the future: a letter is sent once it has left. Nothing was done.")
    return day


def show_requests(ask: Ask) -> Response:
    """What persons ask for, what is due first; the register holds no name and no address."""
    with ask.site.reading(ask.path["shop"]) as shop:
        with shop.ledger.begin() as connection:
            rows = Register(shop.ledger).list(connection, every=bool(ask.query.get("all")))
        return page(ask, "requests.html.j2", shop=shop.settings.shop, rows=rows, today=shop.today)


def show_promises(ask: Ask) -> Response:
    """What the shop has promised, held against what its records say."""
    with ask.site.reading(ask.path["shop"]) as shop:
        if shop.promises is None:
            return page(
                ask, "message.html.j2", shop=shop.settings.shop, tone="told", back="",
                heading=ask.spoken.say("menu.promises"), text=ask.spoken.say("promises.none"),
            )  # fmt: skip
        view = promise_report(shop)
        return _document(ask, shop, compose_promises(view, ask.language))


def show_reports(ask: Ask) -> Response:
    """The runs, each with its plan's dry run and its protocol."""
    with ask.site.reading(ask.path["shop"]) as shop:
        with shop.ledger.begin() as connection:
            found = runs(shop.ledger, connection)
        protocols = _protocols(shop)
        return page(
            ask, "reports.html.j2", shop=shop.settings.shop, runs=found[::-1],
            written={code for code, _ in protocols},
        )  # fmt: skip


def _protocols(shop: Shop) -> list[tuple[str, Path]]:
    """The protocols that runs have written, by the code of their plan."""
    found = []
    for path in sorted(shop.settings.reports.folder.glob("protocol-*.json")):
        view = read_protocol(path)
        if view is not None:
            found.append((view.code, path))
    return found


def read_protocol(path: Path) -> Protocol | None:
    """A protocol as its file has it; None where it cannot be read, or is of another version."""
    try:
        return json_as(path.read_bytes(), Protocol)
    except OSError:
        return None


def show_protocol(ask: Ask) -> Response:
    """The protocol of a run as it was written: looking at it writes no other."""
    with ask.site.reading(ask.path["shop"]) as shop:
        path = dict(_protocols(shop)).get(ask.path["code"])
        view = read_protocol(path) if path else None
        if view is None:
            raise NotThere("No protocol of this run is written here. Run `gallra report`.")
        return _document(ask, shop, compose_protocol(view, ask.language))


def show_dry_run(ask: Ask) -> Response:
    """The dry run of a plan, whole."""
    with ask.site.reading(ask.path["shop"]) as shop:
        view = dry_run(shop, code=ask.path["code"])
        return _document(ask, shop, compose_dry_run(view, ask.language))


def _document(ask: Ask, shop: Shop, document: Document) -> Response:
    return page(ask, "report.html.j2", shop=shop.settings.shop, document=document)


def show_settings(ask: Ask) -> Response:
    """Every setting, its value (of a secret only the source), and the file and line that it comes from."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return page(ask, "settings.html.j2", shop=shop.settings.shop, rows=resolved(shop.settings))
