"""The form that a record must have to be read: every part that was asked for, each of its own type.

A record of another form is kept, named and not judged: a missing list might have held a contract,
a date of another type a floor.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

T = TypeVar("T")
Text = str | None
Moment = Annotated[datetime, Meta(tz=True)]
Time = Moment | None
Amount = Annotated[str, Meta(pattern=r"\A-?[0-9]+(\.[0-9]+)?\Z")]
_MISSING = re.compile(r"missing required field `(\w+)`")
_PATH = re.compile(r" - at `\$([\w.\[\]]*)`\Z")


class Shape(Struct, rename="camel"):
    """A form; its parts are written here in Python's way and named in Shopify's."""


class PageInfo(Shape):
    """Whether a connection goes on."""

    has_next_page: bool
    end_cursor: Text = None


class Edge(Shape, Generic[T]):
    """One node of a connection."""

    node: T


class Paged(Shape, Generic[T]):
    """A connection that came in pages."""

    edges: list[Edge[T]]
    page_info: PageInfo


class Identified(Shape):
    """Something that is only pointed at."""

    id: str


class Attribute(Shape):
    """A key and what stands under it."""

    key: str
    value: Text


class Address(Shape):
    """An address, any part of which may be empty."""

    first_name: Text
    last_name: Text
    company: Text
    address1: Text
    address2: Text
    city: Text
    province_code: Text
    zip: Text
    country_code_v2: Text
    phone: Text


class OwnAddress(Address):
    """An address of a profile."""

    id: str


class Metafield(Shape):
    """A metafield, whether the settings name it or not."""

    id: str
    namespace: str
    key: str
    type: str
    value: str


class Sum(Shape):
    """An amount of one currency."""

    amount: Amount


def fault_of(node: object, shape: type[Shape], wanted: Collection[str] = ()) -> str:
    """The first part of a record that is missing or of another type; empty where all is as it should be.

    `wanted` are parts that only some shops are asked for. A part is named by the API's own names.
    """
    try:
        msgspec.convert(node, shape)
    except msgspec.ValidationError as error:
        return _place(str(error))
    missing = [name for name in wanted if isinstance(node, Mapping) and name not in node]
    return missing[0] if missing else ""


def sound_parts(node: object, shape: type[Shape]) -> dict[str, Any]:
    """Those parts of a malformed record that are of their own type."""
    if not isinstance(node, Mapping):
        return {}
    types = {field.encode_name: field.type for field in msgspec.structs.fields(shape)}
    return {name: node[name] for name, type_ in types.items() if name in node and _fits(node[name], type_)}


def _fits(value: object, type_: Any) -> bool:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return False
    return True


def _place(message: str) -> str:
    """The part that the decoder's message is about: it names fields and types, never a value."""
    path, missing = _PATH.search(message), _MISSING.search(message)
    parts = re.findall(r"[A-Za-z]\w*", path[1]) if path else []
    return ".".join([*parts, *([missing[1]] if missing else [])]) or "record"
