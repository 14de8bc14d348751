"""A promises file from a policy's own text: kinds of promises as data, each proposed with its sentence.

Deterministic, and no text leaves the machine: patterns over sentences, in the order of the catalogue.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from connector.machine.resources import config_text
from connector.records import Value
from connector.text.sentences import sentences

CATALOGUE = ("catalogue", "promises.toml")
_NUMBER_WORDS: Mapping[str, int] = {
    "en": 1, "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "åtta": 8, "nio": 9,
    "tio": 10, "tolv": 12, "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_UNITS: Mapping[str, str] = {
    "dag": "days", "dagar": "days", "day": "days", "days": "days", "vardag": "weekdays",
    "vardagar": "weekdays", "weekday": "weekdays", "weekdays": "weekdays", "månad": "months",
    "månader": "months", "month": "months", "months": "months", "år": "years", "year": "years",
    "years": "years",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_PERIOD = re.compile(rf"\b(\d{{1,3}}|{'|'.join(_NUMBER_WORDS)})[ \u00a0-]({_UNIT})\b", re.IGNORECASE)


class PromiseKind(Value, frozen=True, kw_only=True):
    """One kind of promise: its patterns by language, and the promise as it is proposed."""

    id: str
    patterns: Mapping[str, tuple[str, ...]]
    never: tuple[str, ...]
    table: Mapping[str, Any]


class Proposal(Value, frozen=True, kw_only=True):
    """A promise that a sentence seems to make; `latest` is the longest time that it gives.

    `fields` and `clock` are the sentence's own, where it names some of what the kind is about.
    """

    kind: PromiseKind
    quote: str
    latest: str = ""
    fields: tuple[str, ...] = ()
    clock: str = ""

    @property
    def table(self) -> Mapping[str, Any]:
        """The promise as it is proposed: the kind's, in the sentence's own fields and clock."""
        own: dict[str, Any] = {"fields": list(self.fields), "clock": self.clock}
        if self.fields and set(self.fields) != set(self.kind.table.get("fields", ())):
            own["title"] = _title(self.fields)
        return {**self.kind.table, **{key: value for key, value in own.items() if value}}


@cache
def kinds() -> tuple[PromiseKind, ...]:
    """The catalogue, in its order."""
    text = config_text(*CATALOGUE)
    assert text is not None, "the catalogue comes with Gallra"
    return tuple(
        PromiseKind(
            id=one["id"],
            patterns={"sv": tuple(one["sv"]), "en": tuple(one["en"])},
            never=tuple(one.get("never", ())),
            table=one,
        )
        for one in tomllib.loads(text)["kind"]
    )


def propose(text: str) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
    """What each sentence seems to promise, by the first kind that it matches; then the sentences of none."""
    found: list[Proposal] = []
    rest: list[str] = []
    for sentence in sentences(text):
        own = _kinds_of(sentence)
        found += [_proposed(kind, sentence) for kind in own]
        rest += [] if own else [sentence]
    return tuple(found), tuple(rest)


def _proposed(kind: PromiseKind, sentence: str) -> Proposal:
    latest = _latest(kind, sentence)
    if kind.table.get("about") != "order":
        return Proposal(kind=kind, quote=sentence, latest=latest)
    named = {field for field, pattern in _FIELD_WORDS.items() if _seen(pattern, sentence)}
    own = tuple(field for field in kind.table.get("fields", ()) if field in named)
    if not latest and kind.table.get("fields") and _seen(_KEPT_OR_GONE, sentence):
        latest = _longest(sentence)  # a time that is stated is never dropped
    clock = next((name for name, pattern in _CLOCK_WORDS.items() if _seen(pattern, sentence)), "")
    return Proposal(kind=kind, quote=sentence, latest=latest, fields=own, clock=clock if latest else "")


def _title(fields: Sequence[str]) -> dict[str, str]:
    """What a promise about some of an order's fields is called."""
    named = {language: ", ".join(_NAMES[field][place] for field in fields)
             for place, language in enumerate(("sv", "en"))}  # fmt: skip
    return {"sv": f"Beställningens uppgifter: {named['sv']}", "en": f"Data of the order: {named['en']}"}


_NAMES: Mapping[str, tuple[str, str]] = {
    "name": ("namn", "name"), "phone": ("telefon", "phone"), "email": ("e-post", "e-mail"),
    "billing_address": ("fakturaadress", "billing address"),
    "shipping_address": ("leveransadress", "shipping address"),
}  # fmt: skip
_KEPT_OR_GONE = r"rader|ta(s|r) bort|gallra|spara|lagra|behåll|erase|delet|remov|keep|kept|stor|retain"
_FIELD_WORDS: Mapping[str, str] = {
    "name": r"\bnamn(et)?\b|\bnames?\b",
    "phone": r"telefon|mobil(nummer)?\b|\b(tele)?phones?\b",
    "email": r"e-?post|\bmejl|\be-?mails?\b",
    "billing_address": r"\badress(en|er)?\b|fakturaadress|(?<!mail )\baddress(es)?\b",
    "shipping_address": r"\badress(en|er)?\b|leveransadress|(?<!mail )\baddress(es)?\b",
}
"""How a policy speaks of the fields of an order; an e-mail address is no address to send parcels to."""
_CLOCK_WORDS: Mapping[str, str] = {
    "last_purchase": r"(efter|från) (ditt |det )?(senaste|sista) (köp|order|beställ)|last (purchase|order)",
    "delivered": r"(efter|från) (att )?(leverans|du (har )?(fått|tagit emot))|(after|from) (the )?deliver",
}


def kind_of_sentence(sentence: str) -> PromiseKind | None:
    """The first kind all of whose patterns stand in a sentence, in either language; None where none does."""
    return next((one for one in kinds() if _matches(one, sentence)), None)


def _kinds_of(sentence: str) -> tuple[PromiseKind, ...]:
    """The first kind of a sentence; of one that names a field, every other field that it names as well."""
    first = kind_of_sentence(sentence)
    if first is None or not first.table.get("beside"):
        return (first,) if first else ()
    return tuple(one for one in kinds() if one.table.get("beside") and _matches(one, sentence))


def _matches(kind: PromiseKind, sentence: str) -> bool:
    if any(_seen(pattern, sentence) for pattern in kind.never):
        return False
    return any(all(_seen(one, sentence) for one in patterns) for patterns in kind.patterns.values())


def _seen(pattern: str, sentence: str) -> bool:
    return re.search(pattern, sentence, re.IGNORECASE) is not None


def _latest(kind: PromiseKind, sentence: str) -> str:
    """The longest time in the sentence's own words, where the kind asks for one."""
    if not kind.table.get("period"):
        return str(kind.table.get("latest", ""))
    return _longest(sentence)


def _longest(sentence: str) -> str:
    found = [(_number(number), _UNITS[unit.lower()]) for number, unit in _PERIOD.findall(sentence)]
    if not found:
        return ""
    days = {"days": 1, "weekdays": 1, "months": 31, "years": 366}
    number, unit = max(found, key=lambda one: one[0] * days[one[1]])
    return f"{number} {unit}"


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBER_WORDS[text.lower()]


_KEYS = ("verdict", "how", "about", "fields", "clock", "only_with")


def as_toml(shop: str, prefix: str, proposals: Sequence[Proposal], confirmed: Iterable[int] = ()) -> str:
    """The promises file; what nobody has confirmed yet says so, with the sentence that it was read from."""
    sure = frozenset(confirmed)
    head = (
        f"# What the privacy policy of {shop} promises, as its own sentences seem to say.\n"
        "# Each is a proposal until a person has read it: confirm it by taking the line `proposed` out,\n"
        "# correct what is wrong, drop what the policy does not promise. The quote is the policy's own.\n\n"
        f"shop = {json.dumps(shop, ensure_ascii=False)}\n"
    )
    blocks = (
        "\n".join(_block(f"{prefix}-{place + 1:02d}", one, place not in sure))
        for place, one in enumerate(proposals)
    )
    return "\n".join((head, *blocks))


def _block(id_: str, one: Proposal, proposed: bool) -> Iterator[str]:
    table = one.table
    yield "[[promise]]"
    yield f'id = "{id_}"'
    if proposed:
        yield "proposed = true"
    yield f"quote = {_text(one.quote)}"
    yield f"sv = {_text(table['title']['sv'])}"
    yield f"en = {_text(table['title']['en'])}"
    for key in _KEYS:
        if table.get(key):
            yield f"{key} = {_text(table[key])}"
    if one.latest:
        yield f"latest = {_text(one.latest)}"
    for key in ("rules", "recipients"):
        if table.get(key):
            yield f"{key} = {_text(table[key])}"
    if "advice" in table:
        advice = table["advice"]
        yield f"advice = {{ sv = {_text(advice['sv'])}, en = {_text(advice['en'])} }}"
    yield ""


def _text(value: object) -> str:
    """A text or a list of texts as TOML; JSON's strings are TOML's, save for the DEL character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


