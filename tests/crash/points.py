"""The points at which a process can be killed: before and after each write of the ledger and each call.

A write is a transaction that has written and is about to be committed, or a file of the ledger that is
written past a transaction (VACUUM, a checkpoint). A call is one HTTP request.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import requests.adapters
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

NEVER = 0
PAST_TRANSACTIONS = ("VACUUM", "PRAGMA WAL_CHECKPOINT")


class Points:
    """Counts the points a process passes, and kills it with SIGKILL at one of them."""

    def __init__(self, deadly: int = NEVER, *, told_only: bool = False) -> None:
        self.deadly = deadly
        self.told_only = told_only  # only after a request that may have written at a service
        self.passed = 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """One point: the process may end here."""
        with self._lock:
            self.passed += 1
            if self.passed == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, real: Callable[..., Any], counts: Callable[..., bool]) -> Callable[..., Any]:
        """A function with a point on either side of it, where it counts."""

        def watched(*values: Any, **more: Any) -> Any:
            if not counts(*values):
                return real(*values, **more)
            if not self.told_only:
                self()
            came_of_it = real(*values, **more)
            self()
            return came_of_it

        return watched

    def watch(self) -> None:
        """From here on this process passes points; for a process that was forked for it alone."""
        adapter = requests.adapters.HTTPAdapter
        if self.told_only:
            adapter.send = self.around(adapter.send, _tells)  # type: ignore[method-assign]
            return
        adapter.send = self.around(adapter.send, lambda *_: True)  # type: ignore[method-assign]
        DefaultDialect.do_commit = self.around(DefaultDialect.do_commit, _wrote)  # type: ignore[method-assign]
        event.listen(Engine, "before_cursor_execute", self._past_transactions)
        event.listen(Engine, "after_cursor_execute", self._past_transactions)

    def _past_transactions(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(PAST_TRANSACTIONS):
            self()


def _tells(_adapter: object, request: Any, *_more: Any) -> bool:
    """Whether a request may write."""
    return request.method != "GET"


def _wrote(_dialect: object, connection: Any) -> bool:
    """Whether a transaction has written; a database that does not tell is taken to have."""
    return bool(getattr(connection, "in_transaction", True))
