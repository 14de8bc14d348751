"""What `gallra init` asks, as data: the asking itself is the command line's."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

import stdnum.se.orgnr

from connector.about.tables import UNKNOWN, Recipient, default_of
from connector.about.web import is_web_address
from connector.calendar import OSS_BEGAN
from connector.records import Value
from connector.registry import recipients, shop_systems

Language = Literal["sv", "en"]
Answers = Mapping[str, str]
"""Answers by question id; several choices are separated by commas, "" means not answered."""

UNSURE = "unsure"


class Wording(Value, frozen=True, kw_only=True):
    """The same words in both languages."""

    sv: str
    en: str

    def of(self, language: Language) -> str:
        """The words in one language."""
        return self.sv if language == "sv" else self.en


class Question(Value, frozen=True, kw_only=True):
    """One question; `check` returns what is wrong with an answer, None where nothing is.

    `only` names a question and the answers to it that make this one worth asking.
    """

    id: str
    words: Wording
    kind: Literal["text", "choice", "choices"] = "text"
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    check: Callable[[str], Wording | None] | None = None
    only: tuple[str, tuple[str, ...]] | None = None

    def asked(self, answers: Answers) -> bool:
        """Whether the answers so far make this question worth asking."""
        return self.only is None or answers.get(self.only[0], "") in self.only[1]

    def fault(self, answer: str) -> Wording | None:
        """What is wrong with an answer; None where it will do."""
        if not answer:
            return _REQUIRED if self.required else None
        if self.kind != "text":
            chosen = split(answer) if self.kind == "choices" else (answer,)
            return None if set(chosen) <= set(self.choices) else _not_among(self.choices)
        return self.check(answer) if self.check else None


class Known(Value, frozen=True, kw_only=True):
    """A recipient that init can name; `table` where an adapter speaks its API."""

    title: str
    code: str
    role: str
    table: type[Recipient] | None = None


_BY_LETTER: Mapping[str, Known] = {
    "google-analytics": Known(title="Google Analytics", code="AN", role="processor"),
    "google-ads": Known(title="Google Ads", code="AD", role="controller"),
    "hotjar": Known(title="Hotjar", code="AN", role="processor"),
    "one-com": Known(title="One.com", code="HD", role="processor"),
    "fortnox": Known(title="Fortnox", code="BK", role="processor"),
    "bokio": Known(title="Bokio", code="BK", role="processor"),
    "visma": Known(title="Visma", code="BK", role="processor"),
}


def known_recipients() -> Mapping[str, Known]:
    """The recipients that have an adapter, then those told by letter.

    Roles are as the recipients state them, or as is commonly held; the file lets the shop change them.
    """
    own = {one.name: _known(one.recipient) for one in recipients() if one.recipient is not None}
    return {**own, **_BY_LETTER}


def _known(table: type[Recipient]) -> Known:
    title, code, role = (default_of(table, key) for key in ("title", "code", "role"))
    return Known(title=title, code=code, role=role, table=table)


_REQUIRED = Wording(sv="Svar krävs. Skriv något.", en="An answer is needed. Write something.")


def split(answer: str) -> tuple[str, ...]:
    """The choices of an answer that may hold several."""
    return tuple(part.strip() for part in answer.split(",") if part.strip())


def slug(name: str) -> str:
    """A shop id made from a name: å and ä become a, ö becomes o, the rest hyphens."""
    plain = name.lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "shop"


def _not_among(choices: tuple[str, ...]) -> Wording:
    listed = ", ".join(choices)
    return Wording(sv=f"Välj bland: {listed}.", en=f"Choose among: {listed}.")


def _shop_id(answer: str) -> Wording | None:
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", answer):
        return None
    return Wording(sv="Använd bara a-z, 0-9 och bindestreck.", en="Use only a-z, 0-9 and hyphens.")


def _organisation_number(answer: str) -> Wording | None:
    if stdnum.se.orgnr.is_valid(answer):
        return None
    return Wording(
        sv="Kontrollsiffran stämmer inte. Jämför med registreringsbeviset.",
        en="The check digit is wrong. Compare with the certificate of registration.",
    )


def _url(answer: str) -> Wording | None:
    if is_web_address(answer):
        return None
    return Wording(
        sv="Skriv adressen som https://butiken.example, utan lösenord eller frågetecken.",
        en="Write the address as https://shop.example, without passwords or question marks.",
    )


def _year_end(answer: str) -> Wording | None:
    if re.fullmatch(r"(0[13578]|1[02])-31|(0[469]|11)-30|02-2[89]", answer):
        return None
    return Wording(
        sv="Skriv månadens sista dag som 12-31 eller 06-30.",
        en="Write the last day of a month, as 12-31 or 06-30.",
    )


def _year(answer: str) -> Wording | None:
    if re.fullmatch(r"(199|20\d)\d", answer):
        return None
    return Wording(sv="Skriv ett år, till exempel 2014.", en="Write a year, for example 2014.")


def _oss(answer: str) -> Wording | None:
    if answer in {"no", UNSURE}:
        return None
    try:
        if date.fromisoformat(answer) >= OSS_BEGAN:
            return None
    except ValueError:
        pass
    return Wording(
        sv=f"Skriv no, unsure eller ett datum från och med {OSS_BEGAN}.",
        en=f"Write no, unsure or a date no earlier than {OSS_BEGAN}.",
    )


_YES_NO = ("yes", "no", UNSURE)


def questions() -> tuple[Question, ...]:
    """Every question, in the order in which they are asked."""
    return (*_of_the_shop(), *_OF_THE_COMPANY, _of_recipients())


def _of_the_shop() -> tuple[Question, ...]:
    systems = tuple(one.name for one in shop_systems())
    platform = Question(
        id="platform",
        words=Wording(sv="Vilket butikssystem?", en="Which shop system?"),
        kind="choice",
        choices=(*systems, UNKNOWN),
        default=next(iter(systems), UNKNOWN),
    )
    url = Question(
        id="url",
        words=Wording(sv="Butikens adress", en="The shop's address"),
        check=_url,
        only=("platform", systems),
    )
    return (*_OF_ITS_NAME, platform, url)


def _of_recipients() -> Question:
    return Question(
        id="recipients",
        words=Wording(
            sv="Vilka får kunders uppgifter? Flera går bra, med komma emellan.",
            en="Who receives customers' data? Several will do, with commas between.",
        ),
        kind="choices",
        choices=tuple(known_recipients()),
    )


_OF_ITS_NAME: tuple[Question, ...] = (
    Question(
        id="shop_name",
        words=Wording(sv="Vad heter butiken?", en="What is the shop called?"),
        required=True,
    ),
    Question(
        id="shop_id",
        words=Wording(
            sv="Ett kort namn som aldrig ändras (tomt: görs av butikens namn)",
            en="A short name that never changes (empty: made from the shop's name)",
        ),
        check=_shop_id,
    ),
)

_OF_THE_COMPANY: tuple[Question, ...] = (
    Question(
        id="company",
        words=Wording(sv="Vilket företag driver butiken?", en="Which company runs the shop?"),
    ),
    Question(
        id="organisation_number",
        words=Wording(sv="Företagets organisationsnummer", en="The company's organisation number"),
        check=_organisation_number,
    ),
    Question(
        id="contact",
        words=Wording(
            sv="Adress för frågor om personuppgifter",
            en="Address for questions about personal data",
        ),
    ),
    Question(
        id="address",
        words=Wording(sv="Företagets postadress", en="The company's postal address"),
    ),
    Question(
        id="by",
        words=Wording(
            sv="Vem svarar på frågorna (namn och roll)?", en="Who answers these questions (name and role)?"
        ),
        required=True,
    ),
    Question(
        id="year_end",
        words=Wording(
            sv="Vilken dag slutar räkenskapsåret (MM-DD)?",
            en="On which day does the financial year end (MM-DD)?",
        ),
        default="12-31",
        check=_year_end,
    ),
    Question(
        id="first_year",
        words=Wording(
            sv="Vilket år slutade det första räkenskapsåret med order i butiken?",
            en="In which year did the first financial year with orders in the shop end?",
        ),
        check=_year,
    ),
    Question(
        id="oss",
        words=Wording(
            sv="Sedan när är företaget registrerat för OSS (datum, no eller unsure)?",
            en="Since when is the company registered for OSS (a date, no or unsure)?",
        ),
        default=UNSURE,
        check=_oss,
    ),
    Question(
        id="underlag",
        words=Wording(
            sv="Var ligger bokföringens underlag för varje order? (unsure räknas som butiken)",
            en="Where do the vouchers behind each order lie? (unsure counts as the shop)",
        ),
        kind="choice",
        choices=("shop", "elsewhere", UNSURE),
        default=UNSURE,
    ),
    Question(
        id="gift_cards",
        words=Wording(
            sv="Har butiken presentkort, tillgodokvitton eller poäng?",
            en="Does the shop have gift cards, store credit or points?",
        ),
        kind="choice",
        choices=_YES_NO,
        default=UNSURE,
    ),
    Question(
        id="subscriptions",
        words=Wording(
            sv="Säljer butiken prenumerationer, förköp eller mot handpenning?",
            en="Does the shop sell subscriptions, pre-orders or against deposits?",
        ),
        kind="choice",
        choices=_YES_NO,
        default=UNSURE,
    ),
    Question(
        id="till",
        words=Wording(
            sv="Har butiken en kassa vars köp hamnar i samma system?",
            en="Does the shop have a till whose sales end up in the same system?",
        ),
        kind="choice",
        choices=_YES_NO,
        default="no",
    ),
)


def faults(answers: Answers) -> dict[str, Wording]:
    """What is wrong with a set of answers, by question; the questions not worth asking left out."""
    found = {
        question.id: question.fault(answers.get(question.id, question.default).strip())
        for question in questions()
        if question.asked(answers)
    }
    return {name: fault for name, fault in found.items() if fault is not None}
