"""What a web shop does with personal data, as rows of the record of processing, in Swedish and English."""

from functools import cache

from connector.records import Kind, Value
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both


class Activity(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pre-filled row: its rules of the schedule, who it is about, whose recipients it has."""

    id: str
    title: Both
    purpose: Both
    people: Both
    rules: tuple[str, ...]
    codes: tuple[str, ...]
    kinds: tuple[Kind, ...] = tuple(Kind)
    basis: str = ""
    # What its records hold beside the fields that rules name one by one (Art. 30(1)(c)).
    data: Both = Both(sv="", en="")


class _Catalogue(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    activity: tuple[Activity, ...]
    safeguard: tuple[Both, ...]


@cache
def _catalogue() -> _Catalogue:
    return read_catalogue("activities", _Catalogue)


def activities() -> tuple[Activity, ...]:
    """The rows of law/documents §4 (`report/texts/activities.toml`)."""
    return _catalogue().activity


def safeguards() -> tuple[Both, ...]:
    """In general terms, the measures that Gallra itself brings (Art. 30(1)(g)); the shop adds its own."""
    return _catalogue().safeguard
