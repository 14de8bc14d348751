"""`gallra apply`: what was approved is erased."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ById,
    Progress,
    ShopFile,
    as_json,
    chooser,
    load,
    monitors,
    notices,
    out,
    say,
)
from connector.cli.folder import Ended, Jobs, over
from connector.cli.speaking import word
from connector.errors import Exit, GallraError
from connector.ports import DEVIATES
from connector.records import Outcome, Wave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.records import HoldId
    from connector.shop import Shop
    from connector.stages.flow import Applied


def apply(  # noqa: PLR0913 (a command's parameters are its options)
    shop: ShopFile = DEFAULT,
    plan: Annotated[
        str | None, typer.Option("--plan", help="The code of a plan: of `gallra undo` or `gallra replay`.")
    ] = None,
    only: Annotated[str | None, typer.Option("--only", help="One order, to test what listens to it.")] = None,
    by_id: ById = False,
    jobs: Jobs = 1,
    json: AsJson = False,
) -> None:
    """Erase what was approved, each record fetched and decided anew right before."""
    from connector.ledger.naming import meant
    from connector.records import Kind

    if shop.is_dir():
        if plan or only:
            raise GallraError("--plan and --only name one shop's plan or order. Name that shop's file.")
        raise typer.Exit(int(over(shop, _apply_one, jobs=jobs, json=json)))
    opened = load(shop)

    def one(opened: "Shop") -> int:
        return meant(opened.ledger, Kind.ORDER, only or "", by_id=by_id, choose=chooser()).id

    ended = _applied(opened, plan, one if only else None, quiet=json)
    done, code = ended.done, _exit_of(ended)
    if json:
        as_json({"plan": done.plan.code, "touched": done.touched, "steps": ended.outcomes}, exit_code=code)
        raise typer.Exit(int(code))
    for outcome, count in ended.outcomes.items():
        if outcome != PLANNED:
            out(f"  {word('outcome', outcome)}: {count}")
    for line in _not_begun(opened, ended):
        out(line)
    out(f"Applied: plan {done.plan.code}, {done.touched} records touched.{_rest(ended)}")
    raise typer.Exit(int(code))


def _applied(
    opened: "Shop", plan: str | None, only: "Callable[[Shop], int] | None", *, quiet: bool
) -> "_Ended":
    """Applies one shop's plan, and says what a person must know of it."""
    from connector.stages.flow import apply_plan, locked, tightened
    from connector.views.lint.refusing import must_be_sound

    progress = Progress(quiet=quiet)
    with locked(opened):
        sound = must_be_sound(opened)
        done = apply_plan(opened, sound, code=plan, only=only, tell=progress)
        progress.end()
        ended = _Ended(
            done, _outcomes(opened, plan), _begun(opened), _deviated(opened, plan),
            tightened(opened, done.plan),
        )  # fmt: skip
    notices(opened)
    monitors(opened)
    for line in _told(ended):
        say(line)
    return ended


def _apply_one(path: "Path") -> Ended:
    """One shop of a folder; one where nothing that is approved waits is left alone."""
    from connector.ledger.plans import Plans
    from connector.ledger.plans.unapplied import unapplied

    opened = load(path)
    if not opened.has_ledger:
        return Ended(Exit.DONE, NOTHING_WAITS)
    with opened.ledger.begin() as connection:
        waits = any(not one.named for one in unapplied(Plans(opened.ledger), connection))
    if not waits and not _begun(opened):
        return Ended(Exit.DONE, NOTHING_WAITS)
    ended = _applied(opened, None, None, quiet=True)
    code, touched = ended.done.plan.code, ended.done.touched
    line = f"Applied: plan {code}, {touched} records touched.{_rest(ended)}"
    told = " ".join((line, *_told(ended)))
    return Ended(_exit_of(ended), told, {"plan": code, "touched": touched, "steps": ended.outcomes})


NOTHING_WAITS = "Nothing that a person has approved waits here."
PLANNED = "planned"
"""The state of a step that nothing was done of, as the ledger names it."""


class _Ended(NamedTuple):
    """How an apply ended: what it did, how the plan's steps stand, and what a person must look at."""

    done: "Applied"
    outcomes: "dict[str, int]"
    begun: tuple[str, ...]
    deviated: int
    unread_holds: "tuple[HoldId, ...]"  # those that the plan could read and this run's check could not

    @property
    def refused(self) -> int:
        """Steps that the shop refused, wholly or in part."""
        return sum(count for name, count in self.outcomes.items() if name.startswith(Outcome.REFUSED))

    @property
    def other(self) -> int:
        """Steps that met another record than was fetched."""
        return sum(count for name, count in self.outcomes.items() if f"({DEVIATES}" in name)


def _exit_of(ended: _Ended) -> Exit:
    if ended.done.lapsed is not None:
        return ended.done.lapsed.exit
    return Exit.PARTIAL if ended.deviated or ended.begun or not ended.done.whole else Exit.DONE


def _told(ended: _Ended) -> "Iterator[str]":
    """What a person must know of an apply, the gravest first."""
    from connector.cli.ended import begun_line

    if ended.unread_holds:
        yield (
            f"Warning: this run's check could not read {', '.join(ended.unread_holds)}, which the plan "
            "could: what they bind was left alone. See `gallra check`; it is due in the next plan."
        )
    if ended.done.lapsed is not None:
        yield f"Error: {ended.done.lapsed}"
    yield from (f"Warning: {warning}" for warning in ended.done.warnings)
    if ended.refused:
        yield (
            f"Warning: the shop refused {ended.refused} steps, wholly or in part; the protocol says why. "
            "What was refused is due in the next plan."
        )
    if ended.begun:
        yield f"Warning: {begun_line(ended.begun)}"
    if ended.other:
        yield (
            f"Warning: {ended.other} steps met a record with another status, total or person than the one "
            "fetched. The protocol names them: look at each in the shop."
        )
    if ended.deviated and not (ended.refused or ended.other):
        yield (
            "Warning: the shop took erasures on and refused a part beside them; the protocol names the "
            "records: look at each in the shop."
        )


def _not_begun(opened: "Shop", ended: _Ended) -> "Iterator[str]":
    """The rounds that nobody has approved, with the line that approves them; other steps wait to be begun."""
    from connector.ledger.plans import Plans
    from connector.ledger.plans.counts import outcomes

    plans = Plans(opened.ledger)
    with opened.ledger.begin() as connection:
        row = plans.need(connection, ended.done.plan.code)
        given = {one.wave for one in plans.approvals(connection, row.id)}
        waiting = [one.wave for one in row.plan.waves if one.wave not in given]
        counts = {one.wave: 0 for one in row.plan.waves}
        for stand in outcomes(connection, row.id):
            counts[Wave(stand.wave)] += stand.steps if stand.state == PLANNED else 0
        line = opened.line_to_approve(connection, row, waiting) if waiting else ""
    if waiting:
        named = ", ".join(f"{wave} ({counts[wave]} steps)" for wave in waiting)
        if line:
            yield f"  Not approved, so not begun: {named}. `{line}`"
        else:
            yield (
                f"  Not approved, so not begun: {named}. It cannot be approved as it stands: over the "
                "limits, or past its seven days. If its report is right, see [limits] in the shop's file, "
                "and plan again."
            )
    if rest := sum(count for wave, count in counts.items() if wave in given):
        yield f"  Approved and not begun: {rest} steps."


def _rest(ended: _Ended) -> str:
    """Why steps were refused, or that nothing was left to do."""
    from connector.cli.ended import refused_sentence

    done = ended.done
    idle = not (done.touched or done.lapsed or done.stopped or ended.begun or ended.refused)
    left = ended.outcomes.get(PLANNED, 0)
    nothing = " Nothing approved was left to do." if left else " Nothing was left to do."
    return nothing if idle else refused_sentence(ended.outcomes)


def _deviated(opened: "Shop", code: str | None) -> int:
    from connector.ledger.plans import Plans
    from connector.ledger.plans.counts import deviated

    with opened.ledger.begin() as connection:
        return deviated(connection, Plans(opened.ledger).need(connection, code).id)


def _begun(opened: "Shop") -> tuple[str, ...]:
    from connector.ledger.unsettled import begun_of_shop

    with opened.ledger.begin() as connection:
        return begun_of_shop(connection, opened.ledger.shop)


def _outcomes(opened: "Shop", code: str | None) -> dict[str, int]:
    from connector.ledger.plans import Plans
    from connector.ledger.plans.counts import outcomes

    counts: dict[str, int] = {}
    with opened.ledger.begin() as connection:
        for one in outcomes(connection, Plans(opened.ledger).need(connection, code).id):
            name = one.outcome + (f" ({one.reason})" if one.reason else "") if one.outcome else one.state
            counts[name] = counts.get(name, 0) + one.steps
    return dict(sorted(counts.items()))
