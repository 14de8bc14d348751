"""The verify stage: every record touched is read again, and every recipient that can be asked is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from connector.deciding.reading_back import Reader, VerifyResult
from connector.errors import RemoteError
from connector.ledger.outbox import Outbox
from connector.ledger.unsettled import begun_of_shop
from connector.ports import Platform, Processor, Seen
from connector.services.beside import Beside


def summed(results: Sequence[VerifyResult]) -> VerifyResult:
    """What several plans' read-backs come to together."""
    return VerifyResult(
        clean=sum(r.clean for r in results),
        left=sum(r.left for r in results),
        left_labels=tuple(label for r in results for label in r.left_labels),
        silent=tuple(sorted({name for r in results for name in r.silent})),
        unread=sum(r.unread for r in results),
        unread_labels=tuple(label for r in results for label in r.unread_labels),
        # Counted over all plans, the last the newest.
        still_there=results[-1].still_there if results else (),
        begun=results[-1].begun if results else (),
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who is asked what is left: the platforms, and the recipients that can be."""

    platforms: Mapping[str, Platform]
    processors: Mapping[str, Processor] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)


def read_back_and_ask(
    outbox: Outbox,
    asked: Asked,
    plan_id: int,
    *,
    again: bool = False,
    progress: Callable[[int], None] | None = None,
) -> VerifyResult:
    """Reads back what the plan did, `again` also what was read before, and asks the recipients.

    Writes down what was seen, and takes back what recipients would be told of where data is left.
    """
    ledger = outbox.ledger
    reader = Reader(ledger, asked.platforms, plan_id, beside=asked.beside)
    reader.read_all(again=again, progress=progress)
    with ledger.begin() as connection:
        outbox.take_back(connection, plan_id, reader.left_fields, reader.left_lives)
    silent = _ask_recipients(outbox, asked.processors)
    with ledger.begin() as connection:
        ledger.event(
            connection,
            "verified",
            plan=plan_id,
            clean=reader.clean,
            left=len(reader.left),
            unread=len(reader.unread),
        )
        still_there = tuple(outbox.answers.still_there(connection).items()) if asked.processors else ()
        begun = begun_of_shop(connection, ledger.shop)
    return replace(reader.result(), silent=silent, still_there=still_there, begun=begun)


def _ask_recipients(outbox: Outbox, processors: Mapping[str, Processor]) -> tuple[str, ...]:
    """Asks every recipient; those that did not answer, or not in full."""
    ledger, silent = outbox.ledger, list[str]()
    for name, processor in processors.items():
        try:
            if not _ask_recipient(outbox, name, processor):
                silent.append(name)
        except RemoteError as fault:
            silent.append(name)
            with ledger.begin() as connection:
                ledger.event(connection, "verify_failed", recipient=name, error=type(fault).__name__)
    return tuple(silent)


def _ask_recipient(outbox: Outbox, name: str, processor: Processor) -> bool:
    """Asks a recipient about what it was told to do, some at a time; whether all of it could be read."""
    whole = True
    for deliveries in outbox.to_verify(name):
        outbox.ledger.must_be_current()
        findings = list(processor.verify(deliveries))
        whole = whole and all(finding.seen is not Seen.UNREAD for finding in findings)
        with outbox.ledger.begin() as connection:
            outbox.answers.found(connection, findings)
    return whole
