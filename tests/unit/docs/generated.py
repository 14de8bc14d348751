"""What the pages under docs take from the code, between their marks; `make reference` writes it anew."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from connector.errors import Exit
from connector.ledger.states import (
    DELIVERY_ARROWS,
    MESSAGE_ARROWS,
    PLAN_ARROWS,
    REQUEST_ARROWS,
    STEP_ARROWS,
    WARNING_ARROWS,
    Stated,
)
from connector.registry import recipients, things_of
from connector.report.annex import COLUMNS
from connector.report.drawn.overview import SIGNS
from connector.report.overview import state_word
from connector.report.translated import translated
from connector.report.words import Words
from connector.settings.meanings import meanings
from connector.views.lint import code_table
from tests.support import REPOSITORY
from tests.unit.docs.capability_rows import KIND_NAMES, ability_rows, columns_of, interest_rows, platforms
from tests.unit.docs.commands import described
from tests.unit.docs.house import rooms
from tests.unit.docs.law import attestations, holds, schedule
from tests.unit.docs.pages import FIRST_RUN
from tests.unit.docs.settings_keys import setting_rows

S = TypeVar("S", bound=Stated)
_MARKED = re.compile(r"<!-- generated: ([\w-]+) -->\n(.*?)<!-- end of generated -->", re.DOTALL)
_FIVE_MINUTES = re.compile(r"<!-- five minutes -->\n(.*?)<!-- end of five minutes -->", re.DOTALL)


def table(head: str, rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """A table of these rows under a head of as many columns."""
    yield f"| {head} |"
    yield "|" + "---|" * (head.count(" | ") + 1)
    yield from (f"| {' | '.join(row)} |" for row in rows)


def machine(arrows: Mapping[S, frozenset[S]]) -> Iterator[str]:
    """The states of a thing: what each means, and what may come after it."""
    rows = (
        (f"`{one}`", one.meaning, ", ".join(f"`{state}`" for state in arrows if state in after) or "–")
        for one, after in arrows.items()
    )
    return table("State | Means | May become", rows)


def settings() -> Iterator[str]:
    """Every key of a shop's file."""
    said = meanings()
    rows = ((f"`{key}`", kind, default, said.get(key, "")) for key, kind, default in setting_rows())
    return table("Key | Type | Default | Meaning", rows)


def exit_codes() -> Iterator[str]:
    """Every exit code with what stands under it in the code."""
    said = dict(_said_of_codes())
    rows = ((str(int(code)), f"`{code.name.lower()}`", said[code.name]) for code in Exit)
    return table("Code | Name | Meaning", rows)


def _said_of_codes() -> Iterator[tuple[str, str]]:
    """The text under each member of `Exit`, which Python itself does not keep."""
    tree = ast.parse((REPOSITORY / "connector/errors.py").read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == Exit.__name__)
    for member, text in zip(found.body, found.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr):
            yield ast.unparse(member.targets[0]), " ".join(str(ast.literal_eval(text.value)).split())


def lint_codes() -> Iterator[str]:
    """Every finding of the lint."""
    rows = ((f"`{row.code}`", str(row.severity), row.says, row.remedy) for row in code_table())
    return table("Code | Severity | What it means | Remedy", rows)


def exit_codes_in_swedish() -> Iterator[str]:
    """The same codes for who reads Swedish."""
    said = dict(_said_of_codes())
    return table("Kod | Betyder", ((str(int(code)), translated(said[code.name], "sv")) for code in Exit))


def lint_codes_in_swedish() -> Iterator[str]:
    """The same findings in Swedish."""
    rows = (
        (f"`{row.code}`", translated(str(row.severity), "sv"), row.says, row.remedy)
        for row in code_table("sv")
    )
    return table("Kod | Allvar | Vad det betyder | Åtgärd", rows)


def shop_states_in_swedish() -> Iterator[str]:
    """Each state of a shop with its sign, the gravest first."""
    return table("Tecken | Läge", ((sign, state_word(name, "sv")) for name, sign, _ in SIGNS))


def states_in_swedish() -> Iterator[str]:
    """Every state of a plan, a step and a delivery by its code and its Swedish word."""
    words = Words("sv")
    of = (("plan", PLAN_ARROWS), ("steg", STEP_ARROWS), ("meddelande", DELIVERY_ARROWS))
    family = {"plan": "state_of_plan", "steg": "state_of_step", "meddelande": "state_of_delivery"}
    rows = ((what, f"`{one}`", words.code(family[what], one)) for what, arrows in of for one in arrows)
    return table("Vad | Kod | Ord", rows)


def annex_columns() -> Iterator[str]:
    """The columns of the dry run's CSV in their order, in both languages."""
    swedish, english = Words("sv"), Words("en")
    rows = (
        (str(place), swedish.say(f"annex.{name}"), english.say(f"annex.{name}"))
        for place, name in enumerate(COLUMNS, 1)
    )
    return table("Plats | På svenska | In English", rows)


def fields(name: str) -> Iterator[str]:
    """What can be done to each field on one platform."""
    platform = dict(platforms())[name]
    kinds = " | ".join(KIND_NAMES.get((name, kind)) or KIND_NAMES["", kind] for kind in columns_of(name))
    return table(f"Field | {kinds}", ability_rows(platform))


def told() -> Iterator[str]:
    """What each recipient is told of, and what happens there."""
    return table("Adapter | Recipient | Record | What is used to find it | What happens", interest_rows())


def addresses() -> Iterator[str]:
    """Who the shipped recipients are, and where each takes in a notice."""
    rows = (
        (
            f"`{one.name}`", one.title, str(one.recipient.model_fields["code"].default),
            str(one.recipient.model_fields["role"].default),
            one.channel.address or one.channel.form or "–",
        )
        for one in recipients()
        if one.recipient
    )  # fmt: skip
    return table("Adapter | Recipient | Code | Role | Address or form for notices", rows)


def things() -> Iterator[str]:
    """What each recipient holds: done, told, by hand, cannot, with source and date."""
    rows = (
        (f"`{one.name}`", thing.en, _HOW[thing.how], f"{thing.source}, {thing.read}")
        for one in recipients()
        for thing in things_of(one.name)
    )
    return table("Recipient | What | How | Source", rows)


_HOW = {
    "done": "done", "asked": "asked for, never verified", "told": "told by letter",
    "carried": "carried by the shop system",
    "read": "read and held to the promise", "by_hand": "by hand", "cannot": "cannot",
}  # fmt: skip


def five_minutes() -> Iterator[str]:
    """The first steps of the guide's first run, which the README shows too."""
    found = _FIVE_MINUTES.search(FIRST_RUN.read_text(encoding="utf-8"))
    assert found, "the guide's first run has lost its marks"
    yield found.group(1).strip("\n")


GENERATED: Mapping[str, Callable[[], Iterator[str]]] = {
    "five-minutes": five_minutes,
    "commands": described,
    "settings": settings,
    "exit-codes": exit_codes,
    "lint-codes": lint_codes,
    "exit-codes-sv": exit_codes_in_swedish,
    "lint-codes-sv": lint_codes_in_swedish,
    "shop-states-sv": shop_states_in_swedish,
    "states-sv": states_in_swedish,
    "annex-columns": annex_columns,
    "fields-woocommerce": lambda: fields("woocommerce"),
    "fields-shopify": lambda: fields("shopify"),
    "fields-mailchimp": lambda: fields("mailchimp"),
    "fields-imap": lambda: fields("imap"),
    "told": told,
    "addresses": addresses,
    "things": things,
    "schedule": schedule,
    "attestations": attestations,
    "holds": holds,
    "rooms": rooms,
    "plan": lambda: machine(PLAN_ARROWS),
    "step": lambda: machine(STEP_ARROWS),
    "delivery": lambda: machine(DELIVERY_ARROWS),
    "message": lambda: machine(MESSAGE_ARROWS),
    "warning": lambda: machine(WARNING_ARROWS),
    "request": lambda: machine(REQUEST_ARROWS),
}


def marks(text: str) -> list[str]:
    """What a text takes from the code, by name."""
    return [name for name, _ in _MARKED.findall(text)]


def written_anew(text: str) -> str:
    """A text with each of its marked parts as the code has it."""

    def part(found: re.Match[str]) -> str:
        lines = "\n".join(GENERATED[found.group(1)]()).strip("\n")
        return f"<!-- generated: {found.group(1)} -->\n\n{lines}\n\n<!-- end of generated -->"

    return _MARKED.sub(part, text)
