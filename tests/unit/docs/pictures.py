"""What the README draws of the engine: its rooms with who may import whom, and where things can stand.

`python -m tests.unit.docs.pictures` writes the pictures into the README, between their marks.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TypeVar

from connector.ledger.states import DELIVERY_ARROWS, MESSAGE_ARROWS, PLAN_ARROWS, STEP_ARROWS, Stated
from tests.support import REPOSITORY
from tests.unit.test_imports import ADAPTERS, ASSEMBLY, BELOW, WORDS

S = TypeVar("S", bound=Stated)
README = REPOSITORY / "README.md"
NO_FOLDER = {
    "words": f"The words of the engine: {', '.join(f'`{name}`' for name in WORDS if name)}.",
    "assembly": f"One shop, opened from its settings: {', '.join(f'`{name}`' for name in ASSEMBLY)}.",
    "adapters": "Beside the engine: what each service is called, and the calls to it.",
    "sandbox": "Stand-ins of the services, for tests and the demo.",
}


def rooms() -> Iterator[str]:
    """The table of the rooms, from the ground up."""
    yield "| Room | What lies there | May import |"
    yield "|---|---|---|"
    for room, below in (BELOW | {"adapters": ADAPTERS, "sandbox": ""}).items():
        yield f"| `{room}` | {what_lies_in(room)} | {may_import(room, below.split())} |"


def what_lies_in(room: str) -> str:
    """The first sentence of a room's own docstring."""
    if room in NO_FOLDER:
        return NO_FOLDER[room]
    said = (import_module(f"connector.{room}").__doc__ or "").split("\n\n")[0]
    return " ".join(said.split())


def may_import(room: str, below: list[str]) -> str:
    """The rooms by name, or all above it save some where that is shorter."""
    above = list(BELOW)[: list(BELOW).index(room)] if room in BELOW else below
    missing = [one for one in above if one not in below]
    if not below:
        return "nothing of these"
    if room in BELOW and len(missing) < len(below):
        return f"all above but {named(missing)}" if missing else "all above"
    return named(below)


def named(rooms_: list[str]) -> str:
    """Rooms in a row."""
    return ", ".join(f"`{one}`" for one in rooms_)


def machine(arrows: Mapping[S, frozenset[S]]) -> Iterator[str]:
    """The states of a thing with what they mean, then the arrows between them."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    {one} : {one} ({one.meaning})" for one in arrows)
    for one, after in arrows.items():
        yield from (f"    {one} --> {state}" for state in arrows if state in after)
    yield "```"


PICTURES: Mapping[str, Callable[[], Iterator[str]]] = {
    "rooms": rooms,
    "plan": lambda: machine(PLAN_ARROWS),
    "step": lambda: machine(STEP_ARROWS),
    "delivery": lambda: machine(DELIVERY_ARROWS),
    "message": lambda: machine(MESSAGE_ARROWS),
}


def drawn(text: str) -> str:
    """A text with each of its pictures as the code has it."""
    for name, picture in PICTURES.items():
        begin, end = f"<!-- picture: {name} -->\n", "<!-- end of picture -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}{chr(10).join(picture())}\n{end}{after}"
    return text


if __name__ == "__main__":
    README.write_text(drawn(README.read_text(encoding="utf-8")), encoding="utf-8")
