"""The work list as a document: place by place, what to do, on which records, and how to close it."""

import csv as comma_separated
import io
import shlex
from collections.abc import Iterable, Iterator, Sequence

from connector.report.annex import FORMULA
from connector.report.blocks import Block, Bullets, Cell, Command, Document, Heading, Paragraph, Row, Section
from connector.report.shared import Language
from connector.report.tables import (
    field_name,
    in_sentence,
    letterhead,
    listed,
    place_name,
    row,
    table,
)
from connector.report.todo.model import LetterView, MatterView, Shown, TaskView, Todo
from connector.report.words import NOTHING, Words

ALL = 10**9
COLUMNS = ("number", "place", "kind", "record", "link", "do", "cannot", "since", "state", "by", "on")


def compose(view: Todo, language: Language, *, most: int = ALL) -> Document:
    """The work list in one language; of each place no more than `most` records are named."""
    words = Words(language)
    parts = (
        ("todo", _places(view, most, words)),
        ("todo_done", done_blocks(view.done, most, words)),
        ("todo_warnings", _warnings(view, words)),
        ("todo_letters", _letters(view.letters, words)),
        ("todo_matters", [block for each in view.matters for block in _matter(each, most, words)]),
    )
    return Document(
        language=language,
        kind=words.say("todo.kind"),
        sender=letterhead(view.shop, words),
        reference=((words.say("document.made"), words.moment(view.made_at)),),
        title=words.say("todo.title" if view.tasks else "todo.nothing", n=words.number(len(view.tasks))),
        lead=tuple(_lead(view, words)),
        sections=tuple(
            Section(id=name, title=words.say(f"section.{name}"), blocks=tuple(blocks))
            for name, blocks in parts
            if blocks
        ),
        sentence=todo_sentence(view),
    )


def todo_sentence(view: Todo) -> str:
    """The last line of `todo`: English in every language, one line, made to be grepped."""
    own = sum(1 for one in view.tasks if one.id)
    return (
        f"To do: {len(view.tasks)} tasks, {own} on {view.records} records and {len(view.tasks) - own} done "
        f"once for the shop; {view.held} on hold, {len(view.letters)} letters not sent."
    )


def _lead(view: Todo, words: Words) -> Iterator[str]:
    own = sum(1 for one in view.tasks if one.id)
    if view.tasks:
        yield words.say("todo.lead")
        yield words.say(
            "todo.counted",
            own=words.number(own),
            records=words.number(view.records),
            once=words.number(len(view.tasks) - own),
        )
    if view.held:
        yield words.say("todo.held", n=words.number(view.held))


def what_to_do(place: str, words: Words) -> str:
    """What to do at a place, in three words or so."""
    code = place.partition(":")[0]
    known = words.code("do", code)
    return words.say("do.any") if known == code else known


def why_by_hand(place: str, words: Words) -> str:
    """Why no program does it."""
    code = place.partition(":")[0]
    known = words.code("cannot", code)
    return words.say("cannot.any") if known == code else known


def _places(view: Todo, most: int, words: Words) -> list[Block]:
    """Place by place; those of the whole shop together, for each is one task."""
    own = {place: tasks for place, tasks in view.places.items() if tasks[0].kind is not None}
    whole = [one for one in view.tasks if one.kind is None]
    blocks = [
        block
        for place, tasks in own.items()
        for block in (*named_at(place, tasks, most, words), _closing(tasks, place, view.file, words))
    ]
    if whole:
        rows = [row(str(one.number), *_place_of_shop(one, words)) for one in whole]
        blocks.append(Heading(text=words.say("todo.whole_shop"), note=words.say("todo.whole_shop_lead")))
        blocks += [table(words, ("number", "do", "place"), rows), _closing(whole, "", view.file, words)]
    return blocks


def _place_of_shop(one: TaskView, words: Words) -> tuple[str, str]:
    return what_to_do(one.place, words), place_name(one.place, words)


def named_at(place: str, tasks: Sequence[TaskView], most: int, words: Words) -> list[Block]:
    """A place: what to do there and why by hand, then its records."""
    where = place_name(tasks[0].place if len(tasks) == 1 else place, words).rstrip(".: ")
    note = f"{words.say('column.place')}: {where}. {why_by_hand(place, words)}"
    rows = [_row(one, words) for one in tasks[:most]]
    blocks: list[Block] = [
        Heading(text=what_to_do(place, words), note=note),
        table(words, ("number", "record", "field", "since"), rows),
    ]
    if len(tasks) > most:
        blocks.append(Paragraph(text=words.say("todo.more", n=words.number(len(tasks) - most)), tone="rest"))
    return blocks


def _closing(tasks: Sequence[TaskView], place: str, file: str, words: Words) -> Command:
    """The line that says that all of a place, or of the whole shop, is done."""
    first, last = tasks[0].number, tasks[-1].number
    numbers = str(first) if first == last else f"{first}-{last}"
    shop = f" --shop {shlex.quote(file)}" if file else ""
    where = f" --place {place}" if place else ""
    return Command(title=words.say("todo.close"), text=f"gallra todo done {numbers}{where} --by NAME{shop}")


def _row(one: TaskView, words: Words) -> Row:
    names = listed([field_name(field, words, one.kind) for field in one.fields]) if one.id else NOTHING
    note = words.say("todo.again", day=words.day(one.again)) if one.again else ""
    return row(str(one.number), _record(one, words), Cell(text=names, note=note), words.day(one.since))


def _record(one: TaskView, words: Words) -> Cell:
    """The record, or how many of them, or the whole shop; with the place's own detail beside it."""
    _, _, detail = one.place.partition(":")
    if one.kind is None:
        return Cell(text=words.say("todo.shop"), note=detail)
    if one.records is not None:
        kinds = words.code("kind", one.kind)
        return Cell(text=words.say("todo.every", n=words.number(one.records), kind=kinds), note=detail)
    return Cell(text=f"{words.code('single', one.kind)} {one.label}", link=one.link, note=detail)


def done_blocks(done: Sequence[TaskView], most: int, words: Words) -> list[Block]:
    """What was done since the last run began: by whom, when, and what reading it back said."""
    if not done:
        return []
    names = ("number", "record", "place", "by", "seen")
    rows = [
        row(
            str(one.number),
            _record(one, words),
            Cell(text=what_to_do(one.place, words), note=place_name(one.place, words)),
            Cell(text=one.done_by, note=words.day(one.done_on)),
            words.code("todo.seen", one.seen or "none"),
        )
        for one in done[:most]
    ]
    return [Paragraph(text=words.say("todo.done_lead")), table(words, names, rows)]


def _letters(letters: Sequence[LetterView], words: Words) -> list[Block]:
    if not letters:
        return []
    items = tuple(
        words.say(
            "todo.letter",
            name=each.name,
            letter=each.letter or NOTHING,
            lines=words.number(each.count),
            to=", ".join(each.to) or words.say("protocol.unsent_nowhere"),
        )
        for each in letters
    )
    return [Bullets(items=items), Paragraph(text=words.say("todo.letters_close"), tone="rest")]


def _warnings(view: Todo, words: Words) -> list[Block]:
    """Who is to be warned, by how the last try stands, and the command that shows the list."""
    if not view.warnings:
        return []
    items = tuple(
        words.say("todo.warning", n=words.number(count), how=words.code("warn_state", code))
        for code, count in view.warnings
    )
    return [
        Paragraph(text=words.say("todo.warnings_lead")),
        Bullets(items=items),
        Command(title=words.say("todo.warn"), text=view.warn_command),
    ]


def _matter(each: MatterView, most: int, words: Words) -> list[Block]:
    """Something to look into, with the numbers of its records."""
    names = [_shown(one, words) for one in each.records[:most]]
    more = each.count - len(names)
    title = f"{words.code('alert', each.code)} ({words.number(each.count)})"
    blocks: list[Block] = [Heading(text=title)]
    if names:
        told = ", ".join(names) + (f" … +{words.number(more)}" if more > 0 else "")
        blocks.append(Paragraph(text=told))
    return blocks


def _shown(one: Shown, words: Words) -> str:
    return f"{in_sentence([words.code('single', one.kind)])} {one.label}"


def csv(view: Todo, language: Language) -> Iterator[str]:
    """Every task a line, those done since the last run too; headers in the language."""
    words = Words(language)
    yield _line(words.say(f"column.{name}") for name in COLUMNS)
    for one in (*view.tasks, *view.done):
        yield _line(_cells(one, words))


def _cells(one: TaskView, words: Words) -> Iterable[str]:
    state = "done" if one.done_on else "again" if one.again else "open"
    return (
        str(one.number),
        place_name(one.place, words),
        words.code("single", one.kind) if one.kind else words.say("todo.shop"),
        one.label if one.id else NOTHING,
        one.link,
        what_to_do(one.place, words),
        why_by_hand(one.place, words),
        words.day(one.since) if one.since else "",
        words.code("todo.state", state),
        one.done_by,
        words.day(one.done_on) if one.done_on else "",
    )


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
    comma_separated.writer(buffer, lineterminator="\r\n").writerow(safe)
    return buffer.getvalue()
