"""A living customer and a living order of each store, beside which an empty filtered list counts.

A list that Mailchimp filters answers [] for nobody there and for a filter that something in between broke.
So what the whole list shows must be shown by its own filtered question too, before an absence is believed.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from adapters.mailchimp.service import Mailchimp, no_control
from connector.errors import Rejected, RetryLater


class Controls:
    """What absence is held against in the named stores: one customer and one order each, asked once."""

    def __init__(self, service: Mailchimp, stores: Sequence[str]) -> None:
        self._service = service
        self._stores = stores
        self._doubts: dict[tuple[str, str], Rejected | RetryLater] = {}
        self._found_by_id: set[str] = set()  # stores of which an order was found by its id
        self._asking = threading.Lock()

    def ask(self) -> "Controls":
        """Asks for each store, before anything of it is deleted; raises AccessDenied."""
        for store in self._stores:
            self._hold("customers", store, self._customers)
            self._hold("orders", store, self._orders)
        return self

    def customers(self, store: str, address: str) -> list[str]:
        """The ids of a store's customers with this address; none only beside a living one."""
        return self._service.customers(store, address) or self._believed("customers", store)

    def orders_of(self, store: str, customer: str) -> list[str]:
        """The ids of a customer's orders; none only beside a living one."""
        return self._service.orders_of(store, customer) or self._believed("orders", store)

    def order(self, store: str, order: str) -> bool:
        """Whether a store has an order of this id; none only beside a living one that its id finds."""
        if self._service.order(store, order) is not None:
            self._found_by_id.add(store)
            return True
        self._by_id(store)
        self._believed("order", store)
        return False

    def _by_id(self, store: str) -> None:
        """Holds the look-up by id to an order that the store's list shows, once a store."""
        with self._asking:
            if store in self._found_by_id:
                return
            self._hold("order", store, self._living_order)
            if ("order", store) not in self._doubts:
                self._found_by_id.add(store)

    def _believed(self, what: str, store: str) -> list[str]:
        doubt = self._doubts.get((what, store))
        if doubt is not None:
            raise doubt
        return []

    def _hold(self, what: str, store: str, prove: Callable[[str], bool]) -> None:
        try:
            if not prove(store):
                raise no_control(f"find {what}")
        except (Rejected, RetryLater) as error:
            self._doubts[what, store] = error
        else:
            self._doubts.pop((what, store), None)

    def _living_order(self, store: str) -> bool:
        shown = self._service.some_orders(store)
        return shown is None or any(self._service.order(store, order) is not None for order, _ in shown)

    def _customers(self, store: str) -> bool:
        return _one(self._service.some_customers(store), partial(self._service.customers, store))

    def _orders(self, store: str) -> bool:
        return _one(self._service.some_orders(store), partial(self._service.orders_of, store))


def _one(shown: Sequence[tuple[str, str]] | None, filtered: Callable[[str], list[str]]) -> bool:
    """Whether the first row shown is found by its own question; a list that counts none needs no control."""
    if shown is None:
        return True
    return bool(shown) and shown[0][0] in filtered(shown[0][1])
