"""The stages as commands: check, pull, plan, show, approve, apply, push, verify, report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    ById,
    Language,
    Progress,
    ShopFile,
    ShopOption,
    as_json,
    chooser,
    colour,
    language,
    load,
    notices,
    one_of,
    out,
    out_json,
    out_styled,
    say,
    width,
)
from connector.errors import Exit
from connector.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connector.deciding.reading_back import VerifyResult
    from connector.ports import Access
    from connector.report.dry_run.model import DryRun
    from connector.report.protocol.model import Protocol, ReadBack
    from connector.shop import Shop
    from connector.stages.abandon import Abandoned


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    for command in (check, pull, plan, show, approve, apply, push, verify, report):
        app.command()(command)


def check(
    shop: ShopFile = DEFAULT,
    resolved: Annotated[bool, typer.Option("--resolved", help="Each setting and its file.")] = False,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Connect, and say what the keys may do and what is missing; writes nothing."""
    opened = load(shop)
    if resolved:
        from connector.settings import resolved as lines

        for key, value, origin in lines(opened.settings):
            out(f"{key} = {value}    # {origin}")
        return
    from connector.settings import cautions

    for line in cautions(opened.settings):
        say(f"Warning: {line}")
    accesses = opened.check()
    keyed = {*opened.platforms, *opened.settings.recipients_by_api()}
    well = all(a.reachable and a.can_read for name, a in accesses.items() if name in keyed)
    well = well and not any(one.severity == "error" for a in accesses.values() for one in a.problems)
    code = Exit.DONE if well else Exit.ERROR
    if json:
        as_json({"services": accesses}, exit_code=code)
        if not well:
            say("Error: not all that is needed can be done; its problems say why. Mend them, check again.")
    else:
        _show_access(opened, accesses, language(opened, lang))
    raise typer.Exit(int(code))


def _show_access(opened: "Shop", accesses: "dict[str, Access]", chosen: str) -> None:
    from connector.report.words import Words

    words = Words(chosen)
    for name, access in accesses.items():
        rights = "read/write" if access.can_write else "read only" if access.can_write is False else "read"
        if name in opened.platforms or name in opened.settings.recipients_by_api():
            state = "ok" if access.reachable and access.can_read else "NOT OK"
            out(f"{name}: {state}, {rights} {access.version} {access.timezone}".rstrip())
        else:
            out(f"{name}: by letter")
        for problem in access.problems:
            out(f"  {problem.severity}: {problem.sv if chosen == 'sv' else problem.en}")
        for one in access.listeners:
            out(
                f"  listens: {one.name} [{one.id}]: {words.code('hears', one.hears)}"
                f"{'' if one.active else ' (paused)'}"
            )
    for key, remedy in opened.settings.unanswered():
        out(f"fill in: {key} ({remedy})")


def pull(
    shop: ShopFile = DEFAULT,
    full: Annotated[bool, typer.Option("--full", help="Walk all records again.")] = False,
    json: AsJson = False,
) -> None:
    """Read what is new or changed into the index, which holds no direct identifiers."""
    from connector.stages.flow import locked, pull_shop, settle_first, settle_records

    opened = load(shop)
    progress = Progress(quiet=json)
    with locked(opened):
        settle_first(opened)
        opened.check()
        results = pull_shop(opened, full=full, tell=progress)
        settle_records(opened)
    progress.end()
    notices(opened)
    code = Exit.DONE if all(one.complete for one in results) else Exit.PARTIAL
    if json:
        as_json({"pulled": results}, exit_code=code)
        raise typer.Exit(int(code))
    for one in results:
        gone = f", {one.gone} gone" if one.gone else ""
        unread = f", {one.unread} could not be read (`gallra unread list`)" if one.unread else ""
        again = f", {one.asked_again} asked for by id again" if one.asked_again else ""
        out(f"{one.adapter} {one.kind}: {one.read} read, {one.changed} new or changed{gone}{again}{unread}")
    for one in results:
        if not one.complete:
            say(f"Warning: {one.adapter} {one.kind}: {one.told()}")
    raise typer.Exit(int(code))


def plan(
    shop: ShopFile = DEFAULT,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give up a plan that has begun.")] = False,
    old_pull: Annotated[
        bool, typer.Option("--old-pull", help="Plan though the last pull is more than a day old.")
    ] = False,
    json: AsJson = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 where something is due.")
    ] = False,
    lang: Language = None,
) -> None:
    """Decide what is due and show it as a dry run; nothing is changed anywhere."""
    from connector.stages.flow import abandon_shop, locked, plan_shop, settle_first, settle_records
    from connector.views.lint.refusing import must_be_sound

    opened, worst = load(shop), Exit.DONE
    with locked(opened):
        if abandon:
            given_up = abandon_shop(opened)
            for path in write_missing_protocols(opened, lang):
                say(f"Written: {path}")
            say(
                f"Abandoned: {given_up.code}. Of what had begun, {given_up.done} steps were done and stay "
                f"done, {given_up.wiped} were not."
            )
            worst = _read_after(given_up)
        settle_first(opened)
        settle_records(opened)
        made = plan_shop(opened, must_be_sound(opened), old=_asked_old(old_pull))
        view, paths = write_dry_run(opened, lang)
    notices(opened)
    code = worst or (Exit.CHANGES if detailed_exitcode and made.waves else Exit.DONE)
    _show_report(opened, view, json=json, lang=lang, paths=paths, code=code)
    raise typer.Exit(int(code))


def _read_after(given_up: "Abandoned") -> Exit:
    """Says what the read-back of a plan that was given up found left, or could not read."""
    from connector.ledger.naming import said_of

    for label in given_up.left[:20]:
        say(f"Warning: {said_of(label)} still holds something that was erased. Look at it in the shop.")
    if given_up.unread:
        named = ", ".join(map(said_of, given_up.unread[:20]))
        say(f"Warning: {named} could not be read back. Run `gallra verify` later.")
    return Exit.DATA_LEFT if given_up.left else Exit.PARTIAL if given_up.unread else Exit.DONE


def _asked_old(given: bool) -> "Callable[[datetime], bool]":
    """Whether to plan on an old pull: as the option says, or as a person at a terminal does."""
    from connector.services.timekeeping import refuse_old

    if given:
        return lambda _last: True
    if not sys.stdin.isatty():
        return refuse_old
    return lambda last: typer.confirm(
        f"The last pull ended on {last:%Y-%m-%d %H:%M}. Plan all the same?", err=True
    )


def show(
    shop: ShopFile = DEFAULT,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Show the newest plan again; offline."""
    opened = load(shop)
    from connector.views.dry_run import dry_run

    _show_report(opened, dry_run(opened), json=json, lang=lang)


def write_dry_run(
    opened: "Shop", lang: str | None, accesses: "Mapping[str, Access] | None" = None
) -> "tuple[DryRun, list[Path]]":
    """Writes the dry run as HTML, JSON and CSV; returns it and the paths."""
    from connector.machine.files import write_lines, write_text
    from connector.report import drawn as reports
    from connector.views.calls import sample_notes
    from connector.views.dry_run import annex, dry_run

    sample_notes(opened)
    view = dry_run(opened, accesses or {name: p.check() for name, p in opened.platforms.items()})
    folder, chosen = opened.settings.reports.folder, language(opened, lang)
    stem = f"dry-run-{view.made_at:%Y-%m-%d}-{view.code}"
    paths = [folder / f"{stem}.html", folder / f"{stem}.json", folder / f"{stem}.csv"]
    write_text(paths[0], reports.html(view, chosen))
    write_text(paths[1], reports.json(view))
    write_lines(paths[2], reports.csv(annex(opened)))
    return view, paths


def _show_report(
    opened: "Shop",
    view: "DryRun | Protocol",
    *,
    json: bool,
    lang: str | None,
    paths: "list[Path] | None" = None,
    code: Exit = Exit.DONE,
) -> None:
    from connector.report import drawn as reports

    if json:
        out_json(reports.json(view, exit_code=code))
        return
    for path in paths or ():
        say(f"Written: {path}")
    out_styled(
        reports.terminal(view, language=language(opened, lang), width=width(), colour=colour()).rstrip("\n")
    )


def approve(
    code: Annotated[str, typer.Argument(help="The report's short code.")],
    by: Annotated[str, typer.Option("--by", help="Who approves.")],
    role: Annotated[str, typer.Option("--role", help="In what role.")],
    shop: ShopOption = DEFAULT,
    on_behalf: Annotated[str, typer.Option("--on-behalf", help="For whom.")] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="What the approval rests on.")] = "",
    wave: Annotated[list[str] | None, typer.Option("--wave", help="Only this wave; may be repeated.")] = None,
    first_run: Annotated[
        bool, typer.Option("--first-run", help="A first run may exceed the limits.")
    ] = False,
) -> None:
    """Approve a plan, or some waves of it, by the code of its report."""
    from connector.cli.free_text import said, said_if_any
    from connector.records import Wave
    from connector.stages.flow import Word
    from connector.stages.flow import approve as record
    from connector.views.lint.refusing import must_be_sound

    by, role = said(by, "--by"), said(role, "--role")
    on_behalf, evidence = said_if_any(on_behalf, "--on-behalf"), said_if_any(evidence, "--evidence")
    opened = load(shop)
    sound, waves = must_be_sound(opened), [one_of(Wave, w) for w in wave or ()]
    word = Word(by=by, role=role, on_behalf=on_behalf, evidence=evidence, first_run=first_run)
    approved = record(opened, sound, code, word, waves=waves)
    out(f"Approved: {', '.join(approved)} of plan {code}, by {by} ({role}).")
    _say_what_is_left_out(opened, code)


def _say_what_is_left_out(opened: "Shop", code: str) -> None:
    """An approval names what the plan leaves out because it was not all read."""
    from connector.ledger.plans import Plans
    from connector.records import Kind
    from connector.report import basis
    from connector.report.words import Words
    from connector.views.dry_run import basis_views

    with opened.ledger.begin() as connection:
        plan = Plans(opened.ledger).need(connection, code).plan
    if plan.withheld or not all(one.complete for one in plan.rests_on):
        withheld = {Kind(kind): count for kind, count in plan.withheld.items()}
        for line in basis.closing(basis_views(plan.rests_on), withheld, Words("en")):
            say(f"Note: {line}")


def apply(
    shop: ShopFile = DEFAULT,
    only: Annotated[str | None, typer.Option("--only", help="One order, to test what listens to it.")] = None,
    by_id: ById = False,
    json: AsJson = False,
) -> None:
    """Erase what was approved, each record fetched and decided anew right before."""
    from connector.cli.ended import begun_line, refused_sentence
    from connector.ledger.naming import meant
    from connector.ports import DEVIATES
    from connector.records import Kind
    from connector.stages.flow import apply_plan, locked, tightened
    from connector.views.lint.refusing import must_be_sound

    opened = load(shop)
    progress = Progress(quiet=json)

    def one(opened: "Shop") -> int:
        return meant(opened.ledger, Kind.ORDER, only or "", by_id=by_id, choose=chooser()).id

    with locked(opened):
        done = apply_plan(opened, must_be_sound(opened), only=one if only else None, tell=progress)
        progress.end()
        outcomes, begun = _outcomes(opened), _begun(opened)
        deviated = _deviated(opened)
        waiting = tightened(opened, done.plan)
    notices(opened)
    if waiting:
        say(
            f"Warning: this run's check could not read {', '.join(waiting)}, which the plan could: what they "
            "bind was left alone. See `gallra check`; it is due in the next plan."
        )
    refused = sum(count for name, count in outcomes.items() if name.startswith(Outcome.REFUSED))
    other = sum(count for name, count in outcomes.items() if f"({DEVIATES}" in name)
    code = Exit.PARTIAL if deviated or begun or not done.whole else Exit.DONE
    if done.lapsed is not None:
        code = done.lapsed.exit
        say(f"Error: {done.lapsed}")
    for warning in done.warnings:
        say(f"Warning: {warning}")
    if refused:
        say(
            f"Warning: the shop refused {refused} steps, wholly or in part; the protocol says why. "
            "What was refused is due in the next plan."
        )
    if begun:
        say(f"Warning: {begun_line(begun)}")
    if other:
        say(
            f"Warning: {other} steps met a record with another status, total or person than the one fetched. "
            "The protocol names them: look at each in the shop."
        )
    if deviated and not (refused or other):
        say(
            "Warning: the shop took erasures on and refused a part beside them; the protocol names the "
            "records: look at each in the shop."
        )
    if json:
        as_json({"plan": done.plan.code, "touched": done.touched, "steps": outcomes}, exit_code=code)
        raise typer.Exit(int(code))
    for outcome, count in outcomes.items():
        out(f"  {outcome}: {count}")
    idle = not (done.touched or done.lapsed or done.stopped or begun or refused)
    rest = " Nothing was left to do." if idle else refused_sentence(outcomes)
    out(f"Applied: plan {done.plan.code}, {done.touched} records touched.{rest}")
    raise typer.Exit(int(code))


def _deviated(opened: "Shop") -> int:
    from connector.ledger.plans import Plans
    from connector.ledger.plans.counts import deviated

    with opened.ledger.begin() as connection:
        return deviated(connection, Plans(opened.ledger).need(connection).id)


def _begun(opened: "Shop") -> tuple[str, ...]:
    from connector.ledger.unsettled import begun_of_shop

    with opened.ledger.begin() as connection:
        return begun_of_shop(connection, opened.ledger.shop)


def _outcomes(opened: "Shop") -> dict[str, int]:
    from connector.ledger.plans import Plans
    from connector.ledger.plans.counts import outcomes

    counts: dict[str, int] = {}
    with opened.ledger.begin() as connection:
        for one in outcomes(connection, Plans(opened.ledger).need(connection).id):
            name = one.outcome + (f" ({one.reason})" if one.reason else "") if one.outcome else one.state
            counts[name] = counts.get(name, 0) + one.steps
    return dict(sorted(counts.items()))


def push(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """Carry on to the recipients what the shop is done with."""
    from connector.deciding.rounds import told as nothing_found
    from connector.stages.flow import locked, push_shop
    from connector.views.untold import untold

    opened = load(shop)
    progress = Progress(quiet=json)
    with locked(opened):
        result = push_shop(opened, tell=progress)
        progress.end()
        with opened.ledger.begin() as connection:
            counts = opened.outbox.counts(connection)
    lost = untold(opened, result.lost)
    code = Exit.DONE if result.whole else Exit.PARTIAL
    for name, fault in result.failed:
        say(f"Warning: {name}: {fault}")
    for name, count in result.put_off:
        say(
            f"Warning: {name} asks for patience, or letters to it could not leave: {count} deliveries wait. "
            "`gallra status` says why; run `gallra push` again later."
        )
    for name, count in result.none_found:
        say(f"Warning: {nothing_found(name, count)}")
    told = {name for name, _ in (*result.failed, *result.put_off, *result.none_found)}
    for name, count in result.waiting:
        if name not in told:
            say(
                f"Warning: {count} deliveries to {name} wait since an earlier push. `gallra status` says "
                "why; run `gallra push` again later."
            )
    for name, count in result.held:
        say(
            f"Warning: {count} deliveries to {name} wait for records that have begun and are not settled. "
            "Run `gallra apply` again, then `gallra push`."
        )
    for one in lost:
        say(f"Warning: {one.line()}")
    if json:
        failed, put_off = [name for name, _ in result.failed], dict(result.put_off)
        found = {"answered": result.answered, "failed": failed, "put_off": put_off}
        found["none_found"] = dict(result.none_found)
        found |= {"waiting": dict(result.waiting), "held": dict(result.held), "untold": lost}
        as_json(found, exit_code=code)
    else:
        for recipient, act, state, outcome, reason, _, count in counts:
            out(f"  {recipient}: {act} {outcome or state}{f' ({reason})' if reason else ''}: {count}")
        out(f"Pushed: {result.answered} answered, {len(result.failed)} recipients failed.")
    raise typer.Exit(int(code))


def verify(
    shop: ShopFile = DEFAULT,
    again: Annotated[bool, typer.Option("--again", help="Also what was read back before.")] = False,
    json: AsJson = False,
) -> None:
    """Read back everything that was touched, and ask every recipient that can be asked."""
    from connector.cli.ended import begun_line
    from connector.ledger.naming import said_of
    from connector.ledger.plans import RAN, Plans
    from connector.report.drawn import told_lines, verified_sentence
    from connector.stages.flow import locked, look_at_pending, verify_shop
    from connector.views.protocol import read_back

    opened = load(shop)
    progress = Progress(quiet=json)
    with locked(opened):
        pending = look_at_pending(opened)
        result = verify_shop(opened, again=again, tell=progress)
        progress.end()
        with opened.ledger.begin() as connection:
            newest = Plans(opened.ledger).need(connection, states=RAN).id
            seen = _with_earlier(read_back(opened, connection, newest), result)
    notices(opened)
    unread = max(seen.unread, result.unread)
    again_there = result.silent or unread or result.still_there or result.begun
    code = Exit.DATA_LEFT if seen.left else Exit.PARTIAL if again_there else Exit.DONE
    if pending.overdue:
        say(f"Warning: {pending.overdue} accepted requests are past their date. See `gallra status`.")
    if pending.refused:
        say(f"Warning: {pending.refused} requests could not be taken back. See `gallra status`, at once.")
    for name in result.silent:
        say(f"Warning: {name} did not answer and was not read back. Run `gallra verify` again later.")
    for name, count in result.still_there:
        say(
            f"Warning: {count} copies are still at {name}, which had called them gone. Run `gallra push`, "
            "then `gallra verify` again; where they stay, ask the recipient."
        )
    if unread:
        named = ", ".join(map(said_of, (result.unread_labels or seen.unread_labels)[:20]))
        say(
            f"Warning: {unread} records could not be read back ({named}), so they are not called clean. "
            "See `gallra check`, then run `gallra verify` again."
        )
    if result.begun:
        say(f"Warning: {begun_line(result.begun)}")
    for label in seen.left_labels[:20]:
        say(f"Warning: {said_of(label)} still holds something that was erased. Look at it in the shop.")
    if json:
        as_json({"read_back": seen}, exit_code=code)
    else:
        for line in told_lines(seen):
            out(line)
        out(verified_sentence(seen))
    raise typer.Exit(int(code))


def _with_earlier(newest: "ReadBack", result: "VerifyResult") -> "ReadBack":
    """What stands of the newest run, and what this read-back found left of earlier ones."""
    from msgspec.structs import replace

    labels = tuple(sorted({*newest.left_labels, *result.left_labels}))
    return replace(newest, left=max(newest.left, len(labels)), left_labels=labels)


def write_protocol(
    opened: "Shop", lang: str | None, code: str | None = None
) -> "tuple[Protocol, list[Path]]":
    """Writes the protocol of the newest run, or of the one named; returns it and its HTML and JSON."""
    from connector.machine.files import write_text
    from connector.report import drawn as reports
    from connector.views.protocol import protocol

    view = protocol(opened, code=code)
    folder, stem = opened.settings.reports.folder, f"protocol-{view.number}"
    paths = [folder / f"{stem}.html", folder / f"{stem}.json"]
    write_text(paths[0], reports.html(view, language(opened, lang)))
    write_text(paths[1], reports.json(view))
    return view, paths


def write_missing_protocols(opened: "Shop", lang: str | None) -> "list[Path]":
    """Writes each protocol that a run still lacks, oldest first; the caller holds the shop's lock."""
    from connector.views.protocol import unwritten_codes

    return [path for code in unwritten_codes(opened) for path in write_protocol(opened, lang, code)[1]]


def report(
    shop: ShopFile = DEFAULT,
    run: Annotated[str | None, typer.Option("--run", help="One run, by its plan's code.")] = None,
    json: AsJson = False,
    lang: Language = None,
) -> None:
    """Write every protocol that is missing, and show the newest run's, or the one named."""
    from connector.stages.flow import locked

    opened = load(shop)
    with locked(opened):
        paths = [] if run else write_missing_protocols(opened, lang)
        view, own = write_protocol(opened, lang, run)
    paths += [path for path in own if path not in paths]
    _show_report(opened, view, json=json, lang=lang, paths=paths)
