"""What the stand-in shop keeps of its records before anybody has touched them."""

import pytest

from sandbox.shopify.making.sketches import (
    FIRST_CUSTOMER,
    FIRST_ORDER,
    Owned,
    Sketch,
    Sketches,
    number_at,
)
from sandbox.shopify.rows import Linked, Rows


def made(number: int) -> dict[str, object]:
    return {"number": number}


def test_a_record_is_built_anew_until_it_is_handed_out_to_be_changed() -> None:
    rows = Rows(made, range(1, 4))
    assert rows.read(2) is not rows.read(2)
    rows[2]["note"] = "ändrad"
    assert rows.read(2)["note"] == "ändrad"


def test_a_deleted_record_is_gone_until_it_is_put_back() -> None:
    rows = Rows(made, range(1, 4))
    del rows[2]
    rows[9] = made(9)
    assert (list(rows), len(rows), 2 in rows) == ([1, 3, 9], 3, False)
    assert rows.find(2) is None
    with pytest.raises(KeyError):
        del rows[2]
    rows[2] = made(2)
    assert (len(rows), 2 in rows) == (4, True)


def test_a_packed_sketch_says_what_was_put_in() -> None:
    sketches = Sketches()
    for at, (state, linked) in enumerate((("fulfilled", True), ("pending", False), ("fulfilled", False))):
        sketches.add(Sketch(number_at(at), at, 5, linked, 1_700_000_000, state, 7, 0))
    assert list(sketches) == [FIRST_ORDER, FIRST_ORDER + 3, FIRST_ORDER + 6]
    expected = Sketch(FIRST_ORDER + 3, 1, 5, False, 1_700_000_000, "pending", 7, 0)
    assert sketches[FIRST_ORDER + 3] == expected
    with pytest.raises(KeyError):
        sketches[FIRST_ORDER + 1]


def test_each_customer_owns_their_orders_oldest_first() -> None:
    owned = Owned(3)
    for person in (1, None, 0, 1):
        owned.add(person)
    assert dict(owned) == {
        FIRST_CUSTOMER: [FIRST_ORDER + 6],
        FIRST_CUSTOMER + 1: [FIRST_ORDER, FIRST_ORDER + 9],
    }


def test_what_is_linked_to_a_customer_stays_and_what_is_taken_away_is_gone() -> None:
    linked = Linked({7: [1, 2]})
    linked.link(7, 5)
    linked.link(8, 6)
    assert (linked.read(7), linked.read(8), linked.read(9)) == ([1, 2, 5], [6], [])
    assert (list(linked), len(linked)) == ([7, 8], 2)
    linked[7].remove(1)
    assert linked.read(7) == [2, 5]
