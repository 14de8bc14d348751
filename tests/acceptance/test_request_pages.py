"""A person's request answered on pages alone: by the commands' steps, and nothing personal left behind."""

import logging
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from connector.cli.folder import files
from connector.errors import GallraError
from connector.ledger.plans import Plans
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.serve.pages.app import ways
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import Role
from connector.shop import Shop, system_clock
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop
from tests.unit.serve.pages.visiting import Visitor, said, site_at

WAITS = 120.0
NOW = {"channel": "email"}
NAMED = (
    "request_opened", "request_code_made", "request_moved", "request_decided", "request_extended",
    "request_weighed", "answer_made", "answer_opened", "letter_opened", "letter_told",
)  # fmt: skip
"""Acts on a request that the chain names somebody for."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxShop]:
    with Sandbox(seed=11, customers=40, orders=120) as box:
        made = make_shop(box, tmp_path_factory.mktemp("asked"))
        for words in (("check",), ("pull",), ("plan",)):
            assert made.gallra(*words).code == 0
        yield made


@pytest.fixture(scope="module")
def site(shop: SandboxShop) -> Any:
    def loaded(_path: Path) -> Shop:
        return shop.open()

    return site_at(
        shop.folder, system_clock, load=loaded, look=loaded, find=partial(files, shop.file),
        jobs=Jobs(patience=WAITS),
    )  # fmt: skip


@pytest.fixture
def anna(site: Any) -> Visitor:
    """Somebody who answers, signed in."""
    visitor = Visitor(site)
    visitor.enrol("Anna Ask", Role.ANSWERER)
    return visitor


def address(shop: SandboxShop) -> str:
    """Whoever has most orders."""
    orders = shop.box.woocommerce.shop.orders.values()
    found = [order["billing"]["email"] for order in orders if "@" in order["billing"]["email"]]
    return max(found, key=found.count)


def taken_in(visitor: Visitor, shop: SandboxShop, kind: str, **whose: str) -> str:
    """Takes a request in by the form; its page."""
    where = "/shop/demo/requests/new"
    given = whose or {"email": address(shop)}
    fields = {"kind": kind, "on": str(shop.open().today), "again": "yes", **NOW, **given}
    sent = visitor.send(visitor.get(where), where, **fields)
    assert sent.status_code == 303, said(sent)
    return str(sent.headers["location"]).partition("?")[0]


def act(visitor: Visitor, link: str, what: str, **fields: str) -> Any:
    """Sends one form of a request's page, by what its hidden fields name."""
    token = re.search(r'name="token" value="([^"]+)"', visitor.get(link).text)
    assert token
    return visitor.post(f"{link}/{what}", {"token": token[1], "back": link, **fields})


def done(visitor: Visitor, link: str, what: str, **fields: str) -> str:
    """Sends a form that is taken; what the page says then."""
    sent = act(visitor, link, what, **fields)
    assert sent.status_code == 303, said(sent)
    return said(visitor.get(sent.headers["location"]))


def row_of(shop: SandboxShop, link: str) -> RequestRow:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return Register(opened.ledger).get(connection, link.rpartition("/")[2])


def requests_of(shop: SandboxShop) -> list[RequestRow]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return Register(opened.ledger).list(connection, every=True)


def by_whom(shop: SandboxShop, link: str) -> set[tuple[str, str]]:
    """The events of a request, each with who is named in it."""
    opened, code = shop.open(), link.rpartition("/")[2]
    with opened.ledger.begin() as connection:
        found = [(what, one.detail) for what in NAMED for one in opened.ledger.events(connection, what)]
    return {(what, detail.get("by", "")) for what, detail in found if detail["request"] == code}


def test_an_erasure_is_identified_decided_and_its_plan_found_with_law_and_end(
    anna: Visitor, shop: SandboxShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = taken_in(anna, shop, "erase")
    coded = act(anna, link, "code")
    secret = re.search(r'class="secret">(\d+)<', coded.text)
    assert secret
    assert secret[1] not in anna.get(link).text
    assert "take back" not in said(coded)
    wrong = act(anna, link, "prove", how="code", given="0")
    assert wrong.status_code == 409
    assert row_of(shop, link).state is RequestState.RECEIVED
    assert "It is noted who asks." in done(anna, link, "prove", how="code", given=secret[1])
    told = done(anna, link, "decide")
    assert "What was decided" in told
    assert "is kept" in told
    assert re.search(r"T-\d\d", told)
    assert re.search(r"\d{4}-\d\d-\d\d", told)
    row = row_of(shop, link)
    assert row.state is RequestState.DECIDED
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plan = Plans(opened.ledger).current(connection, scope=row.scope)
    if plan is not None and plan.plan.waves:
        assert f"/shop/demo/plan/{plan.plan.digest}" in anna.get(link).text
        assert anna.get(f"/shop/demo/plan/{plan.plan.digest}").status_code == 200
    named = {what for what, who in by_whom(shop, link) if who == "Anna Ask"}
    assert {"request_opened", "request_code_made", "request_moved", "request_decided"} <= named
    for text in (anna.get(link).text, *(one.getMessage() for one in caplog.records)):
        assert address(shop) not in text


def test_who_waits_for_the_same_already_is_shown_and_another_is_opened_only_where_it_is_ticked(
    anna: Visitor, shop: SandboxShop
) -> None:
    where = "/shop/demo/requests/new"
    fields = {"kind": "complete", "on": str(shop.open().today), "email": address(shop), **NOW}
    first = anna.send(anna.get(where), where, **fields)
    assert first.status_code == 303
    count = len(requests_of(shop))
    second = anna.send(anna.get(where), where, **fields)
    assert second.status_code == 409
    assert first.headers["location"].partition("?")[0] in second.text
    assert len(requests_of(shop)) == count
    assert anna.send(second, where, **fields, again="yes").status_code == 303
    assert len(requests_of(shop)) == count + 1


def test_an_access_request_is_copied_read_by_a_named_person_and_answered(
    anna: Visitor, shop: SandboxShop
) -> None:
    link = taken_in(anna, shop, "access")
    assert "by the address" not in said(anna.get(link))
    done(anna, link, "prove", how="elsewhere", elsewhere="by phone")
    assert "The copy is made and sealed" in done(anna, link, "copy", scope="access")
    assert address(shop) not in anna.get(link).text
    for form, type_ in (("page", "text/html"), ("html", "text/html"), ("json", "application/json")):
        shown = act(anna, link, "read", scope="access", form=form)
        assert shown.status_code == 200, said(shown)
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["content-type"].startswith(type_)
        assert address(shop) in shown.text
        assert address(shop) not in str(shown.headers)
        title = re.search(r"<title>(.*?)</title>", shown.text, re.DOTALL)
        assert title is None or address(shop) not in title[1]
    assert ("answer_opened", "Anna Ask") in by_whom(shop, link)
    done(anna, link, "letter", letter="accessed", language="sv")
    draft = act(anna, link, "draft", letter="accessed")
    assert link.rpartition("/")[2] in said(draft)
    assert ("letter_opened", "Anna Ask") in by_whom(shop, link)
    assert "The letter stands as sent." in done(anna, link, "sent", letter="accessed", how="by post")
    done(anna, link, "decide")
    told = done(anna, link, "answer", answer="full", on=str(shop.open().today), **NOW)
    assert "The request stands as answered." in told
    row = row_of(shop, link)
    assert (row.state, row.answered_by) == (RequestState.ANSWERED, "Anna Ask")
    assert address(shop).encode() not in shop.ledger_bytes()


def test_a_request_is_extended_once_and_refused_with_its_ground(anna: Visitor, shop: SandboxShop) -> None:
    link, today = taken_in(anna, shop, "erase"), str(shop.open().today)
    before = row_of(shop, link).due
    assert act(anna, link, "extend", why="many at once", how="", on=today).status_code == 409  # by what?
    phoned = {"how": "by phone", "on": today}
    assert "The time is extended." in done(anna, link, "extend", why="many at once", **phoned)
    assert row_of(shop, link).due > before
    assert act(anna, link, "extend", why="again", **phoned).status_code == 409
    refusal = {"letter": "refusal", "ground": "not_identified", "reasons": "No answer came."}
    done(anna, link, "letter", language="en", **refusal)
    assert act(anna, link, "answer", answer="refused", on=today, ground="", **NOW).status_code == 409
    assert row_of(shop, link).state is RequestState.RECEIVED
    told = done(anna, link, "answer", answer="refused", on=today, ground="Art. 12(6)", **NOW)
    assert "The request stands as refused." in told
    row = row_of(shop, link)
    assert (row.state, row.ground, row.answered_by) == (RequestState.REFUSED, "Art. 12(6)", "Anna Ask")
    assert ("request_extended", "Anna Ask") in by_whom(shop, link)


def test_a_restriction_is_lifted_once_its_letter_has_left(anna: Visitor, shop: SandboxShop) -> None:
    link, today = taken_in(anna, shop, "restrict"), str(shop.open().today)
    done(anna, link, "prove", how="elsewhere", elsewhere="in the shop")
    done(anna, link, "decide")
    done(anna, link, "answer", answer="full", on=today, **NOW)
    assert act(anna, link, "lift").status_code == 409
    done(anna, link, "letter", letter="lifting", reasons="What was disputed is settled.", language="sv")
    done(anna, link, "sent", letter="lifting", how="by mail")
    assert "The restriction is lifted." in done(anna, link, "lift")
    assert row_of(shop, link).state is RequestState.CLOSED


def test_an_objection_is_weighed_with_its_ground(anna: Visitor, shop: SandboxShop) -> None:
    link = taken_in(anna, shop, "object")
    done(anna, link, "prove", how="address")
    assert act(anna, link, "decide").status_code == 409
    assert act(anna, link, "decide", how="overridden", ground="").status_code == 409
    done(anna, link, "decide", how="overridden", ground="art. 21.1: fraud is suspected")
    assert row_of(shop, link).state is RequestState.DECIDED
    assert ("request_weighed", "Anna Ask") in by_whom(shop, link)
    today = str(shop.open().today)
    assert act(anna, link, "answer", answer="full", on=today, **NOW).status_code == 409


def test_what_was_typed_wrong_stands_in_the_form_again_and_nothing_is_taken_in(
    anna: Visitor, shop: SandboxShop
) -> None:
    where, before = "/shop/demo/requests/new", requests_of(shop)
    fields = {"kind": "erase", "on": str(shop.open().today), "email": "nobody", **NOW}
    sent = anna.send(anna.get(where), where, **fields)
    assert sent.status_code == 409
    assert 'value="nobody"' in sent.text
    assert sent.headers["cache-control"] == "no-store"
    assert requests_of(shop) == before


def test_a_request_that_the_person_takes_back_is_closed_with_a_name(anna: Visitor, shop: SandboxShop) -> None:
    link = taken_in(anna, shop, "erase")
    assert act(anna, link, "withdraw").status_code == 409
    assert "withdrawn" in done(anna, link, "withdraw", sure="yes")
    assert ("request_moved", "Anna Ask") in by_whom(shop, link)


def test_mailings_end_from_a_page_and_its_address_says_nothing_of_whom(
    anna: Visitor, shop: SandboxShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail, where = address(shop), "/shop/demo/mailings"
    bad = anna.send(anna.get(where), where, given="none", on=str(shop.open().today), **NOW)
    assert bad.status_code == 409
    sent = anna.send(anna.get(where), where, given=mail, on=str(shop.open().today), **NOW)
    assert sent.status_code == 303, said(sent)
    assert re.fullmatch(r"/shop/demo/mailings/[0-9a-f]{16}", sent.headers["location"])
    page = anna.get(sent.headers["location"])
    assert page.status_code == 200
    assert "under way" not in said(page)
    assert mail not in page.text
    opened = shop.open()
    with opened.ledger.begin() as connection:
        told = opened.ledger.events(connection, "objected")[-1].detail
    assert told["by"] == "Anna Ask"
    assert not [one for one in caplog.records if mail in one.getMessage()]


def test_slow_work_says_that_it_is_under_way_and_is_begun_only_once(site: Any, shop: SandboxShop) -> None:
    jobs = Jobs(patience=0.01)
    visitor = Visitor(site._replace(jobs=jobs))
    visitor.enrol("Anna Ask", Role.ANSWERER)
    link, go_on = taken_in(visitor, shop, "erase"), Event()
    key = ("demo", link.rpartition("/")[2])
    jobs.begin(key, ("decide", "Anna Ask", system_clock()), lambda: go_on.wait(WAITS))
    assert "It is under way, asked for by Anna Ask" in said(visitor.get(link))
    with pytest.raises(GallraError, match="under way already"):
        jobs.begin(key, ("decide", "Anna Ask", system_clock()), lambda: None)
    go_on.set()
    until = time.monotonic() + WAITS
    while "under way" in said(visitor.get(link)) and time.monotonic() < until:
        time.sleep(0.05)
    assert "under way" not in said(visitor.get(link))


def test_work_that_nobody_foresaw_shows_no_text_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> object:
        raise ValueError("karin@kund.example")

    job = Jobs(patience=WAITS).begin(("demo", "x"), ("decide", "Anna Ask", system_clock()), failing)
    assert job.outcome is not None
    assert (job.outcome.unforeseen, job.outcome.fault) == (True, "")
    assert "kund.example" not in caplog.text


def test_every_form_of_a_request_is_for_who_answers() -> None:
    asked = [one for one in ways() if "/requests/" in one.path or "/mailings" in one.path]
    assert len(asked) > 15
    assert [one.path for one in asked if one.method == "POST" and one.role is not Role.ANSWERER] == []
