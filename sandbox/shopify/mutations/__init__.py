"""The mutations, by name."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.context import Context
from sandbox.shopify.mutations import addresses, bulk, consent, customers, erasures, orders, others, tags
from sandbox.wire import Json

MUTATIONS: dict[str, Callable[[Any, Context, Json], Any]] = {
    **addresses.MUTATIONS,
    **bulk.MUTATIONS,
    **consent.MUTATIONS,
    **customers.MUTATIONS,
    **erasures.MUTATIONS,
    **orders.MUTATIONS,
    **others.MUTATIONS,
    **tags.MUTATIONS,
}
