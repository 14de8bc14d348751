"""What `gallra init` asks, as data: the asking itself is the command line's."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal

import stdnum.se.orgnr

from connector.about.tables import UNKNOWN
from connector.about.web import is_web_address
from connector.calendar import OSS_BEGAN
from connector.placeholders import is_left_open
from connector.records import Value
from connector.registry import shop_systems
from connector.setup import understood
from connector.setup.recipients import fault_of_recipients
from connector.setup.wording import Language, Wording

Answers = Mapping[str, str]
"""Answers by question id; several choices are separated by commas, "" means not answered."""

UNSURE = "unsure"
PROMISES = "promises"
"""Beside the questions, where somebody chose one: the file of what the shop's privacy policy promises."""


class Question(Value, frozen=True, kw_only=True):
    """One question; `check` returns what is wrong with an answer, None where nothing is.

    `reads` makes an answer of what people type; `labels` are the choices' words, in their order. `only` names
    a question and the answers to it that make this one worth asking.
    """

    id: str
    words: Wording
    kind: Literal["text", "choice"] = "text"
    choices: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    check: Callable[[str], Wording | None] | None = None
    reads: Callable[[str], str] | None = None
    labels: tuple[Wording, ...] = ()
    only: tuple[str, tuple[str, ...]] | None = None

    def asked(self, answers: Answers) -> bool:
        """Whether the answers so far make this question worth asking."""
        return self.only is None or answers.get(self.only[0], "") in self.only[1]

    def heard(self, typed: str) -> str:
        """The answer that was meant by what was typed; what is not understood is left as it is."""
        if self.kind == "choice":
            return understood.among(typed, dict(zip(self.choices, self._titles(), strict=True)))
        return self.reads(typed) if self.reads and typed.strip() else typed.strip()

    def shown(self, language: Language) -> str:
        """The choices as a person reads them."""
        return ", ".join(one.of(language) for one in self.labels) or ", ".join(self.choices)

    def label(self, answer: str, language: Language) -> str:
        """An answer as a person reads it."""
        label = dict(zip(self.choices, self.labels, strict=False)).get(answer) or _SAID.get(answer)
        return label.of(language) if label else answer

    def _titles(self) -> tuple[str, ...]:
        return tuple(one.sv for one in self.labels) or self.choices

    def fault(self, answer: str) -> Wording | None:
        """What is wrong with an answer; None where it will do."""
        if not answer:
            return _REQUIRED if self.required else None
        if self.kind == "choice":
            return None if answer in self.choices else _not_among(self)
        if is_left_open(answer):
            return _LEFT_OPEN
        return self.check(answer) if self.check else None


_OTHER = Wording(sv="annat", en="other")
_LEFT_OPEN = Wording(
    sv="Skriv det riktiga i stället för ordet som stod där.",
    en="Write the real one for the word that stood there.",
)
_REQUIRED = Wording(sv="Svar krävs. Skriv något.", en="An answer is needed. Write something.")


def _not_among(question: Question) -> Wording:
    return Wording(sv=f"Välj bland: {question.shown('sv')}.", en=f"Choose among: {question.shown('en')}.")


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
        sv="Skriv månadens sista dag, som 31 december eller 06-30.",
        en="Write the last day of a month, as 31 December or 06-30.",
    )


def _year(answer: str) -> Wording | None:
    if re.fullmatch(r"(199|20\d)\d", answer):
        return None
    return Wording(sv="Skriv ett år, till exempel 2014.", en="Write a year, for example 2014.")


def _oss(answer: str) -> Wording | None:
    if answer == "yes":
        return Wording(sv="Skriv från vilken dag, som 2021-07-01.", en="Write from which day, as 2021-07-01.")
    if answer in {"no", UNSURE}:
        return None
    try:
        if date.fromisoformat(answer) >= OSS_BEGAN:
            return None
    except ValueError:
        pass
    return Wording(
        sv=f"Skriv nej, vet inte eller ett datum från och med {OSS_BEGAN}.",
        en=f"Write no, unsure or a date no earlier than {OSS_BEGAN}.",
    )


_YES = Wording(sv="ja", en="yes")
_NO = Wording(sv="nej", en="no")
_UNSURE = Wording(sv="vet inte", en="unsure")
_SAID = {"yes": _YES, "no": _NO, UNSURE: _UNSURE}
_YES_NO_WORDS = (_YES, _NO, _UNSURE)
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
        labels=(*(Wording(sv=one.title, en=one.title) for one in shop_systems()), _OTHER),
        default=next(iter(systems), UNKNOWN),
    )
    url = Question(
        id="url",
        words=Wording(sv="Butikens adress", en="The shop's address"),
        check=_url,
        reads=understood.address,
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
        check=fault_of_recipients,
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
            sv="Ett kort namn på butiken som aldrig ändras (tomt: görs av butikens namn)",
            en="A short name of the shop that never changes (empty: made from its name)",
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
        reads=understood.organisation_number,
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
            sv="Vilken dag slutar räkenskapsåret?",
            en="On which day does the financial year end?",
        ),
        default="12-31",
        check=_year_end,
        reads=understood.day_of_year,
    ),
    Question(
        id="first_year",
        words=Wording(
            sv="Vilket år slutade det första räkenskapsåret med order i butiken?",
            en="In which year did the first financial year with orders in the shop end?",
        ),
        check=_year,
        reads=understood.year,
    ),
    Question(
        id="oss",
        words=Wording(
            sv="Sedan när är företaget registrerat för OSS (ett datum, nej eller vet inte)?",
            en="Since when is the company registered for OSS (a date, no or unsure)?",
        ),
        default=UNSURE,
        check=_oss,
        reads=understood.day,
    ),
    Question(
        id="underlag",
        words=Wording(
            sv="Var ligger bokföringens underlag för varje order? Vet inte räknas som butiken.",
            en="Where do the vouchers behind each order lie? Unsure counts as the shop.",
        ),
        kind="choice",
        choices=("shop", "elsewhere", UNSURE),
        labels=(Wording(sv="i butiken", en="shop"), Wording(sv="annanstans", en="elsewhere"), _UNSURE),
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
        labels=_YES_NO_WORDS,
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
        labels=_YES_NO_WORDS,
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
        labels=_YES_NO_WORDS,
        default="no",
    ),
)


def heard(answers: Answers) -> dict[str, str]:
    """What is meant by a set of answers as people type them; a question without one has its default."""
    return {one.id: one.heard(answers.get(one.id) or one.default) for one in questions()}


def faults(answers: Answers) -> dict[str, Wording]:
    """What is wrong with a set of answers, by question; the questions not worth asking left out."""
    meant = heard(answers)
    found = {one.id: one.fault(meant[one.id]) for one in questions() if one.asked(meant)}
    return {name: fault for name, fault in found.items() if fault is not None}
