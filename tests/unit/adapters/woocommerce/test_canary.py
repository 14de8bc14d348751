"""One known person goes through every call: no log, error, receipt, record or cursor repeats them."""

import hashlib
import logging

import msgspec
import pytest

from adapters.woocommerce.platform import WooCommerce
from connector.errors import GallraError
from connector.ports import Task
from connector.records import Action, Field, Kind, Ref
from sandbox import Sandbox
from sandbox.woocommerce.shop import Shop
from tests.unit.adapters.woocommerce.conftest import platform_of

ADDRESS = "kanarie.fagel@kund.example"
NUMBER = "19421210-9807"
WORDS = (
    "Kanarie", "Fågelström", ADDRESS, "731234567", "Burgatan", NUMBER, "kanarie-klarna", "7788",
    "198.51.100.77",
)  # fmt: skip


def place(shop: Shop) -> int:
    billing = {"first_name": "Kanarie", "last_name": "Fågelström", "address_1": "Burgatan 1", "city": "Umeå",
               "postcode": "90325", "phone": "0731234567"}  # fmt: skip
    meta = {"_wc_klarna_order_id": "kanarie-klarna", "pnr": NUMBER, ADDRESS: "nyckel", "okand": ADDRESS}
    order = shop.place_order(email=ADDRESS, billing=billing, meta=meta, status="completed")
    shop.edit_order(order["id"], customer_note="Portkod 7788, hälsar Kanarie",
                    customer_ip_address="198.51.100.77", customer_user_agent="Kanariewebb/1.0")  # fmt: skip
    shop.add_note(order["id"], f"Kanarie Fågelström {ADDRESS}", author="Karin")
    return int(order["id"])


def hashes() -> list[str]:
    plain = ADDRESS.encode()
    return [kind(plain).hexdigest() for kind in (hashlib.md5, hashlib.sha1, hashlib.sha256)]


def clean(text: str) -> bool:
    return not [word for word in (*WORDS, *hashes()) if word.casefold() in text.casefold()]


def everything(platform: WooCommerce, order_id: int) -> str:
    """All that the adapter hands out of one order, except the live record itself."""
    told = [msgspec.json.encode(page).decode() for page in platform.pull(Kind.ORDER, since=None)]
    lives = list(platform.fetch([Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order_id))]))
    told += [repr(live) for live in lives] + [live.money for live in lives]
    told.append(msgspec.json.encode(platform.check()).decode())
    tasks = [Task(live=live, action=Action.REDACT, fields=frozenset(Field)) for live in lives]
    told += [msgspec.json.encode(receipt).decode() for receipt in platform.apply(tasks)]
    return "\n".join(told)


def test_nothing_that_is_kept_or_logged_repeats_the_person(
    platform: WooCommerce, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = everything(platform, place(shop)) + caplog.text
    assert len(told) > 1000
    assert clean(told)


@pytest.mark.parametrize("fault", ["fatal_500", "403_html", "html", "cut", "429", "503_html"])
@pytest.mark.parametrize("match", ["GET orders", "orders/batch", "notes"])
def test_no_error_repeats_the_person(
    box: Sandbox, shop: Shop, caplog: pytest.LogCaptureFixture, fault: str, match: str
) -> None:
    caplog.set_level(logging.DEBUG)
    platform = platform_of(box)
    order_id = place(shop)
    lives = list(platform.fetch([Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order_id))]))
    box.woocommerce.faults.add(fault, match, times=-1)
    with pytest.raises(GallraError) as caught:  # noqa: PT012
        list(
            platform.apply([Task(live=live, action=Action.REDACT, fields=frozenset(Field)) for live in lives])
        )
        list(platform.fetch([live.record.ref for live in lives]))
    error = caught.value
    assert clean(f"{error!s} {error!r} {vars(error)} {error.__context__!r} {error.__cause__!r} {caplog.text}")
