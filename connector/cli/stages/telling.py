"""`gallra push` and `gallra verify`: recipients are told, and everything touched is read again."""

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import (
    DEFAULT,
    AsJson,
    Progress,
    ShopFile,
    as_json,
    load,
    monitors,
    notices,
    out,
    say,
)
from connector.cli.speaking import said, spoken, word
from connector.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.deciding.reading_back import VerifyResult
    from connector.report.protocol.model import ReadBack
    from connector.stages.accepted_requests import PendingResult
    from connector.stages.push import PushResult


def push(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """Carry on to the recipients what the shop is done with."""
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
    for line in (*_not_told(result), *(one.line() for one in lost)):
        say(f"Warning: {line}")
    if json:
        as_json({**_pushed(result), "untold": lost}, exit_code=code)
    else:
        for stand in counts:
            why = f" ({said(stand.reason)})" if stand.reason else ""
            came = word("outcome", stand.outcome) if stand.outcome else said(stand.state)
            out(f"  {stand.recipient}: {word('act', stand.act)} {came}{why}: {stand.number}")
        for name, count in result.restricted:
            out(f"  {name}: {count} deliveries wait, restricted at their person's request.")
        out(f"Pushed: {result.answered} answered, {len(result.failed)} recipients failed.")
    raise typer.Exit(int(code))


def _pushed(result: "PushResult") -> "dict[str, object]":
    """What a push came to, as JSON has it."""
    return {
        "answered": result.answered,
        "failed": [name for name, _ in result.failed],
        "put_off": dict(result.put_off),
        "none_found": dict(result.none_found),
        "waiting": dict(result.waiting),
        "held": dict(result.held),
        "restricted": dict(result.restricted),
    }


def _not_told(result: "PushResult") -> "Iterator[str]":
    """Which recipients were not told, and why; each is named once for what waits."""
    from connector.deciding.rounds import told as nothing_found

    for name, fault in result.failed:
        yield f"{name}: {fault}"
    for name, count in result.put_off:
        yield (
            f"{name} asks for patience, or letters to it could not leave: {count} deliveries wait. "
            "`gallra status` says why; run `gallra push` again later."
        )
    for name, count in result.none_found:
        yield nothing_found(name, count)
    told = {name for name, _ in (*result.failed, *result.put_off, *result.none_found)}
    for name, count in result.waiting:
        if name not in told:
            yield (
                f"{count} deliveries to {name} wait since an earlier push. `gallra status` says "
                "why; run `gallra push` again later."
            )
    for name, count in result.held:
        yield (
            f"{count} deliveries to {name} wait for records that have begun and are not settled. "
            "Run `gallra apply` again, then `gallra push`."
        )


def verify(
    shop: ShopFile = DEFAULT,
    again: Annotated[bool, typer.Option("--again", help="Also what was read back before.")] = False,
    json: AsJson = False,
) -> None:
    """Read back everything that was touched, and ask every recipient that can be asked."""
    from connector.ledger.plans import Plans
    from connector.ledger.plans.unapplied import newest_run
    from connector.report.drawn import told_lines, verified_sentence
    from connector.stages.flow import locked, settle_pending, verify_shop
    from connector.views.protocol import read_back

    opened = load(shop)
    progress = Progress(quiet=json)
    with locked(opened):
        pending = settle_pending(opened)
        result = verify_shop(opened, again=again, tell=progress)
        progress.end()
        with opened.ledger.begin() as connection:
            newest = newest_run(Plans(opened.ledger), connection).id
            seen = _with_earlier(read_back(opened, connection, newest), result)
    notices(opened)
    monitors(opened)
    again_there = result.silent or seen.unread or result.unread or result.still_there or result.begun
    code = Exit.DATA_LEFT if seen.left else Exit.PARTIAL if again_there else Exit.DONE
    for line in (*_of_pending(pending), *_not_clean(result, seen)):
        say(f"Warning: {line}")
    if json:
        as_json({"read_back": seen}, exit_code=code)
    else:
        for line in told_lines(seen, spoken()):
            out(line)
        out(verified_sentence(seen))
    raise typer.Exit(int(code))


def _of_pending(pending: "PendingResult") -> "Iterator[str]":
    if pending.overdue:
        yield f"{pending.overdue} accepted requests are past their date. See `gallra status`."
    if pending.refused:
        yield f"{pending.refused} requests could not be taken back. See `gallra status`, at once."


def _not_clean(result: "VerifyResult", seen: "ReadBack") -> "Iterator[str]":
    """What could not be read back, and what is still there."""
    from connector.cli.ended import begun_line
    from connector.ledger.naming import said_of

    for name in result.silent:
        yield f"{name} did not answer and was not read back. Run `gallra verify` again later."
    for name, count in result.still_there:
        yield (
            f"{count} copies are still at {name}, which had called them gone. Run `gallra push`, "
            "then `gallra verify` again; where they stay, ask the recipient."
        )
    if unread := max(seen.unread, result.unread):
        named = ", ".join(map(said_of, (result.unread_labels or seen.unread_labels)[:20]))
        yield (
            f"{unread} records could not be read back ({named}), so they are not called clean. "
            "See `gallra check`, then run `gallra verify` again."
        )
    if result.begun:
        yield begun_line(result.begun)
    for label in seen.left_labels[:20]:
        yield f"{said_of(label)} still holds something that was erased. Look at it in the shop."


def _with_earlier(newest: "ReadBack", result: "VerifyResult") -> "ReadBack":
    """What stands of the newest run, and what this read-back found left of earlier ones."""
    from msgspec.structs import replace

    labels = tuple(sorted({*newest.left_labels, *result.left_labels}))
    return replace(newest, left=max(newest.left, len(labels)), left_labels=labels)
