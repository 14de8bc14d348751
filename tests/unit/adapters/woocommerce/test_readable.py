"""A key that WooCommerce always writes and that is missing says nothing: the record is unread, not empty."""

from typing import Any

import pytest

from adapters.woocommerce.readable import BLOCK_PARTS, NEEDED, plain, why_unreadable
from connector.records import Kind

BILLING = dict.fromkeys(sorted(BLOCK_PARTS), "")
SHIPPING = {part: "" for part in BILLING if part != "email"}
MISSING = [("billing", part) for part in BILLING] + [("shipping", part) for part in SHIPPING]


def row(kind: Kind, **more: Any) -> dict[str, Any]:
    """A whole row of a kind, all of it empty."""
    return {"id": 1} | dict.fromkeys(NEEDED[kind]) | {"status": "completed"} | more


def of_person(kind: Kind, **more: Any) -> dict[str, Any]:
    return row(kind, billing=dict(BILLING), shipping=dict(SHIPPING)) | more


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_a_whole_row_that_is_empty_is_read(kind: Kind) -> None:
    assert why_unreadable(plain(of_person(kind)), kind) == ""


@pytest.mark.parametrize(("block", "part"), MISSING)
@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_a_row_whose_block_lacks_a_key_is_unread(kind: Kind, block: str, part: str) -> None:
    made = of_person(kind)
    del made[block][part]
    assert why_unreadable(plain(made), kind) == "fields_missing"


@pytest.mark.parametrize("nothing", [None, [], {}])
@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_a_block_without_any_key_is_no_empty_address(kind: Kind, nothing: Any) -> None:
    assert why_unreadable(plain(of_person(kind, billing=nothing)), kind) == "fields_missing"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in NEEDED for name in sorted(NEEDED[kind])])
def test_a_row_that_lacks_a_part_is_unread(kind: Kind, name: str) -> None:
    made = of_person(kind) if "billing" in NEEDED[kind] else row(kind)
    del made[name]
    assert why_unreadable(plain(made), kind) == "fields_missing"
