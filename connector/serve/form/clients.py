"""Who asks: the address that a connection has, or that a proxy which is believed says; and how often."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Sequence

AN_HOUR = 3600.0
_REMEMBERED = 5_000  # addresses
_NETWORK_OF_ONE = 64  # bits: whoever has an IPv6 address has as many others as they like


def client_of(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The address that asks: the last that no believed proxy has, read from the nearest on.

    `forwarded` are the values of X-Forwarded-For in their order. What is no address is believed of nobody:
    then it is the proxy that asked.
    """
    hops = [one.strip() for value in forwarded for one in value.split(",")]
    asks = peer
    while hops and _is_of(asks, proxies):
        hop = hops.pop()
        if _address(hop) is None:
            break
        asks = hop
    return asks


def _is_of(address: str, proxies: Sequence[str]) -> bool:
    found = _address(address)
    return found is not None and any(found in ipaddress.ip_network(one) for one in proxies)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def household(address: str) -> str:
    """Whom an address is counted as: itself, or its network of 64 bits."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _NETWORK_OF_ONE), strict=False))
    return str(found or address)


class Hourly:
    """Buckets that fill by the hour, one for each address; those unused for the longest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def may(self, address: str) -> bool:
        """Whether this address may ask once more now."""
        now, whose = time.monotonic(), household(address)
        left, at = self._buckets.pop(whose, (float(self._most), now))
        left = min(self._most, left + (now - at) * self._most / AN_HOUR)
        self._buckets[whose] = (left - 1 if left >= 1 else left, now)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return left >= 1


__all__ = ["Hourly", "client_of", "household"]
