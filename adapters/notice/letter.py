"""A letter to one recipient, and its rendering as text and HTML; holds no name and no address of a person.

Contents: law/documents §8 (notice to a controller, Art. 19) and §9 (instruction to a processor, Art. 28).
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.notice.words import FIELDS, REFERENCES, WORDS
from connector.ports import Role
from connector.records import Field, Value

Language = Literal["sv", "en"]


class Sender(Value, frozen=True, kw_only=True):
    """The controller who writes, and where an answer goes."""

    company: str
    organisation_number: str = ""
    address: str = ""
    contact: str = ""
    shop: str = ""


class Party(Value, frozen=True, kw_only=True):
    """The recipient the letter goes to, and whose the data is there."""

    name: str
    title: str
    code: str
    role: Role = Role.CONTROLLER
    address: str = ""
    email: str = ""


class Line(Value, frozen=True, kw_only=True):
    """One reference: what was erased under it and when; no fields means that the record went whole.

    `copy_gone_by` is the day by which the shop's policy says that the recipient's own copy is gone.
    """

    handle: str
    reference: str
    on: date
    fields: tuple[Field, ...] = ()
    further: str = ""
    copy_gone_by: date | None = None


class Letter(Value, frozen=True, kw_only=True):
    """A letter as it was written; `id` is our reference."""

    id: str
    written: date
    sender: Sender
    party: Party
    lines: tuple[Line, ...]


def render(letter: Letter, language: Language = "sv") -> tuple[str, str]:
    """The letter as text and as HTML."""
    words = WORDS[language]
    given = {
        "letter": letter, "words": words, "language": language, "sections": _sections(letter, language),
        "kind": words["instruction" if letter.party.role is Role.PROCESSOR else "notice"],
    }  # fmt: skip
    text = _environment().get_template("letter.txt.j2").render(given)
    html = _environment().get_template("letter.html.j2").render(given)
    return text, html


def _sections(letter: Letter, language: Language) -> list[dict[str, Any]]:
    """The lines by kind of reference, each with its categories in words."""
    handles = dict.fromkeys(line.handle for line in letter.lines)
    return [
        {
            "heading": REFERENCES[language].get(handle, REFERENCES[language]["other"]),
            "dated": any(line.copy_gone_by for line in letter.lines if line.handle == handle),
            "rows": [_row(line, language) for line in letter.lines if line.handle == handle],
        }
        for handle in handles
    ]


def _row(line: Line, language: Language) -> dict[str, str]:
    words = FIELDS[language]
    what = ", ".join(words[field] for field in line.fields) or WORDS[language]["whole"]
    return {
        "reference": f"{line.reference} ({line.further})" if line.further else line.reference,
        "what": what,
        "on": line.on.isoformat(),
        "copy_gone": line.copy_gone_by.isoformat() if line.copy_gone_by else "–",
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
