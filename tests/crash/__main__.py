"""`python -m tests.crash`: kills a process at every point, runs again, and counts the points survived."""

import argparse
import json
import os
import select
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.crash.line import BEFORE, STAGES, Line, Struck, share, typed
from tests.crash.points import NEVER
from tests.crash.sabotage import BREAK
from tests.crash.world import FILE, LEDGERS, PLATFORMS, World, in_child, served

CUSTOMERS, ORDERS = 3, 8  # about 20 records with their reviews, coupons, drafts and subscribers
STARTED_ANEW = ("gallra-deadlines",)  # adapters/watch.py: a process that lacks it starts its own
SHOWN = 8  # differences of one point


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for on the command line."""

    platforms: tuple[str, ...]
    stages: tuple[str, ...]
    lines: int
    every: int
    point: int | None
    broken: str
    ledger: str = FILE

    def mine(self, line: int) -> Any:
        """Which points are a line's."""
        if self.point is not None:
            return lambda _stage, point: point == self.point and line == 0
        mine = share(line, self.lines)
        return lambda stage, point: point % self.every == self.every // 2 and mine(stage, point // self.every)


def asked(words: list[str]) -> Asked:
    """The command line, read."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--platform", action="append", choices=PLATFORMS, help="of these only")
    parser.add_argument("--stage", action="append", choices=STAGES, help="of these only")
    parser.add_argument("--lines", type=int, default=max(1, os.cpu_count() or 1), help="at once, a platform")
    parser.add_argument("--every", type=int, default=1, help="every n-th point only")
    parser.add_argument("--ledger", choices=LEDGERS, default=FILE, help="where the shop's ledger lies")
    parser.add_argument("--point", type=int, help="this point of each stage only")
    found = parser.parse_args(words)
    return Asked(
        platforms=tuple(found.platform or PLATFORMS), stages=tuple(found.stage or STAGES), lines=found.lines,
        every=found.every, point=found.point, broken=os.environ.get("GALLRA_CRASH_BREAK", ""),
        ledger=found.ledger,
    )  # fmt: skip


def warmed(platform: str, ledger: str) -> None:
    """Runs every command once in this very process: what is forked from it has loaded all it needs."""
    world = World(platform, customers=CUSTOMERS, orders=ORDERS, ledger=ledger)
    try:
        with served(world.servers):
            words = [word for stage in STAGES for word in (*BEFORE[stage], stage)]
            typed(world, world.base, (*words, "report"), world.base.folder / "said.json")
    finally:
        world.remove()


def worked(wanted: Asked, platform: str, number: int, to: int) -> None:
    """One line's work; each point is told as a line of JSON."""
    world = World(platform, customers=CUSTOMERS, orders=ORDERS, ledger=wanted.ledger)
    line = Line(world=world, mine=wanted.mine(number), broken=wanted.broken)
    try:
        for struck in line.strikes([stage for stage in STAGES if stage in wanted.stages]):
            os.write(to, json.dumps({**struck._asdict(), "wrong": struck.wrong[:SHOWN]}).encode() + b"\n")
    finally:
        world.remove()


def at_once(wanted: Asked) -> Iterator[Struck]:
    """The points of all lines as they come; a line that ended with a fault is a point that failed."""
    lines: dict[int, tuple[int, str]] = {}
    for number, platform in [(n, p) for n in range(wanted.lines) for p in wanted.platforms]:
        coming, to = os.pipe()
        process = os.fork()
        if not process:
            in_child(lambda n=number, p=platform, to=to: worked(wanted, p, n, to))  # type: ignore[misc]
        os.close(to)
        lines[coming] = (process, platform)
    left = dict.fromkeys(lines, b"")
    while left:
        for coming in select.select(list(left), [], [])[0]:
            said = os.read(coming, 1 << 20)
            *whole, rest = (left[coming] + said).split(b"\n")
            left[coming] = rest
            yield from (Struck(**json.loads(one)) for one in whole)
            if not said:
                del left[coming]
                process, platform = lines[coming]
                if code := os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
                    yield Struck(platform, "?", NEVER, True, [f"its line ended with {code}"])


def said(*lines: str) -> None:
    """To stdout, at once."""
    sys.stdout.write("\n  ".join(lines) + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Kills, runs again, tells; 0 where every point was survived."""
    wanted = asked(words)
    BREAK[wanted.broken]  # a word that is not known ends here
    for platform in wanted.platforms:
        warmed(platform, wanted.ledger)
    left = {thread.name for thread in threading.enumerate()} - {threading.main_thread().name, *STARTED_ANEW}
    if left:
        raise RuntimeError(f"Threads are left that whatever is forked would lack: {', '.join(left)}.")
    points = survived = faults = 0
    for struck in at_once(wanted):
        well = struck.met and not struck.wrong
        points, survived = points + (struck.point != NEVER), survived + (well and struck.point != NEVER)
        faults += not well
        if points % 50 == 0 and points:
            sys.stderr.write(f"{points} points, {survived} survived\n")
        if not well:
            why = struck.wrong if struck.met else ["the process ended before it came to this point"]
            said(f"{struck.platform} {struck.stage} {struck.point}:", *why)
    said(f"Crash: {survived} of {points} points survived ({wanted.ledger}; {', '.join(wanted.platforms)}).")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
