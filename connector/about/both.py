"""One text in both languages, as adapters, reports and papers say it."""

from collections.abc import Mapping

from connector.records import Value


class Both(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in both languages; braces may be left to fill in."""

    sv: str
    en: str

    def of(self, language: str) -> str:
        """The text in one of them."""
        return self.sv if language == "sv" else self.en

    def filled(self, **values: "object | Both") -> "Both":
        """The text with its braces filled; a text among the values by its own language."""
        return Both(sv=self.sv.format(**_side(values, "sv")), en=self.en.format(**_side(values, "en")))


def _side(values: Mapping[str, object], language: str) -> dict[str, object]:
    return {key: one.of(language) if isinstance(one, Both) else one for key, one in values.items()}


def both(sv: str, en: str) -> Both:
    """The same words in both languages."""
    return Both(sv=sv, en=en)
