"""The write: each record's due fields go to the platform, and its answers are held to what was asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from connector.deciding.honest import held_to
from connector.errors import RemoteError
from connector.ports import Live, Platform, Receipt, Task
from connector.records import Action, Ref, from_bits
from connector.services.said_gone import held_to_a_look
from connector.stages.apply.fetch import fetch_again
from connector.stages.apply.groups import Settled
from connector.stages.apply.means import Means


class Written(NamedTuple):
    """What the platform answered, record by record, and the fault that ended it before all was answered."""

    receipts: Mapping[Ref, Receipt]
    fault: RemoteError | None


def write_to_platform(platform: Platform, tasks: Sequence[Task]) -> Written:
    """Carries out the tasks; what was answered before a fault counts."""
    asked = {task.ref: task for task in tasks}
    receipts: dict[Ref, Receipt] = {}
    try:
        for receipt in platform.apply(tasks) if tasks else ():
            if (task := asked.get(receipt.ref)) is not None:  # what nobody asked for proves nothing
                abilities = platform.capabilities(task.ref.kind)
                receipts[receipt.ref] = held_to(task, receipt, abilities)
    except RemoteError as fault:
        return Written(receipts, fault)
    return Written(receipts, None)


def confirmed(means: Means, platform: Platform, written: Written) -> Written:
    """The same with what its writes called gone held to a look."""
    held = held_to_a_look(written.receipts, lambda refs: fetch_again(means, platform, refs))
    return Written(held, written.fault)


def tasks_of(settled: Iterable[Settled], lives: Mapping[Ref, Live]) -> Iterator[Task]:
    """One task a record of which something is due."""
    for one in settled:
        if not one.due:
            continue
        actions = {s.step.action for s in one.group.steps if s.seq in one.due}
        bits = 0
        for fields in one.due.values():
            bits |= fields
        yield Task(
            live=lives[one.group.ref],
            action=Action.DELETE if Action.DELETE in actions else next(iter(actions)),
            fields=frozenset(from_bits(bits)),
            token=next((s.token for s in one.group.steps if s.token), ""),
            channels=one.channels,
        )
