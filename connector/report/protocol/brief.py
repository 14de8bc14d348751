"""A protocol on a screen, or on two pages: what was done, what is left; the rest is its appendix."""

from msgspec.structs import replace

from connector.report import basis
from connector.report.blocks import Block, Bullets, Document, Facts, Paragraph, Section
from connector.report.protocol.document import compose, read_back_share, result_name
from connector.report.protocol.model import Protocol, RecipientResult
from connector.report.shared import Language
from connector.report.tables import field_name, record_name
from connector.report.todo.document import what_to_do
from connector.report.words import Words

FEW = 8


def compose_brief(view: Protocol, language: Language, report: str = "") -> Document:
    """What a run came to, in one language; the whole protocol is the appendix.

    `report` says where the whole is, on a screen that does not show it.
    """
    words, whole = Words(language), compose(view, language)
    parts = (("brief_done", _done(view, words)), ("brief_left", _left(view, report, words)))
    return replace(
        whole,
        rests_on=basis.bullets([one for one in view.rests_on if not one.complete], {}, words),
        sections=tuple(
            Section(id=name, title=words.say(f"section.{name}"), blocks=blocks) for name, blocks in parts
        ),
        appendix=whole.sections,
    )


def _done(view: Protocol, words: Words) -> tuple[Block, ...]:
    """What was read back, and how many of each field went: the most first."""
    blocks: list[Block] = [] if view.read_back is None else [*read_back_share(view, words)]
    gone: dict[str, int] = {}
    for one in view.rules:
        what = result_name(one, words)
        back = f"{what}, {words.say('protocol.put_back')}"
        still = f"{what}, {words.code('label', one.label)}"
        for name, count in ((still, one.count - one.restored), (back, one.restored)):
            gone |= {name: gone.get(name, 0) + count} if count else {}
    done = words.say("protocol.rectified_count" if view.rectifies else "protocol.put_back")
    for each in view.put_back:
        name = f"{field_name(each.field, words, each.kind)}, {done}"
        gone[name] = gone.get(name, 0) + each.count
    most = sorted(gone.items(), key=lambda each: -each[1])
    if most:
        pairs = [(name, words.number(count)) for name, count in most[:FEW]]
        if rest := sum(count for _, count in most[FEW:]):
            pairs.append((words.say("brief.more"), words.number(rest)))
        blocks.append(Facts(pairs=tuple(pairs)))
    told = tuple(_told(told_to, words) for told_to in view.recipients)
    return (*blocks, Bullets(title=words.say("section.recipients"), items=told)) if told else tuple(blocks)


def _told(each: RecipientResult, words: Words) -> str:
    """What came of a recipient's deliveries, those outcomes that there are."""
    names = ("instructed", "confirmed", "stopped", "notified", "accepted", "kept", "failed", "by_hand")
    counts = [(name, getattr(each, name)) for name in names]
    counts.append(("restricted", each.restricted))
    came = ", ".join(f"{words.say(f'column.{name}').lower()} {words.number(n)}" for name, n in counts if n)
    return f"{each.name}: {came}" if came else each.name


def _left(view: Protocol, report: str, words: Words) -> tuple[Block, ...]:
    """What is still to do by hand, what did not go as planned, and where the whole is."""
    blocks: list[Block] = []
    for each in view.tasks[:FEW]:
        names = ", ".join(record_name(f"{one.kind}:{one.label}", words) for one in each.tasks[:3] if one.id)
        more = " …" if each.count > 3 else ""
        what = f"{what_to_do(each.place, words)}: {words.number(each.count)}"
        blocks.append(Paragraph(text=f"{what} ({names}{more})" if names else what))
    lines = Bullets(items=tuple(one.text for one in blocks if isinstance(one, Paragraph)))
    pairs = [(words.say("brief.left"), words.say("brief.todo_all"))] if view.tasks else []
    refused = sum(each.count for each in view.deviations)
    pairs += [(words.say("section.deviations"), words.number(refused))] if refused else []
    if report:
        pairs.append((words.say("brief.report"), report))
        pairs.append((words.say("brief.tables"), words.say("brief.full")))
    nothing = [] if view.tasks else [Paragraph(text=words.say("protocol.no_by_hand"))]
    return (*([lines] if lines.items else nothing), *([Facts(pairs=tuple(pairs))] if pairs else []))
