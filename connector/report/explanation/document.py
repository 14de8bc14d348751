"""Why one record stays or goes, in plain words: a block per verdict, its law and its dates below."""

import textwrap
from collections.abc import Iterator, Sequence
from operator import itemgetter

from msgspec.structs import replace

from connector.records import Kind
from connector.report.abbreviations import explained_in
from connector.report.articles import law_words
from connector.report.explanation.model import (
    Explanation,
    FieldExplanation,
    PlacedView,
    PromisedView,
)
from connector.report.shared import Language, Standing
from connector.report.tables import (
    clock_name,
    field_name,
    in_sentence,
    listed,
    lower_first,
    place_name,
    surprise_name,
)
from connector.report.words import NOTHING, Words
from connector.verdicts import ENDS_LATER, ClockUse, FieldVerdict, State

SIGNS = {State.DUE: "-", State.HELD: "!", State.KEEP: "="}
_OVER_UNLESS = frozenset({"not_switched_on", "warning_not_recorded", "unknown_holds"})
"""Reasons under which a field stays although its time is over."""
Line = tuple[int, str]


def terminal(view: Explanation, *, language: Language, width: int) -> str:
    """The explanation as text of at most `width` columns."""
    words = Words(language)
    wrapped = (
        textwrap.fill(
            text,
            width=width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + 2),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for indent, text in _lines(view, words)
    )
    return "\n".join(wrapped)


def _lines(view: Explanation, words: Words) -> Iterator[Line]:
    what = words.code("one", view.kind)
    yield 0, words.say("explain.title", what=what, number=view.number, day=words.day(view.today))
    if not view.fields:
        yield 0, words.say("explain.nothing")
    for alike in _alike(view.fields):
        yield 0, ""
        yield from _block(alike, view, words)
    yield 0, ""
    for one in view.placed:
        yield 0, _placed(one, words)
    for back in view.put_back:
        fields = in_sentence([field_name(field, words, view.kind) for field in back.fields])
        yield 0, words.say("explain.put_back", at=words.moment(back.at), code=back.code, fields=fields)
    for found in view.told:
        yield (
            0,
            "! "
            + words.say(
                "explain.told_unknown" if found.code.startswith("unknown") else "explain.told",
                what=surprise_name(found.code, words),
                place=place_name(found.place, words),
            ),
        )
    for alert in view.alerts:
        yield 0, f"! {words.code('explain_alert', alert)}"
    yield from ((0, text) for text in _next(view, words))
    yield from _footer(view, words)


def _alike(fields: Sequence[FieldExplanation]) -> list[list[FieldExplanation]]:
    """Fields of one rule with the same verdict share a block, the whole record that takes them too."""
    whole = next((one for one in fields if one.field is None), None)
    groups: dict[object, list[FieldExplanation]] = {}
    for one in fields:
        bare = replace(one.verdict, field=None)
        goes_along = whole is not None and bare == whole.verdict
        groups.setdefault((bare, None if goes_along else one.promises), []).append(one)
    return list(groups.values())


def _block(alike: Sequence[FieldExplanation], view: Explanation, words: Words) -> Iterator[Line]:
    verdict = alike[0].verdict
    yield 0, f"{SIGNS[verdict.state]} {_what(alike, view, words)}: {_says(verdict, view, words)}"
    for hold in verdict.holds if verdict.state is State.HELD else ():
        yield 4, words.say("explain.hold", hold=words.code("hold", hold), code=hold)
    for hold in verdict.unknown_holds if verdict.reason == "unknown_holds" else ():
        yield 4, words.say("explain.unknown_hold", hold=words.code("hold", hold), code=hold)
    yield 4, _rule(alike[0], words)
    if verdict.waits_for:
        yield 4, _shared(verdict, view, words)
    if alike[0].off and verdict.reason != "not_switched_on":
        yield 4, words.say("explain.switched_off", rule=verdict.rule) + "."
    if verdict.clock and verdict.reason in ENDS_LATER:
        yield 4, words.say("explain.clock_ahead", clock=words.code("clock", verdict.clock.name))
    elif verdict.clock:
        yield 4, _clock(verdict.clock, view.kind, words)
    yield from ((4, text) for text in _ends(verdict, view, words))
    if verdict.floor or verdict.floor_through:
        yield 4, _floor(verdict, words)
    promises = tuple(dict.fromkeys(each for one in alike for each in one.promises))
    yield from ((4, text) for text in _promised(promises, verdict, view, words))


def _what(alike: Sequence[FieldExplanation], view: Explanation, words: Words) -> str:
    """The fields by name; with the whole record, those that go with it stand in brackets."""
    names = [field_name(one.field, words, view.kind) for one in alike]
    if alike[0].field is not None or len(alike) == 1:
        return listed(names)
    return f"{names[0]} ({in_sentence(names[1:])})"


def _says(verdict: FieldVerdict, view: Explanation, words: Words) -> str:
    """The verdict in one sentence or two."""
    if verdict.state is State.DUE:
        late = verdict.act_by is not None and verdict.act_by < view.today
        return words.say(
            "explain.overdue" if late else "explain.due",
            action=words.code("action", verdict.action),
            ended=words.day(verdict.keep_through),
            by=words.day(verdict.act_by),
        )
    if verdict.state is State.HELD and verdict.reason != "unknown_holds":
        if verdict.keep_through is None or verdict.keep_through < view.today:
            return words.say("explain.held")
        return words.say("explain.held_anyway", day=words.day(verdict.keep_through))
    why = _why(verdict, view, words)
    if verdict.keep_through is None:
        return words.say("explain.endless", why=why)
    if verdict.reason in _OVER_UNLESS and verdict.keep_through < view.today:
        return words.say("explain.over_but", why=why, day=words.day(verdict.keep_through))
    return words.say("explain.through", why=why, day=words.day(verdict.keep_through))


def _why(verdict: FieldVerdict, view: Explanation, words: Words) -> str:
    if verdict.reason == "warning_not_recorded":
        return words.say("explain.warn_first", id=view.id)
    if verdict.reason == "not_switched_on":
        return words.say("explain.switched_off", rule=verdict.rule)
    by_law = verdict.reason == "purpose" and verdict.floor_through == verdict.keep_through
    return words.code("reason", "floor" if by_law else verdict.reason)


def _rule(one: FieldExplanation, words: Words) -> str:
    title = one.rule_sv if words.language == "sv" else one.rule_en
    rule = f"{one.verdict.rule} {title}".strip()
    if not rule:
        return words.code("reason", "no_rule")
    return words.say("explain.rule", rule=rule, law=law_words(one.verdict.basis, words.language) or NOTHING)


def _shared(verdict: FieldVerdict, view: Explanation, words: Words) -> str:
    """The place that a field waits in, for what, by which law and until when."""
    day = verdict.keep_through
    until = words.say("explain.shared_until" if day else "explain.shared_endless", day=words.day(day))
    return words.say(
        "explain.shared_place",
        place=" ".join(filter(None, words.detailed("place", verdict.place))),
        field=lower_first(field_name(verdict.waits_for, words, view.kind)),
        law=law_words(verdict.basis, words.language) or NOTHING,
        until=until,
    )


def _clock(clock: ClockUse, kind: Kind, words: Words) -> str:
    name = clock_name(clock.name, words, kind)
    if clock.on is None:
        return words.say("explain.clock_unknown", clock=name)
    signal = ""
    if clock.source == "delivery_estimate" or (clock.name == "delivered" and clock.source != "delivered"):
        signal = words.code("signal", clock.source)
    elif clock.source not in ("", clock.name) and words.code("clock", clock.source) != name:
        signal = words.say("explain.signal", source=words.code("clock", clock.source))
    counted = words.say("explain.clock", clock=name, day=words.day(clock.on))
    return f"{counted} {signal}".strip()


def _ends(verdict: FieldVerdict, view: Explanation, words: Words) -> Iterator[str]:
    """Each purpose with its last day, the one that lasts longest last."""
    known = [(end.through, end) for end in verdict.ends if end.through]
    for through, end in sorted(known, key=itemgetter(0)):
        tense = "explain.purpose" if view.today <= through else "explain.purpose_over"
        yield words.say(tense, purpose=words.code("purpose", end.purpose), day=words.day(through))


def _floor(verdict: FieldVerdict, words: Words) -> str:
    floor = words.code("floor", verdict.floor)
    if verdict.floor_through is None:
        return words.say("explain.floor_unknown", floor=floor, code=verdict.floor)
    return words.say("explain.floor", floor=floor, code=verdict.floor, day=words.day(verdict.floor_through))


def _promised(
    promises: Sequence[PromisedView], verdict: FieldVerdict, view: Explanation, words: Words
) -> Iterator[str]:
    if not view.promised:
        return
    timeless = [each.id for each in promises if each.standing is Standing.NO_TIME]
    for each in promises:
        if each.id not in timeless:
            yield _promise(each, verdict, words)
    if timeless:
        yield words.say("explain.no_time", ids=", ".join(dict.fromkeys(timeless)))
    if not promises:
        yield words.say("explain.not_promised")


def _promise(promise: PromisedView, verdict: FieldVerdict, words: Words) -> str:
    how = words.say(
        f"standing.{promise.standing}",
        floor=words.day(verdict.floor_through),
        by=words.day(verdict.act_by),
    )
    return words.say("explain.promise", id=promise.id, day=words.day(promise.latest), how=how)


def _placed(one: PlacedView, words: Words) -> str:
    hold = lower_first(words.code("hold", one.hold))
    values = {"hold": hold, "code": one.hold, "reason": one.reason, "owner": one.owner}
    return f"! {words.say('explain.placed', id=one.id, day=words.day(one.review), **values)}"


def _next(view: Explanation, words: Words) -> Iterator[str]:
    due = any(one.verdict.state is State.DUE for one in view.fields)
    if due:
        yield words.say("explain.now")
    if view.next_due is not None:
        yield words.say("explain.next", day=words.day(view.next_due))
    elif not due:
        yield words.say("explain.no_next")


def _footer(view: Explanation, words: Words) -> Iterator[Line]:
    """The laws that were named, in full; and that no promises are known, where none are."""
    yield 0, ""
    named = " ".join(one.verdict.basis for one in view.fields)
    if laws := explained_in(named, words):
        yield 0, " ".join(f"{law}." for law in laws)
    if not view.promised:
        yield 0, words.say("explain.no_promises")
    said = {each.id: each for one in view.fields for each in one.promises}
    if said:
        yield 0, words.say("explain.in_policy")
    for each in said.values():
        text = each.sv if words.language == "sv" else each.en
        yield 2, words.say("explain.words_of", id=each.id, said=text)
