"""What several protocols need: a clock, and how identifiers of persons are keyed."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

Keyer = Callable[[Literal["email", "phone", "account"], str], bytes | None]
"""Turns an identifier into its keyed digest; None for empty values and placeholders."""


class Clock(Protocol):
    """Now, with its zone; an argument so that tests can turn it."""

    def __call__(self) -> datetime:
        """The present moment, aware."""
        ...
