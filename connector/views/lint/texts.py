"""What a finding is made of: severity, sentences in two languages, place and remedy."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from connector.records import Value
from connector.registry import recipient_codes
from connector.report.shared import Both
from connector.report.tables import in_sentence
from connector.report.words import Words


class Severity(StrEnum):
    """`error` blocks (exit 4); `warning` is to be looked at; `info` is said and left there."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Code(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table: what is wrong, and the remedy."""

    id: str
    severity: Severity
    says: Both
    remedy: Both


class CodeRow(Value, frozen=True, kw_only=True):
    """A code as it is documented, in one language."""

    code: str
    severity: Severity
    says: str
    remedy: str


class Finding(Value, frozen=True, kw_only=True):
    """One fault at one place: a rule, a field, a recipient or a promise."""

    code: str
    severity: Severity
    place: str
    says: Both
    remedy: Both


def words_of(family: str, codes: Iterable[object]) -> Both:
    """Codes of a family in words, in a row."""
    found = [str(code) for code in codes]
    swedish, english = (
        in_sentence([Words(language).code(family, code) for code in found]) for language in ("sv", "en")
    )
    return Both(sv=swedish, en=english)


@cache
def recipients() -> Mapping[str, Both]:
    """The codes of recipients in words; read when asked, since the words of two languages cost 0.2 s."""
    swedish, english = Words("sv"), Words("en")
    return {
        code: Both(
            sv=f"{swedish.code('recipient_code', code)} ({code})",
            en=f"{english.code('recipient_code', code)} ({code})",
        )
        for code in recipient_codes()
    }
