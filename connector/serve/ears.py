"""Who is listened for: the shops that are served, each on its own address, while they come, change and go."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from connector.errors import GallraError, SettingsError
from connector.ledger.inbox import Inbox
from connector.records import Value
from connector.registry import build_webhooks, has_webhooks
from connector.serve.keys import Keyring
from connector.serve.metrics import metrics_text
from connector.serve.pages.serving import Pages
from connector.serve.receive import Receiver
from connector.serve.web import Application, Listening
from connector.settings import resolve_secrets
from connector.shop import Shop

Load = Callable[[Path], Shop]
Say = Callable[[str], None]


class _Heard(Value, frozen=True, kw_only=True):
    """What is listened for on one shop's behalf, at which addresses; empty where at none."""

    stamp: tuple[int, int]
    shop: Shop
    platform: str = ""
    webhooks_at: str = ""
    receiver: Receiver | None = None
    metrics_at: str = ""
    keys_at: str = ""
    keyring: Keyring | None = None

    @property
    def addresses(self) -> set[str]:
        return {self.webhooks_at, self.metrics_at, self.keys_at} - {""}

    @property
    def id(self) -> str:
        return self.shop.settings.shop.id


class Ears:
    """Receives for the shops that are served; those that name the same address share one server.

    The `pages`, where there are any, are shown beside: their address stays for as long as it runs.
    """

    def __init__(self, load: Load, say: Say, pages: Pages | None = None) -> None:
        self._load, self._say, self._pages = load, say, pages
        self._heard: dict[Path, _Heard] = {}
        self._servers: dict[str, Listening] = {}

    def hear(self, paths: Sequence[Path]) -> None:
        """Receives for these shops and no others.

        Raises SettingsError where a shop's platform sends no webhooks, or an address is taken.
        """
        self._take({path: self._of(path) for path in paths})
        for listen in self._addresses():
            self._listen(listen)

    def hear_as_far_as_can_be(self, paths: Sequence[Path], say: Say) -> None:
        """The same while serving: what cannot be received is said, and all else is."""
        found: dict[Path, _Heard] = {}
        for path in paths:
            try:
                found[path] = self._of(path)
            except GallraError as fault:
                say(f"{path.name}: nothing new is received for it: {fault}")
                found |= {path: self._heard[path]} if path in self._heard else {}
        self._take(found)
        for listen in self._addresses():
            try:
                self._listen(listen)
            except SettingsError as fault:
                say(str(fault))

    @property
    def servers(self) -> list[Listening]:
        """One for each address."""
        return list(self._servers.values())

    def stop(self) -> None:
        """Closes every address."""
        for server in self._servers.values():
            server.stop()

    def _addresses(self) -> list[str]:
        own = {self._pages.home.listen} if self._pages else set()
        return sorted(own | {one for each in self._heard.values() for one in each.addresses})

    def _take(self, found: dict[Path, _Heard]) -> None:
        """Hears these from here on; what nobody names any more is closed."""
        before, self._heard = self._heard, found
        for gone in self._servers.keys() - set(self._addresses()):
            self._servers.pop(gone).stop()
        for path, one in before.items():
            if found.get(path) is not one and one.receiver is not None:
                one.shop.ledger.engine.dispose()

    def _listen(self, listen: str) -> None:
        application = self._application(listen)
        if listen in self._servers:
            self._servers[listen].answer_by(application)
        else:
            shown = self._shown_at(listen)
            certificate = shown.home.certificate if shown else None
            self._servers[listen] = Listening(
                application, listen, addresses=len(self._addresses()), certificate=certificate
            )

    def _shown_at(self, listen: str) -> Pages | None:
        return self._pages if self._pages and self._pages.home.listen == listen else None

    def _application(self, listen: str) -> Application:
        heard = self._heard.values()
        shown = any(one.metrics_at == listen for one in heard)
        receivers = {
            (one.id, one.platform): one.receiver
            for one in heard
            if one.webhooks_at == listen and one.receiver is not None
        }
        keyrings = {
            (one.id, one.keyring.page.name): one.keyring
            for one in heard
            if one.keys_at == listen and one.keyring is not None
        }
        figures = partial(metrics_text, tuple(self._heard), self._load) if shown else None
        pages = self._shown_at(listen)
        return Application(receivers, keyrings, figures, pages.application if pages else None)

    def _of(self, path: Path) -> _Heard:
        """What is listened for, made once and kept for as long as the shop's file stays as it is."""
        known, stamp = self._heard.get(path), _stamp(path)
        return known if known and known.stamp == stamp else self._made(path, stamp)

    def _made(self, path: Path, stamp: tuple[int, int]) -> _Heard:
        shop = self._load(path)
        settings = shop.settings
        platform, receiver = receiver_of(shop) if settings.webhooks is not None else ("", None)
        keyring = keyring_of(shop, self._say)
        made = _Heard(
            stamp=stamp,
            shop=shop,
            platform=platform,
            receiver=receiver,
            webhooks_at=settings.webhooks.listen if settings.webhooks else "",
            metrics_at=settings.metrics.listen or "",
            keyring=keyring,
            keys_at=settings.serve.listen if keyring and settings.serve else "",
        )
        if made.webhooks_at:
            self._say(f"{path.name}: webhooks at /webhooks/{made.id}/{platform}.")
        if made.metrics_at:
            self._say(f"{path.name}: metrics at {made.metrics_at}/metrics.")
        return made


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was written and its length. Raises SettingsError where it is not there any more."""
    try:
        found = path.stat()
    except OSError:
        raise SettingsError([f"{path} cannot be read. Put it back, or give it to this user."]) from None
    return found.st_mtime_ns, found.st_size


@contextmanager
def listening(paths: Sequence[Path], load: Load, say: Say, pages: Pages | None = None) -> Iterator[Ears]:
    """Receives the webhooks of every shop that has [webhooks]; shows metrics where a shop names an address.

    And the pages, where there are any. For as long as the block runs. The metrics are those of every shop
    that is served. Raises SettingsError where a shop's platform sends no webhooks, or an address is taken.
    """
    ears = Ears(load, say, pages)
    try:
        ears.hear(paths)
        yield ears
    finally:
        ears.stop()


def keyring_of(shop: Shop, say: Say) -> Keyring | None:
    """What takes in the shop's keys; None where no page of its platform can bring them to files."""
    served = shop.settings.serve
    if served is None or served.url is None:
        return None
    try:
        return Keyring(shop, say)
    except GallraError:
        return None  # `gallra keys ask` says why


def receiver_of(shop: Shop) -> tuple[str, Receiver]:
    """The shop's ear, and the platform it is for; the ledger and its keys are opened here, not later."""
    platform = shop.settings.require_platform()
    if not has_webhooks(platform.name):
        text = f"{platform.name} sends Gallra no webhooks. Take [webhooks] out of the shop's file."
        raise SettingsError([shop.settings.fault(text, "webhooks")])
    own = {"url": str(platform.url), **resolve_secrets(shop.settings, only=("webhooks",))["webhooks"]}
    return platform.name, Receiver(Inbox(shop.ledger, shop.outbox.vault), build_webhooks(platform.name, own))
