"""How the Marketing API words its answers: problems, bounds, and trimmed bodies."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sandbox.mailchimp.account import instant
from sandbox.wire import Answer, Json, Request, ServiceError

PROBLEM = "application/problem+json; charset=utf-8"


def problem(status: int, title: str, detail: str) -> ServiceError:
    """An error as Mailchimp words it."""
    body = {
        "type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status,
        "detail": detail, "instance": "00000000-0000-4000-8000-000000000019",
    }  # fmt: skip
    return ServiceError(Answer(status, body, content_type=PROBLEM))


def missing() -> ServiceError:
    """The 404 for anything that is not there, never was, or was erased."""
    return problem(404, "Resource Not Found", "The requested resource could not be found.")


def number(request: Request, name: str, default: int) -> int:
    """A whole number of the query; count goes to a thousand. Raises the 400."""
    text = request.query.get(name, str(default))
    if not text.isdigit() or (name == "count" and int(text) > 1000):
        raise problem(400, "Invalid Resource", f"The {name} parameter is out of range.")
    return int(text)


def bound_of(text: str) -> str:
    """A bound as UTC text that compares with the account's own."""
    if not text:
        return ""
    try:
        return instant(datetime.fromisoformat(re.sub(r" (\d\d:\d\d)\Z", r"+\1", text)))
    except ValueError:
        raise problem(400, "Bad Request", "A date in the query is not one.") from None


def trimmed(body: Json, fields: str) -> Json:
    """A body with only the fields asked for; a path reaches into lists, unlike WordPress' own."""
    return _keep(body, [path.split(".") for path in fields.split(",")]) if fields else body


def _keep(value: Any, paths: Iterable[list[str]]) -> Any:
    if isinstance(value, list):
        return [_keep(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    wanted: dict[str, list[list[str]]] = {}
    for head, *rest in paths:
        wanted.setdefault(head, []).append(rest)
    return {
        name: part if [] in wanted[name] else _keep(part, wanted[name])
        for name, part in value.items()
        if name in wanted
    }
