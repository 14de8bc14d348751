"""Adapters by name, through entry points: what each says of itself, and its code only when configured."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from connector.about import About
from connector.about.described import ORDER, Described, Thing, about_of, finals_of, read_description
from connector.errors import SettingsError
from connector.machine.resources import names_beside, text_beside
from connector.ports import Act, Channel, Clock, Interest, Keyer, Platform, Processor
from connector.ports.codes import SCHEDULE
from connector.ports.granting import KeyPage
from connector.ports.heard import Reader
from connector.records import Kind

ADAPTERS = "gallra.adapters"
PLATFORMS = "gallra.platforms"
PROCESSORS = "gallra.processors"
ALERTS = "gallra.alerts"
WEBHOOKS = "gallra.webhooks"
KEY_PAGES = "gallra.key_pages"
DESCRIBED = "gallra.described"
BY_DESCRIPTION = "described"
"""The processor that carries out any description."""

One = TypeVar("One")


class Final(NamedTuple):
    """What is final at a service: by act, the code of the sentence that says so."""

    name: str
    code: str
    kinds: tuple[Kind, ...]
    by_act: Mapping[Act, str]



class Lazily(Mapping[str, One]):
    """Things by name, each read when it is first asked for: a command pays for what its shop's file names."""

    def __init__(self, names: Iterable[str], read: Callable[[str], One]) -> None:
        self._names = tuple(names)
        self._read = cache(read)

    def __getitem__(self, name: str) -> One:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def descriptions() -> Mapping[str, About]:
    """What every installed adapter says of itself, by name; loads no code that calls a service."""
    coded, order = _coded(), [(ORDER, name) for name in described()]
    names = [name for _, name in sorted([*((one.order, one.name) for one in coded.values()), *order])]
    return Lazily(names, lambda name: coded[name] if name in coded else about_of(described()[name]))


@cache
def _coded() -> Mapping[str, About]:
    """The descriptions of those that have code of their own, in their order."""
    found = [_described(point) for point in _installed(ADAPTERS)]
    return {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}


@cache
def described() -> Mapping[str, Described]:
    """The recipients that are a TOML file each, of every package that brings some (`gallra.described`).

    Each file is called as its recipient is.
    """
    packages = dict.fromkeys(point.module for point in _installed(DESCRIBED))
    files = {file: package for package in packages for file in names_beside(package, ".toml")}

    def read(name: str) -> Described:
        file = f"{name}.toml"
        found = read_recipient(text_beside(files[file], file) or "", file=file)
        if found.name != name:
            raise SettingsError([f"{file}: describes {found.name}. Call the file {found.name}.toml."])
        return found

    return Lazily([file.removesuffix(".toml") for file in files], read)


def read_recipient(text: str, *, file: str) -> Described:
    """The recipient that the text of a description makes. Raises SettingsError with every fault."""
    own = [one.recipient.model_fields["code"].default for one in _coded().values() if one.recipient]
    return read_description(text, file=file, codes=tuple(dict.fromkeys((*SCHEDULE, *own))))


def _described(point: EntryPoint) -> About:
    try:
        return cast(About, point.load())
    except (ImportError, AttributeError):
        text = (
            f"The adapter {point.name!r} cannot describe itself. Install its package anew, or take it away."
        )
        raise SettingsError([text]) from None


def shop_systems() -> tuple[About, ...]:
    """The descriptions that a shop's `platform.name` can name."""
    return tuple(one for one in _coded().values() if one.platform is not None)


def recipients() -> tuple[About, ...]:
    """The descriptions of recipients that have an adapter of their own."""
    return tuple(one for one in descriptions().values() if one.recipient is not None)


def recipient_codes() -> tuple[str, ...]:
    """The kinds of recipient: the schedule's, then those that only an adapter with code has.

    A description brings no kind of its own.
    """
    return tuple(dict.fromkeys((*SCHEDULE, *(one.code for one in _coded().values() if one.code))))


def wider_kinds() -> Mapping[str, str]:
    """By code the code of the wider kind whose name in a privacy policy covers it."""
    return {one.code: one.within for one in _coded().values() if one.within}


def told_by_letter() -> Mapping[str, tuple[Interest, ...]]:
    """By code what a letter says to a recipient of that kind, by the first adapter that says it."""
    told: dict[str, tuple[Interest, ...]] = {}
    for one in _coded().values():
        if one.by_letter:
            told.setdefault(one.code, one.by_letter)
    return told


def title_of(name: str) -> str:
    """What a service is called; one without a description is shown by its name."""
    found = descriptions().get(name)
    return found.title if found else name


def holders() -> Mapping[str, tuple[Kind, ...]]:
    """By name the kinds that each service holds, of those that hold any; none of them is a description."""
    return {one.name: one.kinds for one in _coded().values() if one.kinds}


def finals() -> tuple[Final, ...]:
    """What cannot be undone at each service, in the order of their descriptions."""
    coded = _coded()
    return tuple(
        Final(name, one.code, one.kinds, one.final)
        if (one := coded.get(name)) is not None
        else Final(name, described()[name].code, (), finals_of(described()[name]))
        for name in descriptions()
    )


def kinds_of(name: str) -> tuple[Kind, ...]:
    """The kinds that the service of this name holds; none where it holds none or is not installed."""
    found = descriptions().get(name)
    return found.kinds if found else ()


def channel_of(name: str) -> Channel:
    """Where the recipient of this name takes in a notice; empty where no adapter says it."""
    found = descriptions().get(name)
    return found.channel if found else Channel()


def texts_of_adapters(language: str) -> dict[str, Any]:
    """What the installed adapters ship for the reports in one language, as nested tables of texts."""
    titles = {name: one.title for name, one in _coded().items()}
    titles |= {name: one.title for name, one in described().items()}
    merged: dict[str, Any] = {"service": titles}
    for package in _packages():
        source = text_beside(package, f"about.{language}.toml")
        _merge(merged, tomllib.loads(source or ""))
    for one in described().values():
        if one.finals:
            _merge(merged, {"irreversible": {one.name: one.finals[0].of(language)}})
    return merged


def settings_of_adapters() -> tuple[tuple[str, str], ...]:
    """What each key of the installed adapters' own settings means, by dotted key, in their order."""
    sources = (text_beside(package, "about.settings.toml") for package in _packages())
    coded = tuple(one for source in sources for one in tomllib.loads(source or "").items())
    return (*coded, *(key for one in described().values() for key in one.meanings()))


def things_of(name: str) -> tuple[Thing, ...]:
    """What the recipient of this name holds, object by object; read from its package when it is asked for."""
    if name in described():
        return described()[name].things
    package = {point.name: point.module.rpartition(".")[0] for point in _installed(ADAPTERS)}.get(name)
    table = tomllib.loads((text_beside(package, "about.things.toml") if package else None) or "")
    return msgspec.convert(table.get(name, []), tuple[Thing, ...])


def _packages() -> tuple[str, ...]:
    """The packages of the installed descriptions, the shop systems first."""
    places = {point.name: point.module.rpartition(".")[0] for point in _installed(ADAPTERS)}
    return tuple(dict.fromkeys(places[name] for name in _coded() if name in places))


def sentences_of_adapters() -> dict[str, str]:
    """What the installed adapters say in English, and the same in Swedish: their own and their packages'."""
    roots = dict.fromkeys(package.partition(".")[0] for package in _packages())
    said: dict[str, str] = {}
    for package in (*roots, *_packages()):
        said |= tomllib.loads(text_beside(package, "errors.toml") or "")
    for one in described().values():
        said |= {refusal.en: refusal.sv for refusal in one.refusals}
    return said


def _merge(into: dict[str, Any], table: Mapping[str, Any]) -> None:
    for family, texts in table.items():
        into.setdefault(family, {}).update(texts)


def build_platform(name: str, settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> Platform:
    """The platform of this name. Raises SettingsError where no adapter is installed for it."""
    return cast(Platform, _load(PLATFORMS, name)(settings, keyer=keyer, clock=clock))


def build_processor(name: str, settings: Mapping[str, Any], *, clock: Clock) -> Processor:
    """The processor of this name. Raises SettingsError where no adapter is installed for it."""
    if name in described():
        name, settings = BY_DESCRIPTION, {**settings, "description": described()[name]}
    return cast(Processor, _load(PROCESSORS, name)(settings, clock=clock))


def processor_names() -> tuple[str, ...]:
    """Everything that can be told: each installed processor, descriptions in place of their engine."""
    coded = [point.name for point in _installed(PROCESSORS) if point.name != BY_DESCRIPTION]
    return (*coded, *described())


def build_alerts(settings: Mapping[str, Any]) -> Any:
    """What carries pings and mails out of the machine."""
    return _load(ALERTS, "web")(settings)


def build_webhooks(name: str, settings: Mapping[str, Any]) -> Reader:
    """What reads the messages of the platform of this name."""
    return cast(Reader, _load(WEBHOOKS, name)(settings))


def has_webhooks(name: str) -> bool:
    """Whether the platform of this name has messages that can be read."""
    return bool(_installed(WEBHOOKS).select(name=name))


def build_key_page(name: str, settings: Mapping[str, Any]) -> KeyPage:
    """The page that makes keys of the platform of this name."""
    return cast(KeyPage, _load(KEY_PAGES, name)(settings))


def has_key_page(name: str) -> bool:
    """Whether the platform of this name makes keys on a page of its own."""
    return bool(_installed(KEY_PAGES).select(name=name))


def has_platform(name: str) -> bool:
    """Whether an adapter of this name holds records."""
    return bool(_installed(PLATFORMS).select(name=name))


@cache
def _all_installed() -> EntryPoints:
    """The entry points of this environment, read once for every group: each reading costs a command 10 ms."""
    return cast(EntryPoints, entry_points())


@cache
def _installed(group: str) -> EntryPoints:
    return _all_installed().select(group=group)


def _load(group: str, name: str) -> Callable[..., Any]:
    found = list(_installed(group).select(name=name))
    if not found:
        known = ", ".join(sorted(point.name for point in _installed(group)))
        raise SettingsError([f"No adapter named {name!r} is installed. Known: {known}. Correct the name."])
    return cast(Callable[..., Any], found[0].load())
