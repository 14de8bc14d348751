"""Keys of a shop by its platform's own page: asked for once, received once, each into a file of its own."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from connector.about.secrets import Secret
from connector.errors import GallraError, Rejected, SettingsError
from connector.machine.files import write_text
from connector.ports.granting import KeyPage
from connector.records import Value
from connector.registry import build_key_page, has_key_page
from connector.serve.receive import Answer
from connector.settings import Settings
from connector.shop import Shop
from connector.text.decoding import json_as

HOURS = 1
"""How long a page that was asked for may be agreed to."""

LONGEST = 16 * 1024
"""Bytes of a message that brings keys."""

_PLAIN = 200  # characters of a key; WooCommerce's have 43


class Asked(Value, frozen=True, kw_only=True):
    """That keys were asked for: the word's checksum, never the word, and until when it counts."""

    word: str
    until: datetime


def key_files(settings: Settings) -> Mapping[str, Path]:
    """The file of each of the platform's keys. Raises SettingsError where one comes from elsewhere."""
    platform = settings.require_page()
    sources = {key: getattr(platform, key) for key in type(platform).needs}
    found: dict[str, Path] = {}
    for key, source in sources.items():
        if isinstance(source, str):
            continue  # the address, not a key
        path = source.file if isinstance(source, Secret) else None
        if path is None:
            text = f'must be a file for the keys to be put in. Write {key} = {{ file = "{key}.key" }}.'
            raise SettingsError([settings.fault(text, "platform", key)])
        found[key] = path
    return found


def page_of(settings: Settings) -> KeyPage:
    """The platform's page for keys. Raises GallraError where it has none."""
    platform = settings.require_page()
    if not has_key_page(platform.name):
        raise GallraError(f"{platform.name} has no page that makes keys. Make them in the shop's admin.")
    return build_key_page(platform.name, {"url": str(platform.url)})


def ask(shop: Shop, *, write: bool, again: bool) -> str:
    """The address where the shop's owner agrees, for an hour. Raises GallraError where keys are there."""
    settings = shop.settings
    files, page = key_files(settings), page_of(settings)
    served = settings.serve
    if served is None or served.url is None:
        raise GallraError(
            "Nobody can bring the keys: in the shop's file or agency.toml write [serve] with listen, and "
            "with url, where `gallra serve` is reached over https."
        )
    there = [str(path) for path in files.values() if path.exists()]
    if there and not again:
        raise GallraError(f"{', '.join(there)} exists and was left alone. To replace the keys: --again.")
    word = secrets.token_urlsafe(32)
    asked = Asked(word=_checksum(word), until=shop.clock() + timedelta(hours=HOURS))
    write_text(_asked_file(files, settings.shop.id), msgspec.json.encode(asked).decode())
    send_to = f"{str(served.url).rstrip('/')}/keys/{settings.shop.id}/{page.name}"
    return page.address(word=word, send_to=send_to, write=write)


class Keyring:
    """Takes in the keys of one shop, where they were asked for."""

    def __init__(self, shop: Shop, say: Callable[[str], None]) -> None:
        """Raises GallraError where the shop's keys cannot come by a page."""
        self.shop = shop
        self.page = page_of(shop.settings)
        self.files = key_files(shop.settings)
        self._say = say

    def receive(self, body: bytes) -> Answer:
        """Writes the keys of a message whose word was asked for; a word counts once."""
        asked = self._asked()
        if asked is None:
            return Answer.NOT_SIGNED
        try:
            granted = self.page.read(body)
        except Rejected:
            return Answer.UNREADABLE
        if not hmac.compare_digest(_checksum(granted.word), asked.word):
            return Answer.NOT_SIGNED
        if set(granted.values) != set(self.files) or not all(map(_is_plain, granted.values.values())):
            return Answer.UNREADABLE
        for key, path in self.files.items():
            write_text(path, granted.values[key])
        _asked_file(self.files, self._id).unlink()
        may = "read and write" if granted.may_write else "read"
        self._say(f"{self._id}: keys came from {self.page.name}, they may {may}. Next: `gallra check`.")
        return Answer.KEPT

    @property
    def _id(self) -> str:
        return self.shop.settings.shop.id

    def _asked(self) -> Asked | None:
        """What was asked for and still counts."""
        try:
            asked = json_as(_asked_file(self.files, self._id).read_bytes(), Asked)
        except OSError:
            return None
        return asked if asked is not None and self.shop.clock() <= asked.until else None


def _asked_file(files: Mapping[str, Path], shop: str) -> Path:
    """Where it stands that keys were asked for: beside the first of them."""
    return next(iter(files.values())).with_name(f".{shop}.keys-asked")


def _checksum(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _is_plain(key: str) -> bool:
    return 0 < len(key) <= _PLAIN and key.isascii() and key.isprintable()
