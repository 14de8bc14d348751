"""Connections that go to public addresses alone: what is written in a file leads nobody into the own network.

The address is looked at that was connected to, before a byte is sent: a name that is another host the next
moment (DNS rebinding) is found too. Behind a proxy it is the proxy that connects, and that decides.
"""

import ipaddress
import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from adapters.watch import Lifeline, Watched

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotPublic(Exception):
    """The address is inside a network of somebody's own."""


def is_address(host: str) -> bool:
    """Whether a host is written as its IP address."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


class _Public(Lifeline):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        if not is_public(str(made.getpeername()[0])):
            made.close()
            raise NotPublic
        return made


class _Plain(_Public, HTTPConnection):
    pass


class _Secure(_Public, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class PublicOnly(Watched):
    """Sends to public addresses alone. Raises NotPublic before anything is sent."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """The pools of this service; those behind a proxy stay as they are."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
