"""Small pieces that several sections of a document are made of."""

from collections.abc import Iterable, Sequence
from datetime import date

from connector.records import Field, Kind, Wave
from connector.report.blocks import Align, Cell, Column, Row, Table
from connector.report.shared import Shop
from connector.report.words import NOTHING, Words

NUMBERS = frozenset(
    {"count", "records", "before", "now", "change"}
    | {"instructed", "confirmed", "stopped", "notified", "accepted", "kept", "failed", "by_hand"}
    | {"delete", "redact", "held", "kept_by_law", "nothing_due"}
)


def letterhead(shop: Shop, words: Words) -> tuple[str, ...]:
    """The shop's name, then the company that answers for it, then the platform."""
    number = shop.organisation_number or words.say("document.fill_in", name="company.organisation_number")
    name = shop.company or words.say("document.fill_in", name="company.name")
    company = f"{name} · {words.say('document.organisation_number')} {number}"
    identity = f"{_platform(shop, words)} · {words.say('document.shop_id')} {shop.id}"
    return tuple(line for line in (shop.name, company, identity, shop.contact) if line)


def _platform(shop: Shop, words: Words) -> str:
    """The platform's name and version, or that it is to be filled in."""
    if shop.platform in ("", "unknown"):
        return f"{words.say('document.platform')} {words.say('document.fill_in', name='platform.name')}"
    return " ".join(part for part in (words.service(shop.platform), shop.version) if part)


def columns(words: Words, *names: str) -> tuple[Column, ...]:
    """Columns by the keys of their headings; those that hold counts stand to the right."""
    return tuple(Column(title=words.say(f"column.{name}"), align=_align(name)) for name in names)


def _align(name: str) -> Align:
    return "number" if name in NUMBERS else "text"


def row(*cells: str | Cell) -> Row:
    """A plain row; text becomes a cell."""
    return Row(cells=as_cells(cells))


def total(*cells: str | Cell) -> Row:
    """A row that sums those above it."""
    return Row(cells=as_cells(cells), role="sum")


def as_cells(cells: Iterable[str | Cell]) -> tuple[Cell, ...]:
    """Texts as cells."""
    return tuple(each if isinstance(each, Cell) else Cell(text=each) for each in cells)


def table(words: Words, names: Iterable[str], rows: Iterable[Row], caption: str = "") -> Table:
    """A table whose columns are named by keys."""
    return Table(columns=columns(words, *names), rows=tuple(rows), caption=caption)


def field_name(field: Field | None, words: Words, kind: Kind | None = None) -> str:
    """The word for a field, where it has one for its kind of record; or for the whole record of a kind."""
    if field is not None:
        own = words.code("field", f"{field}_{kind}")
        return words.code("field", field) if own == f"{field}_{kind}" else own
    return words.code("field", f"whole_{kind}" if kind else "whole")


def clock_name(clock: str, words: Words, kind: Kind | None = None) -> str:
    """What time is counted from, in the word it has for a kind of record."""
    own = words.code("clock", f"{clock}_{kind}")
    return words.code("clock", clock) if own == f"{clock}_{kind}" else own


def reason_name(reason: str, words: Words) -> str:
    """The words for a reason; what follows its colon is another reason, fields, or shown as it is."""
    code, sign, detail = reason.partition(":")
    name = words.code("reason", code)
    if not sign or name == code:
        return words.code("reason", reason)
    return f"{name}: {_detail(detail.strip(), words)}"


def _detail(detail: str, words: Words) -> str:
    known = reason_name(detail, words)
    if known != detail:
        return lower_first(known)
    return listed([_part(part, words) for part in detail.split(",")])


def _part(part: str, words: Words) -> str:
    """The words for one of several details: a reason of its own, or a field."""
    name = words.code("reason", part)
    return words.code("field", part) if name == part else lower_first(name)


def rule_name(rule: str, words: Words) -> str:
    """A rule's id, with the plain name where the catalogue has one."""
    name = words.code("rule", rule)
    return rule if name == rule else f"{rule} {name}"


def wave_name(number: int, wave: Wave, words: Words) -> str:
    """The place of a wave in the plan, and its name."""
    return words.say("round.place", n=number, name=words.code("wave", wave), code=wave)


def listed(names: Sequence[str]) -> str:
    """Names in a row; those after the first in lower case, unless they are abbreviations (IP)."""
    return ", ".join(
        name if place == 0 or name[1:2].isupper() else lower_first(name) for place, name in enumerate(names)
    )


def lower_first(text: str) -> str:
    """The text as it stands inside a sentence."""
    return text[:1].lower() + text[1:]


def samples_of(samples: Iterable[str], words: Words) -> str:
    """Records in a row, each with its kind; a dash where there are none."""
    return ", ".join(record_name(one, words) for one in samples) or NOTHING


def record_name(code: str, words: Words) -> str:
    """The words for a record such as `order:1042`; a number alone stays as it is."""
    kind, number = words.detailed("one", code)
    return f"{lower_first(kind)} {number}" if number else code


def through(first: date | None, last: date | None, words: Words) -> str:
    """The last days of keeping, as a span."""
    return words.span(first, last)


def in_sentence(names: Sequence[str]) -> str:
    """Names in a row as they stand inside a sentence; abbreviations (IP) keep their capitals."""
    text = listed(names)
    return text if text[1:2].isupper() else lower_first(text)


def declared(years: Sequence[int], words: Words) -> tuple[str, ...]:
    """Says of years archived elsewhere that a person declares it and nobody has proven it (schedule §1)."""
    return (words.say("document.declared", years=", ".join(map(str, years))),) if years else ()


def place_name(place: str, words: Words) -> str:
    """The words for a place; of `meta:key` the first part is translated, the key stays as it is."""
    return " ".join(filter(None, words.detailed("place", place)))


def surprise_name(code: str, words: Words) -> str:
    """The words for a finding; of `unknown_key:email` both parts are translated."""
    what, _, kind = code.partition(":")
    name = words.code("surprise", what)
    return f"{name}: {words.code('surprise', kind).lower()}" if kind else name
