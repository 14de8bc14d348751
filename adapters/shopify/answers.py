"""Answers held against what was asked: a page of something else is no page, and no answer is no word."""

from collections.abc import Mapping
from typing import Any

from adapters.shopify.faults import ADAPTER
from connector.errors import RetryLater


class OddAnswer(RetryLater):
    """An answer that does not have the form of what was asked, or repeats itself."""

    def __init__(self, operation: str) -> None:
        named = operation.replace("_", " ")
        super().__init__(
            f"{ADAPTER}: {named} answered something else than was asked. Run again; if it stays so, see "
            "whether a cache or a program stands between this machine and Shopify.",
            adapter=ADAPTER, operation=named, status=200, code="odd_answer",
        )  # fmt: skip


def connection(answer: Mapping[str, Any], name: str, operation: str) -> tuple[list[Any], str | None]:
    """The nodes of one page, and the cursor of the next; None behind the last. Raises OddAnswer.

    A node may be of any form; an edge that holds none is left out, so that a count shows it.
    """
    found = answer.get(name)
    try:
        edges, info = found["edges"], found["pageInfo"]  # type: ignore[index]
        more, behind = info["hasNextPage"], info.get("endCursor")
        rows = [edge.get("node") for edge in edges]
    except (TypeError, KeyError, AttributeError):
        raise OddAnswer(operation) from None
    if not isinstance(more, bool) or not isinstance(edges, list) or (more and not isinstance(behind, str)):
        raise OddAnswer(operation)
    return [row for row in rows if row is not None], behind if more else None


def more(found: object, operation: str) -> bool:
    """Whether a connection within a record goes on. Raises OddAnswer where it does not say."""
    info = found.get("pageInfo") if isinstance(found, Mapping) else None
    said = info.get("hasNextPage") if isinstance(info, Mapping) else None
    if not isinstance(said, bool):
        raise OddAnswer(operation)
    return said


def count_of(found: object, operation: str) -> tuple[int, bool]:
    """A count, and whether it is exact. Raises OddAnswer where it is none."""
    if not isinstance(found, Mapping) or type(found.get("count")) is not int or found["count"] < 0:
        raise OddAnswer(operation)
    return found["count"], found.get("precision") == "EXACT"
