"""What of a shop's file reaches the adapter."""

from pathlib import Path

import pytest

from adapters.shopify.build import build
from connector.errors import SettingsError
from connector.identity import make_keyer
from connector.records import Field
from connector.settings import load_settings, resolve_secrets
from tests.unit.adapters.shopify.conftest import NOW, settings

FILE = """\
[shop]
id = "linne"
name = "Linne"
[platform]
name = "shopify"
url = "https://linne-och-lin.myshopify.com"
token = { env = "TOKEN" }
delete_orders = true
harmless_metafields = ["app.parcel_weight"]
[platform.order_meta]
"Barnets namn" = "gift_recipient"
[platform.order_metafields]
"custom.personnummer" = "personal_number"
[platform.customer_metafields]
"custom.born" = "birth_date"
"""


def load(folder: Path, text: str) -> dict[str, object]:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    found = load_settings(path, environ={"TOKEN": "hush"})
    return found.adapter_settings("shopify", resolve_secrets(found))


def test_the_adapter_gets_its_table_with_the_token_as_plain_text(tmp_path: Path) -> None:
    assert load(tmp_path, FILE) == {
        "url": "https://linne-och-lin.myshopify.com",
        "token": "hush",
        "connections": 2,
        "timezone": "Europe/Stockholm",
        "delete_orders": True,
        "order_meta": {"Barnets namn": Field.GIFT_RECIPIENT},
        "order_metafields": {"custom.personnummer": Field.PERSONAL_NUMBER},
        "customer_metafields": {"custom.born": Field.BIRTH_DATE},
        "harmless_metafields": ["app.parcel_weight"],
    }


def test_a_metafield_without_its_namespace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"namespace\.key"):
        load(tmp_path, FILE.replace("custom.born", "born"))


@pytest.mark.parametrize("url", ["https://linne.example", "https://myshopify.com.evil.example"])
def test_an_address_that_is_not_the_shops_own_at_shopify_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"NAME\.myshopify\.com"):
        build(settings(url=url), keyer=make_keyer(b"k" * 32), clock=lambda: NOW)


def test_a_shop_without_token_and_app_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs a token"):
        build(settings(token=""), keyer=make_keyer(b"k" * 32), clock=lambda: NOW)


def test_an_attribute_for_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="order_meta"):
        build(settings(order_meta={"x": "shoe_size"}), keyer=make_keyer(b"k" * 32), clock=lambda: NOW)
