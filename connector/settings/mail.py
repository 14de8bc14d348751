"""What carries mail is built from: the mail server, and how customers are warned."""

from collections.abc import Callable, Mapping
from typing import Any

from connector.settings.settings import Settings

_SERVER = ("host", "port", "user", "sender", "security")
_MAILBOX = ("host", "port", "user", "folder", "security")

Secrets = Callable[[], Mapping[str, Mapping[str, str]]]
"""Reads the secrets by adapter and key, once one is needed."""


def of_mail(settings: Settings, secrets: Secrets) -> dict[str, Any]:
    """Plain values; nothing of a server, or of a mailbox, that the file does not name."""
    smtp, own = settings.letters.smtp, settings.warning
    server = {} if smtp is None else {**_given(smtp, *_SERVER), **secrets().get("smtp", {})}
    warning = _given(own, "sender", "bounces")
    if own.imap is not None:
        warning["imap"] = {**_given(own.imap, *_MAILBOX), **secrets().get("warning", {})}
    return {"smtp": server, "warning": warning, **settings.reach()}


def _given(table: object, *keys: str) -> dict[str, Any]:
    """The keys of a table that are filled in."""
    return {key: value for key in keys if (value := getattr(table, key)) is not None}
