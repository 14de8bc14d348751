"""What people type at `gallra init` is understood, or asked again with what would do."""

import inspect
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cli import main, starting
from connector.cli.init.asking import ask
from connector.errors import GallraError
from connector.setup import understood
from connector.setup.given import KEPT, from_file, keep, kept
from connector.setup.questions import Question, questions
from connector.setup.recipients import fault_of_recipients, named_recipients

BY_ID = {one.id: one for one in questions()}


@pytest.mark.parametrize(
    ("question", "typed", "meant"),
    [
        ("gift_cards", "JA", "yes"),
        ("gift_cards", "j", "yes"),
        ("gift_cards", "Nej.", "no"),
        ("gift_cards", "vet inte", "unsure"),
        ("gift_cards", "Don't know", "unsure"),
        ("gift_cards", "2", "no"),
        ("platform", "WooCommerce", "woocommerce"),
        ("platform", "woo commerce", "woocommerce"),
        ("platform", "SHOPIFY", "shopify"),
        ("platform", "annat", "unknown"),
        ("underlag", "I butiken", "shop"),
        ("underlag", "annanstans", "elsewhere"),
        ("url", "butiken.example", "https://butiken.example"),
        ("url", "Butiken.example/wp-admin/", "https://butiken.example"),
        ("url", "https://butiken.example/wp-admin/admin.php?page=wc", "https://butiken.example"),
        ("url", "https://butiken.example/butik/wp-login.php", "https://butiken.example/butik"),
        ("url", "https://butiken.example/", "https://butiken.example"),
        ("url", "www.butiken.example/butik", "https://www.butiken.example/butik"),
        ("organisation_number", "5567037485", "556703-7485"),
        ("organisation_number", "SE556703748501", "556703-7485"),
        ("year_end", "31 december", "12-31"),
        ("year_end", "31/12", "12-31"),
        ("year_end", "30 juni", "06-30"),
        ("year_end", "June 30", "06-30"),
        ("year_end", "sista april", "04-30"),
        ("year_end", "2025-12-31", "12-31"),
        ("first_year", "2013/2014", "2014"),
        ("first_year", "2014-12-31", "2014"),
        ("oss", "Nej", "no"),
        ("oss", "vet ej", "unsure"),
        ("oss", "1 juli 2021", "2021-07-01"),
        ("oss", "juli 2021", "2021-07-01"),
        ("oss", "2021-07-01", "2021-07-01"),
    ],
)
def test_what_is_typed_is_the_answer_that_it_means(question: str, typed: str, meant: str) -> None:
    answer = BY_ID[question].heard(typed)
    assert (answer, BY_ID[question].fault(answer)) == (meant, None)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_answer_that_is_typed_stops_the_asking(typed: str) -> None:
    for question in questions():
        question.fault(question.heard(typed))


@pytest.mark.parametrize("question", questions(), ids=lambda one: one.id)
def test_an_answer_that_was_understood_is_understood_as_itself(question: Question) -> None:
    for typed in (*question.choices, "31 december", "1 juli 2021", "butiken.example/wp-admin"):
        assert question.heard(question.heard(typed)) == question.heard(typed)


def test_recipients_are_named_by_title_in_any_case_with_commas_or_a_word_between() -> None:
    found = named_recipients("klarna, PostNord och google analytics; One.com")
    assert tuple(found) == ("klarna", "postnord", "google-analytics", "one-com")


def test_a_recipient_that_nobody_knows_gets_letters_by_what_it_does() -> None:
    (name, known), = named_recipients("Hönslogistik AB: frakt").items()  # fmt: skip
    assert (name, known.title, known.code, known.role) == (
        "honslogistik-ab", "Hönslogistik AB", "PN", "controller"
    )  # fmt: skip


def test_a_recipient_that_is_nearly_known_is_asked_about() -> None:
    fault = fault_of_recipients("klarna, postnrod")
    assert fault is not None
    assert "Menade du PostNord" in fault.sv
    assert "Did you mean PostNord" in fault.en


def test_nobody_else_is_no_recipient() -> None:
    assert dict(named_recipients("inga")) == {}


def test_there_is_an_option_for_every_question() -> None:
    assert tuple(BY_ID) == starting.QUESTIONS
    assert set(BY_ID) <= set(inspect.signature(starting.init).parameters)


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """Types these lines, one a question; what was asked is gathered."""
    asked: list[str] = []
    coming = iter(lines)

    def prompt(words: str, **_: object) -> str:
        asked.append(words)
        return next(coming, "")

    monkeypatch.setattr("typer.prompt", prompt)
    return asked


def test_each_question_says_which_of_how_many_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = typed(monkeypatch, "Ägg")
    ask({"by": "Ada"}, before={}, language="sv", keep=None)
    assert asked[0] == "Fråga 1 av 16: Vad heter butiken?"
    assert asked[-1].startswith("Fråga 16 av 16: ")


def test_a_person_goes_back_and_answers_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "Egg", "<", "Ägg")
    assert ask({"by": "Ada"}, before={}, language="sv", keep=None)["shop_name"] == "Ägg"


def test_who_was_interrupted_goes_on_at_the_next_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, {"shop_name": "Ägg", "shop_id": "", "platform": "shopify"})
    asked = typed(monkeypatch)
    answers = ask({"by": "Ada"}, before=kept(tmp_path), language="en", keep=lambda _: None)
    assert asked[0].startswith("Question 4 of 16")
    assert (answers["shop_name"], answers["platform"]) == ("Ägg", "shopify")


def test_kept_answers_that_cannot_be_read_are_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_text("[1", encoding="utf-8")
    assert kept(tmp_path) == {}


def test_a_file_of_answers_may_say_true_lists_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('till = true\nrecipients = ["Klarna", "Fortnox"]\noss = 2021-07-01\n', encoding="utf-8")
    assert from_file(path) == {"till": "yes", "recipients": "Klarna, Fortnox", "oss": "2021-07-01"}


def test_a_file_that_answers_what_is_not_asked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text('shopname = "Ägg"\n', encoding="utf-8")
    with pytest.raises(GallraError, match=r"shopname is no question\. Name one of: shop_name"):
        from_file(path)


def test_options_alone_write_the_shop_s_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--shop-name", "Ägg", "--by", "Ada", "--platform", "annat", "--till", "NEJ"]
    monkeypatch.setattr(sys, "argv", ["gallra", "init", str(tmp_path), *words])
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert 'name = "unknown"' in (tmp_path / "agg.toml").read_text(encoding="utf-8")
    assert "*.secret" in (tmp_path / ".gitignore").read_text(encoding="utf-8")
    assert "Next: " in capsys.readouterr().out


def test_a_word_is_understood_whatever_stands_around_it() -> None:
    assert understood.word("  JA! ") == "yes"
