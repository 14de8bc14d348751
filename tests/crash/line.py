"""One line of work: a share of the points of one platform, stage by stage."""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.crash.ends import differences, end_of_ledger, end_of_protocol
from tests.crash.points import NEVER, Points
from tests.crash.sabotage import BREAK
from tests.crash.world import Services, World, forked, served
from tests.sandbox_support import SandboxShop

STAGES = ("pull", "apply", "push", "verify")
OBJECTS = ("unsubscribe",)
"""A line of its own: somebody objects to mailings, in a shop that was checked and nothing more."""
BEFORE = {
    "pull": ("check",), "apply": ("plan", "approve"), "push": (), "verify": (), "unsubscribe": ("check",),
}  # fmt: skip
"""What is typed before each stage, and is no stage of this harness."""
AGAIN = {
    "pull": ("pull", "plan", "approve", "apply", "push", "verify"), "apply": ("apply", "push", "verify"),
    "push": ("push", "verify"), "verify": ("verify",), "unsubscribe": ("unsubscribe",),
}  # fmt: skip
"""What an operator, or cron, types after a crash in a stage."""


End = dict[str, Any]
"""How everything stands, by what it is of."""


class Struck(NamedTuple):
    """What came of one point: whether it was met, and what is another than on the undisturbed run."""

    platform: str
    stage: str
    point: int
    met: bool
    wrong: list[str]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A world, and which of its points are this line's."""

    world: World
    mine: Callable[[str, int], bool]
    broken: str = ""
    told_only: bool = False

    def strikes(self, stages: Sequence[str] = STAGES) -> Iterator[Struck]:
        """Every point of this line: killed there, run again, held to the undisturbed run."""
        first: End | None = None
        for stage in OBJECTS if stages == OBJECTS else STAGES:
            self._go_on(BEFORE[stage])
            if stage in stages:
                first = yield from self._of_stage(stage, first)
            if stage == stages[-1]:
                return
            self._go_on((stage,))

    def _of_stage(self, stage: str, first: End | None) -> Generator[Struck, None, End]:
        """A stage's points; the undisturbed end of each stage is to be that of the first."""
        count, calm = self._undisturbed(stage)
        yield Struck(self.world.platform, stage, NEVER, True, list(differences(first or calm, calm)))
        for point in (one for one in range(1, count + 1) if self.mine(stage, one)):
            yield self._struck(stage, point, calm)
        return first or calm

    def _go_on(self, words: Sequence[str]) -> None:
        """Types these in the base itself."""
        with served(self.world.servers):
            base = self.world.base
            code = forked(lambda: typed(self.world, base, words, base.folder / "said.json"))
        if code:
            raise RuntimeError(f"{words} ended with {code} on the undisturbed run of {self.world.platform}")

    def _undisturbed(self, stage: str) -> tuple[int, End]:
        """How many points a stage has, and the end of a run that nothing disturbed."""
        services, shop = Services(self.world), self.world.copy("calm")
        counted = shop.folder / "points"

        def run() -> int:
            points = Points(told_only=self.told_only)
            points.watch()
            code = typed(self.world, shop, (stage,), shop.folder / "first.json")
            counted.write_text(str(points.passed))
            return code

        forked(run)
        rest = AGAIN[stage][AGAIN[stage].index(stage) + 1 :]
        end = self._finished(shop, rest, services)
        return int(counted.read_text()), end

    def _struck(self, stage: str, point: int, calm: End) -> Struck:
        services, shop = Services(self.world), self.world.copy("struck")

        def run() -> int:
            BREAK[self.broken]()
            Points(point, told_only=self.told_only).watch()
            return typed(self.world, shop, (stage,), shop.folder / "first.json")

        met = forked(run) < 0
        end = self._finished(shop, AGAIN[stage], services)
        return Struck(self.world.platform, stage, point, met, list(differences(calm, end)))

    def _finished(self, shop: SandboxShop, words: Sequence[str], services: Services) -> End:
        """Types the rest in a new process; how everything stands after it."""
        said = shop.folder / "said.json"
        code = forked(lambda: typed(self.world, shop, (*words, "report"), said))
        told = json.loads(said.read_text()) if said.exists() else {}
        protocol = json.loads(told.pop("report", None) or "{}")
        return {
            "ended": code, "said": told, "protocol": end_of_protocol(protocol), "services": services.end(),
            "ledger": end_of_ledger(shop.folder),
        }  # fmt: skip


def typed(world: World, shop: SandboxShop, words: Sequence[str], said: Path) -> int:
    """Types commands one after the other; the last code that was not 0. What was wrong stands in `said`."""
    told: dict[str, str] = {}
    worst = 0
    for word in words:
        stdin = f"{world.objector}\n" if word == "unsubscribe" else ""
        one = shop.gallra(word, *_more(world, shop, word), clock=world.now, stdin=stdin)
        if word == "check":
            shop.mark_listeners(clock=world.now)
        if one.code:
            worst, told[word] = one.code, f"{one.code}: {one.err[-600:]}"
        if word == "report":
            told[word] = one.out
    said.write_text(json.dumps(told))
    return worst


def _more(world: World, shop: SandboxShop, word: str) -> tuple[str, ...]:
    """What is typed after a command's word."""
    if word == "approve":
        code = str(shop.gallra("show", "--json", clock=world.now).json["digest"])[:8]
        return (code, "--by", "Disa Demo", "--role", "owner", "--first-run")
    if word == "unsubscribe":
        return ("--by", "Disa Demo", "--address-from", "-")
    return ("--json",) if word == "report" else ()


def share(number: int, of: int) -> Callable[[str, int], bool]:
    """Every n-th point, for lines that share a platform's points."""
    return lambda _stage, point: point % of == number
