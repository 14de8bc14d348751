"""What a plan rests on, in words: each kind read to its end as of when, or incomplete by how many."""

from collections.abc import Mapping, Sequence

from connector.basis import fields_of
from connector.records import Kind
from connector.report.blocks import Bullets
from connector.report.shared import BasisView
from connector.report.words import Words

_WHY = frozenset({"not_answered", "scope_lost", "fewer", "field_not_shown"})


def bullets(bases: Sequence[BasisView], withheld: Mapping[Kind, int], words: Words) -> Bullets | None:
    """Every kind, and what was left out of the plan; None for a plan from before this was asked."""
    if not bases:
        return None
    items = (*each(bases, words), *_left_out(withheld, words))
    whole = all(basis.complete and not basis.unread for basis in bases) and not withheld
    return Bullets(title=words.say("rests_on.title"), items=items, tone="plain" if whole else "warn")


def each(bases: Sequence[BasisView], words: Words) -> tuple[str, ...]:
    """Every kind, a line each."""
    return tuple(_line(basis, words) for basis in bases)


def closing(bases: Sequence[BasisView], withheld: Mapping[Kind, int], words: Words) -> tuple[str, ...]:
    """The last lines of `plan` before its sentence: only what was not read to its end, else one line."""
    if not bases:
        return ()
    short = [_line(basis, words) for basis in bases if not basis.complete or basis.unread]
    if short:
        return (*short, *_left_out(withheld, words))
    ended = [basis.as_of for basis in bases if basis.as_of]
    at = words.moment(min(ended)) if ended else ""
    return (words.say("rests_on.all_read", at=at), *_left_out(withheld, words))


def _line(basis: BasisView, words: Words) -> str:
    what = {"service": words.service(basis.service), "kind": words.code("kind", basis.kind)}
    at = words.moment(basis.as_of) if basis.as_of else ""
    named = [words.code("field", field) for field in fields_of(basis.why)]
    said = words.say(
        f"rests_on.{_key(basis)}", **what, at=at, n=words.number(basis.missing or 0), fields=", ".join(named)
    )
    if basis.declared_by:
        said += " " + words.say("rests_on.declared", by=basis.declared_by, on=words.day(basis.declared_on))
    if basis.unread:
        said += " " + words.say("rests_on.unread", n=words.number(basis.unread))
    return said


def _key(basis: BasisView) -> str:
    if basis.missing is None:
        return "never"
    if basis.why:
        code = basis.why.partition(":")[0]
        if code == "scope_lost" and not basis.missing:
            return "scope_lost_uncounted"  # this kind's service gives no count of what it hides
        return code if code in _WHY else "not_counted"
    return "missing" if basis.missing else "complete"


def _left_out(withheld: Mapping[Kind, int], words: Words) -> list[str]:
    return [
        words.say("rests_on.withheld", kind=words.code("kind", kind), n=words.number(count))
        for kind, count in sorted(withheld.items())
        if count
    ]
