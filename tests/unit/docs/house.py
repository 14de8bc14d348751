"""The rooms of the engine with who may import whom, as docs/how/house.md shows them."""

from collections.abc import Iterator
from importlib import import_module

from tests.unit.test_imports import ADAPTERS, ASSEMBLY, BELOW, WORDS

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
