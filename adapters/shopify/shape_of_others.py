"""The form of customers, drafts, carts and gift cards; nullability follows the Admin API's schema."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from adapters.shopify.shapes import (
    Address,
    Attribute,
    Identified,
    Metafield,
    Moment,
    OwnAddress,
    Paged,
    Shape,
    Sum,
    Text,
    Time,
)  # fmt: skip

Number = Annotated[str, Meta(pattern=r"\A[0-9]{1,18}\Z")] | int
CustomerId = Annotated[str, Meta(pattern=r"\Agid://shopify/Customer/[0-9]+\Z")]
DraftId = Annotated[str, Meta(pattern=r"\Agid://shopify/DraftOrder/[0-9]+\Z")]
CartId = Annotated[str, Meta(pattern=r"\Agid://shopify/AbandonedCheckout/[0-9]+\Z")]
CardId = Annotated[str, Meta(pattern=r"\Agid://shopify/GiftCard/[0-9]+\Z")]


class EmailAddress(Shape):
    """An address, and what was said to letters."""

    email_address: str
    marketing_state: str
    marketing_opt_in_level: Text
    marketing_updated_at: Time


class Consent(Shape):
    """What was said to messages of one channel."""

    state: str
    opt_in_level: Text
    updated_at: Time


class PhoneNumber(Shape):
    """A telephone number, and what was said to its channels."""

    phone_number: str
    sms_marketing_consent: Consent | None
    whats_app_marketing_consent: Consent | None


class LastOrder(Shape):
    """The newest order of a customer."""

    id: str
    processed_at: Moment


class Credit(Shape):
    """Store credit."""

    id: str
    balance: Sum


class Customer(Shape, kw_only=True):
    """A customer as pull and fetch ask for it."""

    id: CustomerId
    created_at: Moment
    updated_at: Moment
    first_name: Text
    last_name: Text
    default_email_address: EmailAddress | None
    default_phone_number: PhoneNumber | None
    note: Text
    tags: list[str]
    state: str
    multipass_identifier: Text
    number_of_orders: Number
    can_delete: bool
    has_timeline_comment: bool
    product_subscriber_status: str
    last_order: LastOrder | None
    addresses_v2: list[OwnAddress] | Paged[OwnAddress]
    company_contact_profiles: list[Identified] | UnsetType = UNSET
    payment_methods: list[Identified] | Paged[Identified] | UnsetType = UNSET
    store_credit_accounts: list[Credit] | Paged[Credit] | UnsetType = UNSET
    metafields: list[Metafield] | Paged[Metafield]


class Draft(Shape, kw_only=True):
    """A draft order."""

    id: DraftId
    name: str
    created_at: Moment
    updated_at: Moment
    completed_at: Time
    status: str
    email: Text
    phone: Text
    note2: Text
    po_number: Text
    tags: list[str]
    custom_attributes: list[Attribute]
    billing_address: Address | None
    shipping_address: Address | None
    customer: Identified | None
    order: Identified | None


class CartEmail(Shape):
    """The address of whoever left a cart."""

    email_address: str


class CartPhone(Shape):
    """The telephone number of whoever left a cart."""

    phone_number: str


class CartCustomer(Shape):
    """Whoever left a cart."""

    id: str
    default_email_address: CartEmail | None
    default_phone_number: CartPhone | None


class Cart(Shape, kw_only=True):
    """An abandoned checkout."""

    id: CartId
    name: str
    created_at: Moment
    updated_at: Moment
    completed_at: Time
    note: str
    custom_attributes: list[Attribute]
    billing_address: Address | None
    shipping_address: Address | None
    customer: CartCustomer | None


class Recipient(Shape):
    """Whom a gift card was made for."""

    message: Text
    preferred_name: Text
    send_notification_at: Time
    recipient: Identified


class GiftCard(Shape, kw_only=True):
    """A gift card; its code is never read."""

    id: CardId
    created_at: Moment
    updated_at: Moment
    enabled: bool
    deactivated_at: Time
    expires_on: date | None
    balance: Sum
    note: Text
    customer: Identified | None
    recipient_attributes: Recipient | None


class BalanceOfRecipient(Shape):
    """Whom a card was made for, and no more."""

    recipient: Identified


class BalanceOfCard(Shape, kw_only=True):
    """A gift card's balance and whose it is."""

    id: CardId
    created_at: Moment
    updated_at: Moment
    expires_on: date | None
    enabled: bool
    balance: Sum
    customer: Identified | None
    recipient_attributes: BalanceOfRecipient | None
