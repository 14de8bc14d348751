"""`check`, `plan` and `approve` over every shop of a folder."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cli.common import language, load, monitors, notices
from connector.cli.folder import Ended, close, each, files, language_of, over
from connector.cli.stages.missing import say_what_stops_it
from connector.errors import Exit, GallraError
from connector.report.overview import said

if TYPE_CHECKING:
    from connector.plan import Plan
    from connector.ports import Access
    from connector.records import Wave
    from connector.report.dry_run.model import DryRun
    from connector.shop import Shop
    from connector.stages.flow import Word


Asked = Callable[["Shop"], "tuple[dict[str, Access], Exit]"]
"""What every service of one shop answers, and whether that will do."""


def check_folder(folder: Path, asked: Asked, *, jobs: int, json: bool, lang: str | None) -> Exit:
    """Connects to every shop's services, and says what is missing where."""

    def one(path: Path) -> Ended:
        opened = load(path)
        accesses, code = asked(opened)
        chosen = language(opened, lang)
        to_fill_in = opened.settings.unanswered()
        lacking = (f"fill in: {key} ({how})." for key, how in to_fill_in)
        told = (_of_services(opened, accesses, code, chosen), *lacking)
        body = {"services": accesses, "fill_in": [key for key, _ in to_fill_in]}
        if code is not Exit.DONE or not to_fill_in:
            return Ended(code, " ".join(told), body)
        cell = said("fill_in", chosen, what=", ".join(key for key, _ in to_fill_in))
        return Ended(code, " ".join(told), body, "needing", cell)

    return over(folder, one, jobs=jobs, json=json)


def _of_services(opened: "Shop", accesses: "dict[str, Access]", code: Exit, chosen: str) -> str:
    """What is wrong, in the services' own words; else who answered, and who is written to."""
    if code is Exit.DONE:
        keyed = {*opened.platforms, *opened.settings.recipients_by_api()}
        letters = [name for name in accesses if name not in keyed]
        told = f"ok: {', '.join(name for name in accesses if name in keyed)}."
        return f"{told} By letter: {', '.join(letters)}." if letters else told
    wrong = [
        f"{name}: {one.sv if chosen == 'sv' else one.en}"
        for name, access in accesses.items()
        for one in access.problems
        if one.severity == "error"
    ]
    return " ".join(wrong) or "A key may not read what is needed. Run `gallra check` on this shop."


class Planning(NamedTuple):
    """How `plan` was asked to plan, and what draws one shop's plan."""

    draw: "Callable[..., tuple[Plan, DryRun, list[Path]]]"
    abandon: bool
    old_pull: bool
    detailed: bool
    lang: str | None


def plan_folder(folder: Path, asked: Planning, *, jobs: int, json: bool) -> Exit:
    """Plans every shop and writes its dry run; the table names the line that approves each."""
    from connector.report.drawn import plan_sentence
    from connector.services.timekeeping import refuse_old
    from connector.stages.flow import locked

    if asked.abandon:
        raise GallraError("--abandon gives up one shop's plan. Name that shop's file.")

    def one(path: Path) -> Ended:
        opened = load(path)
        old = (lambda _last: True) if asked.old_pull else refuse_old
        with locked(opened):
            made, view, paths = asked.draw(opened, asked.lang, old=old)
        notices(opened)
        monitors(opened)
        told = " ".join((plan_sentence(view.totals), f"Written: {paths[0]}."))
        code = Exit.CHANGES if asked.detailed and made.waves else Exit.DONE
        if not made.waves:
            return Ended(code, told, {"plan": made.code})
        waits, types = _next(opened, made.code)
        cell = said("to_approve" if waits else "to_apply", language(opened, asked.lang), plan=made.code)
        return Ended(code, told, {"plan": made.code}, "planned" if waits else "approved", cell, types)

    return over(folder, one, jobs=jobs, json=json)


def _next(opened: "Shop", code: str) -> tuple[bool, str]:
    """Whether rounds of a plan wait for an approval, and the line to type next: approve those, or apply.

    Where an approval would be refused, what stands in its place.
    """
    from connector.ledger.plans import Plans
    from connector.plan import NO_LINE, apply_line

    plans = Plans(opened.ledger)
    with opened.ledger.begin() as connection:
        row = plans.need(connection, code)
        given = {one.wave for one in plans.approvals(connection, row.id)}
        waiting = [one.wave for one in row.plan.waves if one.wave not in given]
        if waiting:
            return True, opened.line_to_approve(connection, row, waiting) or NO_LINE
    return False, apply_line(file=(opened.file or Path("shop.toml")).absolute())


def approve_folder(
    folder: Path, codes: Sequence[str], word: "Word", *, waves: "Sequence[Wave]", json: bool
) -> Exit:
    """Approves each of these plans in the shop that it is of; the other shops are listed and left alone.

    Raises GallraError, and approves none, where a code is of no shop or of several.
    """
    paths = files(folder)
    named = _owners(paths, codes)

    def one(path: Path) -> Ended:
        code = named.get(path)
        return _unnamed(load(path)) if code is None else _approved(load(path), code, word, waves)

    rows = [(path.name, ended) for path, ended in each(paths, one, jobs=1)]
    return close(rows, language_of(folder), json=json)


def _owners(paths: Sequence[Path], codes: Sequence[str]) -> dict[Path, str]:
    """The shop of each code."""
    known: dict[str, list[Path]] = {code: [] for code in codes}
    for path in paths:
        newest = _newest(path)
        for code in codes:
            if newest and newest == code:
                known[code].append(path)
    if lost := [code for code, found in known.items() if not found]:
        raise GallraError(
            f"No shop of the folder has {', '.join(lost)} as its newest plan. Nothing was approved. "
            "`gallra status` shows each shop's plan."
        )
    if shared := [code for code, found in known.items() if len(found) > 1]:
        raise GallraError(
            f"Several shops have a plan {', '.join(shared)}. Nothing was approved. Approve each by its own "
            "file: --shop FILE."
        )
    return {found[0]: code for code, found in known.items()}


def _newest(path: Path) -> str:
    """The code of a shop's newest plan; empty where there is none, or the shop cannot be read."""
    from connector.ledger.plans import Plans

    try:
        opened = load(path)
        if not opened.has_ledger:
            return ""
        with opened.ledger.begin() as connection:
            found = Plans(opened.ledger).current(connection)
    except GallraError:
        return ""
    return found.plan.code if found else ""


def _approved(opened: "Shop", code: str, word: "Word", waves: "Sequence[Wave]") -> Ended:
    from connector.stages.flow import approve
    from connector.views.lint.refusing import must_be_sound

    taken: list[Any] = list(approve(opened, must_be_sound(opened), code, word, waves=waves))
    say_what_stops_it(opened, code, taken)
    line = f"Approved: {', '.join(taken)} of plan {code}, by {word.by} ({word.role})."
    cell = said("to_apply", opened.settings.shop.language, plan=code)
    return Ended(Exit.DONE, line, {"plan": code, "approved": taken}, "approved", cell, _next(opened, code)[1])


def _unnamed(opened: "Shop") -> Ended:
    """A shop whose plan nobody named: what of it awaits."""
    from connector.views.status import status_of

    status = status_of(opened)
    waits = f"{status.awaiting_approval} steps of plan {status.plan} await approval."
    line = waits if status.awaiting_approval and status.plan_state == "open" else "–"
    return Ended(Exit.DONE, line, {}, "not_named")
