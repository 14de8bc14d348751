"""Every key of a shop's settings file, with type and default, read off the models themselves."""

import types
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.about.secrets import Secret
from connector.about.tables import Recipient
from connector.settings.model import model_of
from connector.settings.recipients import Letter
from connector.settings.years import FinancialPeriods

Row = tuple[str, str, str]
"""A key as the reference writes it, the word for its type, and its default."""

LEAVES = (Secret, FinancialPeriods)
NAMES = {str: "text", bool: "yes/no", int: "number", float: "number", date: "date", Path: "path"}
BESIDE = {
    "letters.folder": "`<id>-letters`",
    "ledger.path": "`<id>.sqlite`",
    "reports.folder": "`<id>-reports`",
}
"""Defaults that the loader fills in by the shop's id."""


def setting_rows() -> Iterator[Row]:
    """Every key, in the order of the models; what all recipients share stands once."""
    yield "extends", "path", "–"
    yield from _walk(model_of(""), "")


def _walk(model: type[BaseModel], before: str) -> Iterator[Row]:
    for name, field in model.model_fields.items():
        where = before + name
        if name == "recipients" and not before:
            yield from _recipients()
            continue
        inner = [one for one in _models(field.annotation) if one not in LEAVES]
        if inner:
            yield from _walk(inner[0], where + _mark(field.annotation))
        else:
            yield where, _type(field), BESIDE.get(where) or _default(field)


def _recipients() -> Iterator[Row]:
    for name, field in Letter.model_fields.items():
        yield f"recipients.NAME.{name}", _type(field), "by recipient" if name in _OWN else _default(field)
    told = next(_models(model_of("").model_fields["recipients"].annotation))
    for name, entry in told.model_fields.items():
        (own,) = _models(entry.annotation)
        for key, field in own.model_fields.items():
            if key not in Recipient.model_fields:
                yield f"recipients.{name}.{key}", _type(field), _default(field)


_OWN = ("title", "code", "role")
"""What a recipient with an adapter of its own has filled in already."""


def _mark(annotation: Any) -> str:
    if get_origin(annotation) is dict:
        return ".RULE."
    return "[]." if _holds(annotation, tuple) else "."


def _holds(annotation: Any, origin: type) -> bool:
    return get_origin(annotation) is origin or any(_holds(part, origin) for part in get_args(annotation))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _models(part)


def _type(field: FieldInfo) -> str:
    return _word(field.annotation)


def _word(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        (given,) = [part for part in get_args(annotation) if part is not type(None)]
        return _word(given)
    if origin is Literal:
        return "choice" if len(get_args(annotation)) > 1 else "text"
    if origin in (tuple, dict):
        return "list" if origin is tuple else "table"
    if origin is not None:
        return _word(get_args(annotation)[0])
    if annotation is Secret:
        return "secret"
    if annotation is FinancialPeriods:
        return "years"
    if issubclass(annotation, Enum):
        return "choice"
    return NAMES[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), {}):
        return "–"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
