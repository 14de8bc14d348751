"""What an agency says once for all its shops: `agency.toml` beside the shops' files, below all they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connector.about.refusing import Where
from connector.errors import SettingsError
from connector.settings.lines import Place, dotted

AGENCY = "agency.toml"
"""The file's name; it lies in the folder of the shops' files."""

MAY_SAY: dict[str, frozenset[str] | None] = {
    "agency": None,
    "listener": None,
    "network": None,
    "alerts": None,
    "veto": None,
    "schedule": None,
    "serve": None,
    "web": None,
    "form": None,
    "limits": None,
    "letters": frozenset({"period", "keep_months", "smtp"}),
}
"""The tables that may stand there, with the keys where not all may. The rest is one shop's or one company's:
who it is, what it keeps, its ledger, its keys, and who approves what."""

_JUDGED = frozenset({"tested", "harmless"})


def agency_file(path: Path) -> Path | None:
    """The agency's file beside a shop's; None where there is none, or it is the agency's own."""
    beside = path.parent / AGENCY
    return beside if beside.is_file() and beside.resolve() != path.resolve() else None


def must_be_general(table: dict[str, Any], places: dict[Where, Place], file: str) -> None:
    """Raises SettingsError where an agency's file says what belongs to one shop."""
    faults = [f"{_place(places, where, file)}: {dotted(where)}: {text}" for where, text in _faults(table)]
    if faults:
        raise SettingsError(faults)


def _place(places: dict[Where, Place], where: Where, file: str) -> Place:
    known = (where[:depth] for depth in range(len(where), 0, -1))
    return next((places[one] for one in known if one in places), Place(file, 1))


def _faults(table: dict[str, Any]) -> Iterator[tuple[Where, str]]:
    for name, value in table.items():
        if name not in MAY_SAY:
            tables = ", ".join(MAY_SAY)
            yield (
                (name,),
                f"may not stand in {AGENCY}, which holds only {tables}. Move it to the shop's file.",
            )
            continue
        keys = MAY_SAY[name]
        for key in value if keys is not None and isinstance(value, dict) else ():
            if key not in (keys or ()):
                yield (name, key), f"is each shop's own and may not stand in {AGENCY}. Move it there."
    yield from _of_listeners(table.get("listener"))


def _of_listeners(listeners: object) -> Iterator[tuple[Where, str]]:
    """Webhooks have other numbers in every shop, and what is paused is paused in one."""
    for position, one in enumerate(listeners if isinstance(listeners, list) else ()):
        if not isinstance(one, dict):
            continue
        if "id" in one:
            yield (
                ("listener", position, "id"),
                f"is another in every shop. In {AGENCY} write plugin or host instead.",
            )
        if one.get("mark") not in _JUDGED and "mark" in one:
            yield (
                ("listener", position, "mark"),
                f'must be "tested" or "harmless" in {AGENCY}: paused is said of one shop.',
            )
