"""The promise report as a document, and the commands on a shop that nobody has connected."""

import base64
import os
from pathlib import Path

import pytest

from connector.errors import GallraError
from connector.report.drawn import sheet
from connector.report.promises.document import GRAVEST_FIRST, compose, promise_sentence, remark_sentence
from connector.report.promises.model import PromiseReport, Remark, RemarkView, State
from connector.report.shared import LANGUAGES
from connector.report.words import Words
from connector.shop import Shop, open_shop
from connector.views.promises.assembly import attestable, promise_report, refuse_to_attest
from connector.views.promises.reading import attest, attestations, existing_ledger
from tests.engine_support import NOON, SEAL_KEY, TurnableClock
from tests.support import REPOSITORY

SHOPS = ("mommees", "liten-mindre-minst", "cookstore", "dittoo", "smultronsites")


def opened(folder: Path, name: str = "liten-mindre-minst", text: str = "") -> Shop:
    path = folder / "shop.toml"
    path.write_text(
        f'extends = "{REPOSITORY / "config" / "shops" / f"{name}.toml"}"\n{text}', encoding="utf-8"
    )
    key = {f"GALLRA_{name.upper().replace('-', '_')}_SEAL_KEY": base64.urlsafe_b64encode(SEAL_KEY).decode()}
    return open_shop(path, environ={**os.environ, **key}, clock=TurnableClock())


@pytest.fixture
def report(tmp_path: Path) -> PromiseReport:
    return promise_report(opened(tmp_path))


@pytest.mark.parametrize("name", SHOPS)
def test_a_shop_without_a_platform_has_a_report_without_counts(tmp_path: Path, name: str) -> None:
    view = promise_report(opened(tmp_path, name))
    assert view.read is None
    assert view.records == ()
    assert all(one.counts == () for one in view.promises)
    assert {State.BROKEN} & {one.state for one in view.promises} == set()


def test_a_report_makes_no_ledger(tmp_path: Path) -> None:
    promise_report(opened(tmp_path))
    assert list(tmp_path.glob("*.sqlite*")) == []


def test_a_report_that_read_nothing_says_so(report: PromiseReport) -> None:
    text = sheet.terminal(compose(report, "sv"), width=100, colour=False)
    assert "Löftena är inte prövade mot butikens uppgifter" in text
    assert "gallra pull" in text


def test_a_shop_without_promises_is_told_where_to_write_them(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text('[shop]\nid = "x"\nname = "X"\n', encoding="utf-8")
    with pytest.raises(GallraError, match="Add promises"):
        promise_report(open_shop(path, environ={}))


def test_the_sentence_is_the_last_line_in_every_language(report: PromiseReport) -> None:
    for language in LANGUAGES:
        text = sheet.terminal(compose(report, language), width=80, colour=False)
        assert text.rstrip("\n").splitlines()[-1] == promise_sentence(report)


def test_the_html_holds_both_languages_and_no_script(report: PromiseReport) -> None:
    text = sheet.html(lambda language: compose(report, language), "sv")
    assert "Så länge sparar vi dina uppgifter" in text
    assert "How long we keep your data" in text
    assert "<script" not in text


def test_every_promise_stands_once_in_the_document(report: PromiseReport) -> None:
    text = sheet.html(lambda language: compose(report, language), "sv")
    for one in report.promises:
        assert text.count(f"<small>{one.id}</small>") == len(LANGUAGES), one.id


def test_every_state_has_its_place_among_the_gravest_first() -> None:
    assert set(GRAVEST_FIRST) == set(State)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Remark)
def test_every_remark_is_one_sentence_that_ends_with_a_stop(language: str, code: Remark) -> None:
    said = remark_sentence(RemarkView(code=code, count=3, name="MC"), Words(language))
    assert said.endswith(".")
    assert "{" not in said


def test_the_json_holds_every_field_zeros_too(report: PromiseReport) -> None:
    text = sheet.json(report, document="promises", sentence=promise_sentence(report))
    assert '"exit_code": 0' in text
    assert '"records": []' in text


def test_years_archived_elsewhere_read_declared_and_not_proven(tmp_path: Path) -> None:
    text = (
        '[company]\nfinancial_years = { ends = "12-31", from = 2014 }\n'
        '[[archive.elsewhere]]\nyear = 2019\nby = "Disa Demo"\nrole = "owner"\n'
        "on = 2026-01-01\nsampled = 10\n"
    )
    view = promise_report(opened(tmp_path, text=text))
    said = "Verifikationer för 2019 ligger på annat håll: uppgivet, inte bevisat."
    assert said in compose(view, "sv").lead


def test_what_the_law_forbids_stands_first(tmp_path: Path) -> None:
    text = '[company]\nfinancial_years = { ends = "12-31", from = 2014 }\n'
    view = promise_report(opened(tmp_path, text=text))
    warnings = compose(view, "sv").warnings
    assert warnings is not None
    assert warnings.items[0].startswith("S1-03")


# Attestations ---------------------------------------------------------------------------------


def test_a_word_is_kept_with_person_and_day_and_is_due_a_year_later(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    attest(shop.ledger, row="T-51", by="Disa Demo", role="owner", on=NOON.date())
    given = attestations(existing_ledger(shop))["T-51"]
    assert (given.by, given.role, given.on) == ("Disa Demo", "owner", NOON.date())
    assert given.due is not None
    assert (given.due.year, given.due.month, given.due.day) == (2027, 11, 22)


def test_the_newest_word_on_a_row_is_the_one_that_counts(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    for name in ("Disa Demo", "Ove Demo"):
        attest(shop.ledger, row="T-51", by=name, role="owner", on=NOON.date())
    assert attestations(shop.ledger)["T-51"].by == "Ove Demo"


def test_rows_and_promises_that_no_program_sees_can_be_attested(tmp_path: Path) -> None:
    known = attestable(opened(tmp_path))
    assert {"T-23", "T-51", "T-60", "S1-17", "S1-26", "S1-31"} <= set(known)
    assert {"T-01", "T-37b", "T-62", "T-63"} & set(known) == set()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("S1-06", "only another text helps"),
        ("S1-16", "only another text helps"),
        ("S1-18", "only another text helps"),
        ("S1-03", "only another text helps"),
        ("S1-02", "rules carry it"),
        ("T-01", "Gallra carries it out"),
        ("T-62", "own register keeps it"),
        ("T-99", "Name one of: T-"),
    ],
)
def test_a_word_that_would_prove_nothing_is_refused_with_the_reason(
    tmp_path: Path, row: str, says: str
) -> None:
    with pytest.raises(GallraError, match=f"{row} is nothing to attest.*{says}"):
        refuse_to_attest(opened(tmp_path), row)


@pytest.mark.parametrize("name", SHOPS)
def test_every_promise_that_the_report_asks_a_word_for_can_be_attested(tmp_path: Path, name: str) -> None:
    shop = opened(tmp_path, name)
    asked = [one.id for one in promise_report(shop).promises if one.state is State.ATTEST]
    assert asked
    for row in asked:
        refuse_to_attest(shop, row)


@pytest.mark.parametrize(
    ("language", "number", "platform"),
    [
        ("sv", "Org.nr fyll i company.organisation_number", "Plattform: fyll i platform.name"),
        ("en", "fill in company.organisation_number", "Platform: fill in platform.name"),
    ],
)
def test_a_head_without_number_or_platform_says_what_to_fill_in(
    tmp_path: Path, language: str, number: str, platform: str
) -> None:
    head = "\n".join(compose(promise_report(opened(tmp_path, "mommees")), language).sender)
    assert number in head
    assert platform in head
    assert "unknown" not in head
