"""Secrets with their values, and the settings as `check --resolved` lists them."""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from connector.about.refusing import Where
from connector.about.secrets import Secret, SecretMissing
from connector.errors import SettingsError
from connector.settings.lines import dotted
from connector.settings.settings import Settings
from connector.settings.years import FinancialPeriods

DEFAULT = "default"

WEBHOOK = "alerts.webhook."
"""What the secrets of a webhook stand under, with its name; they are asked for by name alone.

A monitor is told beside the work: one whose secret is not at hand stops none of it.
"""

_CALLED = {("alerts", "ping"), ("alerts", "webhook"), ("veto", "url")}


def resolve_secrets(settings: Settings, *, only: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """The secrets by adapter and key; `ledger` and `smtp` are among the adapters.

    `only` limits what is asked for to these adapters. Raises SettingsError naming every
    source that gave nothing.
    """
    values: dict[str, dict[str, str]] = {}
    faults: list[str] = []
    for where, secret in _secrets(settings):
        adapter = _adapter(settings, where)
        if adapter not in only if only is not None else adapter.startswith(WEBHOOK):
            continue
        try:
            values.setdefault(adapter, {})[str(where[-1])] = secret.value(settings.environ)
        except SecretMissing as error:
            faults.append(settings.fault(_lost(settings, secret, where) or str(error), *where))
    if faults:
        raise SettingsError(faults)
    return values


def _lost(settings: Settings, secret: Secret, where: Where) -> str:
    """What to do for a ledger's own key whose file is gone: a new one would not open what is there."""
    sealed_with = where in {("ledger", "key"), ("ledger", "subject_key")}
    if not sealed_with or secret.file is None or secret.file.exists() or not settings.ledger.path.exists():
        return ""
    return (
        f"the file {secret.file} is not there, and a ledger that it belongs to is: {settings.ledger.path}. "
        "Put back your copy of the key. A new one would not open it."
    )


def blanks(settings: Settings) -> dict[str, dict[str, str]]:
    """In the place of every secret a word that opens nothing: for what an adapter says of itself offline."""
    values: dict[str, dict[str, str]] = {}
    for where, _ in _secrets(settings):
        values.setdefault(_adapter(settings, where), {})[str(where[-1])] = "not-at-hand"
    return values


def cautions(settings: Settings) -> tuple[str, ...]:
    """What is allowed but unwise: secret files that others may read, connections in clear text."""
    lines = [
        settings.fault("others on this machine may read the secret file. Run chmod 600 on it.", *where)
        for where, secret in _secrets(settings)
        if secret.open_to_others()
    ]
    if settings.platform.insecure:
        text = "keys and customers' data may travel in clear text. Use https and take this line out."
        lines.append(settings.fault(text, "platform", "insecure"))
    if settings.letters.smtp is not None and settings.letters.smtp.security == "none":
        text = 'letters and the password travel in clear text. Write "starttls" or "tls".'
        lines.append(settings.fault(text, "letters", "smtp", "security"))
    if settings.warning.imap is not None and settings.warning.imap.security == "none":
        text = 'mails that came back and the password travel in clear text. Write "starttls" or "tls".'
        lines.append(settings.fault(text, "warning", "imap", "security"))
    return tuple(lines)


def resolved(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting: its key, its value (of a secret only the source), and file:line or "default"."""
    return [(dotted(where), shown, _origin(settings, where)) for where, shown in _leaves(settings, ())]


def _adapter(settings: Settings, where: Where) -> str:
    if where[0] == "platform":
        return settings.platform.name
    if where[0] == "recipients":
        return str(where[1])
    if where[:2] == ("alerts", "webhook"):
        return f"{WEBHOOK}{settings.alerts.webhook[int(where[2])].name}"
    return "smtp" if where[0] == "letters" else str(where[0])


def _secrets(settings: Settings) -> Iterator[tuple[Where, Secret]]:
    for where, value in _walk(settings, ()):
        if isinstance(value, Secret):
            yield where, value


def _walk(value: Any, where: Where) -> Iterator[tuple[Where, Any]]:
    """Every leaf below a value; secrets and financial years are leaves."""
    if isinstance(value, Secret | FinancialPeriods):
        yield where, value
    elif isinstance(value, BaseModel):
        named = {name: getattr(value, name) for name in type(value).model_fields}
        for name, item in {**named, **(value.model_extra or {})}.items():
            yield from _walk(item, (*where, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(item, (*where, name))
    elif isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
        for position, item in enumerate(value):
            yield from _walk(item, (*where, position))
    else:
        yield where, value


def _leaves(settings: Settings, where: Where) -> Iterator[tuple[Where, str]]:
    for path, value in _walk(settings, where):
        if value is None or value == {}:
            continue
        hidden = path[:2] in _CALLED and isinstance(value, str) and "://" in value
        yield path, _without_path(value) if hidden else _shown(settings, value)


def _without_path(url: str) -> str:
    """The host alone: whoever knows the path of such an address can call it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…"


def _shown(settings: Settings, value: Any) -> str:
    if isinstance(value, FinancialPeriods):
        return ", ".join(f"{start}/{end}" for start, end in settings.financial_years())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(settings, item) for item in value) + "]"
    return "" if value is None else str(value)


def _origin(settings: Settings, where: Where) -> str:
    for depth in range(len(where), 1, -1):
        place = settings.place(*where[:depth])
        if place is not None and (depth == len(where) or _is_leaf_parent(where, depth)):
            return str(place)
    return DEFAULT


def _is_leaf_parent(where: Where, depth: int) -> bool:
    """A default inside a table that the file wrote is still a default, except inside a list."""
    return isinstance(where[depth - 1], int)
