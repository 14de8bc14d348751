"""Keys by the platform's own page: asked for once, in time, received into files that nobody else reads."""

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.woocommerce.key_page import WooCommerceKeys
from connector.calendar import STOCKHOLM
from connector.errors import GallraError, Rejected, SettingsError
from connector.serve.ears import keyring_of
from connector.serve.keys import Keyring, ask
from connector.serve.web import Application
from connector.shop import Shop, open_shop
from tests.unit.serve.made import asked_of

SHOP = """\
[shop]
id = "egg"
name = "Ägget"

[platform]
name = "woocommerce"
url = "https://egg.example/butik"
key = { file = "egg-key.key" }
secret = { file = "egg-secret.key" }

[serve]
url = "https://gallra.byran.example"
"""
NOW = datetime(2026, 11, 29, 12, tzinfo=STOCKHOLM)
KEYS = {"consumer_key": "ck_made_up", "consumer_secret": "cs_made_up"}


class _Asked:
    """A shop of which keys were asked for, and what answers its messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        file = folder / "egg.toml"
        file.write_text(SHOP, encoding="utf-8")
        self.shop: Shop = open_shop(file, environ={}, clock=lambda: self.now)
        self.said: list[str] = []
        keyring = keyring_of(self.shop, self.said.append)
        assert keyring is not None
        self.application = Application({}, {("egg", "woocommerce"): keyring})

    def ask(self, **more: bool) -> dict[str, str]:
        """What stands in the address of the page."""
        address = urlsplit(ask(self.shop, **{"write": True, "again": False, **more}))
        assert address.path == "/butik/wc-auth/v1/authorize"
        return {name: values[0] for name, values in parse_qs(address.query).items()}

    def post(self, body: Any, *, path: str = "/keys/egg/woocommerce") -> int:
        """The status of one message's answer."""
        return asked_of(self.application, path, "POST", json.dumps(body).encode())[0]

    @property
    def files(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in self.folder.glob("*.key")}


@pytest.fixture
def asked(tmp_path: Path) -> _Asked:
    return _Asked(tmp_path)


def test_keys_that_were_asked_for_come_into_their_files(asked: _Asked) -> None:
    word = asked.ask()["user_id"]
    assert asked.post({"user_id": word, "key_permissions": "read_write", **KEYS}) == 200
    assert asked.files == {"egg-key.key": "ck_made_up", "egg-secret.key": "cs_made_up"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in asked.folder.glob("*.key")} == {0o600}


def test_the_shop_can_be_opened_with_them(asked: _Asked) -> None:
    asked.post({"user_id": asked.ask()["user_id"], **KEYS})
    assert asked.shop.secrets["woocommerce"] == {"key": "ck_made_up", "secret": "cs_made_up"}


def test_the_page_says_where_they_are_to_come_and_what_they_may(asked: _Asked) -> None:
    told = asked.ask(write=False)
    assert told["callback_url"] == "https://gallra.byran.example/keys/egg/woocommerce"
    assert told["scope"] == "read"


def test_a_word_counts_once(asked: _Asked) -> None:
    word = asked.ask()["user_id"]
    asked.post({"user_id": word, **KEYS})
    assert asked.post({"user_id": word, **KEYS, "consumer_key": "ck_other"}) == 401
    assert asked.files["egg-key.key"] == "ck_made_up"


def test_a_word_counts_for_an_hour(asked: _Asked) -> None:
    word = asked.ask()["user_id"]
    asked.now = NOW + timedelta(hours=1, seconds=1)
    assert asked.post({"user_id": word, **KEYS}) == 401
    assert asked.files == {}


@pytest.mark.parametrize("word", ["", "guessed", "0"])
def test_keys_that_nobody_asked_for_are_refused(asked: _Asked, word: str) -> None:
    assert asked.post({"user_id": word, **KEYS}) == 401
    asked.ask()
    assert asked.post({"user_id": word, **KEYS}) == 401
    assert asked.files == {}


@pytest.mark.parametrize("change", [
    {"consumer_key": ""}, {"consumer_secret": "x"}, {"consumer_key": "ck_\n1"}, {"consumer_key": 7},
])  # fmt: skip
def test_what_is_no_key_is_written_nowhere(asked: _Asked, change: dict[str, Any]) -> None:
    assert asked.post({"user_id": asked.ask()["user_id"], **KEYS, **change}) == 400
    assert asked.files == {}


def test_the_word_itself_is_kept_nowhere(asked: _Asked) -> None:
    word = asked.ask()["user_id"]
    assert word not in "".join(path.read_text("utf-8") for path in asked.folder.iterdir())


def test_what_is_said_of_received_keys_holds_none(asked: _Asked) -> None:
    asked.post({"user_id": asked.ask()["user_id"], **KEYS})
    assert asked.said == ["egg: keys came from woocommerce, they may read. Next: `gallra check`."]


def test_keys_that_are_there_are_replaced_only_where_that_was_said(asked: _Asked) -> None:
    asked.post({"user_id": asked.ask()["user_id"], **KEYS})
    with pytest.raises(GallraError, match="--again"):
        asked.ask()
    assert asked.ask(again=True)


def test_keys_of_variables_have_no_file_to_come_to(tmp_path: Path) -> None:
    file = tmp_path / "egg.toml"
    file.write_text(SHOP.replace('{ file = "egg-key.key" }', '{ env = "EGG_KEY" }'), encoding="utf-8")
    shop = open_shop(file, environ={}, clock=lambda: NOW)
    with pytest.raises(SettingsError, match="must be a file"):
        ask(shop, write=True, again=False)
    assert keyring_of(shop, print) is None


def test_an_address_in_clear_text_is_refused_for_keys(tmp_path: Path) -> None:
    file = tmp_path / "egg.toml"
    file.write_text(SHOP.replace("https://gallra", "http://gallra"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"serve\.url"):
        open_shop(file, environ={})


def test_another_shops_path_takes_no_keys(asked: _Asked) -> None:
    word = asked.ask()["user_id"]
    assert asked.post({"user_id": word, **KEYS}, path="/keys/hen/woocommerce") == 404
    assert asked.post({"user_id": word, **KEYS}, path="/webhooks/egg/woocommerce") == 404


def test_a_message_that_is_none_of_woocommerces_is_refused_without_its_text() -> None:
    with pytest.raises(Rejected) as refused:
        WooCommerceKeys("https://egg.example").read(b'{"consumer_key": "ck_secret"}')
    assert "ck_secret" not in str(refused.value)


def test_a_keyring_needs_a_page(tmp_path: Path) -> None:
    file = tmp_path / "lin.toml"
    text = SHOP.replace("woocommerce", "shopify").replace("egg.example/butik", "lin.myshopify.com")
    file.write_text(
        text.replace("key = {", "token = {").replace('secret = { file = "egg-secret.key" }\n', ""),
        encoding="utf-8",
    )
    with pytest.raises(GallraError, match="no page that makes keys"):
        Keyring(open_shop(file, environ={}), print)
