"""The newest order of an account, asked of the shop's own list: `GET orders?customer=ID`, one row.

(WooCommerce REST API v3, "List all orders": `customer`, `orderby`, `order`.) One request an account, as many
at once as the shop has connections.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from adapters.http import CACHED
from adapters.woocommerce.answers import ADAPTER, Row, listed, moment, whole
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import to_stockholm
from connector.errors import Rejected
from connector.ports import NewestOrder, Unread
from connector.records import Facts, Kind, Ref

FIELDS = "id,customer_id,status,date_created_gmt,date_paid_gmt"
_OPERATION = "read an account's newest order"


def newest_orders(client: Client, refs: Sequence[Ref]) -> dict[Ref, NewestOrder | Unread | None]:
    """The newest order of each account; None where the shop shows none."""
    with ThreadPoolExecutor(max_workers=client.http.connections) as pool:
        return dict(zip(refs, pool.map(lambda ref: _newest(client, ref), refs), strict=True))


def _newest(client: Client, ref: Ref) -> NewestOrder | Unread | None:
    asked = {
        "customer": ref.id, "status": "any", "orderby": "date", "order": "desc", "per_page": 1,
        "_fields": FIELDS,
    }  # fmt: skip
    try:
        found = listed(client.get("orders", asked, operation=_OPERATION, fresh=True), _OPERATION, most=1)
    except Rejected as error:
        if error.code != CACHED:
            raise
        return Unread(ref=ref, reason=CACHED)
    if not found.brought and not found.total:
        return None
    if not found.rows or found.total == 0:
        return Unread(ref=ref, reason="malformed")  # counted and not shown, or shown and not counted
    return _order(found.rows[0], ref)


def _order(row: Row, ref: Ref) -> NewestOrder | Unread:
    if whole(row.get("customer_id")) != int(ref.id):
        return Unread(ref=ref, reason="other_answer")
    if not moment(row, "date_created_gmt"):
        return Unread(ref=ref, reason="malformed:date_created_gmt")
    return NewestOrder(
        ref=Ref(adapter=ADAPTER, kind=Kind.ORDER, id=str(row["id"])),
        facts=Facts(
            created=to_stockholm(moment(row, "date_created_gmt")),
            paid=to_stockholm(moment(row, "date_paid_gmt")),
            status=str(row.get("status") or ""),
        ),
    )
