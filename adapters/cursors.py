"""Cursors as the ledger keeps them: JSON of one form."""

from typing import TypeVar

import msgspec

_Cursor = TypeVar("_Cursor")


def read_cursor(text: str, form: type[_Cursor]) -> _Cursor | None:
    """The cursor of this text; None where it is not of this form."""
    try:
        return msgspec.json.decode(text, type=form)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
