"""Every stand-in service of one made-up shop, started and stopped together."""

import hashlib
from collections import Counter
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.data.history import make_shop
from sandbox.faults import Faults
from sandbox.server import Profile, Server, Service
from sandbox.store import load_shop
from sandbox.woocommerce.api import Api
from sandbox.woocommerce.auth import ApiKey
from sandbox.woocommerce.shop import Shop


class Running:
    """One service as others reach it: its address, what it served, and its faults."""

    def __init__(self, service: Service, profile: Profile, connection_limit: int | None = None) -> None:
        self.server = Server(service, profile, connection_limit)
        self.url = f"http://127.0.0.1:{self.server.port}"

    @property
    def requests(self) -> "Counter[tuple[str, str]]":
        """How often each (method, route template) was served."""
        return self.server.requests

    @property
    def faults(self) -> Faults:
        """The faults to order of this service."""
        return self.server.faults


class WooCommerce(Running):
    """The stand-in shop with a read/write key and a read-only one."""

    def __init__(self, shop: Shop, seed: int, profile: Profile, *, rest_prefix: str, https: bool) -> None:
        self.shop = shop
        self.key, self.secret = made_up_key("ck", seed), made_up_key("cs", seed)
        self.read_key, self.read_secret = made_up_key("ck", seed + 1), made_up_key("cs", seed + 1)
        keys = [ApiKey(self.key, self.secret, True), ApiKey(self.read_key, self.read_secret, False)]
        self.rest_prefix = rest_prefix
        super().__init__(Api(shop, keys, rest_prefix=rest_prefix, https=https), profile)

    def credentials(self) -> dict[str, Any]:
        """What a client needs, as the port file holds it."""
        names = ("url", "key", "secret", "read_key", "read_secret", "rest_prefix")
        return {name: getattr(self, name) for name in names}


def made_up_key(prefix: str, seed: int) -> str:
    """A key in the form a service gives them out, made from the seed."""
    return f"{prefix}_{hashlib.sha256(f'{prefix} {seed}'.encode()).hexdigest()[:40]}"


class Sandbox:
    """The services of one shop on ports of 127.0.0.1; a context manager."""

    def __init__(
        self, *, seed: int = 7, customers: int = 2000, orders: int = 5000, today: date | None = None,
        mode: str | Profile = "fast", shop: Shop | None = None, rest_prefix: str = "wp-json",
        https: bool = False,
    ) -> None:  # fmt: skip
        day = today or date.today()  # noqa: DTZ011
        if shop is None:
            shop, _ = make_shop(seed, customers, orders, day)
        self.woocommerce = WooCommerce(shop, seed, Profile.named(mode), rest_prefix=rest_prefix, https=https)
        self._services: dict[str, Running] = {"woocommerce": self.woocommerce}

    @classmethod
    def load_store(cls, folder: str | Path, *, today: date | None = None, **options: Any) -> Self:
        """The services of a shop that a real WooCommerce answered, kept as JSON lines in a folder."""
        day = today or date.today()  # noqa: DTZ011
        return cls(shop=load_shop(Path(folder), day), today=day, **options)

    def start(self) -> Self:
        """Opens every port."""
        for service in self._services.values():
            service.server.start()
        return self

    def stop(self) -> None:
        """Closes every port and connection."""
        for service in self._services.values():
            service.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def credentials(self) -> dict[str, Any]:
        """Every address and credential, by service."""
        return {name: service.credentials() for name, service in self._services.items()}  # type: ignore[attr-defined]
