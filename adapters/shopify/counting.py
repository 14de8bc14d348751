"""Shopify's own count of what a walk is to show, taken as it begins.

Counting ends at 25,000 (shopify.dev/docs/api/usage/limits); above that the parts between ids are counted,
several in one question.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec import ValidationError, convert

from adapters.shopify.answers import OddAnswer, count_of
from adapters.shopify.client import Client
from adapters.shopify.ids import GID
from adapters.shopify.shapes import Moment
from adapters.shopify.sources import Source
from connector.ports import Stock

PARTS = 10  # counted at once
_ROUNDS = 4  # of halving before a count is given up
_FIELD = re.compile(r"\w+\(\s*\$query: String\s*\)\s*\{\s*(\w+\(query: )\$query(.*)\}\s*\Z", re.DOTALL)


class Start(NamedTuple):
    """What there is as a walk begins: how many (None where Shopify cannot say), and up to which id.

    `first` is the oldest id (0 where there is none), `born` the moment at which it came into being.
    """

    counted: int | None
    upto: int
    first: int
    born: datetime | None


def count_all(client: Client, source: Source) -> Start:
    """Counts a kind. Number, newest id and permissions come in one answer, so that they fit together."""
    operation = f"begin_{source.operation}"
    answer = client.run(operation)
    client.note(answer)
    low, born = _end(answer, "oldest", operation)
    high, _ = _end(answer, "newest", operation)
    counted, exact = count_of(answer.get("counted"), operation)
    if exact:
        return Start(counted, high, low, born)
    return Start(_count_in_parts(client, source, low, high), high, low, born)


def count_now(client: Client, source: Source) -> tuple[Stock, ...]:
    """How many there are now; nothing where one question does not tell."""
    operation = f"begin_{source.operation}"
    answer = client.run(operation)
    client.note(answer)
    counted, exact = count_of(answer.get("counted"), operation)
    return (Stock(count=counted),) if exact else ()


def count_found(client: Client, source: Source, query: str) -> tuple[int, bool]:
    """How many a search finds, and whether that is exact."""
    answer = client.run(f"count_{source.operation}", {"query": query or None})
    return count_of(answer.get(f"{source.connection}Count"), f"count_{source.operation}")


def _end(answer: Mapping[str, Any], name: str, operation: str) -> tuple[int, datetime | None]:
    """The id at one end of a kind, and when it came into being; 0 where there is none at all."""
    found = answer.get(name)
    edges = found.get("edges") if isinstance(found, Mapping) else None
    if not isinstance(edges, list):
        raise OddAnswer(operation)
    if not edges:
        return 0, None
    try:
        node = edges[0]["node"]
        born = convert(node["createdAt"], Moment)
        id_ = int(GID.match(node["id"])[2])  # type: ignore[index]
    except (TypeError, KeyError, ValidationError):
        raise OddAnswer(operation) from None
    return id_, born


def _count_in_parts(client: Client, source: Source, low: int, high: int) -> int | None:
    """The sum of the counts between ids, halved where one of them is too big; None where none is exact."""
    total, left = 0, [(low, high + 1)]
    for _ in range(_ROUNDS):
        parts = [part for whole in left for part in _cut(*whole)]
        left = []
        for some in range(0, len(parts), PARTS):
            for part, (count, exact) in _count_parts(client, source, parts[some : some + PARTS]):
                if exact:
                    total += count
                else:
                    left.append(part)
        if not left:
            return total
    return None


def _cut(low: int, high: int) -> list[tuple[int, int]]:
    marks = [low + (high - low) * part // PARTS for part in range(PARTS)] + [high]
    return [(one, other) for one, other in pairwise(marks) if one < other]


def _count_parts(
    client: Client, source: Source, parts: list[tuple[int, int]]
) -> list[tuple[tuple[int, int], tuple[int, bool]]]:
    name = f"count_{source.operation}"
    variables = {f"q{at}": f"id:>={low} id:<{high}" for at, (low, high) in enumerate(parts)}
    answer = client.read(name, variables, text=together(client.text(name), len(parts)))
    return [(part, count_of(answer.get(f"a{at}"), name)) for at, part in enumerate(parts)]


def together(text: str, count: int) -> str:
    """One document that counts `count` searches, each by an alias of its own."""
    found = _FIELD.search(text)
    if found is None:
        raise ValueError("an operation that counts takes one query; correct its file")
    heads = ", ".join(f"$q{at}: String" for at in range(count))
    bodies = "\n".join(f"a{at}: {found[1]}$q{at}{found[2].strip()}" for at in range(count))
    return f"query Count({heads}) {{\n{bodies}\n}}"
