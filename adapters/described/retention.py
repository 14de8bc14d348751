"""How long a service keeps what it has, as it is set there, held against what the shop has promised."""

from collections.abc import Iterator
from typing import Literal

from adapters.described.service import Service
from adapters.described.values import at, said
from connector.about.described import Described, Retention
from connector.errors import RemoteError
from connector.ports import Problem


def retention_problems(one: Described, service: Service, promised: int | None) -> Iterator[Problem]:
    """What differs from the promise (`recipients.NAME.copy_months`), or cannot be held to any."""
    for setting in one.retention:
        try:
            body = service.read(setting.path)
        except RemoteError:
            yield _unread(setting)
            continue
        months = setting.months.get(said(at(body, setting.place)))
        yield _judged(one, setting, months, promised)
        if setting.anew and at(body, setting.anew):
            yield _begins_anew(setting)


def _judged(one: Described, setting: Retention, months: int | None, promised: int | None) -> Problem:
    if months is None:
        return _unread(setting)
    is_en = f"{one.title}: {setting.en} is {months} months"
    is_sv = f"{one.title}: {setting.sv} är {months} månader"
    if promised is None:
        return _told(
            "info", "retention_unpromised",
            f"{is_en}; recipients.{one.name}.copy_months says of no promise.",
            f"{is_sv}; recipients.{one.name}.copy_months anger inget löfte.",
        )  # fmt: skip
    if months > promised:
        return _told(
            "error", "retention_longer",
            f"{is_en}, and {promised} are promised. Set it lower there, or "
            "correct the policy.",
            f"{is_sv}, och {promised} är utlovade. Sänk det där eller rätta "
            "policyn.",
        )  # fmt: skip
    return _told(
        "info", "retention_held",
        f"{is_en}, within the {promised} that are promised.",
        f"{is_sv}, inom de {promised} som är utlovade.",
    )  # fmt: skip


def _unread(setting: Retention) -> Problem:
    return _told(
        "warning", "retention_unread",
        f"It could not be read {setting.en}, so the promise is not checked. Look at the setting there.",
        f"Det gick inte att läsa {setting.sv}, så löftet är inte kontrollerat. Se efter i inställningen där.",
    )  # fmt: skip


def _begins_anew(setting: Retention) -> Problem:
    return _told(
        "warning", "retention_anew",
        f"The time begins anew with every visit ({setting.anew}), so it has no end for who comes back. "
        "Turn that off there.",
        f"Tiden börjar om vid varje besök ({setting.anew}), så den tar aldrig slut för den som kommer "
        "tillbaka. Stäng av det där.",
    )  # fmt: skip


def _told(severity: Literal["error", "warning", "info"], code: str, en: str, sv: str) -> Problem:
    return Problem(severity=severity, code=code, en=en, sv=sv)
