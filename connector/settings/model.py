"""What a shop's file is checked by: the engine's own tables, and those of the installed adapters."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, cast

from pydantic import Field, create_model

from connector.about.described import Described, about_of
from connector.about.tables import UNKNOWN, ShopSystem
from connector.about.values import Text
from connector.registry import recipients, shop_systems
from connector.settings.recipients import Recipients
from connector.settings.settings import Settings


@cache
def model_of(platform: str) -> type[Settings]:
    """The model of a shop on this platform; of one that nobody knows, too, which it refuses by its name."""
    return _model(platform, _recipients())


def model_with(platform: str, described: Mapping[str, Described]) -> type[Settings]:
    """The same, of a shop that brings descriptions of its own."""
    if not described:
        return model_of(platform)
    own: dict[str, Any] = {}
    for name, one in described.items():
        table = about_of(one).recipient
        assert table is not None
        named = create_model("Table", __base__=table, description=(Text, ...), __module__=__name__)
        own[name] = (named | None, None)
    return _model(platform, create_model("Recipients", __base__=_recipients(), **own))


def _model(platform: str, told: type[Recipients]) -> type[Settings]:
    system = _platform(platform)
    return create_model(
        "Settings",
        __base__=Settings,
        platform=(system, Field(default_factory=system)),
        recipients=(told, Field(default_factory=told)),
    )


def _platform(name: str) -> type[ShopSystem]:
    """The keys of the named shop system, then those of the others: a file may hold keys of any of them."""
    tables = {one.name: one.platform for one in shop_systems() if one.platform is not None}
    own = tables.get(name, ShopSystem)
    beside = {
        key: (field.annotation, field)
        for table in tables.values()
        for key, field in table.model_fields.items()
        if key not in own.model_fields
    }
    names = (*tables, UNKNOWN)
    named = {"name": (Literal[names], UNKNOWN)}
    return create_model("Platform", __base__=own, **cast(Any, {**named, **beside}))


@cache
def _recipients() -> type[Recipients]:
    """A table for each recipient that has an adapter; any other name is a recipient by letter."""
    own: dict[str, Any] = {one.name: (one.recipient | None, None) for one in recipients() if one.recipient}
    return create_model("Recipients", __base__=Recipients, **own)
