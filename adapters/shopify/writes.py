"""Mutations, many at once: aliased in one request, or from a file as a bulk operation.

Every answer is read by its alias or line number: that a request or a job went well says nothing
of its single mutations.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.shopify.bulk import Mutations
from adapters.shopify.client import Client
from adapters.shopify.files import Files
from adapters.shopify.ids import batched
from adapters.shopify.reasons import Reason

BULK_FROM = 50
"""Mutations from which a bulk operation is used: a Standard plan lets ten a second through one by one."""

TOGETHER = 20
"""Mutations of one request, each by an alias of its own."""

_COST = 10.0  # points of one mutation (rate-limits: 10, which only reads lower)
_HEADER = re.compile(r"mutation \w+\((.*?)\)\s*\{(.*)\}\s*\Z", re.DOTALL)
_VARIABLE = re.compile(r"\$(\w+)\b")
_FIELD = re.compile(r"\s*(\w+)\(")

Answer = Mapping[str, Any]


class Writes:
    """Sends mutations of one operation for many records."""

    def __init__(self, client: Client, files: Files) -> None:
        self._client = client
        self._bulk = Mutations(client, files)

    def may(self, scope: str) -> bool:
        """Whether the app has this permission: a mutation without it would stop all others."""
        return scope in self._client.scopes()

    def run(self, operation: str, variables: Sequence[Mapping[str, Any]]) -> list[Answer | None]:
        """The payload for each set of variables, None where none came; `errors` holds what failed whole."""
        if not variables:
            return []
        if len(variables) >= BULK_FROM:
            field = field_of(self._client.text(operation))
            answers = self._bulk.run(operation, list(variables), field)
            return [answers.get(position) or None for position in range(len(variables))]
        return self.together(operation, variables)

    def together(self, operation: str, variables: Sequence[Mapping[str, Any]]) -> list[Answer | None]:
        """Like `run`, never in bulk: each request is answered at once."""
        found: list[Answer | None] = []
        for some in batched(variables, TOGETHER):
            found += self._together(operation, some)
        return found

    def _together(self, operation: str, variables: Sequence[Mapping[str, Any]]) -> list[Answer | None]:
        text = aliased(self._client.text(operation), len(variables))
        named = {f"{name}_{at}": value for at, one in enumerate(variables) for name, value in one.items()}
        answers = self._client.run_each(operation, text, named, cost=_COST * len(variables))
        return [answers.get(f"a{at}") or None for at in range(len(variables))]


def aliased(text: str, count: int) -> str:
    """One document with an operation's mutation `count` times, each with variables of its own."""
    found = _HEADER.search(text)
    if found is None:
        raise ValueError("an operation to repeat is one mutation with variables; correct its file")
    variables, body = found[1], found[2].strip()
    names = [rf"$\1_{at}" for at in range(count)]
    heads = ", ".join(_VARIABLE.sub(name, variables) for name in names)
    bodies = "\n".join(f"a{at}: {_VARIABLE.sub(name, body)}" for at, name in enumerate(names))
    return f"mutation Many({heads}) {{\n{bodies}\n}}"


def field_of(text: str) -> str:
    """The mutation that an operation calls."""
    found = _HEADER.search(text)
    called = _FIELD.match(found[2]) if found else None
    return called[1] if called else ""


_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}\Z")
_GONE = ("does not exist", "can't be found", "can’t be found", "not found")
_OF_RECORD = ("id", "orderId", "customerId")


def is_gone(answer: Answer) -> bool:
    """Whether a mutation says that it does not find its record: to be looked at, for it may be out of sight.

    What an input refers to (a province, an address) may be missing too, so the error's field counts.
    """
    errors = answer.get("userErrors") or ()
    return any(_names_record(error) and _says_gone(error) for error in errors)


def _names_record(error: Mapping[str, Any]) -> bool:
    path = error.get("field") or ()
    return not path or path[-1] in _OF_RECORD


def _says_gone(error: Mapping[str, Any]) -> bool:
    text = str(error.get("message") or "").casefold()
    return error.get("code") in ("NOT_FOUND", "DOES_NOT_EXIST") or any(word in text for word in _GONE)


def refusal(answer: Answer | None) -> str:
    """Why a mutation was not carried out, as a code of Gallra's own; empty where it was.

    Shopify's sentences may quote what was written, so only the field they point at is named.
    """
    if answer is None:
        return Reason.ANSWER_MISSING
    whole = answer.get("errors")
    if whole:
        first = whole[0] if isinstance(whole, list) else whole
        code = first if isinstance(first, str) else (first.get("extensions") or {}).get("code", "unknown")
        return Reason.SHOP_FAILED.of(str(code)[:40])
    errors = answer.get("userErrors") or ()
    if not errors:
        return ""
    return Reason.SHOP_REFUSED.of(".".join(path_of(errors[0])))


def path_of(error: Mapping[str, Any]) -> list[str]:
    """The input's path that an error points at."""
    return [str(part) for part in error.get("field") or () if _PATH.match(str(part))]


def doubtful(answer: Answer | None) -> bool:
    """Whether an answer leaves open what was written: it is missing, failed, or finds no record."""
    return answer is None or bool(answer.get("errors")) or is_gone(answer)
