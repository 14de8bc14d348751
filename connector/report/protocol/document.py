"""A protocol as a document: what a run did, by which rule, and how it was checked."""

from connector.records import Outcome
from connector.report import basis
from connector.report.blocks import (
    Block,
    Cell,
    Document,
    Facts,
    Fold,
    Heading,
    Paragraph,
    Row,
    Section,
    Segment,
    Share,
    Table,
    Tone,
)
from connector.report.protocol.model import (
    AccountantWord,
    Label,
    OutcomeCount,
    Protocol,
    ReadBack,
    RuleResult,
    WaveResult,
)
from connector.report.protocol.recipients import recipients_blocks
from connector.report.protocol.sentences import verified_sentence
from connector.report.protocol.verdict import labels_left, lead_of, verdict
from connector.report.shared import Language
from connector.report.shared_tables import (
    basis_words,
    by_hand_table,
    holds_counted,
    holds_table,
    surprises_table,
    together,
)
from connector.report.tables import (
    field_name,
    letterhead,
    lower_first,
    reason_name,
    row,
    rule_name,
    samples_of,
    table,
    total,
    wave_name,
)
from connector.report.todo.document import done_blocks, named_at
from connector.report.words import NOTHING, Words

NAMED = 100
_RESTORED = ("restored_headline", "restored_count", "not_restored_count")
_RECTIFIED = ("rectified_headline", "rectified_count", "not_rectified_count")


def compose(view: Protocol, language: Language) -> Document:
    """The protocol in one language (law/documents §3)."""
    words = Words(language)
    return Document(
        language=language,
        kind=words.say("document.protocol"),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.number"), view.number),
            (words.say("document.made"), words.moment(view.first or view.ended)),
            *(((words.say("document.updated"), words.moment(view.updated)),) if view.updated else ()),
        ),
        title=words.say(f"protocol.{verdict(view)}"),
        lead=lead_of(view, words),
        warnings=labels_left(view.read_back, words, rectifies=bool(view.rectifies)),
        rests_on=basis.bullets(view.rests_on, {}, words),
        sections=_sections(view, words),
        sentence=verified_sentence(view.read_back or ReadBack()),
        footer=words.say("document.tool", version=view.tool_version),
    )


def _sections(view: Protocol, words: Words) -> tuple[Section, ...]:
    answers = (
        ("facts", _facts),
        ("done", _rules),
        ("numbers", _numbers),
        ("outcomes", _outcomes),
        ("recipients", recipients_blocks),
        ("held", _held),
        ("deviations", _deviations),
        ("read_back", _read_back),
        ("by_hand", _by_hand),
        ("backups", _backups),
        ("chain", _chain),
    )
    titles = {"done": {"undo": "put_back", "rectify": "put_right"}.get(view.sets_values, "done")}
    return tuple(
        Section(id=name, title=words.say(f"section.{titles.get(name, name)}"), blocks=answer(view, words))
        for name, answer in answers
    )


def _read_back(view: Protocol, words: Words) -> tuple[Block, ...]:
    """How many records were read again, how many were clean; then what cannot be read back."""
    seen = view.read_back
    if seen is None:
        return (Paragraph(text=words.say("protocol.no_read_back"), tone="warn"),)
    cannot = Paragraph(text=words.say("protocol.cannot_read"))
    return (*read_back_share(view, words), *told_blocks(seen, words), cannot, _unreadable(seen, words))


def read_back_share(view: Protocol, words: Words) -> tuple[Block, ...]:
    """What was read back, as one bar: clean or put back, left or not put back, unread; else that none was."""
    seen = view.read_back or ReadBack()
    if not seen.read:
        none = "nothing_to_read" if seen.asked or not seen.unread else "no_read_back"
        unread = words.say("protocol.not_read", number=words.number(seen.unread))
        return (Paragraph(text=unread if seen.unread and seen.asked else words.say(f"protocol.{none}")),)
    of_values = _RECTIFIED if view.rectifies else _RESTORED
    headline, number = (of_values[0], seen.restored) if view.sets_values else ("read_headline", seen.clean)
    parts: tuple[tuple[int, str, Tone], ...] = (
        (seen.clean, "clean", "accent"),
        (seen.restored, of_values[1], "law"),
        (seen.left, "left_count", "warn"),
        (seen.not_restored, of_values[2], "warn"),
        (seen.unread, "unread_count" if seen.asked else "not_read_count", "open"),
    )
    mine = of_values[1:] if view.sets_values else ("clean", "left_count")
    bar = Share(
        number=words.number(number),
        text=words.say(f"protocol.{headline}", read=words.number(seen.read)),
        title=words.say("protocol.read_title"),
        segments=tuple(
            _segment(value, words.say(f"protocol.{name}"), tone, words)
            for value, name, tone in parts
            if value or name in mine or name == "unread_count"
        ),
    )
    return (bar,)


def told_blocks(seen: ReadBack, words: Words) -> tuple[Block, ...]:
    """What the records that were read back still hold and no rule names."""
    if not seen.told:
        return ()
    title, lead = words.say("protocol.told"), words.say("protocol.told_lead")
    return (Heading(text=title, note=lead), surprises_table(seen.told, words))


def _segment(value: int, text: str, tone: Tone, words: Words) -> Segment:
    return Segment(value=value, number=words.number(value), text=text, tone=tone)


def _unreadable(seen: ReadBack, words: Words) -> Table:
    rows = (
        row(words.code("outcome", "accepted"), words.number(seen.accepted), words.day(seen.accepted_due)),
        row(words.code("outcome", "notified"), words.number(seen.notified), NOTHING),
        row(words.code("outcome", "by_hand"), words.number(seen.by_hand), NOTHING),
    )
    return table(words, ("outcome", "count", "due"), rows)


def _rules(view: Protocol, words: Words) -> tuple[Block, ...]:
    if view.sets_values:
        return _put_back(view, words)
    if not view.rules:
        return _only("no_rules", words)
    rows = [
        row(
            Cell(text=result_name(each, words), note=rule_name(each.rule, words)),
            _label(each, words),
            words.number(each.count),
            words.span(each.oldest, each.youngest),
            basis_words(each.basis, words) or NOTHING,
        )
        for each in view.rules
    ]
    count = words.number(sum(each.count for each in view.rules))
    rows.append(total(words.say("going.sum_fields"), "", count, "", ""))
    return (table(words, ("field", "label", "count", "oldest", "basis"), rows),)


def result_name(each: RuleResult, words: Words) -> str:
    """What a result is of: a field, a whole record, or the mailings to whoever a record is of."""
    if each.label is Label.UNSUBSCRIBED:
        return words.say("protocol.mailings", kind=lower_first(words.code("single", str(each.kind))))
    return field_name(each.field, words, each.kind)


def _put_back(view: Protocol, words: Words) -> tuple[Block, ...]:
    """What an undo put back, or a rectification put right, field by field."""
    if not view.put_back:
        return _only("no_put_right" if view.rectifies else "no_put_back", words)
    rows = [row(field_name(each.field, words, each.kind), words.number(each.count)) for each in view.put_back]
    count = words.number(sum(each.count for each in view.put_back))
    rows.append(total(words.say("going.sum_fields"), count))
    return (table(words, ("field", "count"), rows),)


def _label(each: RuleResult, words: Words) -> str:
    """What may be said of a field: one that can be restored, or was, is never called gone."""
    if each.restorable_until is not None and each.restorable == each.count:
        return words.say("protocol.restorable", day=words.day(each.restorable_until))
    said = [words.code("label", each.label)]
    if each.restored:
        name = "was_restored" if each.restored == each.count else "some_restored"
        said.append(words.say(f"protocol.{name}", n=words.number(each.restored)))
    if each.restorable_until is not None:
        day, n = words.day(each.restorable_until), words.number(each.restorable)
        said.append(words.say("protocol.some_restorable", day=day, n=n))
    return ", ".join(said)


def _numbers(view: Protocol, words: Words) -> tuple[Block, ...]:
    """The numbers of orders that are gone: the series has gaps that the books must explain."""
    if not view.deleted_orders:
        return _only("no_numbers", words)
    summary = words.say("protocol.numbers", count=words.number(len(view.deleted_orders)))
    return (
        Paragraph(text=words.say("protocol.numbers_lead")),
        Fold(summary=summary, blocks=(Paragraph(text=", ".join(view.deleted_orders)),)),
    )


def _outcomes(view: Protocol, words: Words) -> tuple[Block, ...]:
    rows: list[Row] = []
    for number, wave in enumerate(view.waves, 1):
        name = wave_name(number, wave.wave, words)
        note = f"{words.say('document.code')} {wave.code}"
        rows.append(Row(cells=(Cell(text=name, note=note),), role="group"))
        rows += [
            row(words.code("outcome", each.outcome), words.number(each.count)) for each in _in_order(wave)
        ]
    steps = words.number(sum(wave.steps for wave in view.waves))
    rows.append(total(words.say("protocol.sum"), steps))
    return (table(words, ("outcome", "count"), rows),)


def _in_order(wave: WaveResult) -> list[OutcomeCount]:
    """The outcomes from done to refused."""
    return sorted(wave.outcomes, key=lambda each: list(Outcome).index(each.outcome))


def _only(sentence: str, words: Words) -> tuple[Block, ...]:
    """The one sentence of a section that has nothing to show."""
    return (Paragraph(text=words.say(f"protocol.{sentence}")),)


def _held(view: Protocol, words: Words) -> tuple[Block, ...]:
    more = together(view.kept_together, words)
    if view.held is None:
        return (Paragraph(text=words.say("protocol.holds_not_counted", code=view.code)), *more)
    if not view.held:
        return (Paragraph(text=words.say("protocol.no_holds")), *more)
    counted = holds_counted(view.held, view.held_records, words)
    return (Paragraph(text=words.say("staying.holds_lead")), holds_table(view.held, words), *counted, *more)


def _deviations(view: Protocol, words: Words) -> tuple[Block, ...]:
    if not view.deviations:
        return _only("no_deviations", words)
    rows = [
        row(
            Cell(text=words.code("outcome", each.outcome), note=reason_name(each.reason, words)),
            words.number(each.count),
            samples_of(each.samples, words),
        )
        for each in view.deviations
    ]
    return (table(words, ("outcome", "count", "samples"), rows),)


def _by_hand(view: Protocol, words: Words) -> tuple[Block, ...]:
    """What the run left to a hand, then what is still to do of it by number, then what was done."""
    if not (view.by_hand or view.tasks or view.tasks_done):
        return _only("no_by_hand", words)
    blocks: list[Block] = []
    if view.by_hand:
        lead = Paragraph(text=words.say("telling.by_hand_lead"))
        blocks += [lead, by_hand_table(view.by_hand, words), Paragraph(text=_hands(view, words), tone="rest")]
    if view.tasks:
        named = [block for each in view.tasks for block in named_at(each.place, each.tasks, NAMED, words)]
        blocks.append(Fold(summary=words.say("protocol.tasks", n=_tasks(view, words)), blocks=tuple(named)))
    if view.tasks_done:
        blocks.append(Heading(text=words.say("protocol.tasks_done")))
        blocks += done_blocks(view.tasks_done, NAMED, words)
    return tuple(blocks)


def _tasks(view: Protocol, words: Words) -> str:
    return words.number(sum(each.count for each in view.tasks))


def _hands(view: Protocol, words: Words) -> str:
    """How the counts by hand hang together: places, tasks, and what the closing sentence sums."""
    letters = sum(each.by_hand for each in view.recipients)
    seen = view.read_back.by_hand if view.read_back else 0
    return words.say(
        "protocol.hands",
        seen=words.number(seen),
        records=words.number(seen - letters),
        letters=words.number(letters),
    )


def _backups(view: Protocol, words: Words) -> tuple[Block, ...]:
    if view.sets_values:
        return _only("rectify_backups" if view.rectifies else "undo_backups", words)
    if view.backups_through is None:
        return (Paragraph(text=words.say("protocol.backups_unknown"), tone="warn"),)
    day = words.long_day(view.backups_through)
    return (Paragraph(text=words.say("protocol.backups_through", date=day)),)


def _facts(view: Protocol, words: Words) -> tuple[Block, ...]:
    """When, under what policy, decided by whom and carried out by what."""
    approval = view.approval
    role = words.code("approver", approval.role)
    decided = ", ".join(part for part in (approval.by, role, approval.on_behalf) if part)
    accountant = ((words.say("protocol.accountant"), _accountant(view.accountant, words)),)
    pairs = (
        (words.say("protocol.started"), words.moment(view.started)),
        (words.say("protocol.ended"), words.moment(view.ended)),
        (words.say("protocol.decided"), decided),
        *(_typed(approval.typed_by, words) if approval.typed_by else ()),
        (words.say("approval.at"), words.moment(approval.at)),
        *(accountant if view.accountant else ()),
        (words.say("protocol.executed"), words.say("document.tool", version=view.tool_version)),
        (words.say("protocol.plan"), view.code),
        *(((words.say("protocol.undoes"), view.undoes),) if view.undoes else ()),
        *(((words.say("protocol.rectifies"), view.rectifies),) if view.rectifies else ()),
        (words.say("approval.digest"), view.digest),
        (words.say("protocol.policy"), f"{view.policy.name} {view.policy.version}"),
        (words.say("approval.policy_digest"), view.policy.digest),
    )
    return (Facts(pairs=pairs),)


def _typed(user: str, words: Words) -> tuple[tuple[str, str], ...]:
    """Whose word it is that this person decided: a typed name proves nobody."""
    return ((words.say("approval.typed"), words.say("approval.typed_by", user=user)),)


def _accountant(word: AccountantWord | None, words: Words) -> str:
    """Who answered what of the vouchers, and when; or who chose to go on without an answer, and why."""
    if word is None:
        return NOTHING
    day = words.long_day(word.on)
    if word.order_is_underlag is None:
        return words.say("protocol.without_answer", by=word.by, role=word.role, day=day, reason=word.reason)
    name = "is_underlag" if word.order_is_underlag else "no_underlag"
    return words.say(f"protocol.{name}", by=word.by, day=day, archive=word.archive)


def _chain(view: Protocol, words: Words) -> tuple[Block, ...]:
    blocks = [*(_only("first", words) if not view.previous else _link("previous", view, words))]
    if view.gaps:
        blocks.append(Paragraph(text=words.say("protocol.gaps", codes=", ".join(view.gaps))))
    for name in ("earlier", "replaces", "head", "chain"):
        blocks += _link(name, view, words)
    return tuple(blocks)


def _link(name: str, view: Protocol, words: Words) -> tuple[Block, ...]:
    """One checksum of the chain, where the protocol has it."""
    checksum = getattr(view, name)
    return (Facts(pairs=((words.say(f"protocol.{name}"), checksum),)),) if checksum else ()
