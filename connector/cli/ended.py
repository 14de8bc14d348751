"""How an unattended run ended: one rule for its exit code, and the sentences of its line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connector.deciding.rounds import told as nothing_found
from connector.errors import Exit
from connector.ledger.naming import said_of
from connector.records import Outcome
from connector.report.tables import lower_first, reason_name
from connector.report.words import Words

if TYPE_CHECKING:
    from connector.deciding.reading_back import VerifyResult
    from connector.stages.accepted_requests import PendingResult
    from connector.stages.push import PushResult
    from connector.stages.run import RunResult

BEGUN_NAMED = 20


def ended(result: "RunResult") -> tuple[Exit, str]:
    """The exit code and everything that needs a hand; the gravest comes first and gives the code.

    Data left is 6, what can be taken up again is 3, rounds that wait for an approval are 4; all done is 0.
    """
    needs = list(_needs(result))
    return (needs[0][0] if needs else Exit.DONE), " ".join(told for _, told in needs)


def done(result: "RunResult") -> str:
    """What was applied and what was read back; says so where nothing was due."""
    pending = " ".join(filter(None, (of_pending(result.pending), of_restricted(result.pushed))))
    seen = _seen(result.verified) if result.verified else ""
    if not result.applied:
        return " ".join(filter(None, ("Applied: nothing.", seen, pending)))
    touched = sum(one.touched for one in result.applied)
    codes = ", ".join(dict.fromkeys(one.plan.code for one in result.applied))
    return " ".join(filter(None, (f"Applied: {touched} records of plan {codes}.", seen, pending)))


def _seen(seen: "VerifyResult") -> str:
    read = seen.clean + seen.left
    return f"Verified: {read} read back, {seen.clean} clean, {seen.left} with data left."


Need = tuple[Exit, str]
"""An exit code, and what a person reads of it."""


def _needs(result: "RunResult") -> Iterator[Need]:
    seen, pending = result.verified, result.pending
    if seen is not None:
        yield from _not_clean(seen)
    lapsed = next((one.lapsed for one in result.applied if one.lapsed is not None), None)
    if lapsed is not None:  # what has begun waits for a person's word: running again would not take it up
        yield lapsed.exit, str(lapsed)
    if seen is not None:
        yield from _not_over(seen)
    if result.deviated:
        yield Exit.PARTIAL, f"{result.deviated} records did not go as planned; see the protocol."
    if told := " ".join((*result.stopped, *result.aside)):
        yield Exit.PARTIAL, told
    if result.pushed is not None:
        yield from _not_told(result.pushed)
    if pending is not None and (pending.refused or pending.overdue):
        yield Exit.PARTIAL, "See `gallra status`."
    short = ", ".join(f"{one.adapter} {one.kind}" for one in result.pulled if not one.complete)
    if short:
        yield Exit.PARTIAL, f"Not all was read: {short}; see `gallra status`."
    for why in result.asked:
        yield why.exit, str(why)
    for one in result.due:
        yield Exit.BLOCKED, f"Request {one.code} is to be answered by {one.due} (`gallra request show`)."
    if result.waiting is not None and result.waiting is not lapsed:
        yield result.waiting.exit, str(result.waiting)


def _not_clean(seen: "VerifyResult") -> Iterator[Need]:
    """What still holds data, and what could not be read back."""
    if seen.left:
        yield Exit.DATA_LEFT, f"{seen.left} records still hold data; see the protocol."
    if seen.unread:
        yield Exit.PARTIAL, f"{seen.unread} records could not be read back. Run `gallra verify` later."


def _not_over(seen: "VerifyResult") -> Iterator[Need]:
    """What has begun and is not settled, and recipients that are to be asked again."""
    if seen.begun:
        yield Exit.PARTIAL, begun_line(seen.begun)
    if seen.silent:
        yield Exit.PARTIAL, f"Not read back: {', '.join(seen.silent)}. Run `gallra verify` later."
    if seen.still_there:
        told = ", ".join(f"{count} at {name}" for name, count in seen.still_there)
        yield Exit.PARTIAL, f"Copies that were called gone are still there: {told}. They are pushed again."


def _not_told(pushed: "PushResult") -> Iterator[Need]:
    """Recipients that are still to hear of what was done."""
    for name, count in pushed.none_found:
        yield Exit.PARTIAL, nothing_found(name, count)
    if late(pushed):
        yield Exit.PARTIAL, f"{len(late(pushed))} recipients did not take what was due."
    if pushed.held:
        count = sum(number for _, number in pushed.held)
        yield Exit.PARTIAL, f"{count} deliveries wait for records that have begun. Run `gallra apply` again."
    if pushed.lost:
        count = len(pushed.lost)
        yield Exit.PARTIAL, f"{count} deliveries of lost records are to be made by hand; see `gallra status`."


def begun_line(labels: Sequence[str]) -> str:
    """How many records a stopped run has begun and nobody has settled, and some of them."""
    named = ", ".join(map(said_of, labels[:BEGUN_NAMED])) + (" …" if len(labels) > BEGUN_NAMED else "")
    return (
        f"{len(labels)} records have begun and are not settled ({named}): they may have been written and are "
        "not called clean. Run `gallra apply` again."
    )


def refused_sentence(outcomes: Mapping[str, int]) -> str:
    """How many steps were refused and why, by the counts of `refused (reason)`; empty where none was."""
    words, reasons = Words("en"), dict[str, int]()
    for name, count in outcomes.items():
        if name.startswith(Outcome.REFUSED):
            code = name.removeprefix(Outcome.REFUSED).strip(" ()")
            why = reason_name(code, words).partition(". ")[0] if code else "no reason given"
            reasons[why] = reasons.get(why, 0) + count
    told = "; ".join(f"{lower_first(why)}: {count}" for why, count in reasons.items())
    steps = sum(reasons.values())
    return f" {steps} steps were refused ({told}) and are due in the next plan." if reasons else ""


def late(pushed: "PushResult") -> frozenset[str]:
    """The recipients that did not answer or asked for patience; what they are to be told waits."""
    return frozenset(name for name, _ in (*pushed.failed, *pushed.put_off, *pushed.waiting))


def of_restricted(pushed: "PushResult | None") -> str:
    """What waits until a restriction is lifted; empty where nothing does."""
    count = sum(number for _, number in pushed.restricted) if pushed is not None else 0
    return f"Restricted: {count} deliveries wait." if count else ""


def of_pending(pending: "PendingResult | None") -> str:
    """What became of the erasures that a platform had taken on; empty where nothing has to be said."""
    if pending is None:
        return ""
    told = (
        (pending.done, "were carried out"),
        (pending.withdrawn, "were taken back, for something is to be kept"),
        (pending.overdue, "are past their date"),
        (pending.refused, "should be taken back and could not be"),
    )
    found = [f"{count} {words}" for count, words in told if count]
    return f"Erasures: {', '.join(found)}." if found else ""
