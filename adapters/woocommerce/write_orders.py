"""Writing orders: batches on kept connections, every item looked at, money compared, nothing blind."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from adapters.http import HTML, PRINTED
from adapters.moved import money_moved
from adapters.woocommerce.client import ADAPTER, NOTES_ORDER_GONE, Client, says_gone
from adapters.woocommerce.holdings import Holding, still_to_write
from adapters.woocommerce.lanes import Lanes, Worked
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import Notes
from adapters.woocommerce.orders import names
from adapters.woocommerce.receipts import Item, refusal, stuck, waiting
from adapters.woocommerce.redact import order_update
from adapters.woocommerce.restore import overwritten, put_back
from adapters.woocommerce.standing import deviation, few, standing
from adapters.woocommerce.writes import Batches, Refetch
from connector.errors import GallraError, MoneyMoved, Rejected
from connector.places.shared import SHARED
from connector.ports import Back, Gone, Kept, Receipt, Task, went
from connector.records import Action, Field, Kind, Outcome

# Refusals that are not about one order: a page of the web server, a missing route.
_NOT_THE_ITEM = frozenset({"", HTML, PRINTED, "rest_no_route"})


class OrderWriter:
    """Redacts and deletes orders; notes go before the order they belong to."""

    def __init__(
        self, client: Client, *, holdings: Callable[[Item], list[Holding]], refetch: Refetch, lanes: Lanes,
        deletes: bool,
    ) -> None:  # fmt: skip
        self._client = client
        self._holdings = holdings
        self._notes = Notes(client)
        self._batches = Batches(client, Kind.ORDER, "orders", refetch)
        self._refetch = refetch
        self._lanes = lanes
        self._deletes = deletes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved, AccessDenied or RetryLater after what was done."""
        redactions = [task for task in tasks if task.action is not Action.DELETE]
        deletions = [task for task in tasks if task.action is Action.DELETE]
        yield from self._lanes.run("redact orders", redactions, self._redact)
        if not self._deletes:  # a plan from before the setting was turned off
            yield from (_off(task) for task in deletions)
            return
        yield from self._lanes.run("delete orders", deletions, self._delete)

    def _redact(self, tasks: Sequence[Task]) -> Worked:
        """Notes, then the orders: notes that repeat the buyer's name are told only while the order has it.

        No note goes before its order is seen to be the one that was fetched.
        """
        try:
            noted, changed = self._take_notes([task for task in tasks if Field.STAFF_NOTES in task.fields])
            left = {receipt.ref for receipt in changed}
            by_id = {task.ref.id: task for task in tasks if task.ref not in left}
            bodies = {id_: self._update(task) for id_, task in by_id.items()}
            sent = {id_: body for id_, body in bodies.items() if body is not None}
            answers = self._batches.update(sent, lambda id_, row: self._left(by_id[id_], row)) if sent else {}
        except GallraError as error:
            return Worked([], error)
        moved = next((id_ for id_ in sent if _moved(by_id[id_], answers.get(id_))), None)
        receipts = [
            self._judge(
                task, answers.get(id_) if id_ in sent else task.live.raw, noted.get(id_, 0),
                written=id_ in sent,
            )
            for id_, task in by_id.items()
        ]  # fmt: skip
        return Worked(receipts + changed, _money_error(moved) if moved else None)

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back: notes are deleted, and stay so."""
        return overwritten(task, self._update(task), self._holdings(task.live.raw))

    def restore(self, backs: Sequence[Back], gone: Collection[str]) -> Iterator[Receipt]:
        """Puts back what stood in orders; raises MoneyMoved, after the receipts, where a total changed."""
        moved = ""
        for back, receipt, answer in put_back(self._batches, backs, gone):
            yield receipt
            if receipt.outcome is Outcome.DONE and fingerprint(answer) != back.live.money:
                moved = moved or back.ref.id
        if moved:
            raise _money_error(moved)

    def _take_notes(self, tasks: Sequence[Task]) -> tuple[dict[str, int | None], list[Receipt]]:
        """How many notes of each order went, and the receipts of orders that changed since their fetch."""
        noted: dict[str, int | None] = {}
        changed: list[Receipt] = []
        for chosen in few(tasks):
            listed = {task.ref: self._personal_notes(task) for task in chosen}
            found = {ref: notes for ref, notes in listed.items() if not isinstance(notes, Gone)}
            changed += [went(task) for task in chosen if task.ref not in found]
            some = [task for task in chosen if task.ref in found]
            same, others = standing([task for task in some if found[task.ref]], self._refetch)
            moved = {receipt.ref for receipt in others}
            noted |= {task.ref.id: _none_or_kept(found[task.ref]) for task in some if task.ref not in moved}
            noted |= {task.ref.id: self._delete_notes(task.ref.id, found[task.ref] or ()) for task in same}
            changed += others
        return noted, changed

    def _personal_notes(self, task: Task) -> list[int] | Gone | None:
        """The notes that can hold a person; None where the shop would not show them.

        Gone where it says that it has no such order: then the order itself is looked at.
        """
        try:
            return self._notes.personal(task.ref.id, names(task.live.raw))
        except Rejected as error:
            if error.code in _NOT_THE_ITEM:
                raise
            return Gone(ref=task.ref) if says_gone(error, NOTES_ORDER_GONE) else None

    def _delete_notes(self, order_id: str, notes: Collection[int]) -> int | None:
        """How many notes went; None where the shop would not let one go."""
        try:
            return self._notes.delete(order_id, notes)
        except Rejected as error:
            if error.code in _NOT_THE_ITEM:
                raise
            return None

    def _update(self, task: Task) -> dict[str, Any] | None:
        return order_update(int(task.ref.id), self._holdings(task.live.raw), task.fields)

    def _left(self, task: Task, row: Item) -> bool:
        return bool(still_to_write(self._holdings(row), task.fields))

    def _judge(self, task: Task, item: Item | None, notes: int | None, *, written: bool) -> Receipt:
        """The receipt of a redaction: what the answer still holds is not done."""
        refused = refusal(task, item)
        if refused is not None:
            took = frozenset({Field.STAFF_NOTES}) if notes and refused.outcome is Outcome.REFUSED else None
            return replace(refused, done=took) if took else refused
        waits = waiting(task)
        if waits == task.fields:
            return Receipt(ref=task.ref, outcome=Outcome.STALE, reason=SHARED)
        left = still_to_write(self._holdings(item or {}), task.fields) | stuck(task)
        left |= {Field.STAFF_NOTES} if notes is None else set()
        reason = deviation(task, item)
        if left:
            outcome = Outcome.DONE if task.fields - left else Outcome.REFUSED
            hands = stuck(task)
            return Receipt(ref=task.ref, outcome=outcome, done=task.fields - left - waits, by_hand=hands,
                           reason=reason, refused=dict.fromkeys(left - hands, "not_taken"))  # fmt: skip
        outcome = Outcome.DONE if written or notes else Outcome.ALREADY_GONE
        return Receipt(ref=task.ref, outcome=outcome, done=task.fields - waits, reason=reason)

    def _delete(self, tasks: Sequence[Task]) -> Worked:
        """A few at a time: the notes of each take calls of their own, and none may change meanwhile."""
        done: list[Receipt] = []
        for some in few(tasks):
            worked = self._delete_few(some)
            done += worked.receipts
            if worked.stop:
                return Worked(done, worked.stop)
        return Worked(done)

    def _delete_few(self, tasks: Sequence[Task]) -> Worked:
        """Notes, then the order; one that changed since its fetch, or whose notes stay, is not deleted."""
        try:
            same, changed = standing(tasks, self._refetch)
            ready = [task for task in same if self._all_notes(task.ref.id)]
            answers = self._batches.delete([task.ref.id for task in ready]) if ready else {}
        except GallraError as error:
            return Worked([], error)
        done = [
            refusal(task, answers.get(task.ref.id))
            or Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)
            for task in ready
        ]
        kept = [
            Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="notes_stay")
            for task in same
            if task not in ready
        ]
        return Worked(done + kept + changed)

    def _all_notes(self, order_id: str) -> bool:
        """Whether every note is gone, so that none is left behind out of reach."""
        try:
            self._notes.delete(order_id, self._notes.all(order_id))
        except Rejected as error:
            if error.code in _NOT_THE_ITEM:
                raise
            return False
        return True


def _none_or_kept(notes: Collection[int] | None) -> int | None:
    """What came of notes of which none was deleted: none there, or not shown."""
    return None if notes is None else 0


def _off(task: Task) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="delete_orders_off")


def _moved(task: Task, item: Item | None) -> bool:
    if item is None or item.get("error"):
        return False
    return fingerprint(item) != task.live.money


def _money_error(number: str) -> MoneyMoved:
    return money_moved(
        ADAPTER, f"order {number}", shows="other totals, taxes or lines", operation="update orders",
        report="it with the shop's WooCommerce version",
    )  # fmt: skip
