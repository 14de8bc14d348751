"""Writing orders: only what is due, nothing mailed, nothing unlinked, money compared."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters.moved import money_moved
from adapters.shopify import orders, restore
from adapters.shopify.aftermath import Writing, deletions, unsettled
from adapters.shopify.customers import metafield_ids
from adapters.shopify.faults import ADAPTER
from adapters.shopify.holdings import Holding, changes
from adapters.shopify.ids import batched, gid
from adapters.shopify.money import fingerprint
from adapters.shopify.nodes import Node, nodes
from adapters.shopify.orders import METAFIELD, TRACKING, Table
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.redact import order_input
from adapters.shopify.shape_of_orders import WrittenOrder
from adapters.shopify.shapes import fault_of
from adapters.shopify.standing import DELETED_TOGETHER, deviations, named
from adapters.shopify.writes import Answer, doubtful, path_of, refusal
from connector.errors import MoneyMoved
from connector.ports import Back, Gone, Kept, Live, Look, Receipt, Task, went
from connector.records import Action, Field, Kind, Outcome, Ref

_METAFIELDS_TOGETHER = 25
TRACKS = "write_merchant_managed_fulfillment_orders"
_NO_TRACKING: Mapping[str, Any] = {"numbers": [], "urls": []}


class Written(NamedTuple):
    """One order in the course of its redaction: what changes, what was sent, and what came of each part."""

    task: Task
    change: dict[str, Any]
    input: dict[str, Any] | None
    answer: Answer | None
    refused: Mapping[str, str]  # place -> why
    parcels: Mapping[str, Any]  # fulfillment -> its tracking information now

    @property
    def in_doubt(self) -> bool:
        """Whether no answer proves how the order stands: one failed, is another's, or shows no money."""
        if any(place in self.refused for place in self.places):
            return True
        if self.input is None:
            return bool(self.change)  # parcels and metafields: their answers do not show how the order stands
        if refusal(self.answer) and any(self.change[place] for place in self._metafields):
            return True  # what the input rewrites no answer shows
        if self.order and fault_of(self.order, WrittenOrder):
            return True
        return doubtful(self.answer) or self.of_another or not fingerprint(self.order)

    @property
    def written(self) -> bool:
        """Whether its money is known after the write: read from the answer, or from the order itself."""
        return self.input is not None or self.in_doubt

    @property
    def of_another(self) -> bool:
        """Whether the answer is about another order."""
        return bool(self.order) and self.order.get("id") != self.task.live.raw["id"]

    @property
    def order(self) -> Node:
        """The order in the answer; empty where it shows none."""
        found: Node = (self.answer or {}).get("order") or {}
        return found

    @property
    def _metafields(self) -> Iterator[str]:
        return (place for place in self.change if place.startswith(METAFIELD))

    @property
    def places(self) -> Iterator[str]:
        """The places of the change, as `refused` names them."""
        owner = str(self.task.live.raw["id"])
        return (place_of(owner, place) for place in self.change)


class OrderWriter:
    """Redacts orders, and deletes them only where the settings say so."""

    def __init__(self, writing: Writing, *, table: Table, deletes: bool) -> None:
        self._standing, self._writes, self._looks = writing
        self._table = table
        self._deletes = deletes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises MoneyMoved or RetryLater after the receipts of what was written.

        An order that could not be read after its write gets none.
        """
        yield from self._delete([task for task in tasks if task.action is Action.DELETE])
        same, changed = self._standing.settled([task for task in tasks if task.action is not Action.DELETE])
        yield from changed
        yield from self._redact(same)

    def _redact(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        written = self._write(tasks) if tasks else []
        open_ = [one.task.ref for one in written if one.in_doubt]
        now = self._looks(open_) if open_ else {}
        moved, unread = "", []
        for one in written:
            after = self._after(one, now)
            if after is None:
                unread.append(one.task)
                continue
            if isinstance(after, Gone):
                yield went(one.task)
                continue
            yield self._judge(one, after)
            if one.written and fingerprint(after) != one.task.live.money:
                moved = moved or one.task.ref.id
        if moved:
            raise _money_error(moved)
        stop = unsettled(unread)
        if stop:
            raise stop

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back."""
        return restore.overwritten(task, self._holdings(task.live.raw))

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood in orders; raises MoneyMoved, after the receipts, where a total changed."""
        same, changed = self._standing.settled(restore.tasks_of(backs))
        yield from changed
        still = {task.ref for task in same}
        mine = [back for back in backs if back.ref in still]
        answers = self._writes.run("order_update", [{"input": restore.input_of(back)} for back in mine])
        yield from restore.receipts(mine, [refusal(answer) for answer in answers])
        looks = self._looks([back.ref for back in mine]) if mine else {}
        for back in mine:
            look = looks.get(back.ref)
            if isinstance(look, Live) and look.money != back.live.money:
                raise _money_error(back.ref.id)

    def _write(self, tasks: Sequence[Task]) -> list[Written]:
        """Parcels, metafields, then the orders themselves."""
        changed = [changes(self._holdings(task.live.raw), task.fields, kind="order") for task in tasks]
        parcels, refused = self._tracking(changed)
        refused |= self._metafields(tasks, changed)
        inputs = [order_input(task.live.raw, change) for task, change in zip(tasks, changed, strict=True)]
        sent = [one for one in inputs if one is not None]
        answers = dict(zip((one["id"] for one in sent), self._update(sent), strict=True))
        return [
            Written(task, change, one, answers[one["id"]] if one else {}, refused, parcels)
            for task, change, one in zip(tasks, changed, inputs, strict=True)
        ]

    def _update(self, inputs: Sequence[dict[str, Any]]) -> list[Answer | None]:
        """The answer to each input; one part that is refused is left out, and the others are sent again."""
        answers = self._writes.run("order_update", [{"input": one} for one in inputs])
        again = {at: rest for at, one in enumerate(inputs) if (rest := _without_refused(one, answers[at]))}
        second = self._writes.run("order_update", [{"input": one} for one in again.values()])
        for at, answer in zip(again, second, strict=True):
            errors = (answers[at] or {}).get("userErrors") or ()
            if answer is not None and not answer.get("userErrors"):
                answer = {**answer, "userErrors": errors}
            answers[at] = answer
        return answers

    def _holdings(self, order: Node) -> list[Holding]:
        return orders.holdings(order, self._table)

    def _tracking(self, changed: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
        """What fulfillments hold after their change, and why others were not changed, by place."""
        ids = [place.removeprefix(TRACKING) for one in changed for place in one if place.startswith(TRACKING)]
        variables = [{"fulfillmentId": id_, "tracking": _NO_TRACKING} for id_ in ids]
        if not self._writes.may(TRACKS):  # they stay, and the receipts say so
            return {}, {}
        found, refused = {}, {}
        for id_, answer in zip(ids, self._writes.run("tracking_update", variables), strict=True):
            given = (answer or {}).get("fulfillment") or {}
            if answer and not refusal(answer) and given.get("id") == id_:
                found[id_] = given.get("trackingInfo") or []
            else:
                refused[f"{TRACKING}{id_}"] = refusal(answer) or Reason.ANSWER_OF_ANOTHER
        return found, refused

    def _metafields(self, tasks: Sequence[Task], changed: list[dict[str, Any]]) -> dict[str, str]:
        """Deletes metafields; why some were not, by owner and place."""
        ids = [
            one
            for task, change in zip(tasks, changed, strict=True)
            for one in metafield_ids(task.live.raw, change)
        ]
        parts = [ids[at : at + _METAFIELDS_TOGETHER] for at in range(0, len(ids), _METAFIELDS_TOGETHER)]
        answers = self._writes.run("metafields_delete", [{"metafields": part} for part in parts])
        refused: dict[str, str] = {}
        for part, answer in zip(parts, answers, strict=True):
            refused |= metafields_refused(part, answer)
        return refused

    def _after(self, one: Written, now: Mapping[Ref, Look]) -> Node | Gone | None:
        """The order as it stands after its writes; None where that is not known."""
        if not one.in_doubt:
            return _with_parts(one, {**one.task.live.raw, **one.order})
        look = now.get(one.task.ref)
        if isinstance(look, Live):
            return dict(look.raw)
        return look if isinstance(look, Gone) else None

    def _judge(self, one: Written, after: Node) -> Receipt:
        """The receipt of a redaction: what the order still holds is not done, and is told with its reason."""
        task = one.task
        held = [holding for holding in self._holdings(after) if holding.field in task.fields]
        left = frozenset(holding.field for holding in held)
        by_hand = left - {holding.field for holding in held if not self._fixed(holding)}
        done = task.fields - left
        deviating = deviations(task.live.raw, after)
        refused = {field: self._why(one, field, held) for field in sorted(left - by_hand)}
        outcome = _outcome(done, by_hand, left, wrote=bool(one.change))
        return Receipt(
            ref=task.ref,
            outcome=outcome,
            done=done,
            by_hand=by_hand,
            refused=refused,
            reason=named(deviating) or whole_reason(outcome, refused),
            places=(f"order:{task.live.record.label}",) if by_hand else (),
        )

    def _fixed(self, holding: Holding) -> bool:
        """Whether no call of this app's changes a place."""
        return holding.fixed or (holding.place.startswith(TRACKING) and not self._writes.may(TRACKS))

    def _why(self, one: Written, field: Field, held: Iterable[Holding]) -> str:
        """Why a field is still there: what one of its places was refused for, else what the order was."""
        own = str(one.task.live.raw["id"])
        places = [place_of(own, holding.place) for holding in held if holding.field is field]
        part = next((one.refused[place] for place in places if place in one.refused), "")
        if part or one.input is None or all(place in one.refused for place in places):
            return part or kept([field])
        return refusal(one.answer) or (Reason.ANSWER_OF_ANOTHER if one.of_another else kept([field]))

    def _delete(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        if not self._deletes:
            for task in tasks:
                yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=Reason.DELETE_ORDERS_OFF)
            return
        for some in batched(tasks, DELETED_TOGETHER):
            same, changed = self._standing.settled(some)
            yield from changed
            ids = [{"orderId": gid(Kind.ORDER, task.ref.id)} for task in same]
            pairs = list(zip(same, self._writes.together("order_delete", ids), strict=True))
            yield from deletions(pairs, self._looks, name="deletedId")


def whole_reason(outcome: Outcome, refused: Mapping[Field, str]) -> str:
    """The reason of a record of which nothing was done: that of its first field."""
    return next(iter(refused.values()), "") if outcome is Outcome.REFUSED else ""


def place_of(owner: str, place: str) -> str:
    """A place by which it is told apart from the same place of another record."""
    return f"{owner}|{place}" if place.startswith(METAFIELD) else place


def metafields_refused(part: Sequence[Mapping[str, str]], answer: Answer | None) -> dict[str, str]:
    """Why metafields are not known to be deleted, by owner and place: refused, or passed over."""
    deleted = {
        (row.get("ownerId"), row.get("namespace"), row.get("key"))
        for row in (answer or {}).get("deletedMetafields") or ()
        if row
    }
    reason = refusal(answer) or Reason.ANSWER_MISSING
    return {
        place_of(row["ownerId"], f"{METAFIELD}{row['namespace']}.{row['key']}"): reason
        for row in part
        if (row["ownerId"], row["namespace"], row["key"]) not in deleted
    }


def _without_refused(given: Mapping[str, Any], answer: Answer | None) -> dict[str, Any] | None:
    """The input without the parts that errors point at; None where nothing else is left, or none is named."""
    errors = (answer or {}).get("userErrors") or ()
    named = {next((part for part in path_of(error) if part != "input"), "") for error in errors}
    if not named or not named <= given.keys() - {"id"}:
        return None
    rest = {name: value for name, value in given.items() if name not in named}
    return rest if rest.keys() - {"id"} else None


def _outcome(
    done: frozenset[Field], by_hand: frozenset[Field], left: frozenset[Field], *, wrote: bool
) -> Outcome:
    if done:
        return Outcome.DONE if wrote or left else Outcome.ALREADY_GONE
    return Outcome.BY_HAND if by_hand == left else Outcome.REFUSED


def _with_parts(one: Written, order: Node) -> Node:
    """The order with its parcels and metafields as their own answers show them."""
    after = dict(order)
    after["fulfillments"] = [
        {**row, "trackingInfo": one.parcels.get(row["id"], row.get("trackingInfo"))}
        for row in order.get("fulfillments") or ()
    ]
    after["metafields"] = list(_metafields_after(order, one.change))
    return after


def _metafields_after(order: Node, change: Mapping[str, Any]) -> Iterator[Node]:
    """The metafields that are left: not those deleted, and those rewritten with what stays in them."""
    for row in nodes(order, "metafields"):
        place = f"{METAFIELD}{row['namespace']}.{row['key']}"
        if place not in change:
            yield row
        elif change[place]:
            yield {**row, "value": change[place]}


def _money_error(number: str) -> MoneyMoved:
    shows = "other totals, taxes or refunds"
    return money_moved(ADAPTER, f"order {number}", shows=shows, operation="update orders")
