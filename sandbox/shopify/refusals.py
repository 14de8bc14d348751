"""What an operation is turned down with: top-level errors and user errors."""

import uuid
from typing import Any

from sandbox.wire import Json

SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"


class Refusal(Exception):
    """A top-level error of one field; the rest of the answer may still hold data."""

    def __init__(self, message: str, code: str, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: Json = {"code": code, **extensions}


def invalid_id(text: str) -> Refusal:
    """An id that cannot be of the kind asked for."""
    return Refusal(f"Invalid id: {text}", "RESOURCE_NOT_FOUND")


def access_denied(field: str, required: str) -> Refusal:
    """A field for which the token lacks a scope."""
    return Refusal(
        f"Access denied for {field} field. Required access: {required}",
        "ACCESS_DENIED",
        documentation=SCOPES_PAGE,
        requiredAccess=required,
    )


def bad_request(message: str) -> Refusal:
    """An argument that makes no sense."""
    return Refusal(message, "BAD_REQUEST")


def user_error(field: list[str] | None, message: str, code: str | None = None) -> Json:
    """One user error; `code` shows only where the mutation's errors are typed."""
    return {"field": field, "message": message, "code": code}


class Declined(Exception):
    """What a mutation does not do: its user errors, and what its payload shows beside them."""

    def __init__(self, errors: list[Json], **shown: Any) -> None:
        super().__init__(len(errors))
        self.errors, self.shown = errors, shown


def declined(field: list[str] | None, message: str, code: str | None = None, **shown: Any) -> Declined:
    """A mutation turned down for one reason."""
    return Declined([user_error(field, message, code)], **shown)


def internal_error() -> Json:
    """What Shopify says when something broke on its side."""
    request = f"{uuid.uuid4()}-1782085581"
    said = f"Internal error. Looks like something went wrong on our end.\nRequest ID: {request}"
    return {
        "message": f"{said} (include this in support requests).",
        "extensions": {"requestId": request, "code": "INTERNAL_SERVER_ERROR"},
    }
