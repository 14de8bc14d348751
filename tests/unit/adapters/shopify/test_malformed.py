"""A record of another form is unread by its id, and the others are read; nothing of it is a traceback."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, get_nullable_type
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import FieldInfo
from msgspec.structs import fields as parts_of

from adapters.shopify import shape_of_orders, shape_of_others, shapes
from adapters.shopify.answers import OddAnswer
from adapters.shopify.client import Client
from adapters.shopify.platform import Shopify
from adapters.shopify.reading import checked, unread
from adapters.shopify.sold import SoldTo
from adapters.shopify.sources import Source, sources
from adapters.shopify.status import on_plan
from connector.identity import make_keyer
from connector.ports import Live, Unread
from connector.records import Kind, Record, Ref
from tests.support import known_of_shopify
from tests.unit.adapters.shopify.conftest import NOW, Prepares
from tests.unit.adapters.shopify.made import cart, customer, draft, gift_card, order, paged

MADE = {
    Kind.ORDER: order, Kind.CUSTOMER: customer, Kind.SUBSCRIBER: customer, Kind.DRAFT_ORDER: draft,
    Kind.CART: cart, Kind.COUPON: gift_card,
}  # fmt: skip
SOURCES = sources({}, keyer=make_keyer(b"k" * 32), clock=lambda: NOW)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


class Asks(Client):
    """A client of a shop with every optional part, which answers nothing more."""

    def __init__(self) -> None:
        pass

    def features(self) -> frozenset[str]:
        return frozenset({"read_returns", "read_store_credit_accounts"})

    def run(self, name: str, *args: Any, **more: Any) -> Any:
        raise OddAnswer(name)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a record."""
    if at:
        yield at
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in keys:
        yield from places(inner, (*at, key))


def changed(node: dict[str, Any], at: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The record with another value at a place, or without it where the value is `...`."""
    found = deepcopy(node)
    within: Any = found
    for key in at[:-1]:
        within = within[key]
    if value is ...:
        del within[at[-1]]
    else:
        within[at[-1]] = value
    return found


def read(source: Source, node: Any) -> Record | Unread | None:
    """What a pull makes of a node."""
    found = checked(Asks(), source, node, fetched=source.kind is Kind.ORDER)
    if found is None or isinstance(found, Unread):
        return found
    source.holds(found)
    return source.to_live(found).record


@pytest.mark.parametrize("kind", MADE)
def test_a_record_of_the_form_that_was_asked_for_is_read(kind: Kind) -> None:
    assert isinstance(read(SOURCES[kind], MADE[kind]()), Record)


@pytest.mark.parametrize("kind", MADE)
@given(data=st.data())
def test_whatever_a_part_becomes_a_record_is_read_or_unread_by_its_id(
    kind: Kind, data: st.DataObject
) -> None:
    node = MADE[kind]()
    at = data.draw(st.sampled_from(list(places(node))))
    found = read(SOURCES[kind], changed(node, at, data.draw(JSON | st.just(...))))
    if at == ("id",):
        assert found is None or isinstance(found, Unread | Record)
        return
    assert found is not None
    assert found.ref == Ref(adapter="shopify", kind=kind, id=node["id"].rpartition("/")[2])


@pytest.mark.parametrize("kind", MADE)
@given(data=st.data())
def test_a_part_that_is_missing_leaves_the_record_unread_and_never_reads_as_empty(
    kind: Kind, data: st.DataObject
) -> None:
    node = MADE[kind]()
    at = data.draw(st.sampled_from([place for place in places(node) if asked(place)]))
    found = read(SOURCES[kind], changed(node, at, ...))
    assert isinstance(found, Unread)
    assert at[-1] in found.reason


def asked(place: tuple[Any, ...]) -> bool:
    """Whether a part is read at all; the record's own id apart, without which it has no name."""
    own = {"presentmentMoney", "currencyCode", "endCursor", "__typename"}
    passed_over = place == ("id",) or place[-2:] == ("firstVisit", "id")
    return isinstance(place[-1], str) and not own & set(place) and not passed_over


SILENT = ({"pageInfo": None}, {"pageInfo": ...}, {"pageInfo": {}}, {"pageInfo": {"hasNextPage": None}})


@pytest.mark.parametrize("kind", MADE)
def test_a_connection_that_does_not_say_whether_it_goes_on_leaves_the_record_unread(kind: Kind) -> None:
    node = MADE[kind]()
    ends = [at for at in places(node) if at[-1] == "pageInfo"]
    assert ends or not SOURCES[kind].connections
    for at in ends:
        for silent in SILENT:
            found = read(SOURCES[kind], changed(node, at, silent["pageInfo"]))
            assert isinstance(found, Unread)
            assert "pageInfo" in found.reason or "hasNextPage" in found.reason


@pytest.mark.parametrize("silent", SILENT)
def test_the_orders_of_a_customer_are_all_only_where_the_answer_says_so(silent: dict[str, Any]) -> None:
    orders = {name: value for name, value in {**paged(), **silent}.items() if value is not ...}
    who = Ref(adapter="shopify", kind=Kind.CUSTOMER, id="9")
    node = {"id": "gid://shopify/Customer/9", "orders": orders}

    class Answers(Asks):
        def run(self, name: str, *args: Any, **more: Any) -> Any:
            return {"nodes": [node], "customer": node}

    with pytest.raises(OddAnswer):
        SoldTo(Answers(), lambda: NOW).to({who: node})


@pytest.mark.parametrize("silent", SILENT)
def test_lines_that_do_not_say_whether_they_go_on_may_hold_a_contract(silent: dict[str, Any]) -> None:
    lines = {name: value for name, value in {**paged(), **silent}.items() if value is not ...}
    assert on_plan({"processedAt": "2026-11-01T10:00:00Z", "lineItems": lines}, NOW.date())


@pytest.mark.parametrize("kind", MADE)
@given(node=JSON)
def test_something_else_than_a_record_is_none(kind: Kind, node: Any) -> None:
    assert read(SOURCES[kind], node) is None


@pytest.mark.parametrize("kind", MADE)
def test_no_value_of_a_malformed_record_stands_in_its_reason(kind: Kind) -> None:
    node = MADE[kind]()
    for at in places(node):
        found = read(SOURCES[kind], changed(node, at, ["disa@kund.example"]))
        assert not isinstance(found, Unread) or "disa" not in found.reason


def test_a_malformed_order_says_its_number_and_whose_it_is() -> None:
    found = read(SOURCES[Kind.ORDER], order(7, tags="stamkund"))
    assert isinstance(found, Unread)
    assert (found.reason, found.label) == ("malformed:tags", "1007")
    assert {one.type for one in found.identifiers} == {"email", "phone", "account"}


def test_a_malformed_address_takes_no_other_identifier_along() -> None:
    found = read(SOURCES[Kind.CUSTOMER], customer(defaultEmailAddress=["?"]))
    assert isinstance(found, Unread)
    assert {one.type for one in found.identifiers} == {"phone", "account"}


def test_one_malformed_order_of_a_page_is_unread_and_the_others_are_pulled(
    shop: Prepares, platform: Shopify
) -> None:
    rows = [order(1), order(2, transactions={"a": 1}), order(3)]
    ends = {"edges": [{"node": {"id": row["id"], "createdAt": row["createdAt"]}} for row in rows[:1]]}
    shop.prepare(
        "BeginOrders", {"oldest": ends, "newest": ends, "counted": {"count": 3, "precision": "EXACT"}}
    )
    shop.prepare("PageOrders", {"orders": paged(*rows)})
    (page,) = platform.pull(Kind.ORDER, since=None)
    assert [record.ref.id for record in page.records] == ["1", "3"]
    assert [(one.ref.id, one.reason) for one in page.unread] == [("2", "malformed:transactions")]


@pytest.mark.parametrize("node", [
    {"__typename": "Product", "id": "gid://shopify/Product/1"}, {"id": "gid://shopify/Order/2"}, {}, [], 7,
    order(1, createdAt=None), {name: value for name, value in order(1).items() if name != "createdAt"},
])  # fmt: skip
def test_an_answer_of_another_type_or_without_a_date_is_unread(
    node: Any, shop: Prepares, platform: Shopify
) -> None:
    shop.prepare("FetchOrders", {"nodes": [node, order(3)]})
    refs = [Ref(adapter="shopify", kind=Kind.ORDER, id=id_) for id_ in ("1", "3")]
    first, second = platform.fetch(refs)
    assert isinstance(first, Unread)
    assert first.ref == refs[0]
    assert isinstance(second, Live)


# The forms against the schema.


TYPES = {
    "Bag": "MoneyBag", "Sum": "MoneyV2", "Journey": "CustomerJourneySummary", "Visit": "CustomerVisit",
    "Status": "OrderDisputeSummary", "Transaction": "OrderTransaction", "Tracking": "FulfillmentTrackingInfo",
    "Counted": "Count", "Decline": "ReturnDecline", "Plan": "LineItemSellingPlan", "Line": "LineItem",
    "Tax": "TaxLine", "FetchedOrder": "Order", "EmailAddress": "CustomerEmailAddress",
    "Consent": "CustomerSmsMarketingConsent", "PhoneNumber": "CustomerPhoneNumber", "LastOrder": "Order",
    "Credit": "StoreCreditAccount", "Draft": "DraftOrder", "CartEmail": "CustomerEmailAddress",
    "CartPhone": "CustomerPhoneNumber", "CartCustomer": "Customer", "Cart": "AbandonedCheckout",
    "Recipient": "GiftCardRecipient", "Address": "MailingAddress", "OwnAddress": "MailingAddress",
    "BalanceOfCard": "GiftCard", "BalanceOfRecipient": "GiftCardRecipient", "Identified": "Customer",
    "WrittenOrder": "Order",
}  # fmt: skip
LENIENT = {("PhoneNumber", "smsMarketingConsent"), ("PhoneNumber", "whatsAppMarketingConsent")}


def forms() -> list[type[shapes.Shape]]:
    """Every form that stands for a type of Shopify's."""
    found = [value for module in (shapes, shape_of_orders, shape_of_others) for value in vars(module).values()
             if isinstance(value, type) and issubclass(value, shapes.Shape)]  # fmt: skip
    return [form for form in dict.fromkeys(found) if form.__name__ not in ("Shape", "Edge", "Paged")]


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__name__)
def test_a_form_may_be_empty_exactly_where_the_schema_lets_it(
    form: type[shapes.Shape], schema: GraphQLSchema
) -> None:
    kind = schema.type_map[TYPES.get(form.__name__, form.__name__)]
    assert isinstance(kind, GraphQLObjectType)
    for part in parts_of(form):
        declared = kind.fields[part.encode_name].type
        if (form.__name__, part.encode_name) not in LENIENT:
            assert empties(part) == (not isinstance(declared, GraphQLNonNull)), part.encode_name
        many = isinstance(get_nullable_type(declared), GraphQLList)
        assert shapes.fault_of({}, form) or not many


def empties(part: FieldInfo) -> bool:
    """Whether a part may be null."""
    return type(None) in getattr(part.type, "__args__", ())


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """What Shopify publishes."""
    return known_of_shopify()


def test_an_unread_record_without_anything_readable_still_names_its_place() -> None:
    found = unread(SOURCES[Kind.CUSTOMER], json.loads("null"), "not_answered",
                   ref=Ref(adapter="shopify", kind=Kind.CUSTOMER, id="9"))  # fmt: skip
    assert found is not None
    assert found.label == "9"
