"""Builds the platform that settings name."""

from collections.abc import Mapping
from typing import Any

from adapters.network import Network
from adapters.shopify.client import connect
from adapters.shopify.files import Files
from adapters.shopify.platform import Shopify
from connector.ports import Clock, Keyer


def build(settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> Shopify:
    """The platform these settings name; sends nothing yet."""
    return Shopify(connect(settings), Files(network=Network.of(settings)), settings, keyer=keyer, clock=clock)
