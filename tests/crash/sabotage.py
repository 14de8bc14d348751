"""Breaks a promise on purpose, in the process that is killed, so that the harness is seen to notice."""

from collections.abc import Callable, Mapping
from typing import Any

from connector.ledger.outbox import Outbox


def outbox() -> None:
    """Handles are sealed when the shop is done with a record, not before it is touched."""
    late: list[Any] = []
    hold, free = Outbox.hold, Outbox.free

    def later(_self: Outbox, _connection: Any, drafts: Any) -> int:
        late.extend(drafts)
        return len(drafts)

    def now(self: Outbox, connection: Any, plan: int, steps: Any) -> None:
        hold(self, connection, late)
        late.clear()
        free(self, connection, plan, steps)

    Outbox.hold, Outbox.free = later, now  # type: ignore[method-assign]


def nothing() -> None:
    """All promises are kept."""


BREAK: Mapping[str, Callable[[], None]] = {"": nothing, "outbox": outbox}
"""What can be broken, by the word of the variable GALLRA_CRASH_BREAK."""
