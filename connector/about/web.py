"""Addresses of services: https, unless on this machine, and nothing hidden in them."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, StrictStr

from connector.about.refusing import refuse

_OFFICE = re.compile(r"/wp-(?:admin|login\.php)(?:/|$)", re.IGNORECASE)


def _clean(url: str) -> str:
    """Refuses what is no web address, or one that holds credentials or a query."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise refuse("is no web address. Write https://shop.example.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise refuse("is no web address. Write https://shop.example.")
    if parts.username is not None or parts.password is not None:
        raise refuse("holds a user or password. Take it out; keys have lines of their own.")
    if parts.query or parts.fragment:
        raise refuse("holds a query or a fragment. Keep only https://host/path.")
    if _OFFICE.search(parts.path):
        raise refuse(
            "is a page for the shop's own people. Take away /wp-admin or /wp-login.php and what follows."
        )
    return url


def _secure(url: str) -> str:
    if in_clear_text(url):
        raise refuse("http would travel in clear text. Write https://.")
    return url


def in_clear_text(url: str) -> bool:
    """Whether keys sent to this address could be read on the way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


CleanUrl = Annotated[StrictStr, AfterValidator(_clean)]
"""An address that holds neither credentials nor a query."""

SecureUrl = Annotated[StrictStr, AfterValidator(_clean), AfterValidator(_secure)]
"""The same, over https unless it is this machine."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_web_address(url: str) -> bool:
    """Whether an address may stand in a settings file."""
    try:
        _secure(_clean(url))
    except ValueError:
        return False
    return True
