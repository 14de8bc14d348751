"""What a look at a shop shows before anything is touched; it writes nothing."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from adapters.findings import Findings, tried
from adapters.http import Answer
from adapters.http.meaning import REDIRECTS
from adapters.woocommerce.answers import PER_PAGE, listed
from adapters.woocommerce.beyond import NEW_STORAGE, beyond, frozen_copies
from adapters.woocommerce.client import ADAPTER, Client
from adapters.woocommerce.listeners import (
    GIFT_CARD_WORDS,
    SUBSCRIPTION_WORDS,
    any_plugin,
    plugin_listeners,
    webhook_listeners,
)
from adapters.woocommerce.own_erasure import own_erasure
from adapters.woocommerce.texts import PRINTED, TEXTS
from connector.errors import AccessDenied, Rejected, RemoteError
from connector.ports import Access, Beyond, Clock, Listener
from connector.records import HoldId, Kind

_SKEW = 300  # seconds; OAuth is refused from 900 on
_OLDEST = (8, 2)  # WooCommerce with HPOS for everybody, and the behaviour that was measured
_STATUS_FIELDS = (
    "environment.version,environment.wp_version,settings.HPOS_enabled,settings.HPOS_sync_enabled,"
    "settings.order_datastore,active_plugins,post_type_counts"
)


class Look:
    """What one check gathers as it goes."""

    def __init__(self, client: Client, settings: Mapping[str, Any], clock: Clock) -> None:
        self.client = client
        self.settings = settings
        self.clock = clock
        self.findings = Findings(TEXTS)
        self.version = ""
        self.timezone = ""
        self.plugins: list[Mapping[str, Any]] | None = None
        self.listeners: tuple[Listener, ...] = ()
        self.webhooks_read = False
        self.status: Mapping[str, Any] | None = None
        self.beyond: tuple[Beyond, ...] = ()

    @property
    def listeners_read(self) -> bool:
        """Whether both webhooks and plugins were shown: either hears of changed orders."""
        return self.webhooks_read and self.plugins is not None


def check(client: Client, settings: Mapping[str, Any], clock: Clock) -> Access:
    """Reachability, key, versions, storage, retention, listeners; every fault as a Problem."""
    look = Look(client, settings, clock)
    reachable = tried(look, _index)
    can_read = reachable and tried(look, _orders)
    if can_read:
        can_read = tried(look, _customers)
    can_write = _can_write(look) if can_read else None
    if can_read:
        for part in (_system, _retention, _webhooks, _beyond):
            tried(look, part, severity="warning")
        if not look.listeners_read:
            look.findings.add("warning", "listeners_unread")
    if found := look.client.http.printed:
        look.findings.add("warning", "printed", **_printed(found))
    if can_write is False and not any(problem.code == "cannot_write" for problem in look.findings.problems):
        look.findings.add("info", "read_only_key")
    return Access(
        adapter=ADAPTER, reachable=reachable, can_read=can_read, can_write=can_write, version=look.version,
        timezone=look.timezone, problems=tuple(look.findings.problems), listeners=look.listeners,
        listeners_read=look.listeners_read or not can_read,
        unreadable_holds=_unreadable(look), links=_links(look), beyond=look.beyond,
    )  # fmt: skip


def _index(look: Look) -> None:
    answer = look.client.get_from("", operation="read the API index")
    body = answer.json()
    if not isinstance(body, dict):
        raise Rejected(
            "woocommerce: read the API index answered something else than WordPress does. Check url and "
            "rest_prefix.", adapter=ADAPTER, operation="read the API index", status=answer.status,
        )  # fmt: skip
    look.timezone = str(body.get("timezone_string") or "")
    if "wc/v3" not in (body.get("namespaces") or ()):
        look.findings.add("error", "no_woocommerce")
    wanted = str(look.settings.get("timezone", "Europe/Stockholm"))
    if look.timezone != wanted:
        look.findings.add("info", "other_timezone", shop=look.timezone or "UTC + n", wanted=wanted)
    _skew(look, answer)


def _skew(look: Look, answer: Answer) -> None:
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        return
    apart = abs((look.clock() - there).total_seconds())
    if apart > _SKEW:
        look.findings.add("warning", "clock_skew", minutes=round(apart / 60))


def _orders(look: Look) -> None:
    look.client.get("orders", {"per_page": 1, "_fields": "id"}, operation="read orders")


def _customers(look: Look) -> None:
    """A key is a user's: one who may see orders may still not list accounts."""
    try:
        look.client.get(
            "customers", {"per_page": 1, "role": "all", "_fields": "id"}, operation="read customers"
        )
    except AccessDenied as error:
        if error.code != "woocommerce_rest_cannot_view":
            raise
        raise AccessDenied(
            f"{ADAPTER}: read customers answered {error.status} ({error.code}). Give the key to a user who "
            "may list accounts (shop manager or administrator).",
            adapter=ADAPTER, operation="read customers", status=error.status, code=error.code,
        ) from None  # fmt: skip


def _can_write(look: Look) -> bool | None:
    """Whether the key may write: an empty change of order 0, which cannot exist, is refused in two ways."""
    try:
        look.client.write("PUT", "orders/0", {}, operation="ask for write access")
    except AccessDenied as error:
        if error.code != "key_is_read_only":
            look.findings.failed("error", "cannot_write", error)
        return False
    except Rejected as error:
        if error.status in REDIRECTS:  # the key is not the reason
            look.findings.failed("error", "cannot_write", error)
            return False
        return True if error.status in (400, 404) else None
    except RemoteError:
        return None
    return None


def _system(look: Look) -> None:
    answer = look.client.get("system_status", {"_fields": _STATUS_FIELDS}, operation="read the system status")
    body = answer.json()
    if not isinstance(body, dict):
        raise Rejected(
            "woocommerce: read the system status answered something else than WooCommerce does. Run "
            "`gallra check` again; if it stays so, look at what stands between.", adapter=ADAPTER,
            operation="read the system status", status=answer.status,
        )  # fmt: skip
    look.status = body
    environment = body.get("environment") or {}
    look.version = str(environment.get("version") or "")
    look.plugins = _plugins(body.get("active_plugins"))
    look.listeners += plugin_listeners(look.plugins or ())
    numbers = tuple(int(part) for part in look.version.split(".")[:2] if part.isdigit())
    if numbers and numbers < _OLDEST:
        look.findings.add("warning", "old_version", version=look.version)
    _storage(look, body)


def _plugins(answer: Any) -> list[Mapping[str, Any]] | None:
    """The active plugins; None where the answer leaves out WooCommerce, which is always one of them."""
    listing = isinstance(answer, list)
    rows: list[Mapping[str, Any]] = [row for row in answer if isinstance(row, dict)] if listing else []
    files = {str(row.get("plugin")) for row in rows}
    return rows if any(file.rpartition("/")[2] == "woocommerce.php" for file in files) else None


def _storage(look: Look, status: Mapping[str, Any]) -> None:
    """Copies that the API does not reach stay in the other storage, whichever it is, once sync is off."""
    for place in frozen_copies(status):
        look.findings.add("warning", "frozen_tables" if place == NEW_STORAGE else "frozen_copies")
    if _legacy(look) and not frozen_copies(status):
        look.findings.add("info", "legacy_orders")


def _legacy(look: Look) -> bool:
    """Whether orders are known to be kept as posts."""
    return look.status is not None and not (look.status.get("settings") or {}).get("HPOS_enabled")


def _printed(found: frozenset[str]) -> dict[str, str]:
    """What stands before the shop's answers, in words."""
    named = [PRINTED[name] for name in sorted(found)]
    return {"en": ", ".join(en for en, _ in named), "sv": ", ".join(sv for _, sv in named)}


def _retention(look: Look) -> None:
    """What the shop erases by itself, by time or on a click."""
    look.findings.problems += own_erasure(look.client)


def _beyond(look: Look) -> None:
    """What stays in the shop wherever its API does not reach."""
    look.beyond = beyond(look.client, look.status)


def _webhooks(look: Look) -> None:
    """Every webhook, held against the list's own count: one that is left out would hear unmarked."""
    found: dict[int, Mapping[str, Any]] = {}
    counted: int | None = None
    for page in count(1):
        params = {"per_page": PER_PAGE, "page": page, "_fields": "id,name,status,topic,delivery_url"}
        answer = look.client.get("webhooks", params, operation="read webhooks")
        shown = listed(answer, "read webhooks")
        known = len(found)
        found |= {row["id"]: row for row in shown.rows}
        if shown.total is not None:
            counted = max(counted or 0, shown.total)  # past the end it is 0
        if shown.ends(page) or len(found) == known:  # the same page again is no further one
            break
    look.listeners = webhook_listeners(list(found.values())) + look.listeners
    look.webhooks_read = counted == len(found)
    if look.webhooks_read and not found:
        # Nothing else of the API counts webhooks: neither the index nor the system status vouches for none.
        look.findings.add("info", "no_webhooks_shown")


def _unreadable(look: Look) -> frozenset[HoldId]:
    """Holds whose signal the API cannot show; a plugin that is surely absent holds nothing."""
    holds = {HoldId.DISPUTE}
    if look.plugins is None or any_plugin(look.plugins, GIFT_CARD_WORDS):
        holds.add(HoldId.BALANCE)
    if look.plugins is None or any_plugin(look.plugins, SUBSCRIPTION_WORDS):
        holds.add(HoldId.SUBSCRIPTION)
    return frozenset(holds)


def _links(look: Look) -> dict[Kind, str]:
    """A link to a record in the shop's admin: accounts and reviews have pages of WordPress's own."""
    admin = f"{str(look.settings['url']).rstrip('/')}/wp-admin"
    post = f"{admin}/post.php?post={{id}}&action=edit"
    return {
        Kind.ORDER: post if _legacy(look) else f"{admin}/admin.php?page=wc-orders&action=edit&id={{id}}",
        Kind.CUSTOMER: f"{admin}/user-edit.php?user_id={{id}}",
        Kind.REVIEW: f"{admin}/comment.php?action=editcomment&c={{id}}",
        Kind.COUPON: post,
    }
