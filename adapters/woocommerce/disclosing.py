"""Every value of a record with its fields: by the holdings that a redaction writes, so none is missed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.disclosed import by_places, disclosed
from adapters.woocommerce.holdings import Holding
from connector.ports.disclosing import Shown
from connector.records import Field

GIVEN = re.compile(
    r"(billing|shipping)\.|customer_note\Z|email\Z|first_name\Z|last_name\Z|username\Z|reviewer|review\Z|rating\Z"
    r"|line_items\.\d+\.(name|quantity|total|sku)\Z|date_created|number\Z|meta_data\[_?(billing|shipping)_"
)
"""What a buyer typed, and what they ordered (WP242: data provided by the data subject, observed included)."""
_BLOCK = re.compile(r"_(billing|shipping)_(.+)")


def shown(
    row: Mapping[str, Any], holdings: Iterable[Holding], table: Mapping[str, Field]
) -> tuple[Shown, ...]:
    """Every value of a record of WooCommerce, each with the fields that a redaction would take it for."""
    named = [(place, one.field) for one in holdings for place in _places(one)]
    return disclosed(row, by_places(named, table), given=GIVEN)


def _places(holding: Holding) -> Iterator[str]:
    """Where a holding stands in an answer: an internal key is a property there too."""
    if holding.top:
        yield holding.key
        return
    yield f"meta_data[{holding.key}]"
    if block := _BLOCK.fullmatch(holding.key):
        yield f"{block[1]}.{block[2]}"
    yield holding.key.removeprefix("_")
    yield holding.key
