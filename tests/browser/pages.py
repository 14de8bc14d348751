"""Every kind of page that Gallra writes, made of the unit tests' own examples."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from adapters.notice.letter import Letter, Line, Party, Sender, render
from connector.records import Field, Kind
from connector.report.blocks import Document
from connector.report.drawn import html, sheet
from connector.report.paper.document import compose as paper
from connector.report.processing.document import compose as processing
from connector.report.promises.document import compose as promises
from connector.report.shared import LANGUAGES, Language
from connector.report.todo.document import compose as todo
from connector.report.todo.model import TaskView, Todo
from connector.views.promises.assembly import promise_report
from connector.views.status import as_html, status_of
from connector.views.status.model import Status
from tests.engine_support import NOON
from tests.unit.report.examples import DRY_RUN, PROTOCOL, SHOP
from tests.unit.report.test_promises import opened as opened_of_config
from tests.unit.views.test_papers import opened, papers
from tests.unit.views.test_processing import record, settings

LONG = "dataskyddsombudetsställföreträdare-i-den-gamla-lagringen@butiken-med-långt-namn.example"


def pages(folder: Path) -> Iterator[tuple[str, Language, str]]:
    """Each page by name and language."""
    made = {**_reports(), **_sheets(folder)}
    for language in LANGUAGES:
        for name, make in made.items():
            yield name, language, make(language)


def _reports() -> dict[str, Callable[[Language], str]]:
    return {
        "dry run": lambda language: html(DRY_RUN, language),
        "dry run, brief": lambda language: html(DRY_RUN, language, brief=True),
        "protocol": lambda language: html(PROTOCOL, language),
        "protocol, brief": lambda language: html(PROTOCOL, language, brief=True),
        "letter": lambda language: render(_letter(), language)[1],
        "status": lambda language: as_html(_statuses(), language=language, at=NOON),
    }


def _sheets(folder: Path) -> dict[str, Callable[[Language], str]]:
    config, own, plain = (folder / name for name in ("config", "own", "plain"))
    for one in (config, own, plain):
        one.mkdir()
    promised, processed = promise_report(opened_of_config(config)), record(settings(plain))
    found: dict[str, Callable[[Language], str]] = {
        "promises": lambda language: sheet.html(lambda each: promises(promised, each), language),
        "record of processing": lambda language: sheet.html(
            lambda each: processing(processed, each), language
        ),
        "work list": lambda language: sheet.html(lambda each: todo(_todo(), each), language),
    }
    for view in papers(opened(own)):
        found[f"paper: {view.kind.en}"] = _sheet(paper, view)
    return found


def _sheet(compose: Callable[[Any, Language], Document], view: object) -> Callable[[Language], str]:
    return lambda language: sheet.html(lambda each: compose(view, each), language)


def _todo() -> Todo:
    tasks = tuple(
        TaskView(number=n, adapter="woocommerce", id=str(n), kind=Kind.ORDER, label=str(n),
                 link=f"https://butik.example/{n}", place=f"meta:{LONG}", fields=(Field.EMAIL,),
                 since=date(2026, 11, 1))
        for n in range(1, 4)
    )  # fmt: skip
    whole = TaskView(number=9, adapter="woocommerce", place=f"log:{LONG}")
    return Todo(shop=SHOP, made_at=NOON, tasks=(*tasks, whole))


def _letter() -> Letter:
    lines = tuple(
        Line(handle="h", reference=f"{LONG}-{n}", on=date(2026, 11, n), fields=(Field.EMAIL,)) for n in (1, 2)
    )
    party = Party(name="klarna", title="Klarna Bank AB (publ)", code="KL", address="Sveavägen 46", form=LONG)
    sender = Sender(company="Källans AB", shop="Källan", contact=LONG)
    return Letter(
        id="KL-klarna-2026-11-378a9817", written=NOON.date(), sender=sender, party=party, lines=lines
    )


def _statuses() -> list[Status]:
    broken = status_of(None, name="butiken-med-ett-mycket-långt-filnamn.toml", fault=f"{LONG} fails.")
    ran = "2026-11-02T03:00:00+01:00"
    well = Status(shop="b", name=LONG, last_run=ran, last_code=0, next_due="2026-12-01")
    return [broken, well, Status(shop="c")]
