"""A dry run on a screen, or on two pages: what, how much, what next; the rest is its appendix."""

from msgspec.structs import replace

from connector.report import basis
from connector.report.blocks import Block, Bullets, Command, Document, Facts, Paragraph, Section, Signature
from connector.report.dry_run.document import approval_facts, compose, part_by_wave
from connector.report.dry_run.going import all_irreversible, restorable, share
from connector.report.dry_run.model import DryRun, Stands, WaveView
from connector.report.shared import Language
from connector.report.tables import wave_name
from connector.report.words import Words


def compose_brief(view: DryRun, language: Language, report: str = "") -> Document:
    """What would go, how much, what waits and what is next, in one language; the whole is the appendix.

    `report` says where the whole is, on a screen that does not show it.
    """
    words, whole = Words(language), compose(view, language)
    parts = (("brief_what", _what(view, words)), ("brief_next", _next(view, report, words)))
    return replace(
        whole,
        lead=whole.lead[1:] if view.stands is Stands.PROPOSED else whole.lead,
        rests_on=basis.bullets([one for one in view.rests_on if not one.complete], view.withheld, words),
        sections=tuple(
            Section(id=name, title=words.say(f"section.{name}"), blocks=blocks) for name, blocks in parts
        ),
        appendix=whole.sections,
    )


def _what(view: DryRun, words: Words) -> tuple[Block, ...]:
    blocks: list[Block] = [share(view.totals, words)]
    if view.waves:
        rounds = tuple(
            f"{wave_name(number, wave.wave, words)}: {_made_of(wave, words)}"
            for number, wave in enumerate(view.waves, 1)
        )
        blocks.append(Bullets(items=rounds))
    if undo := all_irreversible(view, words):
        blocks.append(Bullets(title=words.say("dry_run.undo"), items=undo, tone="warn"))
    blocks += restorable(view, words)
    return tuple(blocks)


def _made_of(wave: WaveView, words: Words) -> str:
    """How many records a round touches, and of which kinds they are."""
    kinds = sorted(wave.kinds.items(), key=lambda one: -one[1])
    parts = [f"{words.number(n)} {words.code('single' if n == 1 else 'kind', kind)}" for kind, n in kinds]
    said = words.count("records", wave.records)
    return f"{said} ({', '.join(parts)})" if parts else said


def _next(view: DryRun, report: str, words: Words) -> tuple[Block, ...]:
    """Who else is told, what is left to a hand, what is in the way, and the line that approves."""
    blocks: list[Block] = [Facts(pairs=tuple(_beside(view, report, words)))]
    unmarked = [one.name for one in view.listeners if one.active and one.mark is None]
    if unmarked and view.waves:
        text = words.say("brief.unmarked", names=", ".join(unmarked))
        blocks.append(Paragraph(text=text, tone="warn"))
    if view.approval:
        blocks.append(approval_facts(view.approval, words))
    if not view.stands.waits:
        return tuple(blocks)
    if view.waves and view.approve_command:
        blocks.append(Command(title=words.say("approval.command"), text=view.approve_command))
        blocks += part_by_wave(view, words)
        blocks.append(Signature(labels=tuple(words.say(f"approval.{one}") for one in ("by", "role", "at"))))
    return tuple(blocks)


def _beside(view: DryRun, report: str, words: Words) -> list[tuple[str, str]]:
    told: dict[str, int] = {}
    for one in view.recipients:
        told[one.name] = told.get(one.name, 0) + one.count
    pairs = []
    if told:
        names = ", ".join(f"{name} {words.number(count)}" for name, count in told.items())
        pairs.append((words.say("brief.recipients"), names))
    if view.totals.by_hand or view.by_hand:
        number = words.count("records", view.totals.by_hand)
        pairs.append((words.say("brief.by_hand"), words.say("brief.todo", n=number)))
    if view.alerts:
        number = words.number(sum(one.count for one in view.alerts))
        pairs.append(
            (words.say("brief.alerts"), words.say("brief.alerts_in", n=number, day=words.day(view.shown_on)))
        )
    if report:
        pairs.append((words.say("brief.report"), report))
        pairs.append((words.say("brief.tables"), words.say("brief.full")))
    return pairs
