"""The promise report as a document: the public policy held against the rules and the shop's data."""

from collections.abc import Iterable, Sequence

from connector.report.blocks import (
    Align,
    Block,
    Bullets,
    Cell,
    Column,
    Document,
    Facts,
    Heading,
    Paragraph,
    Row,
    Section,
    Segment,
    Share,
    Table,
    Tone,
)
from connector.report.paper.document import blocks_of
from connector.report.paper.model import Part
from connector.report.promises.model import (
    BoundView,
    CountView,
    PromiseReport,
    PromiseView,
    RemarkView,
    State,
    WordingView,
)
from connector.report.shared import Language
from connector.report.tables import declared, field_name, in_sentence, letterhead, lower_first, row, rule_name
from connector.report.words import NOTHING, Words

TONES: dict[State, Tone] = {
    State.KEPT: "accent",
    State.IN_PART: "wait",
    State.BROKEN: "alarm",
    State.AGAINST_LAW: "warn",
    State.NO_RULE: "failing",
    State.ATTEST: "law",
    State.MISSING: "hand",
    State.NOT_TESTED: "open",
    State.NOTHING: "rest",
}
GRAVEST_FIRST = (
    State.BROKEN,
    State.AGAINST_LAW,
    State.NO_RULE,
    State.MISSING,
    State.IN_PART,
    State.ATTEST,
    State.NOT_TESTED,
    State.NOTHING,
    State.KEPT,
)


def promise_sentence(view: PromiseReport) -> str:
    """The last line of `promises`: English in every language; the counts sum to the promises."""
    names = {
        State.KEPT: "kept",
        State.IN_PART: "in part",
        State.BROKEN: "broken",
        State.AGAINST_LAW: "against law or fact",
        State.ATTEST: "to be attested",
        State.NO_RULE: "without a rule",
        State.MISSING: "missing in the text",
        State.NOT_TESTED: "not tested",
        State.NOTHING: "with nothing to check",
    }
    counts = ", ".join(f"{view.count(state)} {name}" for state, name in names.items())
    return f"Promises: {counts}, of {len(view.promises)}."


def compose(view: PromiseReport, language: Language) -> Document:
    """The report in one language (law/documents §10)."""
    words = Words(language)
    return Document(
        language=language,
        kind=words.say("document.promises"),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.made"), words.moment(view.made_at)),
            (words.say("approval.policy"), f"{view.policy.name}@{view.policy.version}"),
        ),
        title=_title(view, words),
        lead=_lead(view, words),
        warnings=_warnings(view, words),
        sections=tuple(_sections(view, words)),
        sentence=promise_sentence(view),
        footer=words.say("document.tool", version=view.tool_version),
    )


def _title(view: PromiseReport, words: Words) -> str:
    if not view.tested:
        return words.say("promises.unread_title")
    kept, all_ = view.count(State.KEPT), len(view.promises)
    return words.say("promises.title", kept=kept, tested=view.tested, all=all_)


def _lead(view: PromiseReport, words: Words) -> tuple[str, ...]:
    if view.read is None:
        return (words.say("promises.lead"), words.say("promises.unread"), *declared(view.archived, words))
    counted = ", ".join(f"{words.number(n)} {words.code('kind', kind)}" for kind, n in view.records)
    return (
        words.say("promises.lead"),
        words.say("promises.read", day=words.long_day(view.read), records=counted or NOTHING),
        *declared(view.archived, words),
    )


def _warnings(view: PromiseReport, words: Words) -> Bullets | None:
    """What must be changed first: broken by the data, or forbidden by law."""
    items = tuple(
        f"{one.id}: {_words_of(one, words)}. {_evidence(one.remarks, words)}"
        for one in view.promises
        if one.state is State.BROKEN or (one.state is State.AGAINST_LAW and one.how != "wording")
    )
    return Bullets(title=words.say("promises.first"), items=items, tone="warn") if items else None


def _sections(view: PromiseReport, words: Words) -> Iterable[Section]:
    answers = (
        ("promise_states", _states),
        ("promise_rows", _rows),
        ("promise_numbers", _numbers),
        ("promise_bounds", _bounds),
        ("promise_wording", _wording),
    )
    for name, answer in answers:
        blocks = tuple(answer(view, words))
        if blocks:
            yield Section(id=name, title=words.say(f"section.{name}"), blocks=blocks)


def _states(view: PromiseReport, words: Words) -> Iterable[Block]:
    said = "headline" if view.tested else "headline_untested"
    counts = {"tested": words.number(view.tested), "all": words.number(len(view.promises))}
    yield Share(
        number=words.number(view.count(State.KEPT) if view.tested else len(view.promises)),
        text=words.say(f"promises.{said}", **counts),
        title=words.say("promises.share"),
        segments=tuple(
            Segment(
                value=view.count(state),
                number=words.number(view.count(state)),
                text=words.code("promise_state", state),
                tone=TONES[state],
            )
            for state in State
            if view.count(state)
        ),
    )


def _rows(view: PromiseReport, words: Words) -> Iterable[Block]:
    """Every promise under its state, the gravest first; each says what to write instead."""
    for state in GRAVEST_FIRST:
        found = [one for one in view.promises if one.state is state]
        if found:
            heading = words.code("promise_heading", state)
            yield Heading(text=f"{heading} ({len(found)})", note=words.code("promise_note", state))
            yield _promise_table(found, words)


def _promise_table(found: Sequence[PromiseView], words: Words) -> Table:
    """The promises of one state; a column that would be empty throughout is left out."""
    cells = {
        "promise": [Cell(text=_words_of(one, words), note=one.id) for one in found],
        "rule": [_cell(", ".join(rule_name(rule, words) for rule in one.rules)) for one in found],
        "evidence": [_cell(_evidence(one.remarks, words)) for one in found],
        "advice": [_cell(_advice(one, words)) for one in found],
    }
    shown = [name for name, column in cells.items() if any(cell.text != NOTHING for cell in column)]
    rows = [row(*(cells[name][place] for name in shown)) for place in range(len(found))]
    return _table(words, shown, rows)


def _cell(text: str) -> Cell:
    return Cell(text=text or NOTHING)


def _words_of(one: PromiseView, words: Words) -> str:
    return one.sv if words.language == "sv" else one.en


def _advice(one: PromiseView, words: Words) -> str:
    return one.advice_sv if words.language == "sv" else one.advice_en


def _evidence(remarks: Iterable[RemarkView], words: Words) -> str:
    return " ".join(remark_sentence(one, words) for one in remarks)


def remark_sentence(one: RemarkView, words: Words) -> str:
    """One remark in words."""
    name = words.code("recipient_code", one.name) if one.code == "not_configured" else one.name
    return words.say(
        f"promise_remark.{one.code}",
        count=words.number(one.count),
        day=words.day(one.day),
        other=words.day(one.other),
        name=name or NOTHING,
        fields=_fields(one, words),
        kind=words.code("kind", one.kind) if one.kind else NOTHING,
        reason=lower_first(words.code("reason", one.reason)),
    )


def _fields(one: RemarkView, words: Words) -> str:
    names = [words.code("field", field) for field in dict.fromkeys(one.fields)]
    return in_sentence(names) if names else words.say("promises.records")


def _numbers(view: PromiseReport, words: Words) -> Iterable[Block]:
    """What the data shows, field by field; each record stands in one of the five columns."""
    rows = [_count_row(one.id, count, words) for one in view.promises for count in one.counts]
    if not rows:
        return
    yield Paragraph(text=words.say("promises.numbers_lead"))
    names = ("promise", "records", "within", "over", "by_law", "held", "endless", "oldest_day")
    yield _table(words, names, rows)


def _count_row(promise: str, count: CountView, words: Words) -> Row:
    numbers = (count.over, count.by_law, count.held, count.endless)
    return row(
        Cell(text=f"{promise} {field_name(count.field, words, count.kind)}", note=count.rule),
        words.number(count.records),
        Cell(text=words.number(count.within), note=_ahead(count, words)),
        *(words.number(number) for number in numbers),
        words.day(count.oldest),
    )


def _ahead(count: CountView, words: Words) -> str:
    """Of those in time, how many will be kept longer than promised, and why."""
    by_law = words.say("promises.law_ahead", count=words.number(count.law_ahead)) if count.law_ahead else ""
    late = words.say("promises.late_ahead", count=words.number(count.late_ahead)) if count.late_ahead else ""
    return ", ".join(part for part in (by_law, late) if part)


def _bounds(view: PromiseReport, words: Words) -> Iterable[Block]:
    rows = [_bound_row(one.id, bound, words) for one in view.promises for bound in one.bounds]
    if not rows:
        return
    yield Paragraph(text=words.say("promises.bounds_lead"))
    yield _table(words, ("promise", "began", "promised", "law", "act_by", "compared"), rows)


def _bound_row(promise: str, bound: BoundView, words: Words) -> Row:
    case = words.code("sale", bound.case) if bound.case else ""
    compared = "law_later" if bound.law_is_later else "rule_later" if bound.rule_is_later else "agree"
    law = f"{words.day(bound.law)} ({bound.floor})" if bound.law else NOTHING
    return row(
        Cell(text=f"{promise} {field_name(bound.field, words, bound.kind)}", note=case),
        words.day(bound.on),
        words.day(bound.latest),
        law,
        words.day(bound.act_by),
        words.code("compared", compared),
    )


def _wording(view: PromiseReport, words: Words) -> Iterable[Block]:
    """The text for the privacy policy (law/documents §11), ready to copy; then what a person carries out."""
    yield Paragraph(text=words.say("promises.wording_lead"))
    if view.unanswered:
        names = ", ".join(view.unanswered)
        yield Paragraph(text=words.say("promises.wording_open", names=names), tone="warn")
    yield from _parts(view.ahead, words)
    yield Heading(text=words.say("promises.wording_title"))
    yield Facts(pairs=_pairs((one for one in view.wording if not one.by_hand), words))
    yield Paragraph(text=words.say("promises.wording_holds", days=words.number(view.within_days)))
    if view.undo_days:
        yield Paragraph(text=words.say("promises.wording_undo", days=words.number(view.undo_days)))
    if view.backup_days is not None:
        yield Paragraph(text=words.say("promises.wording_backups", days=words.number(view.backup_days)))
    yield Paragraph(text=words.say("promises.wording_years"))
    by_hand = _pairs((one for one in view.wording if one.by_hand), words)
    if by_hand:
        yield Heading(
            text=words.say("promises.wording_by_hand"), note=words.say("promises.wording_by_hand_lead")
        )
        yield Facts(pairs=by_hand)
    yield from _parts(view.behind, words)


def _parts(parts: Iterable[Part], words: Words) -> Iterable[Block]:
    for part in parts:
        yield Heading(text=part.title.of(words.language))
        yield from blocks_of(part, words.language)


def _pairs(lines: Iterable[WordingView], words: Words) -> tuple[tuple[str, str], ...]:
    swedish = words.language == "sv"
    return tuple(
        (one.what_sv, one.how_long_sv) if swedish else (one.what_en, one.how_long_en) for one in lines
    )


_NUMBERS = frozenset({"records", "within", "over", "by_law", "held", "endless"})


def _table(words: Words, names: Iterable[str], rows: Sequence[Row]) -> Table:
    columns = tuple(Column(title=words.say(f"column.{name}"), align=_align(name)) for name in names)
    return Table(columns=columns, rows=tuple(rows))


def _align(name: str) -> Align:
    return "number" if name in _NUMBERS else "text"
