"""From a TOML file to checked settings, with every fault at once."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from connector.about.refusing import Fault
from connector.calendar import STOCKHOLM
from connector.errors import SettingsError
from connector.machine.files import text_of
from connector.settings.agency import AGENCY
from connector.settings.described import own_descriptions
from connector.settings.faults import from_pydantic
from connector.settings.model import model_with
from connector.settings.serving import Web
from connector.settings.settings import Settings, default_paths, fault_line
from connector.settings.source import Document, read_document
from connector.settings.tables import Archive, Company
from connector.text.decoding import toml_table


def load_settings(path: Path, *, environ: Mapping[str, str], today: date | None = None) -> Settings:
    """The settings of a shop, from its file and the files it extends; no secret is read.

    `today` (Stockholm) says how far regular financial years reach. Raises SettingsError with
    every fault, each with its file and line.
    """
    document = read_document(path)
    table = _with_default_paths(document.table, path.resolve().parent)
    day = today or datetime.now(STOCKHOLM).date()
    described = own_descriptions(document)
    model = model_with(_platform_of(table), described, _recipients_in(table))
    try:
        settings = model.model_validate(table)
    except ValidationError as error:
        every = model_with(_platform_of(table), described)  # a name may have been meant that the file lacks
        faults = from_pydantic(error.errors(include_url=False), every)
        raise _error(document, [*faults, *_across_tables(_readable(table, model), day)]) from None
    faults = _across_tables({name: getattr(settings, name) for name in model.model_fields}, day)
    if faults:
        raise _error(document, faults)
    settings._document, settings._environ, settings._today = document, environ, day
    settings._described = described
    return settings


def find_shops(folder: Path) -> tuple[Path, ...]:
    """The settings files of a folder, by name; a file that cannot be read counts, so that it is told of."""
    return tuple(path for path in sorted(folder.glob("*.toml")) if _may_be_shop(path))


def _may_be_shop(path: Path) -> bool:
    try:
        own = toml_table(text_of(path))
        # Promises name their shop in a key of the same name, and list what was promised.
        return "shop" in own and "promise" not in own
    except (OSError, ValueError):
        return True


def agency_web(folder: Path) -> Web | None:
    """The address of the pages as a folder's agency.toml says it, where no shop is yet; None without one.

    Raises SettingsError for one with faults.
    """
    path = folder / AGENCY
    document = read_document(path) if path.is_file() else None
    if document is None or "web" not in document.table:
        return None
    try:
        return Web.model_validate(document.table["web"])
    except ValidationError as error:
        faults = from_pydantic(error.errors(include_url=False), Web)
        raise _error(document, [Fault(("web", *one.where), one.text) for one in faults]) from None


def find_promises(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that list what a privacy policy promises, by name; none that cannot be read."""
    return tuple(path for path in sorted(folder.glob("*.toml")) if _is_of_promises(path))


def _is_of_promises(path: Path) -> bool:
    try:
        return "promise" in toml_table(text_of(path))
    except (OSError, ValueError):
        return False


def _platform_of(table: Mapping[str, Any]) -> str:
    """The shop system that a file names; empty where it names none, or not as text."""
    own = table.get("platform")
    name = own.get("name") if isinstance(own, dict) else None
    return name if isinstance(name, str) else ""


def _recipients_in(table: Mapping[str, Any]) -> frozenset[str]:
    """The recipients that a file names."""
    own = table.get("recipients")
    return frozenset(own) if isinstance(own, dict) else frozenset()


def _with_default_paths(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    filled = dict(table)
    for name, defaults in default_paths(table, folder).items():
        own = filled.get(name, {})
        if isinstance(own, dict):
            filled[name] = {**defaults, **own}
    return filled


def _error(document: Document, faults: list[Fault]) -> SettingsError:
    """Faults by file and line, each once."""
    placed = {fault_line(document, fault.where, fault.text): document.place(fault.where) for fault in faults}
    return SettingsError(sorted(placed, key=lambda line: (placed[line].file, placed[line].line, line)))


def _readable(table: Mapping[str, Any], model: type[Settings]) -> dict[str, Any]:
    """The tables that are right in themselves, for the checks that compare tables."""
    right: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        try:
            right[name] = _adapter(field).validate_python(table[name])
        except (KeyError, ValidationError):
            continue
    return right


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, field.annotation))


def _across_tables(tables: Mapping[str, Any], today: date) -> list[Fault]:
    company, archive = tables.get("company"), tables.get("archive")
    if isinstance(archive, Archive) and isinstance(company, Company):
        return _archived_years(archive, company, today)
    return []


def _archived_years(archive: Archive, company: Company, today: date) -> list[Fault]:
    """An archived year is a financial year that had ended when its vouchers were looked up."""
    if company.financial_years is None:
        return []
    ends = {end.year: end for _, end in company.financial_years.through(today.year + 1)}
    faults: list[Fault] = []
    for position, entry in enumerate(archive.elsewhere):
        where = ("archive", "elsewhere", position)
        if entry.year not in ends:
            text = "no financial year ended in that year. Correct it, or company.financial_years."
            faults.append(Fault((*where, "year"), text))
        elif entry.on <= ends[entry.year]:
            text = f"the financial year ends {ends[entry.year]}. Look the orders up after that day."
            faults.append(Fault((*where, "on"), text))
    return faults
