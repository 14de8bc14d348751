"""Where WooCommerce and the plugins of Swedish shops keep a person: meta keys and their fields.

The keys were found in the plugins' own published code. A key that stands nowhere here is not
touched for its name: its value is looked at, and what looks personal is reported.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from connector.detect import Type, says_organisation, says_person
from connector.places.catalogue import Entry, Table, read
from connector.places.cutting import company_number
from connector.records import Field, Kind

_ORDER_META: Mapping[str, Field] = {
    # Payment: what refunds, disputes and the books need (schedule T-12).
    "_klarna_order_id": Field.PAYMENT_REFERENCE,
    "_wc_klarna_order_id": Field.PAYMENT_REFERENCE,
    "_kco_kss_reference": Field.PAYMENT_REFERENCE,
    "_payson_checkout_id": Field.PAYMENT_REFERENCE,
    # Says that a subscription runs (H7): it goes by a rule that waits for one, not with the payment's trace.
    "_payson_subscription_id": Field.ACCOUNT,
    # A saved payment method: it ends with the account, and no earlier (T-23, T-16).
    "_kco_recurring_token": Field.ACCOUNT,
    "_klarna_recurring_token": Field.ACCOUNT,
    "_kp_recurring_token": Field.ACCOUNT,
    "_svea_co_order_id": Field.PAYMENT_REFERENCE,
    "_svea_co_token": Field.PAYMENT_REFERENCE,
    "_collector_payment_id": Field.PAYMENT_REFERENCE,
    "_collector_order_id": Field.PAYMENT_REFERENCE,
    "_collector_private_id": Field.PAYMENT_REFERENCE,
    "_collector_public_token": Field.PAYMENT_REFERENCE,
    "_qliro_one_order_id": Field.PAYMENT_REFERENCE,
    "_qliro_one_merchant_reference": Field.PAYMENT_REFERENCE,
    "_dibs_payment_id": Field.PAYMENT_REFERENCE,
    "nets_easy_payment_id": Field.PAYMENT_REFERENCE,
    "_wc_ledyer_order_id": Field.PAYMENT_REFERENCE,
    "_swish_payment_reference": Field.PAYMENT_REFERENCE,
    "Transaction ID": Field.PAYMENT_REFERENCE,
    # Payment: who and with which card (T-12, 18 months).
    "dibs_customer_card": Field.PAYMENT_DETAILS,
    "Payer first name": Field.PAYMENT_DETAILS,
    "Payer last name": Field.PAYMENT_DETAILS,
    "Payer PayPal address": Field.PAYMENT_DETAILS,
    "Payment type": Field.PAYMENT_DETAILS,
    # Phone numbers (T-03).
    "_swish_payer_alias": Field.PHONE,
    "mailchimp_woocommerce_sms_consent_phone": Field.PHONE,
    # E-mail (T-02).
    "_shipping_email": Field.EMAIL,
    # Personnummer by a key of its own; everywhere else it is found by its value (T-08).
    "_billing_pno": Field.PERSONAL_NUMBER,
    "svea_billing_ssn": Field.PERSONAL_NUMBER,
    "iv_billing_ssn": Field.PERSONAL_NUMBER,
    "pp_billing_ssn": Field.PERSONAL_NUMBER,
    "_billing_personnummer": Field.PERSONAL_NUMBER,
    "billing_personnummer": Field.PERSONAL_NUMBER,
    # Companies (T-06): a sole trader's organisation number is a personnummer; this row wins.
    "_billing_company_number": Field.ORGANISATION_NUMBER,
    "_billing_org_nr": Field.ORGANISATION_NUMBER,
    "svea_billing_org_number": Field.ORGANISATION_NUMBER,
    "_briqpay_company_cin": Field.ORGANISATION_NUMBER,
    "_vat_number": Field.ORGANISATION_NUMBER,
    "vat_number": Field.ORGANISATION_NUMBER,
    "_billing_vat_number": Field.ORGANISATION_NUMBER,
    "_billing_eu_vat_number": Field.ORGANISATION_NUMBER,
    # Delivery notes (T-07) and the carrier's copy of name and address (T-04).
    "leveransinstruktion": Field.DOOR_CODE,
    "_delivery_instructions": Field.DOOR_CODE,
    "_postnord_tracking_receiver": Field.SHIPPING_ADDRESS,
    "_kco_kss_data": Field.SHIPPING_ADDRESS,
    # Parcels (T-14).
    "_postnord_shipment_id": Field.TRACKING_NUMBER,
    "_kss_tracking_id": Field.TRACKING_NUMBER,
    "_kss_tracking_url": Field.TRACKING_NUMBER,
    "fraktjakt_shipment_id": Field.TRACKING_NUMBER,
    "fraktjakt_order_id": Field.TRACKING_NUMBER,
    "fraktjakt_access_code": Field.TRACKING_NUMBER,
    "fraktjakt_access_link": Field.TRACKING_NUMBER,
    "_wc_shipment_tracking_items": Field.TRACKING_NUMBER,
    # Traces of the visit (T-09); campaign and source stay, as an aggregate.
    "_wc_order_attribution_user_agent": Field.USER_AGENT,
    "_wc_order_attribution_session_entry": Field.USER_AGENT,
    "_wc_order_attribution_session_start_time": Field.USER_AGENT,
    "_wc_order_attribution_referrer": Field.USER_AGENT,
    "mailchimp_woocommerce_landing_site": Field.USER_AGENT,
    "_billing_birthdate": Field.BIRTH_DATE,
    "_billing_birth_date": Field.BIRTH_DATE,
    "_billing_date_of_birth": Field.BIRTH_DATE,
}
_CUSTOMER_META: Mapping[str, Field] = {
    "billing_personnummer": Field.PERSONAL_NUMBER,
    "billing_pno": Field.PERSONAL_NUMBER,
    "svea_billing_ssn": Field.PERSONAL_NUMBER,
    "billing_company_number": Field.ORGANISATION_NUMBER,
    "billing_org_nr": Field.ORGANISATION_NUMBER,
    "billing_birthdate": Field.BIRTH_DATE,
    "billing_birth_date": Field.BIRTH_DATE,
    "birth_date": Field.BIRTH_DATE,
    "mailchimp_woocommerce_sms_consent_phone": Field.PHONE,
    "mailchimp_woocommerce_gdpr_fields": Field.CUSTOM,
}
# Consent, statistics and sync flags: known, and not personal by themselves.
HARMLESS = frozenset({
    "_wc_order_attribution_device_type", "_wc_order_attribution_session_pages",
    "_wc_order_attribution_session_count", "_wc_order_attribution_source_type",
    "_wc_order_attribution_utm_source", "_wc_order_attribution_utm_medium",
    "_wc_order_attribution_utm_campaign", "_wc_order_attribution_utm_content",
    "_wc_klarna_environment", "_wc_klarna_country", "mailchimp_woocommerce_is_subscribed",
    "mailchimp_woocommerce_campaign_id", "_paysoncheckout_order_status", "_collector_customer_type",
    "_collector_payment_method", "dibs_payment_type", "_briqpay_payment_method", "_ledyer_date_paid",
    "_fortnox_order_synced", "_pacsoft_order_synced", "wc_last_active", "_anonymized", "_reduced_stock",
    "is_vat_exempt", "_new_order_email_sent", "_wcpdf_invoice_number", "_edit_lock",
    "_fortnox_invoice_number", "_fortnox_order_documentnumber", "_visma_order_synced",
    "_bokio_invoice_number",
})  # fmt: skip


def catalogue() -> tuple[Entry, ...]:
    """The keys of plugins, as the file beside this one lists them."""
    return read(files("adapters.woocommerce").joinpath("catalogue.toml").read_text(encoding="utf-8"))


def _table(exact: Mapping[str, Field], kind: Kind) -> Table:
    return Table(exact, (one for one in catalogue() if kind in one.of), HARMLESS)


ORDER_META = _table(_ORDER_META, Kind.ORDER)
CUSTOMER_META = _table(_CUSTOMER_META, Kind.CUSTOMER)
COUPON_META = _table({}, Kind.COUPON)
KLARNA_KEYS = ("_wc_klarna_order_id", "_klarna_order_id")
KLARNA_TOKEN_KEYS = ("_kco_recurring_token", "_klarna_recurring_token", "_kp_recurring_token")
# Says that a payment was made; a plugin's session or card says only that one was begun.
TRANSACTION_KEYS = frozenset(
    key
    for key, field in _ORDER_META.items()
    if field is Field.PAYMENT_REFERENCE or key in KLARNA_TOKEN_KEYS[:2]
)
PAYSON_KEYS = ("_payson_checkout_id",)
TRACKING_ITEMS = "_wc_shipment_tracking_items"
TRACKING_KEYS = ("_postnord_shipment_id", "_kss_tracking_id")
VAT_KEYS = ("_vat_number", "vat_number", "_billing_vat_number", "_billing_eu_vat_number")
DELIVERED_KEYS = ("_delivered_date", "_date_delivered", "_delivered_at", "_postnord_delivered_at")
SHIPPED_KEYS = ("_date_shipped", "_shipped_date", "_shipped_at")
# An invoice was sent, or the order is in the books: flags and ids of the accounting plugins, and the
# names by which plugins call an invoice's number, in lower case without anything but letters.
INVOICED_KEYS = frozenset({
    "_fortnox_order_synced", "_visma_order_synced", "_bokio_invoice_id", "bokio_invoice_id",
    "_wcpdf_invoice_exists",
})  # fmt: skip
INVOICE_NUMBER_WORDS = (
    "invoicenumber", "invoicereference", "fakturanummer", "fakturanr", "orderdocumentnumber", "vouchernumber",
)  # fmt: skip
SUBSCRIPTION_KEYS = (
    "_subscription_renewal", "_subscription_switch", "_subscription_resubscribe", "_payson_subscription_id",
)  # fmt: skip
# Customer meta that says the shop owes this person something (schedule H6).
BALANCE_KEYS = (
    "_current_woo_wallet_balance", "store_credit_balance", "_store_credit_balance", "account_funds",
    "_ywpar_user_total_points", "wc_points_balance",
)  # fmt: skip
# Coupon types and meta that carry money: such a coupon is never written (schedule H6).
BALANCE_COUPON_TYPES = ("smart_coupon", "store_credit", "gift_card", "giftcard", "presentkort", "credit")
BALANCE_COUPON_META = (
    "wc_sc_original_amount", "_wt_smart_coupon_initial_credit", "_credit_balance", "is_store_credit",
    "_wc_gc_balance", "fcw_gift_card_balance", "_original_amount",
)  # fmt: skip

NOT_PERSONAL_TYPES = frozenset({Type.ORGANISATION_NUMBER, Type.BANKGIRO})


def order_meta(settings: Mapping[str, Any]) -> Table:
    """The table of order keys, with the shop's own; raises SettingsError for an unknown field."""
    return ORDER_META.with_settings(settings.get("order_meta") or {}, "woocommerce.order_meta")


def customer_meta(settings: Mapping[str, Any]) -> Table:
    """The table of account keys, with the shop's own; raises SettingsError for an unknown field."""
    return CUSTOMER_META.with_settings(settings.get("customer_meta") or {}, "woocommerce.customer_meta")


def coupon_meta(settings: Mapping[str, Any]) -> Table:
    """The table of coupon keys, with the shop's own; raises SettingsError for an unknown field."""
    return COUPON_META.with_settings(settings.get("coupon_meta") or {}, "woocommerce.coupon_meta")


def is_harmless(key: str, table: Mapping[str, Field]) -> bool:
    """Whether a key is known to hold no person."""
    return table.harmless(key) if isinstance(table, Table) else key in HARMLESS


def is_vouched(key: str, table: Mapping[str, Field]) -> bool:
    """Whether the shop's own settings say that a key holds no person."""
    return isinstance(table, Table) and table.vouched(key)


def is_company_number(key: str, value: Any, *, business: bool = False) -> bool:
    """Whether a row is the number of a company by its key (schedule T-06), whatever its digits.

    A key that promises a person too is the company's only in an order of a `business`.
    """
    said = says_organisation(key) and (business or not says_person(key))
    return said and isinstance(value, str | int) and company_number(value)


def is_vat_number(key: str, value: Any) -> bool:
    """Whether a row is a VAT number by its key."""
    return key in VAT_KEYS or (_says_vat(key) and is_company_number(key, value))


@lru_cache(maxsize=4096)
def _says_vat(key: str) -> bool:
    name = key.casefold()
    return "vat" in name or "moms" in name
