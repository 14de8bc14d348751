"""The pull stage: what is new or changed at each platform goes into the index, page by page.

Absence is never evidence. A walk over all records is complete only against the service's own count;
what it did not meet is asked for by id, and only the service's own word about that id makes it gone.
"""

from collections.abc import Sequence

from connector.ledger import Ledger
from connector.records import Kind
from connector.stages.pull.beginning import afresh, start_of
from connector.stages.pull.counting import DROPPED, PASSES, Counts
from connector.stages.pull.intake import Intake, Progress
from connector.stages.pull.pulled import FEWER, Pulled
from connector.stages.pull.reading import Reading


def pull(
    ledger: Ledger,
    reading: Reading,
    *,
    full: bool = False,
    kinds: Sequence[Kind] = tuple(Kind),
    progress: Progress | None = None,
) -> tuple[Pulled, ...]:
    """Reads what changed since the last pull, or everything on the first; resumes where it was stopped.

    A page and its cursor are stored together.
    """
    results: list[Pulled] = []
    for source in reading.sources(kinds):
        intake, found = Intake(ledger, source, key=reading.key, progress=progress), None
        if source.platform.name not in reading.beside.faults:
            with reading.beside.without(source.platform.name):
                found = pull_kind(intake, vouched=reading.declared.get(source.kind), full=full)
        results.append(found or intake.not_answered())
    with ledger.begin() as connection:
        ledger.event(
            connection,
            "pulled",
            read={f"{r.adapter}.{r.kind}": [r.read, r.changed, r.gone] for r in results},
            missing={f"{r.adapter}.{r.kind}": r.missing for r in results if not r.complete},
        )
    return tuple(results)


def pull_kind(intake: Intake, *, vouched: int | None, full: bool) -> Pulled:
    """What changed; or all records, walked until as many were met as the service counts.

    `vouched` is for how many records a person vouches that no list shows; None where nobody said anything.
    """
    now = intake.ledger.clock()
    start = start_of(
        intake.where_it_stood(), intake.source.kind, full=full, now=now, vouched=vouched is not None
    )
    doubted, unread = intake.left_open()
    counts = Counts(intake, vouched or 0)
    last = intake.walk_and_store(start)
    intake.fetch_doubted(doubted, start.walk)
    missing, why = counts.walked(start, last) if start.full else counts.changed(start, last)
    if why == FEWER and not start.full:
        start = afresh(start, intake.ledger.clock())
        missing, why = counts.walked(start, intake.walk_and_store(start))
    if not start.full:
        intake.fetch_unread(unread, start.walk, believed=not missing and not why)
    hidden = _hidden(intake, start.hidden)
    return intake.end(start, missing, why or hidden)


def _hidden(intake: Intake, before: str) -> str:
    """The reason where fields that nearly all records held are empty in all that was brought."""
    hidden = ""
    if intake.shown.candidates(before):
        with intake.ledger.begin() as connection:
            known = intake.presence.by_fields(connection, *intake.source.place)
        hidden = intake.shown.hidden(known, before)
    if hidden != before:
        intake.note_at_cursor(hidden=hidden)
    return hidden


__all__ = ["DROPPED", "FEWER", "PASSES", "Pulled", "Reading", "pull"]
