"""What a look at a shop finds, in words of both languages; a part that fails is a finding too."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol, TypeVar

from adapters.http.meaning import HTML
from connector.errors import AccessDenied, RemoteError, RetryLater
from connector.ports import Problem

Severity = Literal["error", "warning", "info"]


class Findings:
    """The problems found so far; `texts` are English and Swedish by code."""

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        self._texts = texts
        self.problems: list[Problem] = []

    def add(self, severity: Severity, code: str, *, of: str = "", **given: object) -> None:
        """Notes one; `of` tells findings of one code apart."""
        en, sv = self._texts[code]
        full = f"{code}:{of}" if of else code
        self.problems.append(
            Problem(severity=severity, code=full, en=en.format(**given), sv=sv.format(**given))
        )

    def failed(self, severity: Severity, code: str, error: RemoteError) -> None:
        """Notes one in the words of an error, which say what to do."""
        told, later = str(error), isinstance(error, RetryLater)
        denied = isinstance(error, AccessDenied) and error.status > 0 and error.code != HTML
        self.problems.append(
            Problem(severity=severity, code=code, en=told, sv=told, later=later, denied=denied)
        )


class _Looking(Protocol):
    @property
    def findings(self) -> Findings: ...


_Look = TypeVar("_Look", bound=_Looking)


def tried(look: _Look, part: Callable[[_Look], None], *, severity: Severity = "error") -> bool:
    """Whether a part of a look went well; what stopped it becomes a finding."""
    try:
        part(look)
    except RemoteError as error:
        look.findings.failed(severity, f"{part.__name__.strip('_')}_unreadable", error)
        return False
    return True
