"""The tables of what `gallra serve` does: when it runs, where it listens, what it tells a monitor."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictStr, model_validator

from connector.about.refusing import refuse
from connector.about.secrets import Secret
from connector.about.tables import Table
from connector.about.web import SecureUrl, is_loopback
from connector.settings.cron import fault_of

_LISTEN = re.compile(r"([0-9A-Za-z.-]+|\[[0-9a-f:]+\]):(?P<port>\d{1,5})")


def _listen(value: str) -> str:
    found = _LISTEN.fullmatch(value)
    if not found or not 1 <= int(found["port"]) <= 65535:
        raise refuse('is no address and port. Write listen = "127.0.0.1:8080".')
    return value


def _cron(value: str) -> str:
    if fault := fault_of(value):
        raise refuse(
            f"is no cron line of five fields: {fault}. "
            'Write minute, hour, day, month and weekday: cron = "15 3 * * 1" for Mondays at 03:15.'
        )
    return value


class Schedule(Table):
    """When `gallra serve` runs."""

    cron: Annotated[StrictStr, AfterValidator(_cron)] | None = None


class Webhooks(Table):
    """Where `gallra serve` hears from the platform, and the secret it signs with."""

    listen: Annotated[StrictStr, AfterValidator(_listen)] = "127.0.0.1:8080"
    secret: Secret


class Metrics(Table):
    """Where figures of the runs are written, and where `gallra serve` answers with them."""

    file: Path | None = None
    listen: Annotated[StrictStr, AfterValidator(_listen)] | None = None


class Serve(Table):
    """Where `gallra serve` listens for keys, and the address under which others reach it there."""

    listen: Annotated[StrictStr, AfterValidator(_listen)] = "127.0.0.1:8080"
    url: SecureUrl | None = None


def _bare(url: str) -> str:
    """A passkey is of a host and a scheme: what stands behind them would be refused by no browser."""
    if urlsplit(url).path not in ("", "/"):
        raise refuse("is the address of the pages alone, without a path. Write https://gallra.example.")
    return url.rstrip("/")


def _public(url: str) -> str:
    """Whoever gets the link opens it elsewhere: https, and no address of this machine or an inner network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        public = ipaddress.ip_address(host).is_global
    except ValueError:
        public = "." in host and not is_loopback(host)
    if parts.scheme != "https" or not public:
        raise refuse("is an address that nobody outside can open. Write https://ask.shop.example.")
    return url


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise refuse('is no address of a proxy. Write proxies = ["127.0.0.1"].') from None
    return value


def _must_be_sealed(table: "Web | Form") -> None:
    """Refuses a certificate without its key, and plain http beyond this machine."""
    host = table.listen.rpartition(":")[0].strip("[]")
    if (table.certificate is None) != (table.key is None):
        raise refuse("names a certificate or a key alone. Give both, as PEM files, or neither.")
    if table.certificate is None and not is_loopback(host):
        raise refuse(
            "would travel in clear text. Listen on 127.0.0.1 behind a proxy with https, or give "
            "certificate and key."
        )


class Web(Table):
    """Where the pages are shown, and the address that a browser asks for them; passkeys are of that address.

    `url` stands for `http://localhost` and the port where it is not given. Plain http is for this machine.
    """

    listen: Annotated[StrictStr, AfterValidator(_listen)] = "127.0.0.1:8090"
    url: Annotated[SecureUrl, AfterValidator(_bare)] | None = None
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _not_in_clear_text(self) -> "Web":
        _must_be_sealed(self)
        if self.certificate is not None and self.url is None:
            raise refuse("has a certificate and no url. Write url, the https address that a browser asks.")
        return self


class Form(Table):
    """Where anybody asks for their own data, and the public address that the link in their mail leads to.

    `proxies` are those whose word on who asks is believed (X-Forwarded-For); nobody else's is.
    """

    listen: Annotated[StrictStr, AfterValidator(_listen)] = "127.0.0.1:8091"
    url: Annotated[SecureUrl, AfterValidator(_bare), AfterValidator(_public)]
    proxies: tuple[Annotated[StrictStr, AfterValidator(_network)], ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _not_in_clear_text(self) -> "Form":
        _must_be_sealed(self)
        if self.certificate is None and not self.proxies:
            raise refuse(
                "has no certificate, so a proxy stands in front, and everybody has its address. Name it, so "
                'that one visitor cannot shut the others out: proxies = ["127.0.0.1"].'
            )
        return self
