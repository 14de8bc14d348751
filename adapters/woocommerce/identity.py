"""Which shop answers: the home that its API's index tells, and the days its orders were made.

`home` is the site's own option (developer.wordpress.org/rest-api/reference/rest-api-index), not the
address it was reached at; a copy that was not renamed shares it, so its orders are compared too.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from adapters.woocommerce.answers import PER_PAGE, Row
from adapters.woocommerce.client import Client
from adapters.woocommerce.dates import to_stockholm
from connector.errors import AccessDenied, Rejected
from connector.ports import ShopIdentity
from connector.text.addresses import fold_domain

_FIELDS = "id,date_created_gmt"
_NOT_THERE = frozenset({"woocommerce_rest_shop_order_invalid_id", "woocommerce_rest_order_invalid_id"})


def identity(client: Client) -> ShopIdentity:
    """The shop's home; raises Rejected where neither the index nor the system status tells it."""
    found = _read_index(client) or _read_environment(client)
    home = fold_home(found)
    if not home:
        raise Rejected(
            "woocommerce: the shop does not say which it is: its API's index has no home. Let this machine "
            "read the index of the REST API (a security plugin or a cache may keep it), then run again.",
            adapter="woocommerce", operation="read home",
        )  # fmt: skip
    return ShopIdentity(ids={"home": home})


def _read_index(client: Client) -> str:
    try:
        body = client.get_from("", {"_fields": "home"}, operation="read home").json()
    except (AccessDenied, Rejected):  # some shops close the index to all but their own staff
        return ""
    return _text(body, "home")


def _read_environment(client: Client) -> str:
    params = {"_fields": "environment.home_url"}
    body = client.get("system_status", params, operation="read system status").json()
    return _text(body.get("environment") if isinstance(body, dict) else None, "home_url")


def _text(body: Any, name: str) -> str:
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def fold_home(home: str) -> str:
    """A home without its scheme, `www.`, a usual port and the last slash; empty where it is none."""
    try:
        parts = urlsplit(home.strip() if "://" in home else f"//{home.strip()}")
        port = parts.port
    except ValueError:
        return ""
    host = fold_domain(parts.hostname or "").removeprefix("www.")
    other = f":{port}" if host and port not in (None, 80, 443) else ""
    return f"{host}{other}{parts.path.rstrip('/')}" if host else ""


def first_days(client: Client, ids: Sequence[str]) -> Mapping[str, date]:
    """The day each of these orders was made; one that a list leaves out is asked for by itself."""
    found: dict[str, date] = {}
    for start in range(0, len(ids), PER_PAGE):
        some = ids[start : start + PER_PAGE]
        params = {"include": ",".join(some), "per_page": PER_PAGE, "status": "any", "_fields": _FIELDS}
        rows = client.get("orders", params, operation="read orders").json()
        found |= _days(rows if isinstance(rows, list) else (), some)
    for order in ids:
        if order not in found:
            found |= _days(_read_single(client, order), (order,))
    return found


def _read_single(client: Client, order: str) -> Iterable[Row]:
    """One order by its own address, the trash included; none where the shop says it has no such order."""
    try:
        row = client.get(f"orders/{order}", {"_fields": _FIELDS}, operation="read order").json()
    except Rejected as error:
        if error.status == 404 and error.code in _NOT_THERE:
            return ()
        raise
    return (row,) if isinstance(row, dict) else ()


def _days(rows: Iterable[Any], asked: Sequence[str]) -> dict[str, date]:
    """A cache that answers another question shows other orders: they are no answer."""
    return {
        str(row["id"]): day
        for row in rows
        if isinstance(row, dict)
        and str(row.get("id")) in asked
        and (day := to_stockholm(row.get("date_created_gmt"))) is not None
    }
