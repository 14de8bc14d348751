"""Routes that describe the shop: index, system status, tools and settings."""

from typing import Any

from sandbox.wire import Answer, Json
from sandbox.woocommerce.context import Call, href, with_links
from sandbox.woocommerce.errors import rest_error
from sandbox.woocommerce.shop import Shop

_STORE = "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore"
_LEGACY = "WC_Order_Data_Store_CPT"
_NAMESPACES = (
    "oembed/1.0", "wc/v3", "wc/v1", "wc/pos/v1/catalog", "jetpack/v4", "wc-admin", "wc-analytics", "wc/store",
    "wc/store/v1", "wc/private", "wc/v2", "wc-admin-email", "wc-telemetry", "wccom-site/v3",
    "wp-abilities/v1",
    "wp/v2", "wp-site-health/v1", "wp-block-editor/v1",
)  # fmt: skip
TOOLS = {
    "clear_transients": ("WooCommerce transients", "Clear transients"),
    "clear_expired_transients": ("Expired transients", "Clear transients"),
    "delete_orphaned_variations": ("Orphaned variations", "Delete orphaned variations"),
    "clear_expired_download_permissions": ("Used-up download permissions", "Clean up download permissions"),
    "regenerate_product_lookup_tables": ("Product lookup tables", "Regenerate"),
    "clear_sessions": ("Clear customer sessions", "Clear"),
    "delete_taxes": ("Delete WooCommerce tax rates", "Delete tax rates"),
    "verify_db_tables": ("Verify base database tables", "Verify database"),
    "hpos_legacy_cleanup": ("Clean up order data from legacy tables", "No orders in need of cleanup"),
    "delete_custom_orders_table": ("Delete the custom orders tables", "Delete"),
}
_CHECKBOXES = {
    "woocommerce_enable_guest_checkout": ("Guest checkout", "yes"),
    "woocommerce_enable_myaccount_registration": ("Account creation", "yes"),
    "woocommerce_erasure_request_removes_order_data": ("Remove personal data from orders on request", "no"),
    "woocommerce_erasure_request_removes_download_data": ("Remove access to downloads on request", "no"),
    "woocommerce_allow_bulk_remove_personal_data": ("Allow personal data to be removed in bulk", "no"),
}
_TEXTS = {
    "woocommerce_registration_privacy_policy_text": "Registration privacy policy",
    "woocommerce_checkout_privacy_policy_text": "Checkout privacy policy",
}
RETENTION = (
    "woocommerce_delete_inactive_accounts", "woocommerce_trash_pending_orders",
    "woocommerce_trash_failed_orders",
    "woocommerce_trash_cancelled_orders", "woocommerce_anonymize_refunded_orders",
    "woocommerce_anonymize_completed_orders",
)  # fmt: skip


def index(call: Call) -> Answer:
    """GET the root of the REST API, open to anybody."""
    home = call.base.rpartition("/")[0]
    login = {"endpoints": {"authorization": f"{home}/wp-admin/authorize-application.php"}}
    body = {
        "name": "Sandbutiken", "description": "", "url": call.shop.home, "home": call.shop.home,
        "gmt_offset": 1,
        "timezone_string": "Europe/Stockholm", "namespaces": list(_NAMESPACES),
        "authentication": {"application-passwords": login},
    }  # fmt: skip
    return Answer(200, body, {"Allow": "GET", "Vary": "Origin"})


def status(call: Call) -> Answer:
    """GET system_status."""
    shop = call.shop
    body = {
        "environment": _environment(shop.home),
        "settings": _settings(hpos=shop.hpos, sync=shop.hpos_sync),
        "security": {"secure_connection": True, "hide_errors": True},
        "active_plugins": shop.plugins,
        "database": {
            "wc_database_version": "10.5.0", "database_prefix": "wp_", "database_size": {"data": 38.5,
            "index": 44.25},
        },
    }  # fmt: skip
    if "post_type_counts" in call.request.query.get("_fields", ""):  # not in the answer that was recorded
        body["post_type_counts"] = _post_types(shop)
    return Answer(200, body, rows=1)


def _post_types(shop: Shop) -> list[Json]:
    """How many rows of each type wp_posts holds; MySQL's counts come as text."""
    frozen = shop.frozen_posts if shop.hpos and not shop.hpos_sync else len(shop.orders)
    counts = {"product": len(shop.products), "shop_coupon": len(shop.coupons), "shop_order": frozen}
    return [{"type": name, "count": str(count)} for name, count in counts.items() if count]


def _environment(home: str) -> Json:
    return {
        "home_url": home, "site_url": home, "store_id": "00000000-0000-4000-8000-000000000007",
        "version": "10.5.0",
        "log_directory": "/srv/shop/wc-logs/", "log_directory_writable": True, "wp_version": "6.9.1",
        "wp_multisite": False, "wp_memory_limit": 536870912, "wp_debug_mode": False, "wp_cron": False,
        "wp_environment_type": "production", "language": "sv_SE", "external_object_cache": None,
        "server_info": "nginx/1.22.1", "server_architecture": "Linux x86_64", "php_version": "8.2.36",
        "php_post_max_size": 8388608, "php_max_execution_time": 300, "php_max_input_vars": 1000,
        "curl_version": "7.88.1, OpenSSL/3.0.22", "suhosin_installed": False, "max_upload_size": 2097152,
        "mysql_version": "10.11.19", "mysql_version_string": "10.11.19-MariaDB", "default_timezone": "UTC",
        "fsockopen_or_curl_enabled": True, "soapclient_enabled": False, "domdocument_enabled": True,
        "gzip_enabled": True, "mbstring_enabled": True, "remote_post_successful": True,
        "remote_post_response": "200", "remote_get_successful": True, "remote_get_response": "200",
    }  # fmt: skip


def _settings(*, hpos: bool, sync: bool) -> Json:
    kinds = ("external", "grouped", "simple", "variable")
    terms = (
        "exclude-from-catalog",
        "exclude-from-search",
        "featured",
        "outofstock",
        *(f"rated-{n}" for n in range(1, 6)),
    )
    return {
        "api_enabled": False, "force_ssl": False, "currency": "SEK", "currency_symbol": "&#107;&#114;",
        "currency_position": "left", "thousand_separator": ",", "decimal_separator": ".",
        "number_of_decimals": 2,
        "geolocation_enabled": False, "taxonomies": {kind: kind for kind in kinds},
        "product_visibility_terms": {term: term for term in terms}, "woocommerce_com_connected": "no",
        "enforce_approved_download_dirs": False, "order_datastore": _STORE if hpos else _LEGACY,
        "HPOS_enabled": hpos, "HPOS_sync_enabled": sync,
        "enabled_features": ["analytics", "order_attribution", "custom_order_tables"],
    }  # fmt: skip


def tools(call: Call) -> Answer:
    """GET system_status/tools."""
    return Answer(200, [_tool(call, name) for name in TOOLS], rows=1)


def tool(call: Call) -> Answer:
    """GET one tool, or run it by PUT with confirm."""
    name = call.ids[0]
    if name not in TOOLS:
        raise rest_error(404, "woocommerce_rest_system_status_tool_invalid_id", "Invalid tool ID.")
    row = _tool(call, name)
    if call.request.method != "GET" and call.body().get("confirm"):
        row |= {"success": True, "message": "Done."}
        call.shop.options.setdefault("tools_run", []).append(name)
        if name == "delete_taxes":
            call.shop.taxes.clear()
    return Answer(200, row, rows=1)


def _tool(call: Call, name: str) -> Json:
    title, action = TOOLS[name]
    address = call.link(f"system_status/tools/{name}")
    row = {"id": name, "name": title, "action": action, "description": f"{title}."}
    return with_links(row, {"item": href(address, embeddable=True)})


def account_settings(call: Call) -> Answer:
    """GET settings/account.

    WooCommerce answers only the types that its REST API knows; the retention periods are of the type
    relative_date_selector, so they are left out.
    """
    return Answer(200, [_setting(call, *row) for row in _account_rows(call)], rows=1)


def options(call: Call) -> Answer:
    """GET wc-admin/options: the named options as WordPress keeps them; false for one that is not there."""
    asked = [name for name in call.request.query.get("options", "").split(",") if name]
    if not asked:
        raise rest_error(500, "woocommerce_rest_cannot_view", "You must supply an array of options.")
    known: Json = {name: {"number": "", "unit": "months"} for name in RETENTION}
    known |= {name: default for name, (_, default) in _CHECKBOXES.items()}
    return Answer(200, {name: call.shop.options.get(name, known.get(name, False)) for name in asked}, rows=1)


def account_setting(call: Call) -> Answer:
    """GET or PUT of one option of settings/account; a retention period is "invalid"."""
    row = next((row for row in _account_rows(call) if row[0] == call.ids[0]), None)
    if row is None:
        raise rest_error(404, "rest_setting_setting_invalid", "Invalid setting.")
    if call.request.method != "GET":
        call.shop.options[call.ids[0]] = call.body().get("value")
    return Answer(200, _setting(call, *row), rows=1)


def _account_rows(call: Call) -> list[tuple[str, str, str, str]]:
    rows = [(name, label, "checkbox", default) for name, (label, default) in _CHECKBOXES.items()]
    rows += [(name, label, "textarea", "") for name, label in _TEXTS.items()]
    if call.shop.options.get("retention_in_rest"):
        rows += [
            (name, name.removeprefix("woocommerce_"), "relative_date_selector", "") for name in RETENTION
        ]
    return rows


def _setting(call: Call, name: str, label: str, kind: str, default: str) -> Json:
    value: Any = call.shop.options.get(name, default)
    address = call.link(f"settings/account/{name}")
    row = {
        "id": name, "label": label, "description": label, "type": kind, "default": default, "value": value,
        "group_id": "account",
    }  # fmt: skip
    return with_links(row, {"self": href(address), "collection": href(call.link("settings/account"))})
