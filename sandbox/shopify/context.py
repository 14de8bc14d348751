"""What an operation is executed with."""

from dataclasses import dataclass, field

from sandbox.shopify.access import Token
from sandbox.shopify.bulk.operations import Operations
from sandbox.shopify.shop import Shop
from sandbox.wire import Json


@dataclass(slots=True)
class Context:
    """The shop, the caller, and what the caller is told beside the data."""

    shop: Shop
    token: Token
    bulk: Operations
    url: str
    versions: tuple[str, ...]
    refuses_half: bool = False  # every second mutation of a request, as a fault orders
    mutations: int = 0
    warnings: list[Json] = field(default_factory=list)
    returned: dict[str, int] = field(default_factory=dict)
