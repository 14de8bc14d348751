"""What a shop's file is checked by: the engine's own tables, and those of the installed adapters."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, cast

from pydantic import Field, create_model

from connector.about.described import Described, about_of
from connector.about.tables import UNKNOWN, ShopSystem
from connector.about.values import Text
from connector.registry import descriptions, shop_systems
from connector.settings.recipients import Recipients
from connector.settings.settings import Settings


@cache
def model_of(platform: str, named: frozenset[str] | None = None) -> type[Settings]:
    """The model of a shop on this platform; of one that nobody knows, too, which it refuses by its name.

    `named` are the recipients that the file names, whose tables it needs; without it every one's.
    """
    return _model(platform, _recipients(named))


def model_with(
    platform: str, described: Mapping[str, Described], named: frozenset[str] | None = None
) -> type[Settings]:
    """The same, of a shop that brings descriptions of its own."""
    if not described:
        return model_of(platform, named)
    own: dict[str, Any] = {}
    for name, one in described.items():
        table = about_of(one).recipient
        assert table is not None
        its_own = create_model("Table", __base__=table, description=(Text, ...), __module__=__name__)
        own[name] = (its_own | None, None)
    return _model(platform, create_model("Recipients", __base__=_recipients(named), **own))


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
def _recipients(named: frozenset[str] | None) -> type[Recipients]:
    """A table for each recipient that has an adapter; any other name is a recipient by letter."""
    known = descriptions()
    tables = {name: known[name].recipient for name in known if named is None or name in named}
    own: dict[str, Any] = {name: (table | None, None) for name, table in tables.items() if table}
    return create_model("Recipients", __base__=Recipients, **own)
