"""Builds the platform that settings name."""

from collections.abc import Mapping
from typing import Any

from adapters.woocommerce.client import connect
from adapters.woocommerce.platform import WooCommerce
from connector.ports import Clock, Keyer


def build(settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> WooCommerce:
    """The platform these settings name; sends nothing yet."""
    return WooCommerce(connect(settings), settings, keyer=keyer, clock=clock)
