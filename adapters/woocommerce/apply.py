"""Writing orders: batches on kept connections, every item looked at, money compared, nothing blind."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapters.http import HTML, PRINTED, Answer
from adapters.woocommerce.answers import decoded, with_id
from adapters.woocommerce.client import ADAPTER, GONE, NOTES_ORDER_GONE, Client, says_gone
from adapters.woocommerce.holdings import Holding, still_to_write
from adapters.woocommerce.lanes import Lanes, Worked
from adapters.woocommerce.look import Seen
from adapters.woocommerce.money import fingerprint
from adapters.woocommerce.notes import Notes
from adapters.woocommerce.orders import names
from adapters.woocommerce.readable import plain, why_unreadable
from adapters.woocommerce.redact import order_update
from adapters.woocommerce.standing import deviation, few, standing
from connector.errors import GallraError, MoneyMoved, Rejected, RetryLater
from connector.places.shared import SHARED, out_of_reach
from connector.ports import Gone, Receipt, Task, Unread, went
from connector.records import Action, Field, Kind, Outcome, from_bits, to_bits

# The codes of an answer that does not say what came of one item, or of any.
_LEFT_OUT, _NO_ANSWER = "left_out", "not_an_answer"
Item = Mapping[str, Any]
Refetch = Callable[[Sequence[str]], dict[str, Seen]]
_ROUNDS = 4
# Error codes of WooCommerce that say what to do; the reports have words for the reasons.
REASONS = {
    "woocommerce_rest_cannot_delete": "staff_account",
    "woocommerce_rest_cannot_edit": "may_not_edit",
    "internal_server_error": "plugin_crashed",
}

# Refusals that are not about one order: a page of the web server, a missing route.
_NOT_THE_ITEM = frozenset({"", HTML, PRINTED, "rest_no_route"})


class Batches:
    """Sends items to a batch route and settles what an interruption left open.

    An item that an answer leaves out, or answers without its parts, is not done: it is read again.
    """

    def __init__(self, client: Client, kind: Kind, route: str, refetch: Refetch) -> None:
        self._client = client
        self._kind = kind
        self._route = route
        self._refetch = refetch

    def update(self, bodies: dict[str, dict[str, Any]], left: Callable[[str, Item], bool]) -> dict[str, Item]:
        """The answer per id; after a cut each item is read again and only what is left is sent again.

        `left` says of a record as it is now whether there is still something to write. Raises RetryLater
        where the shop does not say what came of an item.
        """
        settled: dict[str, Item] = {}
        for round_ in range(_ROUNDS):
            open_ = {id_: body for id_, body in bodies.items() if id_ not in settled}
            try:
                settled |= self._send("update", list(open_.values()))
                error = self._unsaid("update", _LEFT_OUT)
            except RetryLater as cut:
                error = cut
            except Rejected as refused:
                return settled | self._split(open_, left, refused)
            if len(settled) == len(bodies):
                return settled
            open_ = {id_: body for id_, body in open_.items() if id_ not in settled}
            if round_ == _ROUNDS - 1:
                break
            self._wait(error, round_)
            settled |= self._settle(list(open_), left)
            if len(settled) == len(bodies):
                return settled
            if round_ and len(open_) > 1 and error.code != _NO_ANSWER:
                rest = {id_: body for id_, body in open_.items() if id_ not in settled}
                return settled | self._halves(rest, left)
        return settled | self._last(list(open_), left, error)

    def delete(self, ids: Sequence[str]) -> dict[str, Item]:
        """The answer per id; after a cut what is gone by the shop's own word counts as deleted."""
        settled: dict[str, Item] = {}
        for round_ in range(_ROUNDS):
            open_ = [id_ for id_ in ids if id_ not in settled]
            try:
                settled |= self._send("delete", [int(id_) for id_ in open_])
                error = self._unsaid("delete", _LEFT_OUT)
            except RetryLater as cut:
                error = cut
            if len(settled) == len(ids):
                return settled
            if round_ == _ROUNDS - 1:
                break
            self._wait(error, round_)
            looks = self._refetch([id_ for id_ in open_ if id_ not in settled])
            settled |= {id_: {"id": int(id_)} for id_, look in looks.items() if isinstance(look, Gone)}
            if len(settled) == len(ids):
                return settled
        return settled | self._last([id_ for id_ in ids if id_ not in settled], _there, error)

    def _send(self, verb: str, items: list[Any]) -> dict[str, Item]:
        """What the answer says of each item; a row that says nothing of its item is left out."""
        # No `_fields` here: it drops the errors of single items from the answer.
        answer = self._client.write(
            "POST", f"{self._route}/batch", {verb: items}, operation=f"{verb} {self._route}"
        )
        asked = {str(item["id"] if isinstance(item, dict) else item) for item in items}
        found = _rows(answer, verb)
        if found is None:
            raise self._unsaid(verb, _NO_ANSWER)
        rows = map(with_id, found)
        return {
            str(row["id"]): plain(row)
            for row in rows
            if row is not None and str(row["id"]) in asked and self._says(verb, row)
        }

    def _says(self, verb: str, row: Item) -> bool:
        if isinstance(row.get("error"), dict):
            return True
        return verb == "delete" or not why_unreadable(plain(row), self._kind)

    def _unsaid(self, verb: str, code: str) -> RetryLater:
        operation = f"{verb} {self._route}"
        return RetryLater(
            f"{ADAPTER}: {operation}: the shop did not say what came of every record. Run again: each is "
            "read before more is written. Where it stays so, look for a redirect or a program that turns "
            "writes into reads.", adapter=ADAPTER, operation=operation, status=200, code=code,
        )  # fmt: skip

    def _settle(
        self,
        open_: Sequence[str],
        left: Callable[[str, Item], bool],
        unread: RetryLater | None = None,
    ) -> dict[str, Item]:
        """Reads the open items again: those with nothing left are settled, those that are gone too.

        Raises `unread` where one cannot be read.
        """
        settled: dict[str, Item] = {}
        for id_, look in self._refetch(open_).items():
            if isinstance(look, Gone):
                settled[id_] = {"id": int(id_), "error": {"code": min(GONE[self._kind])}}
            elif isinstance(look, Unread):
                if unread is not None:
                    raise unread
            elif not left(id_, look):
                settled[id_] = look
        return settled

    def _last(
        self, open_: Sequence[str], left: Callable[[str, Item], bool], error: RetryLater
    ) -> dict[str, Item]:
        """What a last look settles of items that no answer mentions; the others are left as they were."""
        if error.code != _LEFT_OUT:
            raise error
        return self._settle(open_, left, error)

    def _wait(self, error: RetryLater, round_: int) -> None:
        self._client.http.wait_out(error, min(30.0, 2.0**round_))

    def _split(
        self, open_: dict[str, dict[str, Any]], left: Callable[[str, Item], bool], error: Rejected
    ) -> dict[str, Item]:
        """Smaller batches where the server found this one too large."""
        if error.status != 413 or len(open_) < 2:
            raise error
        return self._halves(open_, left)

    def _halves(self, open_: dict[str, dict[str, Any]], left: Callable[[str, Item], bool]) -> dict[str, Item]:
        """The same in two halves, so that one order that crashes a plugin stops only itself."""
        if len(open_) == 1:
            return self._alone(open_, left)
        ids = list(open_)
        middle = len(ids) // 2
        answers: dict[str, Item] = {}
        for part in (ids[:middle], ids[middle:]):
            half = {id_: open_[id_] for id_ in part}
            answers |= self._alone(half, left) if len(half) == 1 else self.update(half, left)
        return answers

    def _alone(self, single: dict[str, dict[str, Any]], left: Callable[[str, Item], bool]) -> dict[str, Item]:
        try:
            return self.update(single, left)
        except RetryLater as error:
            if error.status != 500:
                raise
            id_ = next(iter(single))
            return {id_: {"id": int(id_), "error": {"code": error.code}}}


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


def waiting(task: Task) -> frozenset[Field]:
    """The fields of a task that stand only in places that wait for others, which are not in it."""
    beyond = out_of_reach(task.live.record, to_bits(task.fields)) & ~task.live.record.stuck
    return task.fields & set(from_bits(beyond))


def stuck(task: Task) -> frozenset[Field]:
    """The fields of a task that stand only where no call changes anything."""
    return task.fields & set(from_bits(task.live.record.stuck))


def _there(id_: str, row: Item) -> bool:
    """Something is left of a record that should have gone whole, for as long as it is there."""
    return True


def _rows(answer: Answer, verb: str) -> list[Any] | None:
    """The rows of a batch's answer; None where it is another answer, which says nothing of any item."""
    try:
        body = decoded(answer)
    except Rejected:
        return None
    rows = body.get(verb) if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else None


def refusal(task: Task, item: Item | None) -> Receipt | None:
    """The receipt of an item that was not done; None where it was."""
    if item is None:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="left_out")
    error = item.get("error")
    if not isinstance(error, dict):
        return None
    code = str(error.get("code", ""))
    if code in GONE[task.ref.kind]:
        return went(task)
    reason = REASONS.get(code, f"rejected:{code[:60]}")
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)


def _moved(task: Task, item: Item | None) -> bool:
    if item is None or item.get("error"):
        return False
    return fingerprint(item) != task.live.money


def _money_error(order_id: str) -> MoneyMoved:
    return MoneyMoved(
        f"woocommerce: order {order_id} shows other totals, taxes or lines after a write. Nothing more is "
        "written: compare the order with the books, then report it with the shop's WooCommerce version.",
        adapter=ADAPTER, operation="update orders", status=200, code="money_moved",
    )  # fmt: skip
