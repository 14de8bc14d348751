"""Mailchimp as a recipient: the orders and customers that a shop's connection copied there.

Subscribers are not touched here; they fall due by their own rules on the platform.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from adapters.deliveries import Patience, abreast, asked_to_wait, reason_of
from adapters.mailchimp.about import ORDERS, PEOPLE
from adapters.mailchimp.access import check_account
from adapters.mailchimp.control import Controls
from adapters.mailchimp.service import CONNECTIONS, Mailchimp, unread
from connector.errors import Rejected, RetryLater, SettingsError
from connector.ports import NEVER_THERE, Access, Act, Delivery, DeliveryReceipt, Finding, Interest, Role, Seen
from connector.records import Outcome

FOUND = "found:"
"""How the token of a delivery begins whose copy was found, with the note of its receipt."""


class MailchimpProcessor:
    """Erases e-commerce orders and customers in the named stores, which must be this shop's own."""

    name = "mailchimp"
    role = Role.PROCESSOR
    recipient = "MC"
    calls_each = 3.3  # of a delivery: read, deleted or cleaned, and read back; some are listed first

    def __init__(self, service: Mailchimp, settings: Mapping[str, Any]) -> None:
        self._service = service
        self._stores: tuple[str, ...] = tuple(settings.get("stores") or ())
        self.interests = self._interests(str(settings.get("order_ids") or "number"))

    def _interests(self, order_ids: str) -> tuple[Interest, ...]:
        if order_ids not in ORDERS:
            raise SettingsError(['mailchimp.order_ids: is neither "number" nor "id"; write one of them'])
        return (ORDERS[order_ids], *PEOPLE) if self._stores else ()

    def check(self) -> Access:
        """The key, and that the named stores are there."""
        return check_account(self._service, lists=None, stores=self._stores)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Orders first, then people: a guest goes only when none of their orders remain."""
        if not deliveries:
            return
        try:
            self._service.require(self._service.stores(), self._stores, "stores")
        except RetryLater as error:
            yield from (asked_to_wait(delivery, reason_of(error), error.after) for delivery in deliveries)
            return
        patience = Patience()
        orders = [delivery for delivery in deliveries if _is_order(delivery)]
        unfinished: set[str] = set()
        order_of = {delivery.id: delivery.ref.id for delivery in orders}
        people = [delivery for delivery in deliveries if not _is_order(delivery)]
        controls = self._controls(people)
        erasing_order = _believed(partial(self._erase_order, controls=controls))
        erase_order = partial(patience.attempt, work=erasing_order)
        for receipt in abreast(erase_order, orders, workers=CONNECTIONS):
            if receipt.retry:
                unfinished.add(order_of[receipt.id])
            yield receipt
        erasing = _believed(partial(self._erase_person, unfinished=unfinished, controls=controls))
        erase_person = partial(patience.attempt, work=erasing)
        yield from abreast(erase_person, people, workers=CONNECTIONS)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """Looks for each handle in every named store."""
        if deliveries:
            self._service.require(self._service.stores(), self._stores, "stores")
            controls = self._controls([delivery for delivery in deliveries if not _is_order(delivery)])
            yield from abreast(partial(self._find, controls=controls), deliveries, workers=CONNECTIONS)

    def _controls(self, people: Sequence[Delivery]) -> Controls:
        """What the absence of these people is held against; asked for before any of them is deleted."""
        controls = Controls(self._service, self._stores)
        return controls.ask() if any(one.act is Act.ERASE for one in people) else controls

    def _erase_person(
        self, delivery: Delivery, *, unfinished: Collection[str], controls: Controls
    ) -> DeliveryReceipt:
        if delivery.act is Act.ERASE and delivery.handle == "guest_email":
            return self._erase_guest(delivery, unfinished, controls)
        if delivery.act is Act.ERASE and delivery.handle == "email":
            return self._erase_customer(delivery, controls)
        return _receipt(delivery, Outcome.REFUSED, "not_understood")

    def _erase_order(self, delivery: Delivery, *, controls: Controls) -> DeliveryReceipt:
        if delivery.act is not Act.ERASE:
            return _receipt(delivery, Outcome.REFUSED, "not_understood")
        service, order = self._service, delivery.value
        holding = [store for store in self._stores if controls.order(store, order)]
        _note_found(delivery, holding)
        deleted = [service.delete_order(store, order) for store in holding]
        return _told(delivery, deleted)

    def _erase_guest(
        self, delivery: Delivery, unfinished: Collection[str], controls: Controls
    ) -> DeliveryReceipt:
        found = self._customers(delivery.value, controls)
        orders = {order for store, customer in found for order in controls.orders_of(store, customer)}
        # The order that asks may itself still await its deletion; another run finds it gone.
        if orders and (orders == {delivery.ref.id} or delivery.ref.id in unfinished):
            return asked_to_wait(delivery, "own_order_still_there")
        if orders:
            return _receipt(delivery, Outcome.STALE, "kept_by_other_orders")
        return self._delete_customers(delivery, found)

    def _erase_customer(self, delivery: Delivery, controls: Controls) -> DeliveryReceipt:
        found = self._customers(delivery.value, controls)
        remain = any(controls.orders_of(store, customer) for store, customer in found)
        return self._delete_customers(delivery, found, note="orders_remain" if remain else "")

    def _delete_customers(
        self, delivery: Delivery, found: Sequence[tuple[str, str]], *, note: str = ""
    ) -> DeliveryReceipt:
        _note_found(delivery, found, note)
        deleted = [self._service.delete_customer(store, customer) for store, customer in found]
        return _told(delivery, deleted, note)

    def _customers(self, address: str, controls: Controls) -> list[tuple[str, str]]:
        return [
            (store, customer) for store in self._stores for customer in controls.customers(store, address)
        ]

    def _find(self, delivery: Delivery, *, controls: Controls) -> Finding:
        try:
            seen, reason = self._look(delivery, controls)
        except Rejected as error:
            seen, reason = Seen.UNREAD, reason_of(error)
        return Finding(id=delivery.id, seen=seen, reason=reason)

    def _look(self, delivery: Delivery, controls: Controls) -> tuple[Seen, str]:
        if _is_order(delivery):
            there = any(controls.order(store, delivery.value) for store in self._stores)
            return (Seen.STILL_THERE if there else Seen.GONE), ""
        found = self._customers(delivery.value, controls)
        if not found:
            return Seen.GONE, ""
        if delivery.handle == "guest_email" and any(controls.orders_of(*pair) for pair in found):
            # A guest who has bought again since: that order's own rule takes the copy.
            return Seen.CANNOT_BE_KNOWN, "kept_by_other_orders"
        return Seen.STILL_THERE, ""


def _believed(work: Callable[[Delivery], DeliveryReceipt]) -> Callable[[Delivery], DeliveryReceipt]:
    """The work, whose answers that say nothing of what was asked wait for another run."""

    def attempt(delivery: Delivery) -> DeliveryReceipt:
        try:
            return work(delivery)
        except Rejected as error:
            if unread(error):
                return asked_to_wait(delivery, f"unread:{reason_of(error)}")
            raise

    return attempt


def _is_order(delivery: Delivery) -> bool:
    return delivery.handle in {one.handle for one in ORDERS.values()}


def _note_found(delivery: Delivery, found: Sequence[object], note: str = "") -> None:
    """Puts on disk that a copy was there, before it is deleted: a try after a lost answer finds none."""
    if found:
        delivery.about_to(FOUND + note)


def _told(delivery: Delivery, deleted: Sequence[bool], note: str = "") -> DeliveryReceipt:
    """What deleting came to: `never_there` where the look-up found none, `gone` where another was first.

    The read-back is verify's, of what was never there too: a copy that is there is pushed again.
    """
    if delivery.token.startswith(FOUND) and not any(deleted):  # an earlier try deleted it, unheard
        return _receipt(delivery, Outcome.DONE, delivery.token.removeprefix(FOUND))
    if not deleted:
        return _receipt(delivery, Outcome.ALREADY_GONE, NEVER_THERE)
    if not any(deleted):
        return _receipt(delivery, Outcome.ALREADY_GONE, "gone")
    return _receipt(delivery, Outcome.DONE, note)


def _receipt(delivery: Delivery, outcome: Outcome, reason: str) -> DeliveryReceipt:
    return DeliveryReceipt(id=delivery.id, outcome=outcome, reason=reason)
