"""What would go, and what the owner will notice of it."""

from collections import Counter
from datetime import timedelta

from connector.plan import Totals
from connector.records import Field
from connector.report.blocks import (
    Block,
    Bullets,
    Cell,
    Fold,
    Heading,
    Paragraph,
    Row,
    Segment,
    Share,
    Table,
    Tone,
)
from connector.report.dry_run.consequences import REDACTED, gravest_first
from connector.report.dry_run.model import DryRun, SampleView, WaveView
from connector.report.tables import (
    as_cells,
    field_name,
    in_sentence,
    row,
    rule_name,
    table,
    total,
    wave_name,
)
from connector.report.words import Words, local

PARTS: tuple[tuple[str, Tone], ...] = (
    ("delete", "warn"),
    ("redact", "accent"),
    ("held", "wait"),
    ("kept_by_law", "law"),
    ("nothing_due", "rest"),
)


def going(view: DryRun, words: Words) -> tuple[Block, ...]:
    """The whole as one bar, what cannot be undone, then the waves with counts that sum."""
    blocks: list[Block] = [share(view.totals, words)]
    undo = all_irreversible(view, words)
    if undo:
        blocks.append(Bullets(title=words.say("dry_run.undo"), items=undo, tone="warn"))
    blocks += restorable(view, words)
    if view.waves:
        blocks += [Paragraph(text=words.say("going.waves")), _waves(view, words)]
        blocks.append(Paragraph(text=_overlap(view, words), tone="rest"))
    if len(view.kinds) > 1:
        blocks += [Heading(text=words.say("going.by_kind")), _kinds(view, words)]
    return tuple(blocks)


def all_irreversible(view: DryRun, words: Words) -> tuple[str, ...]:
    """What cannot be undone, over all waves, each sentence once, the gravest first."""
    codes = view.irreversible + tuple(code for wave in view.waves for code in wave.irreversible)
    grave = gravest_first()
    # A sentence that is no code comes first.
    first = sorted(dict.fromkeys(codes), key=lambda code: grave.index(code) if code in grave else -1)
    return tuple(cannot_undo(code, _no_copy_of(view), words) for code in first)


def _no_copy_of(view: DryRun) -> tuple[Field, ...]:
    """The fields of which no copy is kept, where copies are kept at all."""
    return view.never_copied if view.undo_days else ()


def cannot_undo(code: str, never_copied: tuple[Field, ...], words: Words) -> str:
    """What cannot be undone; of what is blanked under copies, only what no copy is kept of.

    `never_copied` is empty where no copies are kept.
    """
    if code != REDACTED or not never_copied:
        return words.code("irreversible", code)
    names = in_sentence([field_name(field, words) for field in never_copied])
    return words.say("dry_run.never_copied", fields=names)


def restorable(view: DryRun, words: Words) -> list[Block]:
    """Until when what is blanked can be restored; nothing where nothing is blanked, or no copy kept."""
    blanked = any(REDACTED in wave.irreversible for wave in view.waves)
    if not (blanked and view.undo_days) or not view.stands.touched_nothing:
        return []
    day = local(view.made_at).date()
    until = words.day(day + timedelta(days=view.undo_days))
    days = words.number(view.undo_days)
    said = words.say("dry_run.restorable", days=days, until=until, day=words.day(day), code=view.code)
    return [Paragraph(text=said)]


def share(totals: Totals, words: Words) -> Share:
    """What becomes of the shop's records, as one bar that sums."""
    records = words.number(totals.records)
    segments = tuple(
        Segment(
            value=getattr(totals, name),
            number=words.number(getattr(totals, name)),
            text=words.say(f"going.{name}"),
            tone=tone,
        )
        for name, tone in PARTS
    )
    return Share(
        number=words.number(totals.going),
        text=words.say("going.headline", records=records),
        title=words.say("going.title", records=records),
        segments=segments,
    )


def _overlap(view: DryRun, words: Words) -> str:
    steps = words.count("steps", sum(wave.steps for wave in view.waves))
    sentence = words.say("going.overlap", steps=steps, posts=words.count("records", view.totals.going))
    if not view.totals.by_hand:
        return sentence
    hand = words.say("going.by_hand", posts=words.count("records", view.totals.by_hand))
    return f"{sentence} {hand}"


def _waves(view: DryRun, words: Words) -> Table:
    rows = [each for number, wave in enumerate(view.waves, 1) for each in _wave_rows(number, wave, words)]
    fields = sum(count.count for wave in view.waves for count in wave.counts)
    rows.append(total(words.say("going.sum_fields"), "", words.number(fields)))
    return table(words, ("field", "action", "count"), rows)


def _wave_rows(number: int, wave: WaveView, words: Words) -> list[Row]:
    note = f"{words.count('wave', wave.records)} {wave.code}"
    opening = Cell(text=wave_name(number, wave.wave, words), note=note)
    rows = [Row(cells=(opening,), role="group")]
    for count in sorted(wave.counts, key=lambda each: (each.field is not None, -each.count)):
        action = words.code("action", count.action)
        rows.append(row(field_name(count.field, words, count.kind), action, words.number(count.count)))
    return rows


def _kinds(view: DryRun, words: Words) -> Table:
    names = tuple(name for name, _ in PARTS)
    rows = [_totals_row(words.code("kind", each.kind), each.totals, words) for each in view.kinds]
    closing = _totals_row(words.say("going.sum"), view.totals, words)
    rows.append(Row(cells=closing.cells, role="sum"))
    return table(words, ("kind", *names, "records"), rows)


def _totals_row(title: str, totals: Totals, words: Words) -> Row:
    counts = [words.number(getattr(totals, name)) for name, _ in PARTS]
    return Row(cells=as_cells((title, *counts, words.number(totals.records))))


def noticing(view: DryRun, words: Words) -> tuple[Block, ...]:
    """Per wave: what cannot be undone first, then what shows in daily work, then samples."""
    blocks: list[Block] = []
    shared = _shared(view)
    for number, wave in enumerate(view.waves, 1):
        blocks.append(Heading(text=wave_name(number, wave.wave, words)))
        blocks += _notices(view, wave, shared, words)
        if wave.samples:
            blocks.append(_samples(wave, words))
    return tuple(blocks) or (Paragraph(text=words.say("noticing.none")),)


def _shared(view: DryRun) -> frozenset[str]:
    """Codes that several waves have in common: said once, at the start of the document."""
    seen = Counter(code for wave in view.waves for code in wave.irreversible)
    return frozenset(code for code, times in seen.items() if times > 1)


def _notices(view: DryRun, wave: WaveView, shared: frozenset[str], words: Words) -> list[Block]:
    undo = tuple(
        cannot_undo(code, _no_copy_of(view), words) for code in wave.irreversible if code not in shared
    )
    notices = tuple(words.code("notice", code) for code in wave.notices)
    blocks: list[Block] = []
    if undo:
        blocks.append(Bullets(title=words.say("noticing.cannot_undo"), items=undo, tone="warn"))
    if notices:
        blocks.append(Bullets(title=words.say("noticing.after"), items=notices))
    return blocks


def _samples(wave: WaveView, words: Words) -> Fold:
    rows = [each for sample in wave.samples for each in _sample_rows(sample, words)]
    return Fold(
        summary=words.say("noticing.samples", posts=words.count("samples", len(wave.samples))),
        blocks=(
            Paragraph(text=words.say("noticing.samples_lead")),
            table(words, ("record", "field", "clock", "since"), rows),
        ),
    )


def _sample_rows(sample: SampleView, words: Words) -> list[Row]:
    first = Cell(text=sample.label, link=sample.link, note=words.code("single", sample.kind))
    rows = []
    for field in sample.fields:
        what = Cell(text=field_name(field.field, words, sample.kind), note=rule_name(field.rule, words))
        clock = Cell(text=words.code("clock", field.clock), note=words.day(field.on))
        rows.append(row(first, what, clock, words.day(field.since)))
        first = Cell(text="")
    return rows
