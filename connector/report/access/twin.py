"""The answer as JSON, its schema, and the part that a person may take elsewhere (Art. 20)."""

from inspect import cleandoc
from typing import Any

import msgspec
from msgspec.structs import replace

from connector.records import Field
from connector.report.access.model import Answer, RecordCopy
from connector.text.printable import printable_json

BY_CONTRACT_OR_CONSENT = frozenset("cs")
"""The letters of the schedule's bases that Art. 20(1)(a) is about: consent 6(1)(a), contract 6(1)(b)."""


def json(answer: Answer) -> str:
    """The answer as JSON text of the schema, every field written out."""
    whole = msgspec.json.encode(_whole(answer))
    return printable_json(msgspec.json.format(whole, indent=2).decode())


def read(text: str | bytes) -> Answer:
    """An answer from its JSON. Raises msgspec.ValidationError where it is none."""
    return msgspec.json.decode(text, type=Answer)


def schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of an answer."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gallra.access/1",
        **_unindented(msgspec.json.schema(Answer)),
    }


def _unindented(part: Any) -> Any:
    """The same with its descriptions as they read: not every msgspec takes a docstring's indentation off."""
    if isinstance(part, list):
        return [_unindented(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: cleandoc(one) if name == "description" and isinstance(one, str) else _unindented(one)
        for name, one in part.items()
    }


def portable(answer: Answer) -> Answer:
    """What the person gave, processed by consent or contract; same schema, nothing derived or by staff."""
    allowed = frozenset(
        field
        for one in answer.purposes
        if BY_CONTRACT_OR_CONSENT & frozenset(one.bases)
        for field in one.data
    )
    records = tuple(_given(one, allowed) for one in answer.records)
    return replace(
        answer, scope="portability", records=tuple(one for one in records if one.values), recipients=()
    )


def _given(record: RecordCopy, allowed: frozenset[Field]) -> RecordCopy:
    values = tuple(
        one
        for one in record.values
        if one.given and (not one.fields or allowed.intersection(one.fields)) and not one.why
    )
    return replace(record, values=values, by_hand=(), places=(), notes="")


def _whole(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_whole(each) for each in value]
    return value


__all__ = ["json", "portable", "read", "schema"]
