"""The stand-in Shopify in a process of its own, so that its memory and time are not counted.

It is asked over its stdin, a word a line: `requests` answers how often each route was served since it was
asked last, `memory` its peak in MB, `drain` takes the bucket's points; the end of the input ends it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from benchmarks.machine import peak
from benchmarks.orders import TODAY
from sandbox.shopify.service import Shopify

POLLS = frozenset({"bulkOperation", "currentBulkOperation"})
BY_ID = frozenset({"nodes", "node"})
LOOK = 100  # points; a first question cannot know yet what is left
SORTS: Mapping[str, frozenset[str]] = {
    "uploads": frozenset({"stagedUploadsCreate", "/staged-uploads"}),
    "bulk starts": frozenset({"bulkOperationRunQuery", "bulkOperationRunMutation"}),
    "result files": frozenset({"/bulk-results/<file>"}),
}


class StandIn:
    """The running service: its address and keys, and what to ask of it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.credentials: dict[str, Any] = self._answer()

    def requests(self) -> "Requests":
        """What was served since the last time this was asked."""
        return Requests(self._ask("requests"))

    def drain(self) -> None:
        """Takes the bucket's points, as other work of the same app does; leaves enough for a first look."""
        self._ask("drain")

    def megabytes(self) -> float:
        """The stand-in's own peak memory."""
        return float(self._ask("memory")["megabytes"])

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class Requests:
    """Requests by sort: polls and reads by id apart from all the others."""

    def __init__(self, served: Mapping[str, int]) -> None:
        self.polls = self.by_id = self.beside = 0
        self.sorts: dict[str, int] = {}
        for route, count in served.items():
            self._add(route.split()[-1], "mutation" in route, count)

    def _add(self, field: str, write: bool, count: int) -> None:
        if field in POLLS:
            self.polls += count
        elif field in BY_ID:
            self.by_id += count
        else:
            self.beside += count
            sort = next((name for name, fields in SORTS.items() if field in fields), "")
            sort = sort or ("single mutations" if write else "other reads")
            self.sorts[sort] = self.sorts.get(sort, 0) + count

    @property
    def all(self) -> int:
        """Every request."""
        return self.beside + self.by_id + self.polls

    def told(self) -> str:
        """The sorts, and what is counted apart from them."""
        found = ", ".join(f"{count} {name}" for name, count in sorted(self.sorts.items()))
        return f"{found}; and {self.polls} polls, {self.by_id} reads by id"


@contextmanager
def stand_in(orders: int, plan: str = "Plus", customers: int | None = None) -> Iterator[StandIn]:
    """Starts a shop of so many orders and customers, on a plan that sets its budget, and ends it."""
    people = max(1, orders * 2 // 5) if customers is None else customers
    command = [sys.executable, "-m", "benchmarks.stand_in", str(orders), plan, str(people)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield StandIn(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def _counts(service: Shopify) -> dict[str, int]:
    found = {f"{method} {name}": count for (method, name), count in service.requests.items()}
    service.requests.clear()
    return found


def _said(service: Shopify, word: str) -> dict[str, Any]:
    if word == "drain":
        service.bucket.drain()
        service.bucket.give_back(LOOK)
        return {}
    return {"megabytes": peak()} if word == "memory" else _counts(service)


def main() -> None:
    """Serves until the input ends."""
    orders, plan, customers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with Shopify(7, customers, orders, TODAY) as service:
        service.use_plan(plan)
        print(json.dumps(service.credentials()), flush=True)
        for line in sys.stdin:
            print(json.dumps(_said(service, line.strip())), flush=True)


if __name__ == "__main__":
    main()
