"""Who may call the stand-in shop: OAuth over http, Basic over https, and a key that only reads."""

import base64
import json
from typing import Any

import pytest
import requests
from woocommerce import API
from woocommerce.oauth import OAuth

from sandbox import Sandbox
from tests.unit.sandbox.conftest import TODAY

HTTPS = {"X-Forwarded-Proto": "https"}


def get(box: Sandbox, path: str = "/wp-json/wc/v3/orders", **options: Any) -> requests.Response:
    return requests.get(f"{box.woocommerce.url}{path}", timeout=120, **options)


def signed(box: Sandbox, **changes: Any) -> str:
    service = box.woocommerce
    url = f"{service.url}/wp-json/wc/v3/orders?per_page=1&search=Åsa+%26+co"
    address: str = OAuth(url, service.key, service.secret, version="wc/v3", **changes).get_oauth_url()
    return address


def test_a_signature_over_parameters_with_odd_letters_is_good(box: Sandbox) -> None:
    assert requests.get(signed(box), timeout=120).status_code == 200


def test_a_nonce_is_good_once(box: Sandbox) -> None:
    address = signed(box)
    assert requests.get(address, timeout=120).status_code == 200
    again = requests.get(address, timeout=120)
    assert again.status_code == 401
    assert again.json()["message"] == "Invalid nonce - nonce has already been used."


def test_a_signature_made_for_another_address_is_turned_down(box: Sandbox) -> None:
    answer = requests.get(signed(box).replace("per_page=1", "per_page=2"), timeout=120)
    assert answer.json()["message"] == "Invalid signature - provided signature does not match."


def test_a_clock_that_is_off_is_turned_down(box: Sandbox) -> None:
    answer = requests.get(signed(box, oauth_timestamp=1_700_000_000), timeout=120)
    assert answer.json()["message"] == "Invalid timestamp."


def test_the_clock_fault_makes_the_shops_own_clock_wrong(box: Sandbox) -> None:
    box.woocommerce.faults.add("clock")
    assert requests.get(signed(box), timeout=120).json()["message"] == "Invalid timestamp."
    assert requests.get(signed(box), timeout=120).status_code == 200


def test_basic_is_read_over_https_only(box: Sandbox) -> None:
    auth = (box.woocommerce.key, box.woocommerce.secret)
    assert get(box, auth=auth).json()["code"] == "woocommerce_rest_cannot_view"
    assert get(box, auth=auth, headers=HTTPS).status_code == 200


def test_keys_in_the_address_are_read_over_https_only(box: Sandbox) -> None:
    params = {"consumer_key": box.woocommerce.key, "consumer_secret": box.woocommerce.secret}
    assert get(box, params=params).status_code == 401
    assert get(box, params=params, headers=HTTPS).status_code == 200


def test_a_shop_behind_https_reads_basic_without_a_proxys_header() -> None:
    with Sandbox(customers=5, orders=5, today=TODAY, https=True) as box:
        assert get(box, auth=(box.woocommerce.key, box.woocommerce.secret)).status_code == 200


def test_a_wrong_key_looks_like_no_key_and_a_wrong_secret_does_not(box: Sandbox) -> None:
    nobody = get(box, headers=HTTPS)
    wrong_key = get(box, headers=HTTPS, auth=("ck_x", "cs_x"))
    wrong_secret = get(box, headers=HTTPS, auth=(box.woocommerce.key, "cs_x"))
    assert wrong_key.json() == nobody.json()
    assert wrong_secret.json()["message"] == "Consumer secret is invalid."


@pytest.mark.parametrize("method", ["put", "post", "delete"])
def test_a_reading_key_cannot_write(box: Sandbox, method: str) -> None:
    service = box.woocommerce
    api = API(
        url=service.url, consumer_key=service.read_key, consumer_secret=service.read_secret, version="wc/v3"
    )
    number = next(iter(service.shop.orders))
    before = json.dumps(service.shop.orders[number])
    answer = (
        api.delete(f"orders/{number}") if method == "delete" else getattr(api, method)(f"orders/{number}", {})
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_authentication_error")
    assert json.dumps(service.shop.orders[number]) == before
    assert api.get(f"orders/{number}").status_code == 200


def test_the_root_is_open_and_names_the_api(box: Sandbox) -> None:
    answer = get(box, "/wp-json/")
    assert (answer.status_code, "wc/v3" in answer.json()["namespaces"]) == (200, True)


def test_the_plain_form_of_address_reads_no_keys(box: Sandbox) -> None:
    auth = (box.woocommerce.key, box.woocommerce.secret)
    answer = get(box, "/?rest_route=/wc/v3/orders", auth=auth, headers=HTTPS)
    assert answer.status_code == 401


def test_the_api_can_stand_under_another_prefix() -> None:
    with Sandbox(customers=5, orders=5, today=TODAY, rest_prefix="api") as box:
        auth = (box.woocommerce.key, box.woocommerce.secret)
        assert get(box, "/api/wc/v3/orders", auth=auth, headers=HTTPS).status_code == 200
        assert get(box, auth=auth, headers=HTTPS).status_code == 404


def test_a_broken_basic_header_is_no_key(box: Sandbox) -> None:
    for value in ("Basic ###", "Basic " + base64.b64encode(b"\xff\xfe").decode()):
        assert get(box, headers={**HTTPS, "Authorization": value}).status_code == 401
