"""WooCommerce's totals reports: how many there are of each status, type or rating."""

from collections import Counter
from collections.abc import Iterable

from sandbox.wire import Answer, Json
from sandbox.woocommerce.context import Call
from sandbox.woocommerce.shop import STATUS_NAMES

_COUPON_TYPES = {"percent": "Percentage discount", "fixed_cart": "Fixed cart discount",
                 "fixed_product": "Fixed product discount"}  # fmt: skip
_STAFF = ("administrator", "shop_manager")


def orders(call: Call) -> Answer:
    """GET reports/orders/totals: registered statuses; no trash, auto-drafts or what nobody registers."""
    count = Counter(order["status"] for order in call.shop.orders.values())
    names = {status: STATUS_NAMES.get(status, status.title()) for status in call.shop.statuses}
    return _answer((status, name, count[status]) for status, name in names.items())


def customers(call: Call) -> Answer:
    """GET reports/customers/totals: accounts without administrators and shop managers."""
    rows = [row for row in call.shop.customers.values() if row["role"] not in _STAFF]
    paying = sum(bool(row.get("is_paying_customer")) for row in rows)
    return _answer(
        (("paying", "Paying customer", paying), ("non_paying", "Non-paying customer", len(rows) - paying))
    )


def reviews(call: Call) -> Answer:
    """GET reports/reviews/totals: rated reviews that are approved or wait."""
    rows = [row for row in call.shop.reviews.values() if row["status"] in ("approved", "hold")]
    count = Counter(row.get("rating") for row in rows)
    return _answer((f"rated_{n}_out_of_5", f"Rated {n} out of 5", count[n]) for n in range(1, 6))


def coupons(call: Call) -> Answer:
    """GET reports/coupons/totals: by type, whatever their status."""
    count = Counter(row["discount_type"] for row in call.shop.coupons.values())
    return _answer((slug, name, count[slug]) for slug, name in _COUPON_TYPES.items())


def _answer(counts: Iterable[tuple[str, str, int]]) -> Answer:
    rows: list[Json] = [{"slug": slug, "name": name, "total": total} for slug, name, total in counts]
    return Answer(200, rows, rows=1)
