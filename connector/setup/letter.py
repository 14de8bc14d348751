"""The letter that asks the shop's accountant what the law leaves to the books (rules §6.0)."""

import textwrap
from datetime import date

from connector.records import Value
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both
from connector.setup.questions import UNSURE, Answers
from connector.setup.wording import Language

_COLUMNS = 80


class _Catalogue(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The letter, and what stands in its gaps."""

    letter: Both
    till: Both
    unknown: Both
    since: Both
    oss: dict[str, Both]
    underlag: dict[str, Both]


def accountant_letter(answers: Answers, *, language: Language, today: date) -> str:
    """The letter in one language, with what the shop has answered so far."""
    words = read_catalogue("accountant", _Catalogue)
    oss = answers.get("oss") or UNSURE
    text = words.letter.filled(
        company=answers.get("company") or answers["shop_name"],
        shop=answers["shop_name"],
        today=today.isoformat(),
        year_end=answers.get("year_end") or "12-31",
        first_year=answers.get("first_year") or words.unknown,
        oss=words.oss.get(oss) or words.since.filled(period=oss),
        underlag=words.underlag[answers.get("underlag") or UNSURE],
        till=words.till if answers.get("till") == "yes" else "",
        by=answers["by"],
        contact=f"\n{answers['contact']}" if answers.get("contact") else "",
    )
    return "".join(f"{_wrapped(line)}\n" for line in text.of(language).splitlines())


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(line, width=_COLUMNS, subsequent_indent=indent, break_long_words=False)
