"""The words of a language: sentences by key, codes by family, numbers and dates by Babel."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from connector.registry import texts_of_adapters
from connector.report.catalogues import catalogue_text
from connector.report.shared import LANGUAGES, Language

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LOCALES: Mapping[Language, str] = {"sv": "sv_SE", "en": "en_GB"}
NOTHING = "–"


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Every text of a language by its dotted key, those that the installed adapters ship included.

    Raises ValueError for an unknown language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no texts in {language!r}; choose one of {', '.join(LANGUAGES)}")
    return {**_flat(texts_of_adapters(language)), **_flat(tomllib.loads(catalogue_text(language)))}


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


class Words:
    """One language's texts; holds its catalogue."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = catalogue(language)
        self._locale = LOCALES[language]

    def say(self, key: str, **values: object) -> str:
        """The sentence of a key, its braces filled; raises KeyError where there is none."""
        return self._texts[key].format(**values)

    def code(self, family: str, code: object) -> str:
        """The word for a code; a code that has none is shown as it is."""
        return self._texts.get(f"{family}.{code}", str(code))

    def service(self, name: str) -> str:
        """What a service is called; one that no adapter describes is shown by its name."""
        return self.code("service", name)

    def detailed(self, family: str, code: str) -> tuple[str, str]:
        """The word for a code like `meta:_vat_number`, and its detail; an unknown code is left whole."""
        what, _, detail = code.partition(":")
        name = self._texts.get(f"{family}.{what}")
        return (code, "") if name is None else (name, detail)

    def count(self, family: str, number: int) -> str:
        """A number with its noun, in the singular for one."""
        form = "one" if number == 1 else "other"
        return self._texts[f"count.{family}.{form}"].format(n=self.number(number))

    def number(self, number: float) -> str:
        """A number with the language's separators."""
        return _number(number, self._locale)

    def day(self, day: date | None) -> str:
        """A date as ÅÅÅÅ-MM-DD; a dash where there is none."""
        return day.isoformat() if day else NOTHING

    def long_day(self, day: date) -> str:
        """A date in words, for running text."""
        return str(format_date(day, format="d MMMM y", locale=self._locale))

    def moment(self, moment: datetime) -> str:
        """A moment to the minute, with its zone; `moment` is aware."""
        return f"{local(moment):%Y-%m-%d %H:%M} (Europe/Stockholm)"

    def span(self, first: date | None, last: date | None) -> str:
        """Two dates as a span, or the one date where they are the same."""
        if first is None or last is None or first == last:
            return self.day(first or last)
        return f"{self.day(first)} – {self.day(last)}"


@lru_cache(10_000, typed=True)
def _number(number: float, locale: str) -> str:
    """Babel reads the locale anew for each, and a report says the same few numbers a thousand times."""
    return str(format_decimal(number, format="#,##0.#", locale=locale))


def local(moment: datetime) -> datetime:
    """An aware moment in Stockholm; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment in a report must carry its zone; pass an aware datetime")
    return moment.astimezone(STOCKHOLM)
