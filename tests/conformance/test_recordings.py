"""The stand-in shop, loaded with the real store, against every recorded exchange with a real WooCommerce.

Compared: the status, the headers that a client reads, error bodies word for word, and the shape
(keys and types) of every other body. Where a recording needs a state that the store does not have,
ARRANGED makes it; where a recording cannot be replayed, SET_ASIDE says why.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from woocommerce.oauth import OAuth

from sandbox import Sandbox
from tests.support import shared_folder

Json = dict[str, Any]

try:
    FOLDER: Path | None = shared_folder() / "woocommerce" / "recordings"
except (pytest.skip.Exception, pytest.fail.Exception):
    FOLDER = None
NAMES = sorted(path.stem for path in FOLDER.glob("*.json")) if FOLDER else []

# Exchanges that cannot be replayed, each with the reason.
SET_ASIDE: dict[str, str] = {}
# Answers that depend on nothing but the store: they must be the same to the last letter.
EXACT = {
    "coupons_list", "customer_by_email", "customer_full", "customers_list", "customers_list_last_page",
    "order_refunds", "orders_batch_fields_trick", "orders_list_fields", "orders_page_beyond_last",
    "orders_search_email", "product_reviews", "refunds_list", "system_status_fields", "taxes_list",
}  # fmt: skip
FAULTS = {
    "error_nginx_403_html": "403_html",
    "error_nginx_502_html": "502_html",
    "error_nginx_503_ratelimit_html": "503_html",
}
READ_ONLY = ("error_readonly_key_write", "error_readonly_key_batch", "error_readonly_key_delete")
STATE = ("orders", "customers", "notes", "refunds", "coupons", "reviews", "taxes", "downloads")
HEADERS = ("X-WP-Total", "X-WP-TotalPages", "Allow", "Content-Type", "X-Redirect-By")
# Totals that depend on how many records the lab held when the exchange was recorded.
COUNTED = {"wc_analytics_customers_reports": ("X-WP-Total", "X-WP-TotalPages")}


def arrange_trashed(shop: Any) -> None:
    """A bin with one order in it: the recording's own is older than the store."""
    order = json.loads(json.dumps(shop.orders[5795]))
    shop.orders[5745] = {**order, "id": 5745, "status": "trash"}


def arrange_note(shop: Any) -> None:
    """An order with the note that the recording deletes; both are older than the store."""
    shop.orders[5763] = {**shop.orders[5795], "id": 5763}
    note = {"id": 17442, "author": "WooCommerce", "date_created": "2020-06-20T11:11:50"}
    shop.notes[5763] = [
        {**note, "date_created_gmt": note["date_created"], "note": "Lager", "customer_note": False}
    ]


def arrange_order_5803(shop: Any) -> None:
    """The notes of order 5803, which is not one of the tenth orders whose notes the store has."""
    shop.notes[5803] = [{**note, "id": 9_000_000 + place} for place, note in enumerate(shop.notes[5795])]


def arrange_untaxed(*numbers: int) -> Callable[[Any], None]:
    """Orders without VAT: the exchanges were recorded before the store's tax table was filled."""

    def arrange(shop: Any) -> None:
        shop.taxes = []
        for number in numbers:
            order = shop.orders[number]
            order["tax_lines"] = []
            for line in [*order["line_items"], *order["shipping_lines"]]:
                line["taxes"] = []

    return arrange


def arrange_no_taxes(shop: Any) -> None:
    """An empty tax table, as when the exchange was recorded."""
    shop.taxes = []


def arrange_customers(*numbers: int) -> Callable[[Any], None]:
    """Accounts that the lab deleted before the store was written down."""

    def arrange(shop: Any) -> None:
        for number in numbers:
            shop.customers[number] = {**json.loads(json.dumps(shop.customers[2122])), "id": number}

    return arrange


def arrange_downloads(shop: Any) -> None:
    """Two downloads of a customer; the store lists none."""
    row = {
        "download_id": "dl28", "download_url": "https://butik.example/?download_file=28", "product_id": 28,
        "product_name": "Vara", "download_name": "E-bok", "order_id": 5803, "order_key": "wc_order_x",
        "downloads_remaining": "unlimited", "access_expires": "never", "access_expires_gmt": "never",
        "file": {"name": "E-bok", "file": "https://butik.example/ebok.pdf"},
    }  # fmt: skip
    shop.downloads[2124] = [row, dict(row)]


def arrange_coupon(shop: Any) -> None:
    """The coupon whose write killed PHP; it was deleted before the store was written down."""
    shop.coupons[5777] = {**shop.coupons[11132], "id": 5777}


def arrange_admin(shop: Any) -> None:
    """Nothing: the store has the administrator."""
    assert shop.customers[1]["role"] == "administrator"


ARRANGED: dict[str, Callable[[Any], None]] = {
    "error_order_already_trashed": arrange_trashed,
    "error_note_delete_no_force": arrange_note,
    "order_note_delete": arrange_note,
    "order_notes": arrange_order_5803,
    "order": arrange_untaxed(5803),
    "order_anonymise_put": arrange_untaxed(5803),
    "order_trash": arrange_untaxed(5848),
    "order_delete_force": arrange_untaxed(5848),
    "orders_list": arrange_untaxed(5795, 5797, 5798, 5799, 5801),
    "orders_batch_success": arrange_untaxed(5841, 5842, 5845),
    "orders_batch_partial_failure": arrange_untaxed(5846, 5847, 5848),
    "taxes_list": arrange_no_taxes,
    "customer": arrange_customers(190),
    "customers_list": arrange_admin,
    "customer_delete": arrange_customers(3522),
    "customers_batch_delete": arrange_customers(2121),
    "error_customer_delete_no_force": arrange_customers(190),
    "customer_downloads": arrange_downloads,
    "error_500_fatal": arrange_coupon,
}


@pytest.fixture(scope="module")
def box(shared: Path) -> Iterator[Sandbox]:
    """The services over the store of a real shop."""
    with Sandbox.load_store(shared / "woocommerce" / "store", today=date(2026, 11, 22)) as running:
        yield running


@pytest.fixture(scope="module")
def pristine(box: Sandbox) -> bytes:
    """The store as it was loaded."""
    return msgspec.msgpack.encode({name: getattr(box.woocommerce.shop, name) for name in STATE})


@pytest.fixture
def fresh(box: Sandbox, pristine: bytes, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The same services, put back afterwards as they were where the exchange can have changed them."""
    yield box
    name = request.node.callspec.params["name"]
    exchange = recording(name)
    wrote = exchange["request"]["method"] != "GET" and exchange["response"]["status"] == 200
    if name in ARRANGED or wrote:
        for state, rows in msgspec.msgpack.decode(pristine, strict=False).items():
            setattr(box.woocommerce.shop, state, rows)
    box.woocommerce.faults.clear()
    box.woocommerce.server.body_limit = 8 * 1024 * 1024


def recording(name: str) -> Json:
    """One recorded exchange."""
    assert FOLDER is not None
    loaded: Json = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def body_of(request: Json) -> bytes | None:
    """The recorded body as bytes; the one described in words is made."""
    body = request["body"]
    if body is None:
        return b"{ }" if request["path"].endswith("/batch") else None
    if body == {"update": "101 items"}:
        body = {"update": [{"id": number} for number in range(101)]}
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def send(box: Sandbox, name: str) -> requests.Response:
    """Sends the recorded request with the credentials and over the scheme that it was recorded with."""
    asked, shop = recording(name)["request"], box.woocommerce
    path = asked["path"].replace("/wc/v3/../../wc-analytics", "/wc-analytics")
    params = {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in asked["params"].items()
    }
    headers = {"Content-Type": "application/json", "X-Forwarded-Proto": "https"}
    auth: tuple[str, str] | None = (shop.key, shop.secret)
    url = shop.url + path
    if name in READ_ONLY:
        auth = (shop.read_key, shop.read_secret)
    elif name in ("error_no_auth", "error_wrong_key"):
        auth = None if name == "error_no_auth" else ("ck_wrong", "cs_wrong")
    elif name == "error_wrong_secret":
        auth = (shop.key, "cs_wrong")
    elif name in ("error_basic_over_http", "error_query_string_auth_http", "error_html_404_wrong_base"):
        del headers["X-Forwarded-Proto"]
        auth = auth if name != "error_query_string_auth_http" else None
    elif name.startswith("error_oauth"):
        del headers["X-Forwarded-Proto"]
        auth, params, url = None, {}, signed(box, name, url)
    return requests.request(
        asked["method"], url, params=params, data=body_of(asked), headers=headers, auth=auth, timeout=10,
        allow_redirects=False,
    )  # fmt: skip


def signed(box: Sandbox, name: str, url: str) -> str:
    """A signed address with the fault that the recording is about."""
    shop = box.woocommerce
    options = {"oauth_timestamp": 1_000_000_000} if name == "error_oauth_old_timestamp" else {}
    secret = "cs_other" if name == "error_oauth_bad_signature" else shop.secret
    address: str = OAuth(url, shop.key, secret, version="wc/v3", method="GET", **options).get_oauth_url()
    if name == "error_oauth_replay":
        assert requests.get(address, timeout=10).status_code == 200
    return address


def relations(link: str) -> list[str]:
    """The relations that a Link header names."""
    return re.findall(r'rel="([^"]+)"', link)


def shape(value: Any) -> Any:
    """Keys and types of a body; rows of a list must all have one of the shapes seen."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    if isinstance(value, bool) or value is None:
        return "bool" if isinstance(value, bool) else None
    return "number" if isinstance(value, int | float) else "text"


def differences(seen: Any, wanted: Any, place: str = "") -> list[str]:
    """Where two shapes differ; null fits any type, and an empty list any list."""
    if seen is None or wanted is None or seen == wanted:
        return []
    if isinstance(seen, dict) and isinstance(wanted, dict):
        odd = [
            f"{place}.{key} only {'wanted' if key in wanted else 'seen'}"
            for key in seen.keys() ^ wanted.keys()
        ]
        return odd + [
            row
            for key in seen.keys() & wanted.keys()
            for row in differences(seen[key], wanted[key], f"{place}.{key}")
        ]
    if isinstance(seen, list) and isinstance(wanted, list):
        if not seen or not wanted:
            return []
        return [row for n, part in enumerate(seen) if (row := closest(part, wanted, f"{place}[{n}]"))]
    return [f"{place}: {seen} for {wanted}"]


def closest(part: Any, wanted: list[Any], place: str) -> str:
    """The differences of one row to the row it is most like."""
    tries = [differences(part, row, place) for row in wanted]
    best = min(tries, key=len)
    return "; ".join(best)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SET_ASIDE])
def test_the_sandbox_answers_as_the_real_server_did(fresh: Sandbox, name: str) -> None:
    wanted = recording(name)["response"]
    ARRANGED.get(name, lambda shop: None)(fresh.woocommerce.shop)
    if name in FAULTS:
        fresh.woocommerce.faults.add(FAULTS[name])
    if name == "error_nginx_413_html":
        fresh.woocommerce.server.body_limit = 1

    answer = send(fresh, name)

    assert answer.status_code == wanted["status"]
    for header in HEADERS:
        if header not in COUNTED.get(name, ()):
            assert answer.headers.get(header) == wanted["headers"].get(header), header
    if "Link" in wanted["headers"]:
        assert relations(answer.headers["Link"]) == relations(wanted["headers"]["Link"])
    check_body(answer, wanted["body"])
    if name in EXACT:
        assert without_host(answer.json()) == without_host(wanted["body"])


def without_host(body: Any) -> Any:
    """A body with the server's own address taken out."""
    return json.loads(re.sub(r"https?://127\.0\.0\.1:\d+", "", json.dumps(body)))


def check_body(answer: requests.Response, wanted: Any) -> None:
    """Errors word for word, everything else by shape."""
    if isinstance(wanted, str):
        assert answer.text == wanted
    elif answer.status_code >= 400:
        assert answer.json() == wanted
    else:
        assert differences(shape(answer.json()), shape(wanted)) == []


def test_every_recording_is_replayed_or_set_aside_with_a_reason(shared: Path) -> None:
    on_disk = {path.stem for path in (shared / "woocommerce" / "recordings").glob("*.json")}
    assert len(on_disk) == 75
    assert set(NAMES) == on_disk
    assert set(SET_ASIDE) | set(ARRANGED) | set(FAULTS) | EXACT <= on_disk
    assert all(SET_ASIDE.values())
