"""Where in a plan the steps of each rule lie: counted once a plan, which never changes, and kept for some."""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from connector.ledger.plans.pages import StepPages
from connector.records import Wave
from connector.shop import Shop

KEPT = 8
"""Plans whose places are kept: four bytes for each step and rule, two megabytes for 100,000 records."""


class Rule(NamedTuple):
    """One rule of one round."""

    wave: Wave
    rule: str


Places = Mapping[Rule, "array[int]"]


class Indexes:
    """The places of the plans looked at last, by shop and digest; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, str], Places] = OrderedDict()

    def forget(self) -> None:
        """Forgets every plan: the next look counts anew."""
        with self._lock:
            self._found.clear()

    def of(self, shop: Shop, plan_id: int, digest: str) -> Places:
        """The sequence numbers of each rule's steps, in their order."""
        key = (shop.ledger.shop, digest)
        with self._lock:
            known = self._found.get(key)
            if known is not None:
                self._found.move_to_end(key)
                return known
        found = _read(lambda: StepPages(shop.ledger), plan_id)
        with self._lock:
            self._found[key] = found
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return found


def _read(pages: Callable[[], StepPages], plan_id: int) -> Places:
    found: dict[Rule, array[int]] = {}
    for seq, wave, rules in pages().rules(plan_id):
        for rule in rules:
            found.setdefault(Rule(wave, rule), array("I")).append(seq)
    return found
