"""Writing gift cards: their texts alone, and only where the money on them stays as it was."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.moved import money_moved
from adapters.shopify import gift_cards
from adapters.shopify.aftermath import Writing, unsettled
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import changes
from adapters.shopify.nodes import Node
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.shape_of_others import GiftCard
from adapters.shopify.shapes import fault_of
from adapters.shopify.write_orders import whole_reason
from adapters.shopify.writes import Answer, doubtful, refusal
from connector.errors import MoneyMoved
from connector.ports import Gone, Live, Look, Receipt, Task, went
from connector.records import Outcome, Ref

SCOPE = "write_gift_cards"
PLACE = "gift_card"


class GiftCardWriter:
    """Clears notes, greetings and names; a card without the permission is left for a hand."""

    def __init__(self, writing: Writing) -> None:
        self._standing, self._writes, self._looks = writing

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved or RetryLater after the receipts of what was written."""
        if not self._writes.may(SCOPE):
            for task in tasks:
                yield _by_hand(task, Reason.LACKS_SCOPE.of(SCOPE))
            return
        same, changed = self._standing.settled(tasks)
        yield from changed
        yield from self._write(same)

    def _write(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        changed = [
            changes(gift_cards.holdings(task.live.raw), task.fields, kind="gift_card") for task in tasks
        ]
        inputs = [gift_cards.card_input(task.live.raw, one) for task, one in zip(tasks, changed, strict=True)]
        answers = iter(self._writes.run("gift_card_update", [one for one in inputs if one is not None]))
        given = {task.ref: next(answers) for task, one in zip(tasks, inputs, strict=True) if one is not None}
        open_ = [task.ref for task in tasks if task.ref in given and _in_doubt(task, given[task.ref])]
        now = self._looks(open_) if open_ else {}
        moved, unread = "", []
        for task in tasks:
            after = _after(task, given, now)
            if after is None:
                unread.append(task)
            elif isinstance(after, Gone):
                yield went(task)
            else:
                yield _judge(task, after, given)
                if gift_cards.money(after) != task.live.money:
                    moved = moved or task.ref.id
        if moved:
            raise _money_error(moved)
        stop = unsettled(unread)
        if stop:
            raise stop


def _in_doubt(task: Task, answer: Answer | None) -> bool:
    """Whether an answer is no proof of how the card stands: it failed, is another's, or lacks a part."""
    card = (answer or {}).get("giftCard") or {}
    return doubtful(answer) or card.get("id") != task.live.raw["id"] or bool(fault_of(card, GiftCard))


def _after(task: Task, given: Mapping[Ref, Answer | None], now: Mapping[Ref, Look]) -> Node | Gone | None:
    """The card as it stands after the write; None where that is not known."""
    look = now.get(task.ref)
    if isinstance(look, Live):
        return dict(look.raw)
    if isinstance(look, Gone):
        return look
    if task.ref not in given:
        return dict(task.live.raw)
    answer = given[task.ref]
    return None if _in_doubt(task, answer) else (answer or {}).get("giftCard")


def _judge(task: Task, after: Node, given: Mapping[Ref, Answer | None]) -> Receipt:
    """The receipt: what the card still holds is not done, and is told with its reason."""
    left = frozenset(one.field for one in gift_cards.holdings(after)) & task.fields
    done = task.fields - left
    if not left:
        outcome = Outcome.DONE if task.ref in given else Outcome.ALREADY_GONE
        return Receipt(ref=task.ref, outcome=outcome, done=done)
    reason = refusal(given[task.ref]) if task.ref in given else ""
    outcome = Outcome.DONE if done else Outcome.REFUSED
    refused = {field: reason or kept([field]) for field in sorted(left)}
    return Receipt(
        ref=task.ref, outcome=outcome, done=done, refused=refused, reason=whole_reason(outcome, refused)
    )


def _by_hand(task: Task, reason: str) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.BY_HAND, by_hand=task.fields, reason=reason, places=(PLACE,))


def _money_error(number: str) -> MoneyMoved:
    return money_moved(
        ADAPTER, f"gift card {number}", shows="another balance or date", operation="update gift cards"
    )
