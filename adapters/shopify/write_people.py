"""Writing customers and subscribers: deleted where Shopify lets them, else erased or emptied."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapters.shopify import customers, restore
from adapters.shopify.aftermath import Writing, deletions, unsettled
from adapters.shopify.customers import ADDRESS, CONTACT, PAYMENT, REVOKE, Table
from adapters.shopify.erasure import Answered, Erasures, Instead
from adapters.shopify.holdings import NOBODY, changes
from adapters.shopify.nodes import Node
from adapters.shopify.orders import METAFIELD
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.standing import changed_person, named
from adapters.shopify.write_consents import ConsentWriter
from adapters.shopify.write_orders import metafields_refused, place_of, whole_reason
from adapters.shopify.writes import Answer, doubtful, refusal
from connector.errors import RemoteError
from connector.ports import Back, Clock, Kept, Receipt, Task, went
from connector.records import Action, Field, Kind, Outcome

Refetch = Callable[[Sequence[str]], Mapping[str, Node | None]]
"""Customers by number as they are now: None for whoever is gone; whoever was not read is missing."""

_FIXED = frozenset({Field.ACCOUNT})
# What Shopify's erasure takes from the profile, saved payment methods included; what staff and apps wrote
# freely it leaves. A company's contact stays one while the request may still be taken back.
_ERASED = _FIXED | {
    Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.PAYMENT_DETAILS,
}  # fmt: skip

# Where a hand goes for what is left of these.
HANDS: Mapping[Field, str] = {Field.COMPANY: "company_contact", Field.PAYMENT_DETAILS: "payment_methods"}


class CustomerWriter:
    """Deletes, erases, empties and redacts customers; unsubscribes and deletes newsletter contacts."""

    def __init__(
        self, writing: Writing, erasures: Erasures, *, table: Table, refetch: Refetch, clock: Clock
    ) -> None:
        self._standing, self._writes, self._looks = writing
        self._erasures = erasures
        self._table = table
        self._refetch = refetch
        self._clock = clock
        self._consents = ConsentWriter(writing, clock)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task; raises RetryLater after the receipts where one could not be read.

        A customer who could not be read after a write gets none.
        """
        same, changed = self._standing.settled(tasks)
        yield from changed
        by_action = {action: [t for t in same if t.action is action] for action in Action}
        yield from self._delete(by_action[Action.DELETE])
        yield from self._consents.end(by_action[Action.UNSUBSCRIBE])
        yield from self._redact(by_action[Action.REDACT], lambda task: task.fields)

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What a redaction overwrites and `restore` could put back."""
        return restore.overwritten(task, customers.holdings(task.live.raw, self._table))

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back what stood on profiles."""
        same, changed = self._standing.settled(restore.tasks_of(backs))
        yield from changed
        still = {task.ref for task in same}
        mine = [back for back in backs if back.ref in still]
        answers = self._writes.run("customer_update", [{"input": restore.input_of(back)} for back in mine])
        yield from restore.receipts(mine, [refusal(answer) for answer in answers])

    def _delete(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Deletes whom Shopify lets go; asks for the erasure of the others, or empties their profile."""
        able = [task for task in tasks if _may_be_deleted(task)]
        kept = [task for task in tasks if not _may_be_deleted(task)]
        yield from self._delete_whole(able)
        yield from self._erase([task for task in kept if task.ref.kind is Kind.CUSTOMER])
        for task in kept:
            if task.ref.kind is not Kind.CUSTOMER:
                reason = Reason.CONTACT_BECAME_CUSTOMER
                yield Receipt(ref=task.ref, outcome=Outcome.STALE, reason=reason)

    def _delete_whole(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One whom Shopify turns down and no longer lets go has an order or a gift card since: stale."""
        self._untie(self._changes(tasks, lambda task: HANDS))
        inputs = [{"input": {"id": task.live.raw["id"]}} for task in tasks]
        pairs = list(zip(tasks, self._writes.run("customer_delete", inputs), strict=True))
        turned_down = [task for task, answer in pairs if refusal(answer) and not doubtful(answer)]
        now = self._refetch([task.ref.id for task in turned_down]) if turned_down else {}
        changed = {ref for ref, node in now.items() if node and not node.get("canDelete")}
        for task in turned_down:
            if task.ref.id in changed:
                yield Receipt(ref=task.ref, outcome=Outcome.STALE, reason=Reason.CHANGED_MEANWHILE)
        rest = [(task, answer) for task, answer in pairs if task.ref.id not in changed]
        yield from deletions(rest, self._looks, name="deletedCustomerId")

    def _erase(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Asks for each erasure. A refusal names what may be done instead; by default that is nothing.

        What was asked for before a fault is told, then the fault is raised.
        """
        refused: dict[str, str] = {}
        accepted: dict[Task, Answered] = {}
        fault: RemoteError | None = None
        try:
            for task, answer in self._asked(tasks):
                if answer.due is not None:
                    accepted[task] = answer
                elif answer.instead is Instead.EMPTY_PROFILE:
                    refused[task.ref.id] = answer.refused
                else:
                    yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=answer.refused)
        except RemoteError as error:
            fault = error
        yield from self._take_the_rest(accepted)
        if fault is not None:
            raise fault
        yield from self._empty([task for task in tasks if task.ref.id in refused], refused)

    def _asked(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Answered]]:
        """What was taken on before is not asked for anew."""
        anew = {task.ref: task for task in tasks if not task.token}
        for task in tasks:
            if task.token:
                yield task, self._erasures.under_way(task.live.raw, task.token)
        for ref, answer in self._erasures.request({ref: task.live.raw for ref, task in anew.items()}):
            yield anew[ref], answer

    def _take_the_rest(self, accepted: Mapping[Task, Answered]) -> Iterator[Receipt]:
        """Writes what Shopify's erasure leaves; the requests are told even where that breaks off."""
        tasks = list(accepted)
        changed = self._changes(tasks, lambda task: frozenset(Field) - _ERASED)
        reasons: dict[str, str] = {}
        fault: RemoteError | None = None
        try:
            reasons = self._write(tasks, changed)
        except RemoteError as error:
            fault = error
        for task, change in zip(tasks, changed, strict=True):
            answer = accepted[task]
            yield Receipt(
                ref=task.ref, outcome=Outcome.ACCEPTED, token=answer.token, due=answer.due,
                refused=self._refused(task, change, reasons),
            )  # fmt: skip
        if fault is not None:
            raise fault

    def _empty(self, tasks: Sequence[Task], refused: Mapping[str, str]) -> Iterator[Receipt]:
        """Empties the profiles of customers whose orders keep them in the shop, and says why they stay.

        One whose erasure is asked for again in time has not gone whole: the account is refused.
        """
        today = self._clock().date()
        by_id = {task.ref.id: task.live.raw for task in tasks}
        for receipt in self._redact(tasks, lambda task: frozenset(Field) - _FIXED):
            why = Reason.EMPTIED.of(refused[receipt.ref.id])
            emptied = {**by_id[receipt.ref.id], "lastName": NOBODY}
            if receipt.outcome not in (Outcome.DONE, Outcome.ALREADY_GONE):
                yield receipt
            elif customers.waits_for_erasure(emptied, today):
                yield replace(
                    receipt, outcome=Outcome.REFUSED, reason=why, done=receipt.done - _FIXED,
                    refused={**receipt.refused, Field.ACCOUNT: refused[receipt.ref.id]},
                )  # fmt: skip
            else:
                yield replace(receipt, reason=why)

    def _redact(
        self, tasks: Sequence[Task], fields: Callable[[Task], Collection[Field]]
    ) -> Iterator[Receipt]:
        """Writes what is due, then reads each customer again by id and judges by what is there."""
        if not tasks:
            return
        changed = self._changes(tasks, fields)
        reasons = self._write(tasks, changed)
        after = self._refetch([task.ref.id for task in tasks])
        for task, change in zip(tasks, changed, strict=True):
            if task.ref.id in after:
                yield self._judge(
                    task, after[task.ref.id], frozenset(fields(task)), reasons, wrote=bool(change)
                )
        stop = unsettled(task for task in tasks if task.ref.id not in after)
        if stop:
            raise stop

    def _changes(
        self, tasks: Sequence[Task], fields: Callable[[Task], Collection[Field]]
    ) -> list[dict[str, Any]]:
        return [
            changes(customers.holdings(task.live.raw, self._table), fields(task), kind="customer")
            for task in tasks
        ]

    def _write(self, tasks: Sequence[Task], changed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """What is tied to profiles, addresses, metafields, then the profiles; why parts were refused.

        Reasons stand by place, of metafields and whole profiles by their owner too.
        """
        reasons = self._untie(changed)
        addresses, metafields, inputs = [], [], []
        for task, change in zip(tasks, changed, strict=True):
            own = task.live.raw
            addresses += [
                {"customerId": own["id"], "addressId": place.removeprefix(ADDRESS)}
                for place in change
                if place.startswith(ADDRESS)
            ]
            found = customers.metafield_ids(own, change)
            metafields += [{"metafields": found}] if found else []
            profile = customers.customer_input(own, change)
            inputs += [{"input": profile}] if profile else []
        for one, answer in zip(
            addresses, self._writes.run("customer_address_delete", addresses), strict=True
        ):
            reasons |= _reason(f"{ADDRESS}{one['addressId']}", answer)
        for row, answer in zip(metafields, self._writes.run("metafields_delete", metafields), strict=True):
            reasons |= metafields_refused(row["metafields"], answer)
        for one, answer in zip(inputs, self._writes.run("customer_update", inputs), strict=True):
            reasons |= _reason(one["input"]["id"], answer)
        return reasons

    def _untie(self, changed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Company contacts are deleted, saved payment methods revoked; why some were not, by place."""
        places = [place for change in changed for place in change]
        contacts = [place.removeprefix(CONTACT) for place in places if place.startswith(CONTACT)]
        answers = self._writes.run("company_contact_delete", [{"companyContactId": id_} for id_ in contacts])
        reasons: dict[str, str] = {}
        for id_, answer in zip(contacts, answers, strict=True):
            reasons |= _reason(f"{CONTACT}{id_}", answer)
        if self._writes.may(REVOKE):
            methods = [place.removeprefix(PAYMENT) for place in places if place.startswith(PAYMENT)]
            variables = [{"customerPaymentMethodId": id_} for id_ in methods]
            for id_, answer in zip(
                methods, self._writes.run("payment_method_revoke", variables), strict=True
            ):
                reasons |= _reason(f"{PAYMENT}{id_}", answer)
        return reasons

    def _judge(
        self, task: Task, now: Node | None, wanted: frozenset[Field], reasons: Mapping[str, str],
        *, wrote: bool,
    ) -> Receipt:  # fmt: skip
        """The receipt of a customer read after the writes: what is there is not done."""
        if now is None:
            return went(task)
        held = frozenset(holding.field for holding in customers.holdings(now, self._table))
        left = held & wanted
        done = task.fields - held
        deviating = named(changed_person(task.live.raw, now))
        if not left:
            outcome = Outcome.DONE if wrote else Outcome.ALREADY_GONE
            return Receipt(ref=task.ref, outcome=outcome, done=done, reason=deviating)
        by_hand = left & HANDS.keys()
        outcome = Outcome.DONE if done else Outcome.REFUSED if left - by_hand else Outcome.BY_HAND
        refused = {field: self._why(task, field, reasons) for field in sorted(left - by_hand)}
        return Receipt(
            ref=task.ref, outcome=outcome, done=done, by_hand=by_hand,
            refused=refused, reason=deviating or whole_reason(outcome, refused),
            places=tuple(HANDS[field] for field in sorted(by_hand)),
        )  # fmt: skip

    def _why(self, task: Task, field: Field, reasons: Mapping[str, str]) -> str:
        """Why a field is still there: what one of its places was refused for, else the profile."""
        own = str(task.live.raw["id"])
        places = [one.place for one in customers.holdings(task.live.raw, self._table) if one.field is field]
        keys = [place_of(own, place) for place in places] + [own]
        return next((reasons[key] for key in keys if key in reasons), kept([field]))

    def _refused(self, task: Task, change: Mapping[str, Any], reasons: Mapping[str, str]) -> dict[Field, str]:
        """The fields with a place that was to change and was refused."""
        own = str(task.live.raw["id"])
        found: dict[Field, str] = {}
        for one in customers.holdings(task.live.raw, self._table):
            keys = (place_of(own, one.place), own if _of_profile(one.place) else "")
            if one.place in change and (why := next((reasons[key] for key in keys if key in reasons), "")):
                found[one.field] = why
        return found


def _reason(place: str, answer: Answer | None) -> dict[str, str]:
    """Why a place was not written; nothing where it was, or where what was to go is gone."""
    return {place: refusal(answer)} if refusal(answer) else {}


def _of_profile(place: str) -> bool:
    return not place.startswith((ADDRESS, CONTACT, PAYMENT, METAFIELD))


def _may_be_deleted(task: Task) -> bool:
    """Whether Shopify lets a customer go, and no newsletter's rule takes more than a mere contact."""
    mere = task.ref.kind is Kind.CUSTOMER or customers.contact_only(task.live.raw)
    return mere and bool(task.live.raw.get("canDelete"))
