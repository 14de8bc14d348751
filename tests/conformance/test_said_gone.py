"""A platform whose write says that a record is gone, and whose read shows it alive: nothing of it is done."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.errors import RetryLater
from connector.ports import Live
from connector.records import Outcome, Ref
from sandbox.box import Sandbox
from sandbox.mailchimp.answers import missing
from sandbox.wire import Answer, Request, encode
from tests.conformance.test_platforms import ALL, OfTheSandbox

CODES = {
    "orders": "woocommerce_rest_shop_order_invalid_id",
    "customers": "woocommerce_rest_invalid_id",
    "reviews": "woocommerce_rest_review_invalid_id",
    "coupons": "woocommerce_rest_shop_coupon_invalid_id",
}
_SHOPIFY_ID = re.compile(rb"gid://shopify/(Order|Customer)/\d+")
Lie = Callable[[Request], Request | Answer]


def woocommerce(request: Request) -> Request | Answer:
    """Every item of a batch, and every single write, has no record."""
    code = next((code for part, code in CODES.items() if f"/{part}" in request.path), "")
    error = {"code": code, "message": "Invalid ID.", "data": {"status": 404}}
    if request.method == "GET" or not code:
        return request
    if not request.path.endswith("/batch"):
        return Answer(404, error)
    asked: dict[str, list[Any]] = request.json()
    return Answer(200, {
        verb: [{"id": one["id"] if isinstance(one, dict) else one, "error": error} for one in items]
        for verb, items in asked.items()
    })  # fmt: skip


def mailchimp(request: Request) -> Request | Answer:
    """No member and no cart is there to be written."""
    written = "/members/" in request.path or "/carts/" in request.path
    return missing().answer if written and request.method != "GET" else request


def shopify(request: Request) -> Request | Answer:
    """A mutation is carried out on records that are not there."""
    if b"mutation" in request.body:
        request.body = _SHOPIFY_ID.sub(rb"gid://shopify/\1/99999999", request.body)
    return request


LIES: dict[str, Lie] = {"woocommerce": woocommerce, "mailchimp": mailchimp, "shopify": shopify}


class Lying:
    """A service whose writes say gone."""

    def __init__(self, inner: Any, lie: Lie) -> None:
        self._inner, self._lie, self.lied = inner, lie, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def answer(self, request: Request, fault: Any) -> Answer:
        """The lie, or the service's own answer."""
        before = encode([request.method, request.path, request.body])
        told = self._lie(request)
        self.lied += isinstance(told, Answer) or encode([told.method, told.path, told.body]) != before
        return told if isinstance(told, Answer) else self._inner.answer(told, fault)


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, orders=40, customers=40) as running:
        yield running


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_record_that_only_its_write_calls_gone_is_not_gone(case: OfTheSandbox, box: Sandbox) -> None:
    platform = case.build(box)
    lives = case.some(platform, 3)
    service = case.running(box)
    service.server.service = lying = Lying(service.server.service, LIES[case.named])
    called: dict[Ref, Outcome] = {}
    try:
        called.update((receipt.ref, receipt.outcome) for receipt in platform.apply(case.tasks(lives)))
    except RetryLater:
        assert case.named == "shopify"  # what could not be settled stops the run, and says so
    assert lying.lied
    assert set(called.values()) <= {Outcome.REFUSED}
    service.server.service = lying._inner
    refs = [live.ref for live in lives]
    assert [type(look) for look in platform.fetch(refs)] == [Live] * len(refs)
