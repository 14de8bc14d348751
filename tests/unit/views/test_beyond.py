"""The places of a whole shop that no API reaches: in plan and protocol, whatever the run took."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.mailchimp.service import Mailchimp
from adapters.woocommerce.client import connect
from connector.errors import Exit
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop
from tests.unit.adapters.told import no_wait

NAMED = {
    "download_log", "payment_tokens", "scheduled_actions", "sessions", "deleted_orders_notes", "logs",
    "customer_lookup", "old_storage",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries."""
    for built in (Mailchimp.__init__, connect):
        monkeypatch.setitem(built.__kwdefaults__, "sleep", no_wait)


def by_hand(shop: SandboxShop, *words: str) -> dict[str, int | None]:
    """The places of a document's by-hand list, with their counts."""
    told: dict[str, Any] = json.loads(shop.gallra(*words, "--json").out)
    return {one["place"]: one["count"] for one in told["by_hand"]}


def test_plan_show_and_protocol_name_every_place_that_no_api_of_the_shop_reaches(tmp_path: Path) -> None:
    with Sandbox(seed=7, customers=12, orders=40) as box:
        box.woocommerce.shop.frozen_posts = 31
        shop = make_shop(box, tmp_path / "shop")
        for word in ("check", "pull"):
            assert shop.gallra(word).code == Exit.DONE
        planned = by_hand(shop, "plan")
        assert set(planned) >= NAMED
        assert planned["old_storage"] == 31
        assert planned["customer_lookup"]
        assert by_hand(shop, "show").keys() >= NAMED
        shop.approve("--first-run")
        shop.mark_listeners()
        for word in ("apply", "verify"):
            shop.gallra(word)
        assert set(by_hand(shop, "report")) >= NAMED
