"""Abandoned carts that a shop's connection copied to its stores at Mailchimp (schedule T-50).

A connection makes a cart's id of what it likes, the plugin for WooCommerce of the address (its MD5), so the
index keeps a keyed hash of it: a cart is found again by reading its store's list, which no filter narrows.
Basis: mailchimp.com/developer/marketing/api/ecommerce-carts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from adapters.cursors import read_cursor
from adapters.disclosed import by_places, disclosed
from adapters.http import CACHED
from adapters.mailchimp.members import stockholm_date
from adapters.mailchimp.service import PAGE, Listed, Mailchimp
from connector.errors import Rejected
from connector.ports import Gone, Keyer, Live, Look, Page, Receipt, Task, Unread, went
from connector.ports.disclosing import Shown
from connector.records import Action, Facts, Field, Identifier, Kind, Outcome, Record, Ref, Value, to_bits

_GIVEN = re.compile(r"customer\.(email_address|first_name|last_name|company|address\.)")
HELD = (Field.NAME, Field.EMAIL, Field.COMPANY, Field.BILLING_ADDRESS)
_AGAIN = 10  # rows of a page that are read twice, for carts that went between two pages
_STANDING = ("updated_at", "created_at")
_PLACES = by_places(
    [
        ("customer.email_address", Field.EMAIL), ("customer.first_name", Field.NAME),
        ("customer.last_name", Field.NAME), ("customer.company", Field.COMPANY),
        ("customer.address", Field.BILLING_ADDRESS),
    ],
    {},
)  # fmt: skip


class _Place(Value, frozen=True, kw_only=True):
    """How far a walk over the carts of all stores has come, and how many there were as each began."""

    store: int = 0
    offset: int = 0
    counted: int = 0
    total: int = 0


class _Seen(NamedTuple):
    """The carts of a store as its list shows them now, by the ids of their records."""

    rows: dict[str, dict[str, Any]]


class Carts:
    """The carts of the named stores, and of no other."""

    def __init__(self, service: Mailchimp, stores: Sequence[str], *, keyer: Keyer) -> None:
        self._service, self._stores, self._keyer = service, tuple(stores), keyer

    def pull(self, since: str | None) -> Iterator[Page]:
        """Every cart: no filter finds what changed. A walk that was stopped goes on where it was."""
        place = (read_cursor(since, _Place) if since else None) or _Place()
        if place.store >= len(self._stores):
            place = _Place()
        if self._stores:
            self._service.require(self._service.stores(), self._stores, "stores")
        while place.store < len(self._stores):
            store = self._stores[place.store]
            listed = self._page(store, place.offset)
            if place.offset == 0:
                place = msgspec.structs.replace(
                    place, total=listed.total or 0, counted=place.counted + (listed.total or 0)
                )
            place = _after(place, listed)
            done = place.store == len(self._stores)
            yield Page(
                records=tuple(self._record(store, row) for row in listed.rows if not _fault(row)),
                unread=tuple(
                    Unread(ref=self._ref(store, row), reason=f"malformed:{_fault(row)}")
                    for row in listed.rows if _fault(row)
                ),
                cursor=msgspec.json.encode(place).decode(), total=place.counted, complete=done,
                counted=place.counted if done else None,
            )  # fmt: skip

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These carts as they are now; gone only where the whole list of their store, counted, lacks them."""
        seen: dict[str, _Seen | str] = {}
        for ref in refs:
            store = ref.id.partition(":")[0]
            if store not in seen:
                seen[store] = self._seen(store)
            found = seen[store]
            if isinstance(found, str):
                yield Unread(ref=ref, reason=found)
            elif ref.id not in found.rows:
                yield Gone(ref=ref)
            elif fault := _fault(found.rows[ref.id]):
                yield Unread(ref=ref, reason=f"malformed:{fault}")
            else:
                row = found.rows[ref.id]
                address = str(row["customer"].get("email_address") or "")
                handles = {"email": (address,)} if address else {}
                yield Live(record=self._record(store, row), handles=handles, raw=row)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Deletes carts whole: each store's list is read right before, and once more afterwards."""
        before, deleted = self._looks(tasks), dict[Ref, bool]()
        for task in tasks:
            try:
                left = self._delete(task, before[task.ref])
            except Rejected as error:
                left = _refused(task, f"rejected:{_why(error)}")
            if isinstance(left, Receipt):
                yield left
            else:
                deleted[task.ref] = left
        gone = [task for task in tasks if task.ref in deleted]
        after = self._looks(gone)
        for task in gone:
            yield _read_back(task, after[task.ref], deleted=deleted[task.ref])

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of a cart's customer."""
        return disclosed(live.raw, _PLACES, given=_GIVEN)

    def _looks(self, tasks: Sequence[Task]) -> dict[Ref, Look]:
        seen = self.fetch([task.ref for task in tasks])
        return {one.record.ref if isinstance(one, Live) else one.ref: one for one in seen}

    def _delete(self, task: Task, now: Look) -> Receipt | bool:
        """Whether a cart was there and was deleted now; the receipt of one that is not deleted after all."""
        if task.action is not Action.DELETE:
            return _refused(task, "not_understood")
        if isinstance(now, Unread):
            return _refused(task, f"unread:{now.reason}")
        if not isinstance(now, Live):
            return False
        if any(now.raw.get(name) != task.live.raw.get(name) for name in _STANDING):
            return Receipt(ref=task.ref, outcome=Outcome.STALE, reason="changed_meanwhile")
        return self._service.delete_cart(task.ref.id.partition(":")[0], str(now.raw["id"]))

    def _seen(self, store: str) -> _Seen | str:
        """Every cart of a store, or why its list is not believed: shorter or longer than it counts itself."""
        if store not in self._stores:
            return "store_not_named"
        rows: dict[str, dict[str, Any]] = {}
        try:
            offset, total = 0, None
            while total is None or offset < total:
                page = self._page(store, offset)
                total = page.total
                rows |= {self._ref(store, row).id: row for row in page.rows}
                if not page.rows:
                    break
                offset += len(page.rows)
        except Rejected as error:
            return CACHED if error.code == CACHED else f"rejected:{_why(error)}"
        return _Seen(rows) if len(rows) == total else "other_answer"

    def _page(self, store: str, offset: int) -> Listed:
        return self._service.carts(store, offset)

    def _ref(self, store: str, row: Mapping[str, Any]) -> Ref:
        digest = self._keyer("account", f"mailchimp cart {store}:{row['id']}") or b""
        return Ref(adapter="mailchimp", kind=Kind.CART, id=f"{store}:{digest.hex()[:32]}")

    def _record(self, store: str, row: Mapping[str, Any]) -> Record:
        ref, customer = self._ref(store, row), row.get("customer") or {}
        address = customer.get("address") or {}
        there = {
            Field.EMAIL: customer.get("email_address"),
            Field.NAME: customer.get("first_name") or customer.get("last_name"),
            Field.COMPANY: customer.get("company"),
            Field.BILLING_ADDRESS: any(value for key, value in address.items() if "country" not in key),
        }
        email = self._keyer("email", str(customer.get("email_address") or ""))
        changed = str(row.get("updated_at") or row.get("created_at") or "")
        return Record(
            ref=ref, version=changed, label=ref.id[-8:],
            facts=Facts(created=stockholm_date(row.get("created_at")), modified=stockholm_date(changed)),
            present=to_bits(frozenset(field for field, value in there.items() if value)),
            identifiers=(Identifier(type="email", digest=email),) if email else (),
            copies=("email",) if customer.get("email_address") else (),
        )  # fmt: skip


def _why(error: Rejected) -> str:
    """The service's own code of an error, or its status."""
    return error.code or (f"status_{error.status}" if error.status else "no_answer")


def _refused(task: Task, reason: str) -> Receipt:
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason)


def _read_back(task: Task, look: Look, *, deleted: bool) -> Receipt:
    """What came of a cart that was to go, by the list of its store afterwards."""
    if isinstance(look, Unread):
        return _refused(task, f"unread:{look.reason}")
    if isinstance(look, Live):
        return _refused(task, "still_there")
    return Receipt(ref=task.ref, outcome=Outcome.DONE, done=frozenset(HELD)) if deleted else went(task)


def _fault(row: Mapping[str, Any]) -> str:
    """The first part of a cart that cannot be read; empty where all can be."""
    customer = row.get("customer")
    if not isinstance(customer, dict):
        return "customer"
    address = customer.get("address")
    if address is not None and not isinstance(address, dict):
        return "address"
    days = [row.get(name) for name in ("updated_at", "created_at")]
    return "updated_at" if any(day and stockholm_date(day) is None for day in days) or not any(days) else ""


def _after(place: _Place, listed: Listed) -> _Place:
    """The place after a page: only what the service counts as the last ends a store."""
    shown = place.offset + len(listed.rows)
    if not listed.rows or shown >= (listed.total or 0):
        return _Place(store=place.store + 1, counted=place.counted)
    again = _AGAIN if len(listed.rows) >= PAGE else 0
    return msgspec.structs.replace(place, offset=place.offset + max(1, len(listed.rows) - again))


__all__ = ["HELD", "Carts"]
