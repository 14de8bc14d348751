"""The form of an order as Shopify is asked for it; nullability follows the Admin API's schema."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from adapters.shopify.shapes import (
    Address,
    Attribute,
    Identified,
    Metafield,
    Moment,
    Paged,
    Shape,
    Sum,
    Text,
    Time,
)

OrderId = Annotated[str, Meta(pattern=r"\Agid://shopify/Order/[0-9]+\Z")]


class Bag(Shape):
    """An amount, in the shop's own currency."""

    shop_money: Sum


class Visit(Shape):
    """What a visit to the shop left."""

    landing_page: Text
    referrer_url: Text


class Journey(Shape):
    """How a customer came to the shop."""

    first_visit: Visit | None
    last_visit: Visit | None


class Status(Shape):
    """A status and no more."""

    status: str


class Transaction(Shape):
    """A payment."""

    kind: str
    status: str
    created_at: Moment
    processed_at: Time
    gateway: Text
    payment_id: Text
    payment_details: dict[str, Any] | None


class Tracking(Shape):
    """A parcel's number."""

    company: Text
    number: Text
    url: Text


class Fulfillment(Shape):
    """Something that was sent."""

    id: str
    status: str
    created_at: Moment
    delivered_at: Time
    tracking_info: list[Tracking]


class Refund(Shape):
    """Money paid back."""

    id: str
    created_at: Time
    processed_at: Moment
    note: Text


class Counted(Shape):
    """The service's own count of a list."""

    count: int


class Decline(Shape):
    """What a refused return was answered."""

    note: Text


class Return(Shape):
    """Goods that come back."""

    id: str
    status: str
    created_at: Moment
    closed_at: Time
    decline: Decline | None


class Plan(Shape):
    """A contract that a line was sold under."""

    name: str


class Line(Shape):
    """One line of an order."""

    id: str
    is_gift_card: bool
    selling_plan: Plan | None
    custom_attributes: list[Attribute]
    sku: Text = None


class Order(Shape, kw_only=True):
    """An order as a pull asks for it."""

    id: OrderId
    name: str
    created_at: Moment
    updated_at: Moment
    processed_at: Moment
    cancelled_at: Time
    closed_at: Time
    email: Text
    phone: Text
    note: Text
    po_number: Text
    tags: list[str]
    custom_attributes: list[Attribute]
    shipping_address: Address | None
    billing_address: Address | None
    source_name: Text
    display_financial_status: Text
    display_fulfillment_status: str
    return_status: str
    fully_paid: bool
    requires_shipping: bool
    payment_gateway_names: list[str]
    client_ip: Text
    has_timeline_comment: bool
    customer: Identified | None
    customer_journey_summary: Journey | None
    disputes: list[Status]
    transactions: list[Transaction]
    transactions_count: Counted | None
    fulfillments: list[Fulfillment]
    fulfillments_count: Counted | None
    refunds: list[Refund]
    total_price_set: Bag
    total_refunded_set: Bag
    total_outstanding_set: Bag
    line_items: list[Line] | Paged[Line]
    localized_fields: list[Attribute] | Paged[Attribute]
    returns: list[Return] | Paged[Return] | UnsetType = UNSET
    metafields: list[Metafield] | Paged[Metafield]


class WrittenOrder(Shape):
    """What the answer to a write shows of an order's places: a part left out is not an empty one."""

    id: OrderId
    email: Text
    phone: Text
    note: Text
    po_number: Text
    tags: list[str]
    custom_attributes: list[Attribute]
    shipping_address: Address | None


class Tax(Shape):
    """A tax of an order."""

    title: str
    rate: float | None
    price_set: Bag


class FetchedOrder(Order, kw_only=True):
    """An order right before or after a write, with the money that must stay what it is."""

    current_total_price_set: Bag
    current_subtotal_price_set: Bag
    current_total_tax_set: Bag
    total_discounts_set: Bag | None
    total_shipping_price_set: Bag
    tax_lines: list[Tax]
