"""What was put back is said to be back, in each document of run and undo, and never called gone."""

import re
from pathlib import Path

import pytest

from connector.errors import RetryLater
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_undo_by_command import approved

CLEAN = re.compile(r"([1-9]\d*) (?:av|of) \d+ [^.]*(?:rena|clean)")
"""A sentence that calls a number of records clean; none is one of nought."""


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    return Opened(tmp_path)


def undone(shop: Opened, code: str) -> str:
    """The run, undone and its protocols written; the code of the undo."""
    undo = shop.gallra("undo", code).out.rpartition("plan ")[2][:8]
    approved(shop, undo)
    assert shop.gallra("apply", "--plan", undo).code == 0
    assert shop.gallra("report").code in (0, 2)
    return undo


def said(shop: Opened, code: str) -> list[str]:
    """The protocol of a run, whole and short, in both languages."""
    return [
        shop.gallra("report", "--run", code, "--language", language, *more).out
        for language in ("sv", "en")
        for more in (("--full",), ())
    ]


def test_the_protocol_of_an_undo_says_what_was_put_back_and_never_that_it_is_gone(shop: Opened) -> None:
    undo = undone(shop, shop.ran("1", "2"))
    for text in said(shop, undo):
        assert "2 read back, 0 clean, 0 with data left, 2 restored" in text
        assert not CLEAN.search(text)
        assert not re.search(r"rena: det|clean: what|Inget gallrades|Nothing was deleted", text)
    swedish, _, english, _ = said(shop, undo)
    assert "2 av 2 kontrollästa poster har åter" in swedish
    assert "Det här återställdes" in swedish
    assert "2 of 2 records read back hold again" in english
    assert "This was restored" in english


def test_the_protocol_of_an_undone_run_is_written_anew_and_says_when_it_was_undone(shop: Opened) -> None:
    code = shop.ran("1", "2")
    shop.gallra("report")
    (page,) = (shop.folder / "reports").glob("protocol-*-001.html")
    before = page.read_text(encoding="utf-8")
    undo = undone(shop, code)
    after = page.read_text(encoding="utf-8")
    assert (undo in before, undo in after) == (False, True)
    for text in said(shop, code):
        assert f"(plan {undo})" in text
        assert "0 clean, 0 with data left, 2 restored" in text
        assert not CLEAN.search(text)


def test_audit_and_explain_say_that_it_was_undone_and_when(shop: Opened) -> None:
    undo = undone(shop, shop.ran("1"))
    shown = shop.gallra("audit", "show", "1").out
    assert re.search(rf"undone 20\S+ by plan {undo}", shown)
    assert "it stands there again" in shown
    assert re.search(rf"Restored 20.*\(plan {undo}\)", shop.gallra("explain", "1").out)


def test_what_an_undo_put_back_is_no_data_left_when_it_is_read_again(shop: Opened) -> None:
    undone(shop, shop.ran("1"))
    seen = shop.gallra("verify", "--again")
    assert (seen.code, "0 clean, 0 with data left, 1 restored" in seen.out) == (0, True)


def test_what_was_not_read_back_yet_is_called_neither_gone_nor_unreadable(shop: Opened) -> None:
    code = shop.ran("1", "2", verified=False)
    for text in said(shop, code):
        assert "2 not read back yet" in text
        assert not re.search(r"rena: det|var rena|clean: what|were clean|gick inte att läsa|could not", text)
    assert "inte har lästs tillbaka ännu: 2" in said(shop, code)[0]


def stopped(_tasks: object) -> None:
    """The service fails in the middle of a write."""
    raise RetryLater("Later.", adapter="woocommerce", operation="write")


STATES = ("planned", "approved", "begun", "applied", "verified", "undone")


def brought_to(shop: Opened, state: str) -> str:
    """A plan of two orders in a state; its code."""
    for id in ("1", "2"):
        shop.memory.order(id)
    if state == "planned":
        for words in (("check",), ("pull",), ("plan",)):
            assert shop.gallra(*words).code == 0, words
        return str(shop.gallra("show", "--json").json["code"])
    code = shop.planned()
    if state == "begun":
        shop.memory.before_apply = stopped
    if state != "approved":
        shop.gallra("apply")
    if state in ("verified", "undone"):
        assert shop.gallra("verify").code == 0
    if state == "undone":
        undone(shop, code)
    return code


@pytest.mark.parametrize("state", STATES)
def test_no_document_of_a_run_in_any_state_says_gone_where_nothing_was_read_back(
    shop: Opened, state: str
) -> None:
    code = brought_to(shop, state)
    for language in ("sv", "en"):
        shown = shop.gallra("show", "--language", language).out
        ran = state in STATES[2:]
        assert bool(re.search(r"Inget har ändrats|Nothing has been changed", shown)) is not ran, shown
        told = shop.gallra("report", "--run", code, "--language", language, "--full") if ran else None
        for text in (shown, told.out if told else ""):
            if state != "verified":
                assert not CLEAN.search(text), text
                assert not re.search(r"är borta\.|what the run was to remove is gone", text), text


def test_a_report_of_a_plan_that_has_not_run_says_that_there_is_one_and_what_comes_next(shop: Opened) -> None:
    code = brought_to(shop, "planned")
    said = shop.gallra("report")
    assert (said.code, code in said.err, "gallra show" in said.err) == (4, True, True), said.err
    assert "There is no" not in said.err


def test_a_protocol_that_is_written_anew_keeps_its_number_and_first_date_and_says_when_it_was_updated(
    shop: Opened,
) -> None:
    code = shop.ran("1", verified=False)
    first = shop.gallra("report").out
    assert "Updated" not in first
    shop.gallra("verify")
    (one, two) = (shop.gallra("report", "--run", code, "--json").json for _ in range(2))
    assert (one["number"], one["updated"], one["chain"]) == (two["number"], two["updated"], two["chain"])
    assert one["first"] < one["updated"]
    assert re.search(r"Made\s+20\S+ \S+.*Updated\s+20\S+", shop.gallra("report").out, re.DOTALL)
    shop.gallra("verify", "--again")
    assert shop.gallra("report", "--json").json["first"] == one["first"]
