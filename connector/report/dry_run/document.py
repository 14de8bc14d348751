"""A dry run as a document: the answers in the order an owner asks them."""

from collections.abc import Sequence

from connector.records import Action
from connector.report import basis
from connector.report.blocks import (
    Block,
    Bullets,
    Command,
    Document,
    Facts,
    Heading,
    Paragraph,
    Section,
    Signature,
)
from connector.report.dry_run import going, others, staying
from connector.report.dry_run.model import DryRun, FieldCount, LimitView, Stands
from connector.report.dry_run.sentence import plan_sentence
from connector.report.shared import ApprovalView, Language
from connector.report.tables import letterhead
from connector.report.words import Words, local

SETTINGS = {"records": "records", "share": "percent", "percent": "percent", "jump": "jump"}
"""The setting under [limits] of each limit."""


def compose(view: DryRun, language: Language) -> Document:
    """The dry run in one language; the order of the answers is fixed."""
    words = Words(language)
    return Document(
        language=language,
        kind=words.say("document.dry_run"),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.code"), view.code),
            (words.say("document.made"), words.moment(view.made_at)),
        ),
        title=_title(view, words),
        lead=_lead(view, words),
        warnings=_warnings(view, words),
        rests_on=basis.bullets(view.rests_on, view.withheld, words),
        closing=basis.closing(view.rests_on, view.withheld, words),
        sections=_sections(view, words),
        sentence=plan_sentence(view.totals),
        footer=_footer(view, words),
    )


def _sections(view: DryRun, words: Words) -> tuple[Section, ...]:
    """Going, staying, noticing, knowing, telling, cost, difference, approval."""
    answers = (
        ("going", going.going),
        ("staying", staying.staying),
        ("noticing", going.noticing),
        ("knowing", others.knowing),
        ("telling", others.telling),
        ("cost", others.cost),
        ("difference", others.difference),
        ("approval", approval),
    )
    return tuple(
        Section(id=name, title=words.say(f"section.{name}"), blocks=answer(view, words))
        for name, answer in answers
    )


def _title(view: DryRun, words: Words) -> str:
    """What stands: nothing was changed, or how far the plan has come."""
    if view.stands.touched_nothing:
        return words.say("dry_run.nothing_changed")
    done, of = words.number(view.steps.done), words.number(view.steps.of)
    return words.say(f"dry_run.{view.stands}", done=done, of=of)


def _lead(view: DryRun, words: Words) -> tuple[str, ...]:
    if not view.stands.touched_nothing:
        back = [
            words.say("protocol.undone", n=words.number(one.records), at=words.moment(one.at), code=one.code)
            for one in view.undone
        ]
        return (words.say("dry_run.as_proposed", code=view.code), *back)
    if view.stands in (Stands.EXPIRED, Stands.OTHER_POLICY):
        day = words.long_day(local(view.expires).date())
        return (words.say("dry_run.lead"), words.say(f"dry_run.{view.stands}", date=day))
    lead = [words.say("dry_run.lead" if view.stands is Stands.PROPOSED else f"dry_run.{view.stands}")]
    ended = sum(count.count for wave in view.waves for count in wave.counts if _ends_mailings(count))
    if ended:
        lead.append(words.say("dry_run.ends_mailings", n=words.number(ended)))
    elif any(count.action is Action.RECTIFY for wave in view.waves for count in wave.counts):
        lead.append(words.say("dry_run.puts_right"))
    elif not view.totals.going:
        lead.append(words.say("dry_run.nothing_due"))
    if view.first_run and view.totals.going:
        lead.append(words.say("dry_run.first_run"))
    lead.append(words.say("dry_run.expires", date=words.long_day(local(view.expires).date())))
    return tuple(lead)


def _ends_mailings(count: FieldCount) -> bool:
    return count.action is Action.UNSUBSCRIBE


def _warnings(view: DryRun, words: Words) -> Bullets | None:
    """Limits that stop an approval, with the way out, and what `check` called an error.

    What is approved was held to the limits then, and what has begun or ended waits for nothing.
    """
    over = [each for each in view.limits if each.exceeded] if view.stands.waits else []
    items = [limit_line(each, words) for each in over]
    if view.stands.touched_nothing:
        items += [getattr(each, words.language) for each in view.problems if each.severity == "error"]
    if over:
        items.append(_way_out(view, over, words))
    if view.percent is not None and any(each.name == "share" for each in over):
        items.append(words.say("dry_run.limit_why", percent=words.number(view.percent)))
    if not items:
        return None
    return Bullets(title=words.say("dry_run.blocked"), items=tuple(items), tone="warn")


def _way_out(view: DryRun, over: Sequence[LimitView], words: Words) -> str:
    """What to do where the numbers are right: a word at the first run, after it the settings."""
    if view.first_run:
        return words.say("dry_run.limit_first")
    names = ", ".join(dict.fromkeys(SETTINGS[one.name] for one in over))
    return words.say("dry_run.limit_raise", settings=names, file=view.file)


def limit_line(limit: LimitView, words: Words) -> str:
    name = words.code("limit", limit.name)
    if limit.kind:
        name = words.say("limit.of_kind", name=name, kind=words.code("kind", limit.kind))
    return words.say(
        "dry_run.limit",
        name=name,
        value=_measure(limit.name, limit.value, words),
        allowed=_measure(limit.name, limit.allowed, words),
    )


def _measure(name: str, value: float, words: Words) -> str:
    number = words.number(value)
    return f"{number} %" if name == "share" else number


def approval(view: DryRun, words: Words) -> tuple[Block, ...]:
    """Who approved, or how to; then what exactly the approval covers."""
    blocks: list[Block] = [Paragraph(text=words.say("approval.lead"))]
    if view.limits and not any(each.exceeded for each in view.limits):
        blocks.append(Paragraph(text=words.say("dry_run.limits_ok")))
    if view.approval:
        blocks += [Heading(text=words.say("approval.given")), approval_facts(view.approval, words)]
    if view.stands.waits:
        blocks += _approve(view, words)
    blocks.append(Facts(pairs=_identity(view, words)))
    return tuple(blocks)


def _approve(view: DryRun, words: Words) -> list[Block]:
    labels = tuple(words.say(f"approval.{name}") for name in ("by", "role", "at", "expires"))
    blocks: list[Block] = [Signature(labels=labels)]
    if view.approve_command:
        command = Command(title=words.say("approval.command"), text=view.approve_command)
        return [command, *blocks, *part_by_wave(view, words)]
    over = [each for each in view.limits if each.exceeded]
    return [Paragraph(text=_way_out(view, over, words), tone="warn")] if over else blocks


def part_by_wave(view: DryRun, words: Words) -> list[Block]:
    """How to approve some rounds only; nothing where there is but one."""
    codes = ", ".join(wave.wave for wave in view.waves)
    return [Paragraph(text=words.say("approval.waves", codes=codes))] if len(view.waves) > 1 else []


def approval_facts(approval: ApprovalView, words: Words) -> Facts:
    """The name and role on an approval, when it was given and how long it holds."""
    pairs = [
        (words.say("approval.approved_by"), approval.by),
        (words.say("approval.role"), words.code("approver", approval.role)),
        (words.say("approval.on_behalf"), approval.on_behalf),
        (words.say("approval.at"), words.moment(approval.at)),
    ]
    if approval.valid_through:
        pairs.append((words.say("approval.valid"), words.moment(approval.valid_through)))
    if approval.typed_by:
        pairs.insert(1, (words.say("approval.typed"), words.say("approval.typed_by", user=approval.typed_by)))
    if approval.standing:
        pairs.insert(0, (words.say("approval.standing"), "✓"))
    return Facts(pairs=tuple(pair for pair in pairs if pair[1]))


def _identity(view: DryRun, words: Words) -> tuple[tuple[str, str], ...]:
    return (
        (words.say("document.code"), view.code),
        (words.say("approval.digest"), view.digest),
        (words.say("approval.policy"), f"{view.policy.name} {view.policy.version}"),
        (words.say("approval.policy_digest"), view.policy.digest),
    )


def _footer(view: DryRun, words: Words) -> str:
    return words.say("document.tool", version=view.tool_version) if view.tool_version else ""
