"""Adapters by name, through entry points, loaded only when configured."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoints, entry_points
from typing import Any, cast, get_type_hints

from connector.errors import SettingsError
from connector.ports import Channel, Clock, Keyer, Platform, Processor
from connector.ports.heard import Reader
from connector.records import Kind

PLATFORMS = "gallra.platforms"
PROCESSORS = "gallra.processors"
ALERTS = "gallra.alerts"
WEBHOOKS = "gallra.webhooks"


def build_platform(name: str, settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> Platform:
    """The platform of this name. Raises SettingsError where no adapter is installed for it."""
    return cast(Platform, _load(PLATFORMS, name)(settings, keyer=keyer, clock=clock))


def kinds_of(name: str) -> tuple[Kind, ...]:
    """The kinds that the platform of this name holds, by the class that its builder says it returns.

    Needs no secret: nothing is built.
    """
    kinds: tuple[Kind, ...] = get_type_hints(_load(PLATFORMS, name))["return"].kinds
    return kinds


def build_processor(name: str, settings: Mapping[str, Any], *, clock: Clock) -> Processor:
    """The processor of this name. Raises SettingsError where no adapter is installed for it."""
    return cast(Processor, _load(PROCESSORS, name)(settings, clock=clock))


def channel_of(adapter: str, name: str) -> Channel:
    """Where the recipient of this name takes in a notice, as its adapter ships it; empty where it says none.

    Needs no secret: nothing is built.
    """
    module = import_module(_load(PROCESSORS, adapter).__module__)
    channels: Mapping[str, Channel] = getattr(module, "CHANNELS", {})
    return channels.get(name, Channel())


def build_alerts(settings: Mapping[str, Any]) -> Any:
    """What carries pings and mails out of the machine."""
    return _load(ALERTS, "web")(settings)


def build_webhooks(name: str, settings: Mapping[str, Any]) -> Reader:
    """What reads the messages of the platform of this name."""
    return cast(Reader, _load(WEBHOOKS, name)(settings))


def has_webhooks(name: str) -> bool:
    """Whether the platform of this name has messages that can be read."""
    return bool(_installed(WEBHOOKS).select(name=name))


def has_platform(name: str) -> bool:
    """Whether an adapter of this name holds records."""
    return bool(_installed(PLATFORMS).select(name=name))


def has_processor(name: str) -> bool:
    """Whether an adapter of this name tells a recipient."""
    return bool(_installed(PROCESSORS).select(name=name))


@cache
def _installed(group: str) -> EntryPoints:
    """The entry points of this environment under one name, read once: each reading costs a command 10 ms."""
    return entry_points(group=group)


def _load(group: str, name: str) -> Callable[..., Any]:
    found = list(_installed(group).select(name=name))
    if not found:
        known = ", ".join(sorted(point.name for point in _installed(group)))
        raise SettingsError([f"No adapter named {name!r} is installed. Known: {known}. Correct the name."])
    return cast(Callable[..., Any], found[0].load())
