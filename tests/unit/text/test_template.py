"""A mail's words that a shop wrote itself: only known gaps are filled, and what must be said is said."""

import pytest

from connector.text.template import Template, faults, read_template

KNOWN, MUST = ("company", "contact", "date", "link", "shop"), ("date", "shop")
GOOD = "Ditt konto hos {shop}\n\nHej!\nDet raderas {date} hos {shop}.\n"


def wrong(text: str) -> list[str]:
    try:
        return faults(read_template(text), known=KNOWN, must=MUST)
    except ValueError as fault:
        return [str(fault)]


def test_the_first_line_is_the_subject_and_the_rest_the_text() -> None:
    assert read_template(GOOD.replace("\n", "\r\n")) == Template(
        "Ditt konto hos {shop}", "Hej!\nDet raderas {date} hos {shop}.\n"
    )
    assert wrong(GOOD) == []


WRONG = {
    "no day": GOOD.replace("{date}", "snart"),
    "no shop in the text": "Hos {shop}\n\nDet raderas {date}.\n",
    "an unknown gap": GOOD + "{name}",
    "a gap that reaches into the program": GOOD + "{shop.__class__}",
    "a gap by number": GOOD + "{0}",
    "a stray brace": GOOD + "}",
    "no subject": "\n\n{shop} {date}",
    "a second header": "Ditt konto\nBcc: alla@kund.example\n\n{shop} {date}",
    "no text": "Ditt konto {shop} {date}",
    "nothing": "",
    "too long": GOOD + "x" * 30_000,
    "an escape": GOOD + "\x1b[31m",
    "a separator that some read as a new line": GOOD.replace("konto", "konto\u2028"),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_words_that_cannot_be_sent_are_refused(text: str) -> None:
    assert wrong(text)


def test_a_value_with_braces_fills_no_other_gap() -> None:
    filled = read_template(GOOD).filled({"shop": "{date}", "date": "2026-12-23"})
    assert filled.subject == "Ditt konto hos {date}"
