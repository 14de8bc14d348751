"""The ledger's own cost: steps written beside a bare insert of the same rows, and its share of an apply.

Run: python -m benchmarks.ledger [orders]. The steps are those of a first plan. Both sides write them in one
transaction, in pieces of one size, to a new file of the same tables and indices with the same pragmas,
turn by turn, so that what else the machine does meets both. Digests are taken of every step while it is
drawn; the seal, which reads them all once more, is a figure of its own. The share is that of
`benchmarks.apply`.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import FrameType
from typing import Any

from benchmarks.clients import ledger
from benchmarks.machine import Figure, about, apart, at_least, plain, premise, scratch, show
from connector.ledger import Ledger
from connector.ledger.dialect.sqlite import durable
from connector.ledger.plans import NewStep, Plans

ORDERS = 20_000
PIECE = 2_000  # steps handed to the ledger at once, about as many as planning hands over
ROUNDS = 5
AS_FAST = 0.5
EVERY = 0.004  # seconds between two looks at what a thread is doing
OURS = ("connector", "adapters")


# Steps ---------------------------------------------------------------------------------------------------


def write(folder: str, rounds: int) -> dict[str, Any]:
    """The steps of the plan in this folder, written anew by both, again and again; seconds of each."""
    steps, rows = _steps(folder), _rows(folder)
    ours, bare, seals = list[float](), list[float](), list[float]()
    for number in range(rounds):
        seconds, sealed = _ours(Path(folder) / f"ours-{number}", steps)
        ours.append(seconds)
        seals.append(sealed)
        bare.append(_bare(Path(folder) / f"bare-{number}", rows))
    last = rounds - 1
    return {
        "ours": median(ours), "bare": median(bare), "seal": median(seals), "steps": len(steps),
        "same": _written(Path(folder) / f"ours-{last}") == _written(Path(folder) / f"bare-{last}"),
    }  # fmt: skip


def _steps(folder: str) -> list[NewStep]:
    kept = ledger(folder)
    plans = Plans(kept)
    with kept.begin() as connection:
        rows = list(plans.steps(connection, plans.need(connection).id))
    return [NewStep(row.seq, row.record, row.step) for row in rows]


def _rows(folder: str | Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(Path(folder) / "ledger.sqlite") as place:
        found = place.execute("select * from step order by plan, seq").fetchall()
    place.close()
    return found


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[at : at + PIECE] for at in range(0, len(rows), PIECE))


def _ours(folder: Path, steps: Sequence[NewStep]) -> tuple[float, float]:
    """Seconds of writing the steps, and of reading them once more for the chain's word on them."""
    kept = _made(folder)
    plans = Plans(kept)
    with kept.begin() as connection:
        draft = plans.begin_draft(connection)
    began = time.perf_counter()
    with kept.begin() as connection:
        for some in _pieces(steps):
            plans.add_steps(connection, draft, some)
    written = time.perf_counter() - began
    began = time.perf_counter()
    with kept.begin() as connection:
        plans._note(connection, draft)
    sealed = time.perf_counter() - began
    kept.engine.dispose()
    return written, sealed


def _made(folder: Path) -> Ledger:
    folder.mkdir()
    return ledger(folder, sealed=True)


def _bare(folder: Path, rows: Sequence[tuple[Any, ...]]) -> float:
    """Seconds of writing these rows with nothing but sqlite3 to tables of the same make."""
    kept = _made(folder)
    with kept.begin() as connection:
        Plans(kept).begin_draft(connection)
    kept.engine.dispose()
    place = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)
    durable(place, None)
    statement = f"insert into step values ({', '.join('?' * len(rows[0]))})"
    began = time.perf_counter()
    place.execute("begin")
    for some in _pieces(rows):
        place.executemany(statement, some)
    place.execute("commit")
    seconds = time.perf_counter() - began
    place.close()
    return seconds


def _written(folder: Path) -> list[tuple[Any, ...]]:
    """The rows without the number of their plan."""
    return [row[1:] for row in _rows(folder)]


def measure(orders: int) -> list[Figure]:
    """Steps a second, beside a bare insert of the same rows."""
    with scratch() as folder:
        apart("benchmarks.plan", "fill", folder=str(folder), count=orders, cleaned=False)
        apart("benchmarks.plan", "plan", folder=str(folder), year_end="12-31")
        done = apart("benchmarks.ledger", "write", folder=str(folder), rounds=ROUNDS).result
    premise(done["steps"] > orders // 2, f"{done['steps']:,} steps of {orders:,} orders")
    premise(done["same"], "the bare insert wrote other rows")
    told = f"{done['steps']:,} steps, {done['ours']:.2f} s, bare {done['bare']:.2f} s"
    return [
        at_least("steps written, against a bare insert of the same rows", done["bare"] / done["ours"],
                 AS_FAST, "times", told),
        plain("the chain's word on them, one more reading", done["seal"] / done["ours"], "times",
              f"{done['seal']:.2f} s"),
    ]  # fmt: skip


# The share of an apply -----------------------------------------------------------------------------------


class Looks:
    """What a thread was doing at each look, by the innermost part of Gallra that it was in."""

    def __init__(self) -> None:
        self.by_part: dict[str, int] = {}
        self.processor: dict[str, float] = {}  # seconds, by what the thread was in at the end of each

    @property
    def all(self) -> int:
        """How many looks there were."""
        return sum(self.by_part.values())

    def share(self, part: str) -> float:
        """Which share of the time was spent in a part, in percent; what it calls of libraries is its own."""
        return 100 * self.by_part.get(part, 0) / max(1, self.all)


@contextmanager
def looked_at() -> Iterator[Looks]:
    """Looks at this thread every few milliseconds while the block runs."""
    looks, thread, over = Looks(), threading.get_ident(), threading.Event()

    clock = time.pthread_getcpuclockid(thread)

    def look() -> None:
        before = time.clock_gettime(clock)
        while not over.wait(EVERY):
            part = part_of(sys._current_frames().get(thread))
            now = time.clock_gettime(clock)
            looks.by_part[part] = looks.by_part.get(part, 0) + 1
            looks.processor[part] = looks.processor.get(part, 0.0) + now - before
            before = now

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield looks
    finally:
        over.set()
        looker.join()


def part_of(frame: FrameType | None) -> str:
    """The part of Gallra that a frame is in, or that called what it is in: `connector/ledger`, `adapters`."""
    while frame is not None:
        words = frame.f_globals.get("__name__", "").split(".")
        if words[0] in OURS:
            return "/".join(words[:2]) if words[0] == "connector" else words[0]
        frame = frame.f_back
    return ""


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("steps (SQLite)", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))


if __name__ == "__main__":
    main()
