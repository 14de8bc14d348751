"""A letter to one recipient, and its rendering as text and HTML; holds no name and no address of a person.

Contents: law/documents §8 (notice to a controller, Art. 19) and §9 (instruction to a processor, Art. 28).
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.notice.words import FIELDS, REFERENCES, WORDS
from connector.ports import Role
from connector.records import Field, Value

Language = Literal["sv", "en"]

ANSWER_DAYS = 30
"""A month is what a person may be kept waiting at most (Art. 12(3)); a processor gets no longer."""


class Sender(Value, frozen=True, kw_only=True):
    """The controller who writes, and where an answer goes."""

    company: str
    organisation_number: str = ""
    address: str = ""
    contact: str = ""
    shop: str = ""


class Party(Value, frozen=True, kw_only=True):
    """The recipient the letter goes to, and whose the data is there; `form` is a page that takes it in."""

    name: str
    title: str
    code: str
    role: Role = Role.CONTROLLER
    address: str = ""
    email: str = ""
    form: str = ""
    # The day of its data processing agreement (Art. 28), where the shop has given one.
    agreement: str = ""

    @property
    def to(self) -> str:
        """Where the letter goes, a line each; empty where nobody knows."""
        return "\n".join(filter(None, (self.address or self.email, self.form)))


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
    # It tells of what was put right (Art. 16, 19), and of nothing that was erased.
    rectified: bool = False


def kind_of(party: Party, *, rectified: bool) -> str:
    """The words of a letter: a notice to a controller or an instruction to a processor, and of what."""
    kind = "instruction" if party.role is Role.PROCESSOR else "notice"
    return f"rectified_{kind}" if rectified else kind


def render(letter: Letter, language: Language = "sv") -> tuple[str, str]:
    """The letter as text and as HTML."""
    words = WORDS[language]
    kind = words[kind_of(letter.party, rectified=letter.rectified)]
    given = {
        "letter": letter, "words": words, "language": language, "sections": _sections(letter, language),
        "kind": kind, "paragraphs": tuple(_filled(letter, part, language) for part in kind["paragraphs"]),
    }  # fmt: skip
    text = _environment().get_template("letter.txt.j2").render(given)
    html = _environment().get_template("letter.html.j2").render(given)
    return text, html


def _filled(letter: Letter, paragraph: str, language: Language) -> str:
    """A paragraph with its agreement and its day; what the shop has not given is to be filled in."""
    missing = WORDS[language]["agreement_missing"].format(name=letter.party.name)
    return paragraph.format(
        agreement=letter.party.agreement or missing, deadline=answer_by(letter.written).isoformat()
    )


def answer_by(written: date) -> date:
    """The day by which a processor is to have done what a letter instructs and to confirm it."""
    return written + timedelta(days=ANSWER_DAYS)


def _sections(letter: Letter, language: Language) -> list[dict[str, Any]]:
    """The lines by kind of reference, each with its categories in words."""
    handles = dict.fromkeys(line.handle for line in letter.lines)
    return [
        {
            "heading": REFERENCES[language].get(handle, REFERENCES[language]["other"]),
            "dated": any(line.copy_gone_by for line in letter.lines if line.handle == handle),
            "rows": [
                _row(line, language, rectified=letter.rectified)
                for line in letter.lines
                if line.handle == handle
            ],
        }
        for handle in handles
    ]


def _row(line: Line, language: Language, *, rectified: bool) -> dict[str, str]:
    names, words = ", ".join(FIELDS[language][field] for field in line.fields), WORDS[language]
    done = words["rectified" if rectified else "blanked"].format(fields=names)
    what = done if names else words["whole"]
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
