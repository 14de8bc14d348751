"""Where an order holds a person: every place that a rule may empty."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.held import NEW_ADDRESS, POSTCODE_KEPT
from adapters.woocommerce import told
from adapters.woocommerce.holdings import Holding, meta_holdings, text_holdings
from adapters.woocommerce.meta import MetaRow, meta_rows
from adapters.woocommerce.orders.order import (
    STREET,
    TOWN,
    Order,
    block_of,
    destination,
    has,
    is_company,
    is_gift,
    names_buyer,
    text_of,
)
from connector.identity import is_placeholder
from connector.places.cutting import nothing_else
from connector.policy.abroad import always_home
from connector.records import Field
from connector.text.folding import same_text


def holdings(order: Order, table: Mapping[str, Field]) -> list[Holding]:
    """Every place of an order with personal data; country and three postcode digits are none."""
    return holdings_in(order, table, meta_rows(order.get("meta_data")))


def holdings_in(order: Order, table: Mapping[str, Field], rows: Sequence[MetaRow]) -> list[Holding]:
    found = list(_blocks(order))
    found += _properties(order)
    found += meta_holdings(rows, table, business=is_company(order))
    found += _mapped(order, table)
    return found


def _mapped(order: Order, table: Mapping[str, Field]) -> Iterator[Holding]:
    """Fields that plugins add to an order, and a line names: written as the meta they come from."""
    for row in (*told.block_rows(order), *told.added_rows(order)):
        field = told.field_of(row, table)
        if field is not None:
            yield Holding(field, told.meta_key(row), False, "", now=row.value, hint=row.key)


def _blocks(order: Order) -> Iterator[Holding]:
    billing, shipping = block_of(order, "billing"), block_of(order, "shipping")
    gift, home = is_gift(order), always_home(destination(order))
    for block, name in ((billing, "billing"), (shipping, "shipping")):
        if has(block, "phone"):
            yield Holding(Field.PHONE, f"_{name}_phone", False, "")
        for part in ("address_1", "address_2"):
            yield from text_holdings(f"_{name}_{part}", str(block.get(part) or ""), top=False, hint=part)
        # A number in a company's field is the company's (T-06), though it may be a sole trader's own.
        company = str(block.get("company") or "")
        yield from text_holdings(f"_{name}_company", company, top=False, hint="company_number")
    if has(billing, "email"):
        yield Holding(Field.EMAIL, "_billing_email", False, NEW_ADDRESS)
    yield from _who(billing, "billing", (Field.NAME,), (Field.COMPANY,))
    yield from _who(shipping, "shipping", *_whose(order, gift=gift, home=home))
    yield from _address(billing, "billing", Field.BILLING_ADDRESS, kept=0)
    yield from _address(shipping, "shipping", Field.SHIPPING_ADDRESS, kept=POSTCODE_KEPT)
    if gift:
        yield from _of_recipient(shipping, home=home)


def _who(block: Order, name: str, persons: Sequence[Field], companies: Sequence[Field]) -> Iterator[Holding]:
    for part, fields in (("first_name", persons), ("last_name", persons), ("company", companies)):
        if has(block, part):
            yield from (Holding(field, f"_{name}_{part}", False, "") for field in fields)


def _whose(order: Order, *, gift: bool, home: bool) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """Of which fields the name and the company on the shipping address are.

    Where the billing address names nobody, they are the counterparty that the books need (T-01, T-06);
    those of a gift's recipient are a third person's (T-04); else they repeat the buyer's.
    """
    if not names_buyer(order):
        return (Field.NAME,), (Field.COMPANY,)
    third = (Field.SHIPPING_ADDRESS, Field.GIFT_RECIPIENT)
    if gift and home:
        return third, third
    one = same_text(
        text_of(block_of(order, "billing"), "company"), text_of(block_of(order, "shipping"), "company")
    )
    company = (Field.COMPANY, Field.SHIPPING_ADDRESS) if one else (Field.SHIPPING_ADDRESS,)
    return (third if gift else (Field.NAME, Field.SHIPPING_ADDRESS)), company


def _of_recipient(shipping: Order, *, home: bool) -> Iterator[Holding]:
    """What goes with a gift's recipient; an address that a floor may keep stays.

    `home`: the order goes to no other country (T-04).
    """
    for part in ("phone", *(TOWN if home else ())):
        if _says_where(shipping, part):
            yield Holding(Field.GIFT_RECIPIENT, f"_shipping_{part}", False, "")


def _address(block: Order, name: str, field: Field, *, kept: int) -> Iterator[Holding]:
    for part in STREET:
        if _says_where(block, part):
            yield Holding(field, f"_{name}_{part}", False, "")
    postcode = "".join(str(block.get("postcode") or "").split())
    if len(postcode) > POSTCODE_KEPT and not is_placeholder(postcode):
        yield Holding(field, f"_{name}_postcode", False, postcode[:kept])


def _says_where(block: Order, part: str) -> bool:
    """Whether a line of an address says more than a door code or a number that has a clock of its own."""
    return has(block, part) and not nothing_else(text_of(block, part), key=part)


def _properties(order: Order) -> Iterator[Holding]:
    note = str(order.get("customer_note") or "")
    if has(order, "customer_note"):
        if not nothing_else(note, key="customer_note", words=True):
            yield Holding(Field.CUSTOMER_NOTE, "customer_note", True, "")
        yield from text_holdings("customer_note", note, top=True, hint="customer_note", words=True)
    if order.get("customer_id"):
        yield Holding(Field.ACCOUNT, "customer_id", True, 0)
    if has(order, "transaction_id"):
        yield Holding(Field.PAYMENT_REFERENCE, "transaction_id", True, "")
    if has(order, "customer_ip_address"):
        yield Holding(Field.IP_ADDRESS, "_customer_ip_address", False, "")
    if has(order, "customer_user_agent"):
        yield Holding(Field.USER_AGENT, "_customer_user_agent", False, "")
