"""Surprises, others who are told, what it costs, and what differs from last time."""

from connector.ports import Problem
from connector.report.blocks import Block, Bullets, Cell, Command, Facts, Heading, Paragraph, Row, Table
from connector.report.dry_run.model import DifferenceView, DryRun, ListenerView, RecipientView
from connector.report.shared_tables import by_hand_table, surprises_table
from connector.report.tables import row, samples_of, table, total
from connector.report.words import NOTHING, Words

MINUTES_PER_HOUR = 60


def knowing(view: DryRun, words: Words) -> tuple[Block, ...]:
    """What to act on, findings in odd places, the shop's own settings, other problems."""
    blocks: list[Block] = []
    if view.alerts:
        lead = words.say("knowing.alerts_lead")
        blocks += [Heading(text=words.say("knowing.alerts"), note=lead), _alerts(view, words)]
    if view.warn_command:
        blocks.append(Command(title=words.say("knowing.warn"), text=view.warn_command))
    if view.surprises:
        blocks += [Heading(text=words.say("knowing.surprises")), surprises_table(view.surprises, words)]
    if view.own_retention:
        title = words.say("knowing.own_retention")
        blocks += [Heading(text=title), _problems(view.own_retention, words)]
    others = tuple(each for each in view.problems if each.severity != "error")
    if others:
        blocks.append(_problems(others, words))
    return tuple(blocks) or (Paragraph(text=words.say("knowing.none")),)


def _problems(problems: tuple[Problem, ...], words: Words) -> Bullets:
    return Bullets(items=tuple(getattr(each, words.language) for each in problems))


def _alerts(view: DryRun, words: Words) -> Table:
    rows = [
        row(words.code("alert", each.code), words.number(each.count), samples_of(each.samples, words))
        for each in view.alerts
    ]
    return table(words, ("matter", "count", "samples"), rows)


def telling(view: DryRun, words: Words) -> tuple[Block, ...]:
    """Recipients by what they are told, programs that listen, and what is left for a hand."""
    blocks: list[Block] = []
    if view.recipients:
        lead = words.say("telling.recipients_lead")
        blocks += [Heading(text=words.say("telling.recipients"), note=lead), _recipients(view, words)]
    if view.listeners:
        lead = words.say("telling.listeners_lead")
        blocks += [Heading(text=words.say("telling.listeners"), note=lead), _listeners(view, words)]
    if view.by_hand:
        lead = words.say("telling.by_hand_lead")
        blocks += [Heading(text=words.say("telling.by_hand"), note=lead), by_hand_table(view.by_hand, words)]
        counted = words.say("telling.hands", n=words.number(view.totals.by_hand))
        blocks.append(Paragraph(text=counted, tone="rest"))
    return tuple(blocks) or (Paragraph(text=words.say("telling.none")),)


def _recipients(view: DryRun, words: Words) -> Table:
    first = sorted(view.recipients, key=lambda each: not each.irreversible)
    rows = [_recipient_row(each, words) for each in first]
    return table(words, ("recipient", "told", "count", "handle"), rows)


def _recipient_row(each: RecipientView, words: Words) -> Row:
    notes = [words.say("telling.irreversible")] if each.irreversible else []
    if each.letter_due:
        notes.append(words.say("telling.letter", date=words.day(each.letter_due)))
    return row(
        Cell(text=each.name, note=words.code("role", each.role)),
        Cell(text=words.say(f"told.{each.role}_{each.act}"), note=", ".join(notes)),
        words.number(each.count),
        words.code("handle", each.handle) or NOTHING,
    )


def _listeners(view: DryRun, words: Words) -> Table:
    rows = [_listener_row(each, words) for each in view.listeners]
    return table(words, ("program", "hears", "mark"), rows)


def _listener_row(each: ListenerView, words: Words) -> Row:
    kind = words.code("listener", each.kind)
    note = kind if each.active else f"{kind}, {words.say('telling.inactive')}"
    by = ", ".join(part for part in (each.by, words.day(each.at) if each.at else "") if part)
    mark = Cell(text=words.code("mark", each.mark or "none"), note=by)
    return row(Cell(text=each.name, note=note), words.code("hears", each.hears), mark)


def cost(view: DryRun, words: Words) -> tuple[Block, ...]:
    """How long it takes, how many calls, and what it adds to the server's log."""
    if view.cost is None:
        return (Paragraph(text=words.say("cost.unknown")),)
    pairs = [
        (words.say("cost.minutes"), _duration(view.cost.minutes, words)),
        (words.say("cost.requests"), words.number(view.cost.requests)),
    ]
    if view.cost.log_lines:
        pairs.append((words.say("cost.log_lines"), words.number(view.cost.log_lines)))
    return (Facts(pairs=tuple(pairs)), Paragraph(text=words.say("cost.lead"), tone="rest"))


def _duration(minutes: float, words: Words) -> str:
    if minutes >= 2 * MINUTES_PER_HOUR:
        return words.count("hours", round(minutes / MINUTES_PER_HOUR))
    return words.count("minutes", max(1, round(minutes)))


def difference(view: DryRun, words: Words) -> tuple[Block, ...]:
    """Steps per wave, last time and now."""
    if all(each.before is None for each in view.difference):
        return (Paragraph(text=words.say("difference.first")),)
    if all(each.before == each.now for each in view.difference):
        return (Paragraph(text=words.say("difference.none")),)
    before = sum(each.before or 0 for each in view.difference)
    now = sum(each.now for each in view.difference)
    rows = [_difference_row(each, words) for each in view.difference]
    rows.append(total(words.say("going.sum"), words.number(before), words.number(now), _signed(now - before)))
    return (table(words, ("wave", "before", "now", "change"), rows),)


def _difference_row(each: DifferenceView, words: Words) -> Row:
    before = NOTHING if each.before is None else words.number(each.before)
    change = _signed(each.now - (each.before or 0))
    return row(words.code("wave", each.wave), before, words.number(each.now), change)


def _signed(change: int) -> str:
    """A change with its sign; the minus is U+2212, which lines up with digits."""
    return f"+{change}" if change > 0 else str(change).replace("-", "−")
