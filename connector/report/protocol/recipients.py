"""What recipients were told, and what of it somebody must still see to."""

from connector.report.blocks import (
    Block,
    Bullets,
    Cell,
    Paragraph,
    Row,
)
from connector.report.protocol.model import (
    Protocol,
    RecipientResult,
)
from connector.report.tables import (
    lower_first,
    row,
    table,
)
from connector.report.words import NOTHING, Words

TOLD = ("instructed", "confirmed", "stopped", "notified", "accepted", "kept", "failed", "by_hand")


def recipients_blocks(view: Protocol, words: Words) -> tuple[Block, ...]:
    """Each recipient with its counts; then what is not known, not told and not sent."""
    if not view.recipients:
        return (Paragraph(text=words.say("protocol.no_recipients")),)
    rows = [_recipient_row(each, words) for each in view.recipients]
    return (
        table(words, ("recipient", *TOLD), rows),
        *_none_found(view, words),
        *_restricted(view, words),
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


def _restricted(view: Protocol, words: Words) -> tuple[Block, ...]:
    """What is only stored, and so is carried on to nobody yet: no fault, and no erasure either."""
    items = tuple(
        words.say("protocol.restricted_line", name=each.name, number=words.number(each.restricted))
        for each in view.recipients
        if each.restricted
    )
    return (Bullets(title=words.say("protocol.restricted"), items=items),) if items else ()


def _untold(view: Protocol, words: Words) -> tuple[Block, ...]:
    """Who could not be told of a lost record: by number, with what to look for, and how that is closed."""
    items = tuple(
        words.say(
            "protocol.untold_key_lost" if each.reason == "key_lost" else "protocol.untold_line",
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


def _recipient_row(each: RecipientResult, words: Words) -> Row:
    counts = {name: words.number(getattr(each, name)) for name in TOLD}
    cells = [Cell(text=count if count != "0" else NOTHING) for count in counts.values()]
    if each.accepted and each.accepted_due:
        cells[TOLD.index("accepted")] = Cell(text=counts["accepted"], note=words.day(each.accepted_due))
    return row(Cell(text=each.name, note=words.code("role", each.role)), *cells)
