"""What is not touched and why, and when its time comes."""

from itertools import groupby

from connector.records import Wave
from connector.report.blocks import Block, Cell, Column, Fold, Heading, Legend, Paragraph, Row, Table
from connector.report.dry_run.model import DryRun, DueView, KeptView
from connector.report.shared import HoldView
from connector.report.shared_tables import basis_words, holds_counted, holds_table, together
from connector.report.tables import field_name, listed, row, rule_name, table, through
from connector.report.words import NOTHING, Words


def staying(view: DryRun, words: Words) -> tuple[Block, ...]:
    """Keeps with reason and dates, holds with their review, unknown holds, the years ahead."""
    blocks: list[Block] = []
    if view.kept:
        blocks += [Heading(text=words.say("staying.kept")), _kept(view.kept, words)]
        blocks.append(Paragraph(text=_kept_counted(view, words), tone="rest"))
    if view.holds:
        blocks.append(Heading(text=words.say("staying.holds"), note=words.say("staying.holds_lead")))
        blocks += [holds_table(view.holds, words), *holds_counted(view.holds, view.held, words)]
    blocks += together(view.kept_together, words)
    if view.unknown_holds:
        blocks.append(Heading(text=words.say("staying.unknown"), note=words.say("staying.unknown_lead")))
        blocks.append(_unknown(view.unknown_holds, words))
    if view.timeline:
        blocks += _timeline(view.timeline, words)
    return tuple(blocks) or (Paragraph(text=words.say("staying.none")),)


def _kept(kept: tuple[KeptView, ...], words: Words) -> Table:
    """A group per reason, the law first and running purposes last; fields kept alike share a row."""
    rows: list[Row] = []
    for reason in sorted(dict.fromkeys(each.reason for each in kept), key=_weight):
        rows.append(Row(cells=(Cell(text=words.code("reason", reason)),), role="group"))
        rows += [_kept_row(alike, words) for alike in _alike(kept, reason)]
    return table(words, ("field", "basis", "count", "through"), rows)


def _kept_counted(view: DryRun, words: Words) -> str:
    """Why more is kept by law, field by field, than there are records that count as kept by law."""
    law = [each for each in view.kept if each.reason == "floor"]
    text = words.say("staying.kept_counted", law=words.number(view.totals.kept_by_law))
    if not law:
        return text
    most = max(law, key=lambda each: each.count)
    name = field_name(most.field, words, most.kind)
    return f"{text} {words.say('staying.kept_most', field=name, n=words.number(most.count))}"


def _weight(reason: str) -> int:
    """The law first, then what is unknown or waits for someone, then purposes that still run."""
    return {"floor": 0, "claims": 2, "purpose": 3}.get(reason, 1)


def _alike(kept: tuple[KeptView, ...], reason: str) -> list[list[KeptView]]:
    """Rows of one rule with the same count and dates; the whole record stands for its fields."""
    ours = [each for each in kept if each.reason == reason]
    whole = {each.rule for each in ours if each.field is None}
    groups: dict[tuple[object, ...], list[KeptView]] = {}
    for each in ours:
        if each.field is None or each.rule not in whole:
            key = (each.rule, each.kind, each.count, each.earliest_through, each.latest_through, each.basis)
            groups.setdefault(key, []).append(each)
    return list(groups.values())


def _kept_row(alike: list[KeptView], words: Words) -> Row:
    first = alike[0]
    names = [field_name(each.field, words, each.kind) for each in alike]
    return row(
        Cell(text=listed(names), note=rule_name(first.rule, words)),
        basis_words(first.basis, words) or NOTHING,
        words.number(first.count),
        through(first.earliest_through, first.latest_through, words),
    )


def _unknown(holds: tuple[HoldView, ...], words: Words) -> Table:
    rows = [row(words.code("hold", each.id), words.number(each.count)) for each in holds]
    return table(words, ("hold", "count"), rows)


def _timeline(timeline: tuple[DueView, ...], words: Words) -> list[Block]:
    """A bar per year, divided by wave; the numbers stand in the table beside it."""
    waves = tuple(wave for wave in Wave if any(each.wave is wave for each in timeline))
    by_year = sorted(timeline, key=lambda each: each.year)
    years = {
        year: {each.wave: each.count for each in due}
        for year, due in groupby(by_year, key=lambda each: each.year)
    }
    longest = max(sum(counts.values()) for counts in years.values()) or 1
    rows = [_year_row(year, counts, waves, longest, words) for year, counts in years.items()]
    numbers = Fold(summary=words.say("staying.timeline_numbers"), blocks=(_in_numbers(years, waves, words),))
    return [
        Heading(text=words.say("staying.timeline"), note=words.say("staying.timeline_lead")),
        Legend(items=tuple(words.code("wave", wave) for wave in waves)),
        table(words, ("year", "share", "records"), rows, words.say("staying.timeline_title")),
        numbers,
    ]


def _in_numbers(years: dict[int, dict[Wave, int]], waves: tuple[Wave, ...], words: Words) -> Table:
    """The bars as a table: a row per year, a column per wave."""
    titles = (words.say("column.year"), *(words.code("wave", wave) for wave in waves))
    heads = (*titles, words.say("staying.timeline_sum"))
    rows = [
        row(
            str(year),
            *(words.number(counts.get(wave, 0)) for wave in waves),
            words.number(sum(counts.values())),
        )
        for year, counts in years.items()
    ]
    columns = (Column(title=heads[0]), *(Column(title=head, align="number") for head in heads[1:]))
    return Table(columns=columns, rows=tuple(rows))


def _year_row(year: int, counts: dict[Wave, int], waves: tuple[Wave, ...], longest: int, words: Words) -> Row:
    described = ", ".join(
        f"{words.code('wave', wave)} {words.number(counts[wave])}" for wave in waves if counts.get(wave)
    )
    bar = Cell(
        text="",
        parts=tuple(counts.get(wave, 0) / longest for wave in waves),
        description=words.say("staying.timeline_parts", year=year, parts=described),
    )
    return row(str(year), bar, words.number(sum(counts.values())))
