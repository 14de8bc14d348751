"""Notes are gone where the shop shows what stays beside them, or says so of one by its id."""

from typing import Any

import pytest
import requests

from adapters.http import Answer
from adapters.woocommerce.client import says_gone
from adapters.woocommerce.notes import Notes
from connector.errors import Rejected
from connector.places.suspected import Own
from sandbox.wire import encode

ORDER = "5003"


def note(id: int, text: str = "Åsa ringde", *, author: str = "anna", order: str = ORDER) -> dict[str, Any]:
    up = [{"href": f"https://shop.example/wp-json/wc/v3/orders/{order}"}]
    return {"id": id, "author": author, "note": text, "customer_note": False, "_links": {"up": up}}


SYSTEM = note(1, "Order status changed.", author="WooCommerce")


def gone() -> Rejected:
    return Rejected(
        "Gone.", adapter="woocommerce", operation="note", status=404, code="woocommerce_rest_invalid_id"
    )


class Shop:
    """Notes of one order, in a shop that may keep what it was asked to delete, or list nothing."""

    def __init__(self, *notes: dict[str, Any], keeps: bool = False, says: str = "deleted") -> None:
        self.notes = {one["id"]: one for one in notes}
        self.keeps, self.says = keeps, says
        self.lists: list[dict[str, Any]] | None = None
        self.calls: list[str] = []

    def get(self, route: str, *_: Any, **__: Any) -> Answer:
        self.calls.append(route)
        if route.endswith("/notes"):
            return answered(list(self.notes.values()) if self.lists is None else self.lists)
        found = self.notes.get(int(route.rpartition("/")[2]))
        if found is None:
            raise gone()
        return answered(found)

    def delete(self, route: str, **_: Any) -> Answer:
        self.calls.append(f"DELETE {route}")
        id = int(route.rpartition("/")[2])
        found = self.notes[id] if self.keeps else self.notes.pop(id)
        if self.says == "gone":
            raise gone()
        return answered(found)


def answered(body: Any) -> Answer:
    response = requests.Response()
    response.status_code, response._content = 200, encode(body)
    return Answer(response, lambda *_: Rejected("No.", adapter="woocommerce", operation="note"))


def delete(shop: Shop, *, lists: list[dict[str, Any]] | None = None) -> int:
    notes = Notes(shop)  # type: ignore[arg-type]
    found = notes.personal(ORDER, Own())
    shop.lists = lists
    return notes.delete(ORDER, found)


def test_a_note_that_the_list_no_longer_shows_beside_one_that_stays_is_gone() -> None:
    shop = Shop(SYSTEM, note(2))
    assert delete(shop) == 1
    assert shop.calls[1:] == ["DELETE orders/5003/notes/2", "orders/5003/notes"]


def test_an_empty_list_is_held_to_a_note_s_own_id() -> None:
    shop = Shop(note(2), note(3))
    assert delete(shop) == 2
    assert shop.calls[-1] == "orders/5003/notes/2"


@pytest.mark.parametrize("says", ["deleted", "gone"])
@pytest.mark.parametrize("lists", [None, []], ids=["listed", "hidden"])
@pytest.mark.parametrize("beside", [(), (SYSTEM,)], ids=["alone", "beside"])
def test_a_note_that_is_kept_is_kept_whatever_the_deletion_and_the_list_say(
    says: str, lists: list[dict[str, Any]] | None, beside: tuple[dict[str, Any], ...]
) -> None:
    with pytest.raises(Rejected) as caught:
        delete(Shop(*beside, note(2), keeps=True, says=says), lists=lists)
    assert caught.value.code == "note_kept"


@pytest.mark.parametrize(
    "strange", [note(7, order="5999"), {**note(7), "_links": {}}], ids=["other", "unnamed"]
)
def test_notes_that_do_not_name_the_order_as_their_own_are_unread(strange: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as caught:
        Notes(Shop(SYSTEM, strange)).personal(ORDER, Own())  # type: ignore[arg-type]
    assert caught.value.code == "another_order"
    assert not says_gone(caught.value, frozenset({"another_order"}))


def test_an_order_without_notes_to_take_is_asked_nothing_more() -> None:
    shop = Shop(SYSTEM)
    assert delete(shop) == 0
    assert shop.calls == ["orders/5003/notes"]
