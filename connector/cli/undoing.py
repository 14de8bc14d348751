"""Taking back: `gallra undo` and `gallra replay`."""

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Progress,
    ShopFile,
    ShopOption,
    as_json,
    load,
    monitors,
    notices,
    out,
    say,
)
from connector.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from connector.plan import Plan
    from connector.stages.undo import Undoing


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.command()(undo)
    app.command()(replay)


def undo(
    run: Annotated[str, typer.Argument(help="The code of the plan that ran.")],
    shop: ShopOption = DEFAULT,
    json: AsJson = False,
) -> None:
    """Plan to restore what a run blanked, for as long as its copies live; approved like any other plan."""
    from connector.stages.flow import locked, undo_shop
    from connector.views.lint.refusing import must_be_sound

    opened = load(shop)
    with locked(opened):
        made = undo_shop(opened, must_be_sound(opened), run)
    notices(opened)
    monitors(opened)
    if json:
        as_json({"undo": made, "plan": made.plan.code}, exit_code=Exit.DONE)
        return
    for line in _cannot(made):
        out(f"  {line}")
    _say_how(made.plan, opened.file)
    say(
        "What is restored is still due by the policy: change the policy or place a hold, or the next plan "
        "takes it again. Recipients that were told to erase are not asked to take anything back."
    )
    out(f"Undo: plan {made.plan.code} restores {made.records} records of run {run}, until {made.until}.")


def _cannot(made: "Undoing") -> list[str]:
    """What cannot be restored, and why."""
    fields = ", ".join(f"{field} ({count})" for field, count in sorted(made.left_out.items()))
    told = {
        f"cannot be restored: {made.deleted} records that were deleted whole": made.deleted,
        f"cannot be restored: {made.without_copy} records of which no copy was kept": made.without_copy,
        f"cannot be restored, by field and records: {fields}": len(fields),
    }
    return [line for line, count in told.items() if count]


def replay(
    since: Annotated[str, typer.Option("--since", help="The day of the first erasure, as 2026-12-31.")],
    shop: ShopFile = DEFAULT,
    json: AsJson = False,
) -> None:
    """Plan to erase again whoever was erased and came back by a backup or an import, none by own will."""
    from connector.cli.policy import day_of
    from connector.stages.flow import locked, replay_shop
    from connector.views.lint.refusing import must_be_sound

    opened, progress = load(shop), Progress(quiet=json)
    with locked(opened):
        made = replay_shop(opened, must_be_sound(opened), day_of(since, "--since"), tell=progress)
        progress.end()
    notices(opened)
    monitors(opened)
    records = {str(one.wave): dict(one.records) for one in made.waves}
    if json:
        as_json({"plan": made.code, "records": records, "since": since}, exit_code=Exit.DONE)
        return
    for wave, kinds in records.items():
        out(f"  {wave}: " + ", ".join(f"{count} of kind {kind}" for kind, count in kinds.items()))
    if made.waves:
        _say_how(made, opened.file)
    steps = sum(one.steps for one in made.waves)
    out(f"Replay: plan {made.code} erases again {steps} steps of persons erased since {since}.")


def _say_how(plan: "Plan", file: "Path | None") -> None:
    """How a plan is approved and carried out."""
    from connector.plan import approve_line

    line = approve_line(plan.code, file=(file or Path("shop.toml")).absolute())
    say(f"Approve it with `{line}`, then `gallra apply --plan {plan.code}`.")
