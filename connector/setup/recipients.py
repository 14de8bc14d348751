"""The recipients that `init` can name: with an adapter, told by letter, or any other by its kind."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from connector.about.tables import Recipient, default_of
from connector.records import Value
from connector.registry import recipients, title_of
from connector.setup.understood import plain, several
from connector.setup.wording import Wording, slug


class Known(Value, frozen=True, kw_only=True):
    """A recipient that init can name; `table` where an adapter speaks its API."""

    title: str
    code: str
    role: str
    table: type[Recipient] | None = None


_BY_LETTER: Mapping[str, Known] = {
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


class _Kind(Value, frozen=True, kw_only=True):
    """What a recipient does: its code, the role that is commonly held, and the words that people use."""

    code: str
    role: str
    sv: tuple[str, ...]
    en: tuple[str, ...]


_KINDS = (
    _Kind(code="KL", role="controller", sv=("faktura", "delbetalning"), en=("invoices", "invoice")),
    _Kind(code="PA", role="controller", sv=("betalning", "kort", "swish"), en=("payment", "cards")),
    _Kind(
        code="MC",
        role="processor",
        sv=("utskick", "nyhetsbrev", "e-post", "sms"),
        en=("mailing", "newsletter"),
    ),
    _Kind(code="PN", role="controller", sv=("frakt", "leverans", "transport"), en=("shipping", "carrier")),
    _Kind(code="BK", role="processor", sv=("bokföring", "ekonomi"), en=("bookkeeping", "accounting")),
    _Kind(code="HD", role="processor", sv=("kundtjänst", "support"), en=("help desk", "support")),
    _Kind(code="AD", role="controller", sv=("annonser", "reklam"), en=("advertising", "ads")),
    _Kind(code="AN", role="processor", sv=("statistik", "analys"), en=("analytics", "statistics")),
)


_AND = re.compile(r"\s+(?:och|and|samt|&)\s+", re.IGNORECASE)


def named_recipients(answer: str) -> Mapping[str, Known]:
    """The recipients of an answer that has no fault, by their names in the settings."""
    return dict(filter(None, map(_found, _parts(answer))))


def parted(answer: str) -> tuple[tuple[str, ...], str]:
    """An answer as a form has it: the names of those known here, and the rest as it was typed."""
    known, rest = [], []
    for part in _parts(answer):
        found = _found(part)
        if found is not None and found[0] in known_recipients():
            known.append(found[0])
        else:
            rest.append(part)
    return tuple(known), ", ".join(rest)


def fault_of_recipients(answer: str) -> Wording | None:
    """What is wrong with an answer that names recipients; None where each is known or has its kind."""
    lost = [part for part in _parts(answer) if _found(part) is None]
    if not lost:
        return None
    part = lost[0].partition(":")[0].strip()
    like = _like(part)
    kinds = Wording(sv=", ".join(one.sv[0] for one in _KINDS), en=", ".join(one.en[0] for one in _KINDS))
    return Wording(
        sv=f"{part} är inte känd här. {f'Menade du {like}? ' if like else ''}Skriv annars vad "
        f"den gör efter namnet, som {part}: bokföring. Välj bland: {kinds.sv}.",
        en=f"{part} is not known here. {f'Did you mean {like}? ' if like else ''}Else write what "
        f"it does after its name, as {part}: bookkeeping. Choose among: {kinds.en}.",
    )


def _parts(answer: str) -> Iterator[str]:
    """The parts of an answer; a word for "and" divides two of them where the first is known here."""
    for part in several(answer):
        first, *last = _AND.split(part, 1)
        yield from (first, *last) if _found(first) else (part,)


def _found(part: str) -> tuple[str, Known] | None:
    """A recipient by its name or title; one that is not known by what it does, which stands after a colon."""
    name, _, does = (piece.strip() for piece in part.partition(":"))
    for known, one in known_recipients().items():
        if _bare(name) in {_bare(known), _bare(one.title), _bare(title_of(known))}:
            return known, one
    kind = next((one for one in _KINDS if plain(does) in (*one.sv, *one.en, one.code.casefold())), None)
    return None if kind is None else (slug(name), Known(title=name, code=kind.code, role=kind.role))


def _like(name: str) -> str:
    """The title of a known recipient that is nearly written so; empty where none is."""
    called = {name: one.title for name, one in known_recipients().items()}
    called |= {title_of(name).casefold(): title_of(name) for name in called}
    return next((called[one] for one in get_close_matches(name.casefold(), called, n=1, cutoff=0.7)), "")


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
