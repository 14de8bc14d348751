"""How a table of settings refuses a value: a fault with its place, and what to do about it."""

from collections.abc import Sequence

import msgspec
from pydantic_core import PydanticCustomError

Where = tuple[str | int, ...]
"""A path into a document: table and key names, and positions in lists."""

CODE = "gallra"
"""The type of an error that carries faults."""


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong, at a path; the text ends with what to do."""

    where: Where
    text: str


def refuse(text: str, *where: str | int) -> PydanticCustomError:
    """The error a validator raises; `where` goes on from the table being validated."""
    return refuse_all([Fault(where, text)])


def refuse_all(faults: Sequence[Fault]) -> PydanticCustomError:
    """One error that carries several faults."""
    return PydanticCustomError(CODE, "{count} faults", {"count": len(faults), "faults": tuple(faults)})


def refuse_repeated(names: Sequence[object], key: str, remedy: str) -> None:
    """Refuses a list of tables in which one name stands twice under `key`; each repetition is a fault."""
    twice = [
        Fault((position, key), f"{name} stands twice. {remedy}")
        for position, name in enumerate(names)
        if name in names[:position]
    ]
    if twice:
        raise refuse_all(twice)
