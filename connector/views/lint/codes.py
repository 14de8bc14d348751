"""Every code of the lint: how grave it is, what it says and what to do, in Swedish and English."""

import re
from collections.abc import Mapping
from functools import cache

from connector.records import Value
from connector.report.catalogues import read_catalogue
from connector.report.shared import Both
from connector.views.lint.texts import Code, CodeRow, Finding

_BRACES = re.compile(r"\{\w+\}")


class _Catalogue(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: tuple[Code, ...]


def every_code() -> tuple[Code, ...]:
    """Every code, in the order of the catalogue (`report/texts/lint.toml`)."""
    return tuple(_by_id().values())


@cache
def _by_id() -> Mapping[str, Code]:
    return {code.id: code for code in read_catalogue("lint", _Catalogue).code}


def finding(code: str, place: str, **values: object | Both) -> Finding:
    """A finding of this code, its sentences filled in."""
    row = _by_id()[code]
    return Finding(
        code=code,
        severity=row.severity,
        place=place,
        says=row.says.filled(**values),
        remedy=row.remedy.filled(**values),
    )


def code_table(language: str = "en") -> tuple[CodeRow, ...]:
    """Every code with its severity, what it says and the remedy: the documentation's table."""
    return tuple(code_row(code.id, language) for code in every_code())


def code_row(id_: str, language: str = "en") -> CodeRow:
    """One row of the table, an ellipsis where a finding fills in a name. Raises KeyError."""
    code = _by_id()[id_]
    says, remedy = (_BRACES.sub("…", text.of(language)) for text in (code.says, code.remedy))
    return CodeRow(code=code.id, severity=code.severity, says=says, remedy=remedy)
