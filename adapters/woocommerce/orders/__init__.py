"""An order as WooCommerce answers it, read into holdings, facts, handles and a record."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.held import present_bits
from adapters.woocommerce import told
from adapters.woocommerce.holdings import Holding, misplaced, reach, surprises, uncut_places
from adapters.woocommerce.meta import first_values, meta_rows
from adapters.woocommerce.orders.held import holdings as holdings
from adapters.woocommerce.orders.held import holdings_in
from adapters.woocommerce.orders.order import Order, block_of
from adapters.woocommerce.orders.order import is_gift as is_gift
from adapters.woocommerce.orders.order import meta_of as meta_of
from adapters.woocommerce.orders.order import names as names
from adapters.woocommerce.orders.state import RefundDates, undated
from adapters.woocommerce.orders.state import facts as facts
from adapters.woocommerce.orders.state import payment_of as payment_of
from adapters.woocommerce.orders.whom import handles as handles
from adapters.woocommerce.orders.whom import handles_in, identifiers, shown_by
from connector.places.cutting import told_in
from connector.places.suspected import Own
from connector.policy.goods import Goods, with_goods
from connector.ports import Keyer
from connector.records import Field, Kind, Record, Ref, Surprise, to_bits

_UNREAD = to_bits((Field.STAFF_NOTES,))
# What a pull asks for. Goods lines double the time of a page, and what stands on them is told beforehand.
PULL_FIELDS = (
    "id,number,status,date_created_gmt,date_modified_gmt,date_completed_gmt,date_paid_gmt,total,created_via,"
    "customer_id,billing,shipping,customer_note,customer_ip_address,customer_user_agent,transaction_id,"
    "payment_method,payment_method_title,meta_data,line_items,shipping_lines,fee_lines,coupon_lines,refunds"
)
# What a fetch needs beside that: every line and total, so that money can be compared after a write.
FETCH_FIELDS = (
    f"{PULL_FIELDS},currency,prices_include_tax,total_tax,discount_total,discount_tax,shipping_total,"
    "shipping_tax,cart_tax,tax_lines"
)


def to_record(
    order: Order, *, table: Mapping[str, Field], keyer: Keyer, refund_dates: RefundDates, goods: Goods = ()
) -> Record:
    """The record of an order, as the index keeps it; notes are not read and marked so."""
    rows = meta_rows(order.get("meta_data"))  # read once, and so are the lines: a pull costs what this does
    meta, known = first_values(rows), names(order)
    numbers = [str(line.get("sku") or "") for line in order.get("line_items") or ()]
    found = holdings_in(order, table, rows)
    lines, every = tuple(told.on_lines(order, table, known)), [*found, *told.line_holdings(order, table)]
    return Record(
        ref=Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(order["id"])),
        version=str(order.get("date_modified_gmt") or ""),
        facts=with_goods(facts(order, meta, refund_dates, rows=rows), goods, numbers, whole=True),
        present=present_bits(every),
        label=str(order.get("number") or order["id"]),
        identifiers=identifiers(order, keyer),
        copies=tuple(handles_in(order, rows)),
        unread=_UNREAD,
        surprises=(
            *surprises(rows, table, known),
            *told.added(order, table, known),
            *lines,
            *misplaced(found, str(order.get("customer_note") or "")),
            *_bare_numbers(order),
            *shown_by(order),
            *(Surprise(code="undated_delivery", place=f"meta:{key}") for key in undated(order, meta)),
        ),
        residue=residue(order, known, table, held=found, lines=lines),
        placed=told.line_places(order, table, known),
        **reach(every),
    )


def residue(
    order: Order,
    known: Own,
    table: Mapping[str, Field],
    *,
    held: Sequence[Holding],
    lines: Sequence[Surprise],
) -> tuple[str, ...]:
    """Places of an order that hold a person and that no call changes, or none without moving money.

    `lines` is what its lines hold and no rule names.
    """
    found = told.line_residue(order, table, known, seen=lines) | uncut_places(held)
    if any(row.get("reason") for row in order.get("refunds") or ()):
        found.add("refund_reason")
    return tuple(sorted(found))


def _bare_numbers(order: Order) -> Iterator[Surprise]:
    """Digits alone on an address line that look like a person's: told, and never erased for their value."""
    for name in ("billing", "shipping"):
        for part in ("address_1", "address_2"):
            if told_in(str(block_of(order, name).get(part) or ""), key=part):
                yield Surprise(code="personal_number", place=f"{name}_{part}")
