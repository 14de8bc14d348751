"""One request that goes out of the machine to whoever the settings name, and what came back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from connector.records import Value


class Told(StrEnum):
    """What whoever asks for it is told by webhook."""

    PLAN_WAITING = "plan.waiting"
    PLAN_APPLIED = "plan.applied"
    DEVIATION = "deviation.found"
    RECIPIENT_OVERDUE = "recipient.overdue"
    REQUEST_OVERDUE = "request.overdue"


MOST_BYTES = 2**16
"""Of one answer; none that is asked for is near it."""


class WebRequest(Value, frozen=True, kw_only=True):
    """A request: its body and headers, how long its answer may take, and whether it may stay in the house.

    `private`: a host inside the own network, at an address that is nobody else's, may be called.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    seconds: float
    private: bool = False


class Reply(Value, frozen=True, kw_only=True):
    """What came back: the status, or the kind of failure where there is none; nothing is followed."""

    status: int = 0
    failure: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = {}
    after: float | None = None  # seconds that were asked for


class Posts(Protocol):
    """Carries one request out of the machine."""

    def post(self, request: WebRequest) -> Reply:
        """Sends it once; a failure is a reply, and raises nothing."""
        ...
