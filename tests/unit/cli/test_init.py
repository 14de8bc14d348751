"""Questions, the settings file they become, and the letter to the accountant."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import SettingsError
from connector.records import HoldId
from connector.registry import described
from connector.settings import Settings, load_settings
from connector.setup import draft, questions
from connector.setup.compose import quoted
from connector.setup.recipients import known_recipients
from connector.setup.wording import Language, slug

TODAY = date(2026, 11, 22)

ANSWERS = {
    "shop_name": "Äggboden",
    "platform": "woocommerce",
    "url": "https://agg.example",
    "company": "Ägg & Höns AB",
    "organisation_number": "556703-7485",
    "contact": "dataskydd@agg.example",
    "address": "Hönsgatan 1, 111 22 Ägg",
    "by": "Ada Ek, ägare",
    "year_end": "06-30",
    "first_year": "2019",
    "oss": "2021-07-01",
    "underlag": "shop",
    "gift_cards": "no",
    "subscriptions": "yes",
    "till": "no",
    "recipients": "klarna, mailchimp, hotjar",
}

LANGUAGES: tuple[Language, ...] = ("sv", "en")


def load(text: str, folder: Path) -> Settings:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, environ={}, today=TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_answered_is_what_is_loaded(language: Language, tmp_path: Path) -> None:
    made = draft(ANSWERS, language=language, today=TODAY)
    settings = load(made.settings, tmp_path)
    assert made.shop_id == settings.shop.id == "aggboden"
    assert (settings.shop.name, settings.shop.language) == ("Äggboden", language)
    assert settings.platform.url == "https://agg.example"
    assert settings.company.name == "Ägg & Höns AB"
    assert settings.company.organisation_number == "556703-7485"
    assert settings.company.address == "Hönsgatan 1, 111 22 Ägg"
    assert settings.financial_years()[0] == (date(2018, 7, 1), date(2019, 6, 30))
    assert settings.oss_periods() == ((date(2021, 7, 1), None),)
    assert settings.attested() == {HoldId.BALANCE}
    assert set(settings.recipients.named()) == {"klarna", "mailchimp", "hotjar"}
    # The letter to the accountant has only just been written.
    assert {key for key, _ in settings.unanswered()} == {"accountant.answer"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fewest_answers_give_a_file_that_loads_and_says_what_is_open(
    language: Language, tmp_path: Path
) -> None:
    made = draft({"shop_name": "Ägg", "by": "Ada"}, language=language, today=TODAY)
    settings = load(made.settings, tmp_path)
    assert {key for key, _ in settings.unanswered()} == {
        "platform.url",
        "company.name",
        "company.organisation_number",
        "company.contact",
        "company.financial_years",
        "company.oss",
        "accountant.answer",
    }
    assert settings.attested() == frozenset()


def test_a_shop_of_unknown_platform_loads(tmp_path: Path) -> None:
    made = draft(ANSWERS | {"platform": "unknown"}, language="sv", today=TODAY)
    assert load(made.settings, tmp_path).platform.name == "unknown"


def test_every_recipient_that_can_be_named_loads_with_its_code_and_role(tmp_path: Path) -> None:
    made = draft(ANSWERS | {"recipients": ",".join(known_recipients())}, language="sv", today=TODAY)
    named = load(made.settings, tmp_path).recipients.named()
    told = {name: (one.code, one.role, one.title) for name, one in named.items()}
    assert told == {name: (one.code, one.role, one.title) for name, one in known_recipients().items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_commented_line_of_settings_loads_once_the_mark_is_taken_away(
    language: Language, tmp_path: Path
) -> None:
    recipients = ",".join(known_recipients())
    answers = {"shop_name": "Ägg", "by": "Ada", "recipients": recipients, "underlag": "elsewhere"}
    text = draft(answers, language=language, today=TODAY).settings
    opened = [line.removeprefix("# ") if _is_setting(line) else line for line in text.splitlines()]
    filled = "\n".join(opened).replace("NNNNNN-NNNN", "556703-7485").replace("…", "filled in")
    settings = load(filled, tmp_path)
    assert settings.archive.elsewhere[0].year == 2025
    coded = ("mailchimp", "klarna", "kustom", "payson", "postnord", "imap")
    assert settings.recipients_by_api() == (*coded, *(name for name, one in described().items() if one.needs))
    assert settings.unanswered() == ()
    assert settings.accountant.answer is not None
    assert settings.accountant.without is not None


def _is_setting(line: str) -> bool:
    """Whether a comment is a line of TOML that waits to be used."""
    if not line.startswith("# ") or line.startswith("# [policy.rules"):
        return False
    try:
        return bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_explains_itself_in_the_chosen_language(language: Language) -> None:
    text = draft(ANSWERS, language=language, today=TODAY).settings
    swedish = "Räkenskapsåren bestämmer" in text
    assert swedish == (language == "sv")
    assert ("Financial years decide" in text) == (language == "en")


def test_unsure_of_the_vouchers_counts_as_in_the_shop(tmp_path: Path) -> None:
    made = draft(ANSWERS | {"underlag": "unsure"}, language="sv", today=TODAY)
    assert load(made.settings, tmp_path).context().archived_years == ()


def test_vouchers_elsewhere_still_count_as_in_the_shop_until_a_person_has_looked(tmp_path: Path) -> None:
    made = draft(ANSWERS | {"underlag": "elsewhere"}, language="sv", today=TODAY)
    assert load(made.settings, tmp_path).context().archived_years == ()


def test_only_a_plain_no_attests_that_the_shop_has_none(tmp_path: Path) -> None:
    made = draft(ANSWERS | {"gift_cards": "unsure", "subscriptions": "no"}, language="sv", today=TODAY)
    (word,) = load(made.settings, tmp_path).attest.none
    assert (word.hold, word.by, word.on) == (HoldId.SUBSCRIPTION, "Ada Ek, ägare", TODAY)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("shop_name", ""),
        ("shop_id", "Ägg boden"),
        ("platform", "magento"),
        ("url", "http://agg.example"),
        ("url", "https://u:p@agg.example"),
        ("organisation_number", "556703-7486"),
        ("year_end", "06-31"),
        ("first_year", "19"),
        ("oss", "2020-01-01"),
        ("oss", "yes"),
        ("underlag", "home"),
        ("gift_cards", "maybe"),
        ("recipients", "klarna, postnrod"),
        ("by", " "),
    ],
)
def test_an_answer_that_will_not_do_is_refused_by_question(question: str, answer: str) -> None:
    with pytest.raises(SettingsError) as caught:
        draft(ANSWERS | {question: answer}, language="en", today=TODAY)
    (line,) = caught.value.faults
    assert line.startswith(f"{question}: ")


def test_every_answer_that_will_not_do_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        draft({"oss": "yes", "first_year": "x"}, language="sv", today=TODAY)
    assert [line.split(":")[0] for line in caught.value.faults] == ["shop_name", "by", "first_year", "oss"]


def test_the_address_is_not_asked_for_where_the_platform_is_unknown() -> None:
    url = next(question for question in questions() if question.id == "url")
    assert url.asked({"platform": "woocommerce"})
    assert not url.asked({"platform": "unknown"})


def test_every_question_has_words_in_both_languages_and_a_default_that_will_do() -> None:
    for question in questions():
        assert question.words.sv != question.words.en
        assert question.default == "" or question.fault(question.default) is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_quoted(text: str) -> None:
    assert tomllib.loads(f"key = {quoted(text)}")["key"] == text


@pytest.mark.parametrize(
    ("name", "made"),
    [("DITT:OO", "ditt-oo"), ("Mommee's", "mommee-s"), ("Åäö & Co", "aao-co"), ("!", "shop")],
)
def test_a_shop_id_is_made_from_the_name(name: str, made: str) -> None:
    assert slug(name) == made


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("sv", ("7 kap. 2 §", "5 kap. 7 §", "1 kap. 2 § 9", "22 kap. 77 §", "06-30", "2019", "Äggboden")),
        ("en", ("BFL 7:2", "BFL 5:7", "1:2 point 9", "22:77", "06-30", "2019", "Äggboden")),
    ],
)
def test_the_letter_asks_with_the_paragraphs_and_what_the_shop_has_said(
    language: Language, facts: tuple[str, ...]
) -> None:
    letter = " ".join(draft(ANSWERS, language=language, today=TODAY).letter.split())
    assert [fact for fact in facts if fact not in letter] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_has_five_questions_and_a_line_for_each_answer(language: Language) -> None:
    letter = draft(ANSWERS, language=language, today=TODAY).letter
    numbered = [line for line in letter.splitlines() if line[:2] in {"1.", "2.", "3.", "4.", "5."}]
    answer = "Svar: ___" if language == "sv" else "Answer: ___"
    assert len(numbered) == 5
    assert letter.count(answer) == 5


def test_the_letter_asks_of_the_till_only_where_there_is_one() -> None:
    without = draft(ANSWERS, language="en", today=TODAY).letter
    with_till = draft(ANSWERS | {"till": "yes"}, language="en", today=TODAY).letter
    assert "till's own daily reports" not in without
    assert "till's own daily reports" in with_till


def test_a_letter_of_answers_with_braces_is_still_written() -> None:
    letter = draft(ANSWERS | {"company": "{Ägg} AB {0}"}, language="sv", today=TODAY).letter
    assert "{Ägg} AB {0}" in letter


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_keeps_to_eighty_columns(language: Language) -> None:
    assert max(map(len, draft(ANSWERS, language=language, today=TODAY).letter.splitlines())) <= 80
