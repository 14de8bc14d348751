"""A protocol as a document: what a run did, by which rule, and how it was checked."""

from connector.ports import DEVIATES, Role
from connector.records import Outcome
from connector.report import basis
from connector.report.blocks import (
    Block,
    Bullets,
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
    OutcomeCount,
    Protocol,
    ReadBack,
    RecipientResult,
    WaveResult,
)
from connector.report.protocol.sentences import verified_sentence
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
    record_name,
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
TOLD = ("instructed", "confirmed", "stopped", "notified", "accepted", "kept", "failed", "by_hand")


def compose(view: Protocol, language: Language) -> Document:
    """The protocol in one language (law/documents §3)."""
    words = Words(language)
    return Document(
        language=language,
        kind=words.say("document.protocol"),
        sender=letterhead(view.shop, words),
        reference=(
            (words.say("document.number"), view.number),
            (words.say("document.made"), words.moment(view.ended)),
        ),
        title=words.say(f"protocol.{verdict(view)}"),
        lead=_lead(view, words),
        warnings=_left(view.read_back, words),
        rests_on=basis.bullets(view.rests_on, {}, words),
        sections=_sections(view, words),
        sentence=verified_sentence(view.read_back or ReadBack()),
        footer=words.say("document.tool", version=view.tool_version),
    )


def _lead(view: Protocol, words: Words) -> tuple[str, ...]:
    lead = [words.say("protocol.lead"), words.say("protocol.keep")]
    if view.read_back:
        clean, read = words.number(view.read_back.clean), words.number(view.read_back.read)
        lead.insert(0, words.say("protocol.read", clean=clean, read=read))
        lead[1:1] = _asked(view.read_back, words)
        lead[1:1] = _not_read(view.read_back, words)
        lead[0:0] = _not_ended(view.read_back, words)
    lead[-2:-2] = _remaining(view, words)
    return tuple(lead)


def _remaining(view: Protocol, words: Words) -> list[str]:
    """What clean does not cover: what seems to be about a person and stays, letters, work by hand."""
    told = sum(each.count for each in view.read_back.told) if view.read_back else 0
    said = [words.say("protocol.stays", number=words.number(told))] if told else []
    if view.unsent:
        said.append(words.say("protocol.letters_wait", number=words.number(len(view.unsent))))
    if view.tasks:
        said.append(words.say("protocol.hand_waits", n=_tasks(view, words)))
    elif view.by_hand:
        said.append(words.say("protocol.hand_left"))
    if view.tasks_done:
        said.append(words.say("protocol.hand_done", n=words.number(len(view.tasks_done))))
    return [*said, *_kept_elsewhere(view, words)]


def _kept_elsewhere(view: Protocol, words: Words) -> list[str]:
    """What recipients keep: what they need for other orders, and what only they decide on."""
    kept = [f"{each.name} {words.number(each.kept)}" for each in view.recipients if each.kept]
    own = [
        each.name for each in view.recipients if each.role is Role.CONTROLLER and each.notified + each.by_hand
    ]
    said = [words.say("protocol.kept_there", names=", ".join(kept))] if kept else []
    return [*said, words.say("protocol.kept_own", names=", ".join(own))] if own else said


def _asked(seen: ReadBack, words: Words) -> list[str]:
    """What a service has taken on and not finished: never called done."""
    if not seen.accepted:
        return []
    return [words.say("protocol.asked", number=words.number(seen.accepted), day=words.day(seen.accepted_due))]


def _not_read(seen: ReadBack, words: Words) -> list[str]:
    """What was touched and could not be read: never called clean."""
    return [words.say("protocol.not_read", number=words.number(seen.unread))] if seen.unread else []


def _not_ended(seen: ReadBack, words: Words) -> list[str]:
    """What a run that stopped left: begun without an answer, or never come to. Never called carried out."""
    if seen.ended:
        return []
    begun, left = words.number(seen.begun), words.number(seen.to_begin)
    return [words.say("protocol.not_ended", begun=begun, left=left)]


def verdict(view: Protocol) -> str:
    """`unfinished`, `left`, `unread`, `not_all_read`, `deviated`, `waiting` or `done`, as a text key.

    The worst of them; but a run that has not ended is called so first, whatever else was found.
    """
    if view.read_back and not view.read_back.ended:
        return "unfinished"
    if view.read_back and view.read_back.left:
        return "left"
    if view.read_back is None:
        return "unread"
    if view.read_back.unread:
        return "not_all_read"
    refused = any(
        each.outcome is Outcome.REFUSED or each.reason.startswith(DEVIATES) for each in view.deviations
    )
    failed = any(each.failed for each in view.recipients)
    if refused or failed:
        return "deviated"
    return "waiting" if view.read_back.accepted or view.unsent else "done"


def _left(read_back: ReadBack | None, words: Words) -> Bullets | None:
    if read_back is None:
        return None
    for name in ("left", "begun", "unread"):
        if getattr(read_back, name):
            labels = _names(getattr(read_back, f"{name}_labels"), words)
            return Bullets(title=words.code("protocol.labels", name), items=labels, tone="warn")
    return None


def _names(labels: tuple[str, ...], words: Words) -> tuple[str, ...]:
    return tuple(record_name(label, words) for label in labels)


def _sections(view: Protocol, words: Words) -> tuple[Section, ...]:
    answers = (
        ("facts", _facts),
        ("done", _rules),
        ("numbers", _numbers),
        ("outcomes", _outcomes),
        ("recipients", _recipients),
        ("held", _held),
        ("deviations", _deviations),
        ("read_back", _read_back),
        ("by_hand", _by_hand),
        ("backups", _backups),
        ("chain", _chain),
    )
    return tuple(
        Section(id=name, title=words.say(f"section.{name}"), blocks=answer(view, words))
        for name, answer in answers
    )


def _read_back(view: Protocol, words: Words) -> tuple[Block, ...]:
    """How many records were read again, how many were clean; then what cannot be read back."""
    seen = view.read_back
    if seen is None:
        return (Paragraph(text=words.say("protocol.no_read_back"), tone="warn"),)
    cannot = Paragraph(text=words.say("protocol.cannot_read"))
    return (read_back_share(seen, words), *told_blocks(seen, words), cannot, _unreadable(seen, words))


def read_back_share(seen: ReadBack, words: Words) -> Share:
    """What was read back, as one bar: clean, left, unread."""
    return Share(
        number=words.number(seen.clean),
        text=words.say("protocol.read_headline", read=words.number(seen.read)),
        title=words.say("protocol.read_title"),
        segments=(
            _segment(seen.clean, words.say("protocol.clean"), "accent", words),
            _segment(seen.left, words.say("protocol.left_count"), "warn", words),
            _segment(seen.unread, words.say("protocol.unread_count"), "warn", words),
        ),
    )


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
    if not view.rules:
        return _only("no_rules", words)
    rows = [
        row(
            Cell(text=field_name(each.field, words, each.kind), note=rule_name(each.rule, words)),
            words.code("label", each.label),
            words.number(each.count),
            words.span(each.oldest, each.youngest),
            basis_words(each.basis, words) or NOTHING,
        )
        for each in view.rules
    ]
    count = words.number(sum(each.count for each in view.rules))
    rows.append(total(words.say("going.sum_fields"), "", count, "", ""))
    return (table(words, ("field", "label", "count", "oldest", "basis"), rows),)


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


def _recipients(view: Protocol, words: Words) -> tuple[Block, ...]:
    if not view.recipients:
        return _only("no_recipients", words)
    rows = [_recipient_row(each, words) for each in view.recipients]
    return (
        table(words, ("recipient", *TOLD), rows),
        *_none_found(view, words),
        *_untold(view, words),
        *_unsent(view, words),
    )


def _none_found(view: Protocol, words: Words) -> tuple[Block, ...]:
    """An answer that fits a wrong account as well as an erasure is no erasure."""
    items = tuple(
        words.say("protocol.none_found_line", name=each.name, number=words.number(each.none_found))
        for each in view.recipients
        if each.none_found
    )
    return _warned("none_found", items, words)


def _untold(view: Protocol, words: Words) -> tuple[Block, ...]:
    """Who could not be told of a lost record: by number, with what to look for, and how that is closed."""
    items = tuple(
        words.say(
            "protocol.untold_line",
            name=each.name,
            kind=lower_first(words.code("kind", each.kind)),
            numbers=", ".join(each.labels),
            what=words.code("handle", each.handle),
            to=", ".join(each.to) or words.say("protocol.unsent_nowhere"),
            deliveries=" ".join(map(str, each.deliveries)),
        )
        for each in view.untold
    )
    return _warned("untold", items, words)


def _unsent(view: Protocol, words: Words) -> tuple[Block, ...]:
    """Written is not sent: each notice that has not left, and where it goes."""
    items = tuple(
        words.say(
            "protocol.unsent_line",
            name=each.name,
            letter=each.letter or NOTHING,
            lines=words.number(each.count),
            to=", ".join(each.to) or words.say("protocol.unsent_nowhere"),
        )
        for each in view.unsent
    )
    return _warned("unsent", items, words)


def _warned(title: str, items: tuple[str, ...], words: Words) -> tuple[Block, ...]:
    """Lines that somebody must see to, under their title; nothing where there is none."""
    return (Bullets(title=words.say(f"protocol.{title}"), items=items, tone="warn"),) if items else ()


def _only(sentence: str, words: Words) -> tuple[Block, ...]:
    """The one sentence of a section that has nothing to show."""
    return (Paragraph(text=words.say(f"protocol.{sentence}")),)


def _recipient_row(each: RecipientResult, words: Words) -> Row:
    counts = {name: words.number(getattr(each, name)) for name in TOLD}
    cells = [Cell(text=count if count != "0" else NOTHING) for count in counts.values()]
    if each.accepted and each.accepted_due:
        cells[TOLD.index("accepted")] = Cell(text=counts["accepted"], note=words.day(each.accepted_due))
    return row(Cell(text=each.name, note=words.code("role", each.role)), *cells)


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
        (words.say("approval.at"), words.moment(approval.at)),
        *(accountant if view.accountant else ()),
        (words.say("protocol.executed"), words.say("document.tool", version=view.tool_version)),
        (words.say("protocol.plan"), view.code),
        (words.say("approval.digest"), view.digest),
        (words.say("protocol.policy"), f"{view.policy.name} {view.policy.version}"),
        (words.say("approval.policy_digest"), view.policy.digest),
    )
    return (Facts(pairs=pairs),)


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
    for name in ("earlier", "replaces", "chain"):
        blocks += _link(name, view, words)
    return tuple(blocks)


def _link(name: str, view: Protocol, words: Words) -> tuple[Block, ...]:
    """One checksum of the chain, where the protocol has it."""
    checksum = getattr(view, name)
    return (Facts(pairs=((words.say(f"protocol.{name}"), checksum),)),) if checksum else ()
