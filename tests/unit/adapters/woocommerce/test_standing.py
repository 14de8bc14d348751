"""A list that shows nothing new proves nothing: what is known is held against the shop's own reports."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.woocommerce.platform import WooCommerce
from connector.ledger import open_ledger
from connector.ledger.store import Ledger
from connector.records import Kind
from connector.stages.pull import Pulled, Reading, pull
from sandbox import Sandbox
from sandbox.wire import Answer
from sandbox.woocommerce import api
from sandbox.woocommerce.auth import authenticate
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp
from tests.unit.adapters.woocommerce.conftest import platform_of


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return open_ledger(tmp_path / "ledger.sqlite", shop="egg", clock=lambda: datetime.now(UTC))


def pulled(ledger: Ledger, platform: WooCommerce, kind: Kind) -> Pulled:
    """One pull of one kind."""
    return pull(ledger, Reading(platforms={"woocommerce": platform}, key="k"), kinds=(kind,))[0]


def hide(box: Sandbox, rows: dict[int, Any], *routes: str) -> None:
    """From now on these lists leave the newest row out, and count one less."""
    service: Any = box.woocommerce.server.service
    answered, hidden, turn = service.answer, max(rows), threading.Lock()

    def answer(request: Any, fault: Any) -> Answer:
        with turn:
            taken = {hidden: rows.pop(hidden)} if request.path.endswith(routes) else {}
            try:
                found: Answer = answered(request, fault)
            finally:
                rows.update(taken)
        return found

    service.answer = answer


def new_order(shop: Shop) -> None:
    """A copy of an order, made now."""
    number = max(shop.orders) + 1000
    order = json.loads(json.dumps(next(row for row in shop.orders.values() if row["status"] == "completed")))
    order |= {"id": number, "number": str(number), "refunds": []}
    for name in ("created", "modified"):
        stamp(order, name, datetime.now(UTC))
    shop.orders[number] = order


def test_a_new_order_that_every_list_leaves_out_is_missing_by_the_totals_report(
    box: Sandbox, shop: Shop, ledger: Ledger
) -> None:
    assert pulled(ledger, platform_of(box), Kind.ORDER).complete
    assert pulled(ledger, platform_of(box), Kind.ORDER).complete
    new_order(shop)
    hide(box, shop.orders, "wc/v3/orders")
    short = pulled(ledger, platform_of(box), Kind.ORDER)
    assert (short.full, short.missing, short.why) == (False, 1, "")
    again = pulled(ledger, platform_of(box), Kind.ORDER)
    assert (again.full, again.missing) == (True, 1)


def test_a_new_account_that_every_list_leaves_out_is_missing_by_the_totals_report(
    box: Sandbox, shop: Shop, ledger: Ledger
) -> None:
    assert pulled(ledger, platform_of(box), Kind.CUSTOMER).complete
    assert pulled(ledger, platform_of(box), Kind.CUSTOMER).complete
    number = max(shop.customers) + 1000
    account = json.loads(json.dumps(next(iter(shop.customers.values()))))
    account |= {"id": number, "email": "ny@kund.example", "username": "ny", "role": "customer"}
    stamp(account, "created", datetime.now(UTC))
    shop.customers[number] = account
    hide(box, shop.customers, "wc/v3/customers", "reports/customers")
    short = pulled(ledger, platform_of(box), Kind.CUSTOMER)
    assert (short.full, short.missing) == (False, 1)


@pytest.mark.parametrize("kind", [Kind.REVIEW, Kind.COUPON])
def test_a_kind_that_is_read_whole_at_every_pull_is_held_against_its_count_every_time(
    kind: Kind, box: Sandbox, shop: Shop, ledger: Ledger
) -> None:
    rows = shop.reviews if kind is Kind.REVIEW else shop.coupons
    known = rows.pop(max(rows))
    assert pulled(ledger, platform_of(box), kind).complete
    rows[known["id"]] = known
    box.woocommerce.faults.add("leaves_out", "reviews$" if kind is Kind.REVIEW else "coupons$",
                               times=-1, row=str(known["id"]))  # fmt: skip
    short = pulled(ledger, platform_of(box), kind)
    assert (short.full, short.missing) == (False, 1)


@pytest.fixture
def drop(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Answers a list as if a parameter had not been sent, once the signature has been read."""

    def dropping(route: str, parameter: str) -> None:
        def known(request: Any, *given: Any, **named: Any) -> Any:
            key = authenticate(request, *given, **named)
            if request.path.endswith(route):
                request.query.pop(parameter, None)
            return key

        monkeypatch.setattr(api, "authenticate", known)

    return dropping


def test_accounts_of_another_role_that_the_list_drops_are_missing_by_the_report(
    drop: Callable[[str, str], None], box: Sandbox, shop: Shop, ledger: Ledger
) -> None:
    first = next(row for row in shop.customers.values() if row["role"] == "customer")
    first["role"] = "subscriber"
    drop("wc/v3/customers", "role")
    assert pulled(ledger, platform_of(box), Kind.CUSTOMER).missing == 1


@pytest.mark.parametrize("kind", [Kind.REVIEW, Kind.COUPON])
def test_a_list_that_does_not_heed_its_status_is_not_counted(
    kind: Kind, drop: Callable[[str, str], None], box: Sandbox, shop: Shop, ledger: Ledger
) -> None:
    rows = shop.reviews if kind is Kind.REVIEW else shop.coupons
    rows[max(rows)]["status"] = "trash"
    drop("reviews" if kind is Kind.REVIEW else "coupons", "status")
    assert pulled(ledger, platform_of(box), kind).why == "not_counted"


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON])
def test_a_total_below_the_rows_beside_it_is_no_count(kind: Kind, box: Sandbox, ledger: Ledger) -> None:
    service: Any = box.woocommerce.server.service
    answered = service.answer

    def answer(request: Any, fault: Any) -> Answer:
        found: Answer = answered(request, fault)
        if request.path.endswith(("wc/v3/customers", "reviews", "coupons")):
            found.headers["X-WP-Total"] = "1"
        elif "/reports/" in request.path:
            found.status, found.body = 404, b'{"code":"rest_no_route","message":"","data":{"status":404}}'
        return found

    service.answer = answer
    assert pulled(ledger, platform_of(box), kind).why == "not_counted"
