"""After a write whose answer leaves something open: the record itself is read before anything else."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from adapters.shopify.faults import ADAPTER
from adapters.shopify.ids import gid
from adapters.shopify.reasons import Reason
from adapters.shopify.standing import Standing
from adapters.shopify.writes import Answer, Writes, doubtful, is_gone, refusal
from connector.errors import RetryLater
from connector.ports import Gone, Live, Look, Receipt, Task
from connector.records import Outcome, Ref

Looks = Callable[[Sequence[Ref]], Mapping[Ref, Look]]
"""Reads records by id, one look each: there, gone by Shopify's own word, or unread."""


class Writing(NamedTuple):
    """What every writer needs: the look before a write, the write, and the look after it."""

    standing: Standing
    writes: Writes
    looks: Looks


def unsettled(tasks: Iterable[Task]) -> RetryLater | None:
    """What stops the run where these records could not be read after a write; None where there are none.

    They get no receipt: their steps stay begun, and the next run settles them.
    """
    count = len(list(tasks))
    if not count:
        return None
    return RetryLater(
        f"{ADAPTER}: {count} records were written and could not be read afterwards, so nothing more is "
        "written. Run again: they are settled first.",
        adapter=ADAPTER, operation="read after a write", status=200, code="unread_after_write",
    )  # fmt: skip


def deletions(pairs: Sequence[tuple[Task, Answer | None]], looks: Looks, *, name: str) -> Iterator[Receipt]:
    """The receipts of records that were to go whole; `name` is where an answer names what it deleted.

    Raises RetryLater, after the receipts, where a doubtful one could not be read.
    """
    open_ = [(task, answer) for task, answer in pairs if _in_doubt(task, answer, name)]
    now = looks([task.ref for task, _ in open_]) if open_ else {}
    doubts = {task.ref for task, _ in open_}
    unread: list[Task] = []
    for task, answer in pairs:
        if task.ref not in doubts:
            yield _plain(task, answer)
        elif (receipt := _looked_at(task, answer, now.get(task.ref))) is not None:
            yield receipt
        else:
            unread.append(task)
    stop = unsettled(unread)
    if stop:
        raise stop


def _in_doubt(task: Task, answer: Answer | None, name: str) -> bool:
    if doubtful(answer):
        return True
    assert answer is not None
    return not refusal(answer) and answer.get(name) != gid(task.ref.kind, task.ref.id)


def _plain(task: Task, answer: Answer | None) -> Receipt:
    reason = refusal(answer)
    if reason:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
    return Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)


def _looked_at(task: Task, answer: Answer | None, look: Look | None) -> Receipt | None:
    if isinstance(look, Gone):
        gone = Outcome.ALREADY_GONE if answer is not None and is_gone(answer) else Outcome.DONE
        return Receipt(ref=task.ref, outcome=gone, done=task.fields)
    if isinstance(look, Live):
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason_of(answer))
    return None


def reason_of(answer: Answer | None) -> str:
    """Why a record that is still there was not written."""
    if answer is not None and is_gone(answer):
        return Reason.NOT_FOUND
    return refusal(answer) or Reason.ANSWER_OF_ANOTHER
