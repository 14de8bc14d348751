"""Tables that the dry run and the protocol have in common."""

from collections.abc import Sequence

from connector.report.articles import law_words
from connector.report.blocks import Block, Cell, Facts, Heading, Paragraph, Table
from connector.report.shared import ByHandView, HeldCount, HoldView, KeptTogether, SurpriseView
from connector.report.tables import (
    field_name,
    listed,
    place_name,
    row,
    samples_of,
    surprise_name,
    table,
)
from connector.report.words import NOTHING, Words


def surprises_table(found: Sequence[SurpriseView], words: Words) -> Table:
    """What no rule names, by type and place, with how many records hold it."""
    rows = [
        row(
            Cell(text=surprise_name(each.code, words), note=place_name(each.place, words)),
            words.number(each.count),
            samples_of(each.samples, words),
        )
        for each in found
    ]
    return table(words, ("found", "count", "samples"), rows)


def by_hand_table(by_hand: tuple[ByHandView, ...], words: Words) -> Table:
    """The exact places that only a person can reach, with their fields where those are known."""
    if not any(each.field for each in by_hand):
        places = [row(place_name(each.place, words), _how_many(each.count, words)) for each in by_hand]
        return table(words, ("place", "count"), places)
    fields: dict[tuple[str, int | None], list[str]] = {}
    for each in by_hand:
        known = fields.setdefault((each.place, each.count), [])
        if each.field:
            known.append(field_name(each.field, words))
    rows = [
        row(place_name(place, words), listed(names) or NOTHING, _how_many(count, words))
        for (place, count), names in fields.items()
    ]
    return table(words, ("place", "field", "count"), rows)


def _how_many(count: int | None, words: Words) -> str:
    return NOTHING if count is None else words.number(count)


def basis_words(basis: str, words: Words) -> str:
    """A legal basis as the policy writes it; letters alone (`c,l`) are spelled out one by one."""
    parts = [part.strip() for part in basis.split(",")]
    names = [words.code("basis", part) for part in parts]
    if any(name == part for name, part in zip(names, parts, strict=True)):
        return law_words(basis, words.language)
    return ", ".join(name if place == 0 else name.lower() for place, name in enumerate(names))


def holds_table(holds: tuple[HoldView, ...], words: Words) -> Table:
    """How many records wait for what, and when it is looked at again."""
    rows = [
        row(words.code("hold", each.id), words.number(each.count), words.day(each.review)) for each in holds
    ]
    return table(words, ("hold", "count", "review"), rows)


def holds_counted(holds: Sequence[HoldView], held: HeldCount | None, words: Words) -> list[Block]:
    """How the rows by hold sum to the records that wait."""
    if held is None:
        return []
    parts = sum(each.count for each in holds)
    text = words.say(
        "staying.held_sum" if parts == held.records else "staying.held_overlap",
        held=words.number(held.records),
        parts=words.number(parts),
    )
    if held.unread:
        text += " " + words.say("staying.held_unread", n=words.number(held.unread))
    return [Paragraph(text=text, tone="rest")]


def together(kept: tuple[KeptTogether, ...], words: Words) -> list[Block]:
    """Who keeps all of their orders because they bought again: how many, and since one is overdue."""
    blocks: list[Block] = []
    for each in kept:
        name = words.service(each.platform)
        pairs = (
            (words.say("together.customers"), words.number(each.customers)),
            (words.say("together.past"), words.number(each.past)),
        )
        note = words.say("together.lead", platform=name)
        blocks += [Heading(text=words.say("together.title", platform=name), note=note), Facts(pairs=pairs)]
    return blocks
