"""Writing customers and subscribers: deleted where Shopify lets them, else erased or emptied; drafts too."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapters.shopify import consent, customers
from adapters.shopify.customers import ADDRESS, CONTACT, PAYMENT, REVOKE, Table
from adapters.shopify.erasure import Answered, Erasures
from adapters.shopify.holdings import NOBODY, changes
from adapters.shopify.ids import gid
from adapters.shopify.nodes import Node
from adapters.shopify.reasons import Reason, kept
from adapters.shopify.write_orders import deleted
from adapters.shopify.writes import Answer, Writes, is_gone, refusal
from connector.ports import Clock, Live, Receipt, Task
from connector.records import Action, Field, Kind, Outcome

DRAFTS = "write_draft_orders"
Refetch = Callable[[Sequence[str]], Mapping[str, Node]]
_FIXED = frozenset({Field.ACCOUNT})
# What Shopify's erasure takes from the profile, saved payment methods included; what staff and apps wrote
# freely it leaves. A company's contact stays one while the request may still be taken back.
_ERASED = _FIXED | {
    Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.PAYMENT_DETAILS,
}  # fmt: skip
# How each channel is ended: the operation, and the name of its part of the input.
_CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("customer_unsubscribe", "emailMarketingConsent"),
    "sms": ("customer_unsubscribe_sms", "smsMarketingConsent"),
}
# Where a hand goes for what is left of these.
HANDS: Mapping[Field, str] = {Field.COMPANY: "company_contact", Field.PAYMENT_DETAILS: "payment_methods"}


class CustomerWriter:
    """Deletes, erases, empties and redacts customers; unsubscribes and deletes newsletter contacts."""

    def __init__(
        self, writes: Writes, erasures: Erasures, *, table: Table, refetch: Refetch, clock: Clock
    ) -> None:
        self._writes = writes
        self._erasures = erasures
        self._table = table
        self._refetch = refetch
        self._clock = clock

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task."""
        by_action = {action: [t for t in tasks if t.action is action] for action in Action}
        yield from self._delete(by_action[Action.DELETE])
        yield from self._unsubscribe(by_action[Action.UNSUBSCRIBE])
        yield from self._redact(by_action[Action.REDACT], lambda task: task.fields)

    def _delete(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Deletes whom Shopify lets go; asks for the erasure of the others, or empties their profile."""
        able = [task for task in tasks if _may_be_deleted(task)]
        kept = [task for task in tasks if not _may_be_deleted(task)]
        self._untie(self._changes(able, lambda task: HANDS))
        inputs = [{"input": {"id": task.live.raw["id"]}} for task in able]
        turned_down: list[tuple[Task, Answer]] = []
        for task, answer in zip(able, self._writes.run("customer_delete", inputs), strict=True):
            if answer and refusal(answer) and not is_gone(answer) and not answer.get("errors"):
                turned_down.append((task, answer))
            else:
                yield deleted(task, answer)
        now = self._refetch([task.live.raw["id"] for task, _ in turned_down]) if turned_down else {}
        for task, answer in turned_down:
            found = now.get(task.ref.id)
            if found is None or found.get("canDelete"):
                yield _not_deleted(task, answer, gone=found is None)
            else:  # an order or a gift card came meanwhile
                kept.append(_as_now(task, found))
        yield from self._erase([task for task in kept if task.ref.kind is Kind.CUSTOMER])
        for task in kept:
            if task.ref.kind is not Kind.CUSTOMER:
                reason = Reason.CONTACT_BECAME_CUSTOMER
                yield Receipt(ref=task.ref, outcome=Outcome.STALE, reason=reason)

    def _erase(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        refused: dict[str, str] = {}
        accepted: list[Task] = []
        for task in tasks:
            answer = self._ask(task)
            if answer.gone:
                yield Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
            elif answer.due is not None:
                accepted.append(task)
                yield Receipt(ref=task.ref, outcome=Outcome.ACCEPTED, token=answer.token, due=answer.due)
            else:
                refused[task.ref.id] = answer.refused
        self._write(accepted, self._changes(accepted, lambda task: frozenset(Field) - _ERASED))
        yield from self._empty([task for task in tasks if task.ref.id in refused], refused)

    def _ask(self, task: Task) -> Answered:
        if task.token:
            return self._erasures.under_way(task.live.raw, task.token)
        return self._erasures.request(task.ref, task.live.raw)

    def _empty(self, tasks: Sequence[Task], refused: Mapping[str, str]) -> Iterator[Receipt]:
        """Empties the profiles of customers whose orders keep them in the shop, and says why they stay."""
        today = self._clock().date()
        by_id = {task.ref.id: task.live.raw for task in tasks}
        for receipt in self._redact(tasks, lambda task: frozenset(Field) - _FIXED):
            why = Reason.EMPTIED.of(refused[receipt.ref.id])
            emptied = {**by_id[receipt.ref.id], "lastName": NOBODY}
            if receipt.outcome not in (Outcome.DONE, Outcome.ALREADY_GONE):
                yield receipt
            elif customers.waits_for_erasure(emptied, today):
                yield Receipt(ref=receipt.ref, outcome=Outcome.REFUSED, reason=why)  # it is asked for again
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
        after = self._refetch([gid(Kind.CUSTOMER, task.ref.id) for task in tasks])
        for task, change in zip(tasks, changed, strict=True):
            wanted = frozenset(fields(task))
            yield self._judge(task, after.get(task.ref.id), wanted, reasons, written=bool(change))

    def _changes(
        self, tasks: Sequence[Task], fields: Callable[[Task], Collection[Field]]
    ) -> list[dict[str, Any]]:
        return [
            changes(customers.holdings(task.live.raw, self._table), fields(task), kind="customer")
            for task in tasks
        ]

    def _write(self, tasks: Sequence[Task], changed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Addresses, metafields, then the profile; returns the reasons of what was refused."""
        reasons: dict[str, str] = {}
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
        self._untie(changed)
        self._writes.run("customer_address_delete", addresses)
        self._writes.run("metafields_delete", metafields)
        for one, answer in zip(inputs, self._writes.run("customer_update", inputs), strict=True):
            if refusal(answer):
                reasons[one["input"]["id"]] = refusal(answer)
        return reasons

    def _untie(self, changed: Sequence[Mapping[str, Any]]) -> None:
        """Company contacts are deleted, saved payment methods revoked; what is refused is read back."""
        places = [place for change in changed for place in change]
        contacts = [place.removeprefix(CONTACT) for place in places if place.startswith(CONTACT)]
        self._writes.run("company_contact_delete", [{"companyContactId": id_} for id_ in contacts])
        if self._writes.may(REVOKE):
            methods = [place.removeprefix(PAYMENT) for place in places if place.startswith(PAYMENT)]
            variables = [{"customerPaymentMethodId": id_} for id_ in methods]
            self._writes.run("payment_method_revoke", variables)

    def _judge(
        self,
        task: Task,
        now: Node | None,
        wanted: frozenset[Field],
        reasons: Mapping[str, str],
        *,
        written: bool,
    ) -> Receipt:
        if now is None:
            return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
        held = frozenset(holding.field for holding in customers.holdings(now, self._table))
        left = held & wanted
        done = task.fields - held
        if not left:
            return Receipt(ref=task.ref, outcome=Outcome.DONE if written else Outcome.ALREADY_GONE, done=done)
        reason = reasons.get(str(task.live.raw["id"])) or kept(left)
        outcome = Outcome.DONE if done else Outcome.REFUSED
        return Receipt(
            ref=task.ref,
            outcome=outcome,
            done=done,
            by_hand=left,
            reason=reason,
            places=(f"customer:{task.ref.id}", *(HANDS[field] for field in sorted(left) if field in HANDS)),
        )

    def _unsubscribe(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Ends every channel that lives: letters, and text messages."""
        ended: dict[str, list[Answer | None]] = {task.ref.id: [] for task in tasks}
        for channel, (operation, name) in _CHANNELS.items():
            own = [task for task in tasks if channel in consent.living(task.live.raw)]
            inputs = [{"input": {"customerId": task.live.raw["id"], name: self._no_more()}} for task in own]
            for task, answer in zip(own, self._writes.run(operation, inputs), strict=True):
                ended[task.ref.id].append(answer)
        for task in tasks:
            yield _unsubscribed(task, ended[task.ref.id])

    def _no_more(self) -> Mapping[str, str]:
        moment = self._clock().isoformat(timespec="seconds")
        return {"marketingState": "UNSUBSCRIBED", "consentUpdatedAt": moment}


def _may_be_deleted(task: Task) -> bool:
    """Whether Shopify lets a customer go, and no newsletter's rule takes more than a mere contact."""
    mere = task.ref.kind is Kind.CUSTOMER or customers.contact_only(task.live.raw)
    return mere and bool(task.live.raw.get("canDelete"))


def _unsubscribed(task: Task, answers: Sequence[Answer | None]) -> Receipt:
    """Stopped once every channel is; a person who is gone, or had left before, is already gone."""
    if all(answer is not None and is_gone(answer) for answer in answers):
        return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
    reason = next((found for answer in answers if (found := refusal(answer))), "")
    if reason:
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
    return Receipt(ref=task.ref, outcome=Outcome.STOPPED, done=task.fields)


def _as_now(task: Task, customer: Node) -> Task:
    """The same task on the customer as just read."""
    live = task.live
    now = Live(record=live.record, handles=live.handles, raw=customer, money=live.money)
    return Task(live=now, action=task.action, fields=task.fields, token=task.token)


def _not_deleted(task: Task, answer: Answer, *, gone: bool) -> Receipt:
    """The receipt of one whom Shopify refused to delete and would let go all the same, or who has gone."""
    if gone:
        return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=refusal(answer))


class DraftWriter:
    """Deletes draft orders; an abandoned checkout no API removes."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """One receipt per task."""
        drafts = [task for task in tasks if task.ref.kind is Kind.DRAFT_ORDER]
        if drafts and not self._writes.may(DRAFTS):
            for task in drafts:
                reason = Reason.LACKS_SCOPE.of(DRAFTS)
                yield Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)
            drafts = []
        inputs = [{"input": {"id": gid(Kind.DRAFT_ORDER, task.ref.id)}} for task in drafts]
        for task, answer in zip(drafts, self._writes.run("draft_delete", inputs), strict=True):
            yield deleted(task, answer)
        for task in tasks:
            if task.ref.kind is not Kind.DRAFT_ORDER:
                yield Receipt(ref=task.ref, outcome=Outcome.BY_HAND, reason=Reason.GOES_BY_ITSELF)
