"""Writing gift cards: their texts alone, and only where the money on them stays as it was."""

from collections.abc import Iterator, Sequence

from adapters.shopify import gift_cards
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import changes
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.writes import Answer, Writes, is_gone, refusal
from connector.errors import MoneyMoved
from connector.ports import Receipt, Task
from connector.records import Outcome

SCOPE = "write_gift_cards"
PLACE = "gift_card"


class GiftCardWriter:
    """Clears notes, greetings and names; a card without the permission is left for a hand."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved after the receipts of what was written."""
        if not self._writes.may(SCOPE):
            for task in tasks:
                yield _by_hand(task, Reason.LACKS_SCOPE.of(SCOPE))
            return
        changed = [
            changes(gift_cards.holdings(task.live.raw), task.fields, kind="gift_card") for task in tasks
        ]
        inputs = [gift_cards.card_input(task.live.raw, one) for task, one in zip(tasks, changed, strict=True)]
        answers = iter(self._writes.run("gift_card_update", [one for one in inputs if one is not None]))
        moved = ""
        for task, given in zip(tasks, inputs, strict=True):
            answer = next(answers) if given is not None else {}
            yield _judge(task, answer, written=given is not None)
            if answer and answer.get("giftCard") and gift_cards.money(answer["giftCard"]) != task.live.money:
                moved = moved or task.ref.id
        if moved:
            raise _money_error(moved)


def _judge(task: Task, answer: Answer | None, *, written: bool) -> Receipt:
    """The receipt: what the answer still holds is not done."""
    if answer is not None and is_gone(answer):
        return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
    reason = refusal(answer) if answer != {} else ""
    after = (answer or {}).get("giftCard") or task.live.raw
    left = frozenset(one.field for one in gift_cards.holdings(after)) & task.fields
    done = task.fields - left
    if not left and not reason:
        return Receipt(ref=task.ref, outcome=Outcome.DONE if written else Outcome.ALREADY_GONE, done=done)
    reason = reason or kept(left)
    if not done:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
    return Receipt(
        ref=task.ref, outcome=Outcome.DONE, done=done, by_hand=left, reason=reason, places=(PLACE,)
    )


def _by_hand(task: Task, reason: str) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.BY_HAND, by_hand=task.fields, reason=reason, places=(PLACE,))


def _money_error(number: str) -> MoneyMoved:
    return MoneyMoved(
        f"{ADAPTER}: gift card {number} shows another balance or date after a write. Nothing more is "
        "written: compare the card with the books, then report it.",
        adapter=ADAPTER, operation="update gift cards", status=200, code="money_moved",
    )  # fmt: skip
