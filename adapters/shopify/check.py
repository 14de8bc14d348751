"""What a look at a shop shows before anything is touched; it writes nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import shopify

from adapters.findings import Findings, tried
from adapters.shopify.access import VERSION
from adapters.shopify.answers import connection
from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.texts import TEXTS, WHY
from connector.errors import AccessDenied, RemoteError
from connector.ports import Access, Listener
from connector.records import HoldId, Kind

READ = ("read_orders", "read_customers")
WRITE = ("write_orders", "write_customers")
USEFUL = (
    "write_customer_data_erasure", "read_draft_orders", "write_draft_orders", "read_returns",
    "read_store_credit_accounts", "read_gift_cards", "write_gift_cards",
    "write_merchant_managed_fulfillment_orders",
)  # fmt: skip
# Many shops neither have nor need these: told, and no warning.
SELDOM = ("read_companies", "write_customer_payment_methods")
_PAGES = {
    Kind.ORDER: "orders", Kind.CUSTOMER: "customers", Kind.DRAFT_ORDER: "draft_orders",
    Kind.COUPON: "gift_cards", Kind.CART: "checkouts",
}  # fmt: skip
_HEARS = ("ORDERS_", "CUSTOMERS_", "CUSTOMER_", "FULFILLMENTS_", "DRAFT_ORDERS_", "REFUNDS_", "RETURNS_")


class Look:
    """What one check gathers as it goes."""

    def __init__(self, client: Client, settings: Mapping[str, Any]) -> None:
        self.client = client
        self.settings = settings
        self.findings = Findings(TEXTS)
        self.timezone = ""
        self.listeners: tuple[Listener, ...] = ()
        self.listeners_read = True
        self.hidden = False  # something of a person that every pull asks for may not be seen


def check(client: Client, settings: Mapping[str, Any]) -> Access:
    """Reachability, permissions, version, listeners; every fault as a Problem."""
    look = Look(client, settings)
    reachable = tried(look, _shop)
    scopes = client.scopes() if reachable else frozenset()
    if reachable:
        _permissions(look, scopes)
        if _version(look):
            look.listeners_read = tried(look, _webhooks, severity="warning")
            _carts(look)
            _sees(look, scopes)
        _deprecated(look)
    base = f"{str(settings['url']).rstrip('/')}/admin"
    return Access(
        adapter=ADAPTER, reachable=reachable,
        can_read=reachable and not missing(scopes, READ) and not look.hidden,
        can_write=not missing(scopes, WRITE) if reachable else None, version=client.served or VERSION,
        timezone=look.timezone, problems=tuple(look.findings.problems), listeners=look.listeners,
        listeners_read=look.listeners_read,
        unreadable_holds=_unreadable(scopes),
        links={kind: f"{base}/{page}/{{id}}" for kind, page in _PAGES.items()},
    )  # fmt: skip


def missing(scopes: frozenset[str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Which permissions are not granted; a write permission covers the reading of the same."""
    granted = shopify.ApiAccess(",".join(sorted(scopes)))
    return tuple(scope for scope in wanted if not granted.covers(shopify.ApiAccess(scope)))


def _shop(look: Look) -> None:
    found = look.client.look()
    look.timezone = str((found.get("shop") or {}).get("ianaTimezone") or "")
    wanted = str(look.settings.get("timezone", "Europe/Stockholm"))
    if look.timezone != wanted:
        look.findings.add("info", "other_timezone", shop=look.timezone, wanted=wanted)
    for version in found.get("publicApiVersions") or ():
        if version.get("handle") == VERSION and not version.get("supported"):
            look.findings.add("warning", "version_ends", wanted=VERSION)


def _permissions(look: Look, scopes: frozenset[str]) -> None:
    for severity, wanted in (("error", READ + WRITE), ("warning", USEFUL), ("info", SELDOM)):
        for scope in missing(scopes, wanted):
            why, varfor = WHY[scope]
            look.findings.add(severity, "missing_scope", of=scope, scope=scope, why=why, varfor=varfor)  # type: ignore[arg-type]
    if missing(scopes, ("read_all_orders",)):
        look.findings.add("error", "sixty_days")


def _version(look: Look) -> bool:
    """Whether Shopify serves the version that is asked for; in another nothing more is asked."""
    if look.client.served in ("", VERSION):
        return True
    look.findings.add("error", "other_version", served=look.client.served, wanted=VERSION)
    return False


def _deprecated(look: Look) -> None:
    for operation in look.client.deprecated:
        look.findings.add("warning", "deprecated", of=operation, operation=operation.replace("_", " "))


def _carts(look: Look) -> None:
    """Whether abandoned checkouts can be read: some tokens of staff may not."""
    try:
        look.client.run("count_carts", {"query": None})
    except RemoteError:
        look.findings.add("warning", "carts_unreadable")


def _sees(look: Look, scopes: frozenset[str]) -> None:
    """Asks for one record as a pull does: permissions do not show what of a person an app may see."""
    for name in ("orders", "customers"):
        if missing(scopes, (f"read_{name}",)):
            continue
        asked = {"first": 1, "after": None, "query": None, "sortKey": "ID"}
        try:
            look.client.read(f"see_{name}", asked, text=look.client.text(name))
        except AccessDenied as error:
            look.hidden = True
            look.findings.add("error", "protected_data", of=name, said=str(error))
        except RemoteError as error:
            look.findings.failed("warning", f"see_{name}", error)


def _webhooks(look: Look) -> None:
    """Webhooks of this app; Shopify shows no app the webhooks of another."""
    look.listeners = tuple(
        Listener(
            id=f"webhook:{row['id'].rpartition('/')[2]}",
            name=row["topic"],
            kind="webhook",
            hears=row["topic"],
        )
        for row in _all_webhooks(look.client)
        if str(row["topic"]).startswith(_HEARS)
    )


def _all_webhooks(client: Client) -> Iterator[Mapping[str, Any]]:
    after: str | None = None
    while True:
        answer = client.run("webhooks", {"first": 100, "after": after})
        rows, after = connection(answer, "webhookSubscriptions", "webhooks")
        yield from rows
        if after is None:
            return


# What only an order shows, of its customer too: without read_all_orders most of them are out of sight.
SHOWN_BY_ORDERS = frozenset({
    HoldId.OPEN_ORDER, HoldId.RETURN, HoldId.UNPAID, HoldId.WARRANTY, HoldId.SUBSCRIPTION, HoldId.DISPUTE,
})  # fmt: skip


def _unreadable(scopes: frozenset[str]) -> frozenset[HoldId]:
    """Holds whose signal these permissions do not show: unknown, so they keep."""
    found = set[HoldId]()
    if missing(scopes, ("read_orders", "read_all_orders")):
        found |= SHOWN_BY_ORDERS
    if missing(scopes, ("read_returns",)):
        found.add(HoldId.RETURN)
    if missing(scopes, ("read_store_credit_accounts", "read_gift_cards")):
        found.add(HoldId.BALANCE)
    return frozenset(found)
