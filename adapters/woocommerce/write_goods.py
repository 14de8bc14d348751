"""Writing reviews and coupons."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.held import new_address
from adapters.http import Answer
from adapters.woocommerce import goods
from adapters.woocommerce.answers import ADAPTER, decoded, with_id
from adapters.woocommerce.client import GONE, Client, says_gone
from adapters.woocommerce.fetch import Seen
from adapters.woocommerce.readable import plain, why_unreadable
from adapters.woocommerce.receipts import Item, stuck
from adapters.woocommerce.standing import few, standing
from adapters.woocommerce.writes import Refetch
from connector.errors import Rejected, RetryLater
from connector.ports import Gone, Receipt, Task, Unread, went
from connector.records import Action, Field, Kind, Outcome


class GoodsWriter:
    """Redacts and deletes reviews; frees coupons of the address they are tied to."""

    def __init__(
        self, client: Client, *, refetch: Refetch, now: Callable[[], datetime], table: Mapping[str, Field]
    ) -> None:
        self._table = table
        self._client = client
        self._refetch = refetch
        self._now = now

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task, one call each: there are few of them. A few are looked at again together."""
        for some in few(tasks):
            same, changed = standing(some, self._refetch)
            yield from changed
            yield from self._each(same)

    def _each(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        for task in tasks:
            try:
                yield self._one(task)
            except Rejected as error:
                if says_gone(error, GONE[task.ref.kind]):
                    yield went(task)
                else:
                    reason = f"rejected:{error.code or error.status}"
                    yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)

    def _one(self, task: Task) -> Receipt:
        if task.ref.kind is Kind.COUPON:
            return self._coupon(task)
        if task.action is Action.DELETE:
            answer = self._client.delete(f"products/reviews/{task.ref.id}", operation="delete review")
            return self._deleted(task, answer)
        return self._review(task)

    def _deleted(self, task: Task, answer: Answer) -> Receipt:
        """Done where the shop says so, in its answer or when asked again."""
        body = _body(answer)
        if not (isinstance(body, dict) and body.get("deleted") is True):
            seen = self._refetch([task.ref.id])[task.ref.id]
            if not isinstance(seen, Gone):
                return self._not_done(task, seen)
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)

    def _not_done(self, task: Task, seen: Seen) -> Receipt:
        """A refusal of what is still there; raises RetryLater where nobody can tell."""
        if isinstance(seen, Unread):
            raise RetryLater(
                "woocommerce: the shop did not say what came of a write. Run again: the record is read "
                "before more is written.", adapter=ADAPTER, operation="read back a write", code="left_out",
            )  # fmt: skip
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="left_out")

    def _review(self, task: Task) -> Receipt:
        hidden = task.fields & {Field.IP_ADDRESS, Field.USER_AGENT}
        body = goods.review_update(task.live.raw, task.fields)
        if body:
            answer = self._client.write("PUT", f"products/reviews/{task.ref.id}", body,
                                        operation="update review", idempotent=True)  # fmt: skip
            now = self._written(task, answer)
            if isinstance(now, Receipt):
                return now
            left = goods.review_left(now, task.fields, goods.review_names(task.live.raw))
            if left:
                return _not_taken(task, left)
        done = task.fields - hidden
        outcome = Outcome.DONE if body else Outcome.BY_HAND if hidden else Outcome.ALREADY_GONE
        places = ("wordpress_comments",) if hidden else ()
        return Receipt(ref=task.ref, outcome=outcome, done=done, by_hand=hidden, places=places)

    def _coupon(self, task: Task) -> Receipt:
        """Never a coupon that is money (schedule H6), and never deleted: its code is in the books."""
        if goods.has_balance(task.live.raw):
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="coupon_balance")
        body = goods.coupon_update(
            task.live.raw, task.fields, self._now(), new_address("coupon"), table=self._table
        )
        if body is None:
            left = stuck(task)
            outcome, places = (Outcome.BY_HAND, ("used_by",)) if left else (Outcome.ALREADY_GONE, ())
            return Receipt(
                ref=task.ref, outcome=outcome, done=task.fields - left, by_hand=left, places=places
            )
        answer = self._client.write(
            "PUT", f"coupons/{task.ref.id}", body, operation="update coupon", idempotent=True
        )
        now = self._written(task, answer)
        if isinstance(now, Receipt):
            return now
        left = task.fields & {one.field for one in goods.coupon_holdings(now, self._table) if not one.fixed}
        if left:
            return _not_taken(task, frozenset(left))
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)

    def _written(self, task: Task, answer: Answer) -> Item | Receipt:
        """The record as the answer to a write shows it, or as it is read again; else the receipt."""
        row = plain(with_id(_body(answer)) or {})
        if str(row.get("id")) == task.ref.id and not why_unreadable(row, task.ref.kind):
            return row
        seen = self._refetch([task.ref.id])[task.ref.id]
        if isinstance(seen, Gone):
            return went(task)
        return self._not_done(task, seen) if isinstance(seen, Unread) else seen


def _body(answer: Answer) -> Any:
    """The body of an answer to a write; None where it is a page of something in between."""
    try:
        return decoded(answer)
    except Rejected:
        return None


def _not_taken(task: Task, left: frozenset[Field]) -> Receipt:
    """The receipt of a write that the shop took in part, or not at all."""
    done = task.fields - left
    outcome = Outcome.DONE if done else Outcome.REFUSED
    refused = dict.fromkeys(left, "not_taken")
    return Receipt(ref=task.ref, outcome=outcome, done=done, refused=refused)
