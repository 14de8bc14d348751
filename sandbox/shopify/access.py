"""Tokens, the scopes they carry, and which field needs which."""

import hashlib
from dataclasses import dataclass

READ_WRITE = ("customers", "orders", "draft_orders", "gift_cards", "companies", "customer_data_erasure")
ALL_SCOPES = (
    *(f"{verb}_{name}" for name in READ_WRITE for verb in ("read", "write")),
    "read_all_orders", "read_returns",
    "read_customer_payment_methods", "write_customer_payment_methods", "read_store_credit_accounts",
    "read_merchant_managed_fulfillment_orders", "write_merchant_managed_fulfillment_orders",
    "write_privacy_settings",
)  # fmt: skip
TOKEN_LIFE = 86_399  # seconds, of a token got with client credentials

_ERASURE = (
    "`write_customer_data_erasure` access scope. Also: The user must have access to erase customer data."
)
_ORDERS = (
    "`read_orders` access scope, `read_marketplace_orders` access scope or `read_quick_sale` access scope."
)
_COMPANIES = (
    "`read_customers` access scope or `read_companies` access scope. Also: The shop must have access to B2B."
)
_FULFILLMENT = (
    "`read_assigned_fulfillment_orders` access scope, `read_merchant_managed_fulfillment_orders` access "
    "scope or `read_third_party_fulfillment_orders` access scope."
)

Need = tuple[frozenset[str], str]  # one of these scopes, and how the refusal words it


def _simple(scope: str) -> Need:
    return frozenset({scope}), f"`{scope}` access scope."


BY_TYPE: dict[str, Need] = {
    "Order": (frozenset({"read_orders"}), _ORDERS),
    "Customer": _simple("read_customers"),
    "CustomerSegmentMember": _simple("read_customers"),
    "DraftOrder": (
        frozenset({"read_draft_orders"}),
        "`read_draft_orders` access scope or `read_quick_sale` access scope.",
    ),
    "AbandonedCheckout": _simple("read_orders"),
    "GiftCard": _simple("read_gift_cards"),
    "Return": (
        frozenset({"read_returns"}),
        "`read_returns` access scope or `read_marketplace_returns` access scope.",
    ),
    "Company": (frozenset({"read_customers", "read_companies"}), _COMPANIES),
    "CompanyContact": (frozenset({"read_customers", "read_companies"}), _COMPANIES),
    "CustomerPaymentMethod": (
        frozenset({"read_customer_payment_methods"}),
        "`read_customers` access scope. Also: Requires `read_customer_payment_methods` scope.",
    ),
    "StoreCreditAccount": _simple("read_store_credit_accounts"),
    "FulfillmentOrder": (frozenset({"read_merchant_managed_fulfillment_orders"}), _FULFILLMENT),
}
BY_MUTATION: dict[str, Need] = {
    **{
        name: _simple("write_customers")
        for name in (
            "customerAddressDelete", "customerAddressUpdate", "customerDelete", "customerUpdate",
            "customerEmailMarketingConsentUpdate", "customerSmsMarketingConsentUpdate",
            "customerWhatsAppMarketingConsentUpdate",
        )
    },
    **{name: _simple("write_orders") for name in ("orderCustomerRemove", "orderDelete", "orderUpdate")},
    **{name: _simple("write_draft_orders") for name in ("draftOrderDelete", "draftOrderBulkDelete")},
    "customerRequestDataErasure": (frozenset({"write_customer_data_erasure"}), _ERASURE),
    "customerCancelDataErasure": (frozenset({"write_customer_data_erasure"}), _ERASURE),
    "customerPaymentMethodRevoke": _simple("write_customer_payment_methods"),
    "companyContactDelete": (
        frozenset({"write_customers", "write_companies"}),
        "`write_customers` access scope or `write_companies` access scope.",
    ),
    "companyContactUpdate": (
        frozenset({"write_customers", "write_companies"}),
        "`write_customers` access scope or `write_companies` access scope.",
    ),
    "dataSaleOptOut": _simple("write_privacy_settings"),
    "fulfillmentTrackingInfoUpdate": _simple("write_merchant_managed_fulfillment_orders"),
    "giftCardUpdate": _simple("write_gift_cards"),
}  # fmt: skip


@dataclass(slots=True)
class Token:
    """What a caller shows: its app, its scopes, and when it lapses on the shop's clock."""

    text: str
    app: str
    scopes: frozenset[str]
    lapses: float = float("inf")

    @property
    def all_orders(self) -> bool:
        """Whether orders older than 60 days are shown."""
        return "read_all_orders" in self.scopes


def made_up(prefix: str, name: str) -> str:
    """A token or key in Shopify's form, made from a name."""
    return f"{prefix}_{hashlib.sha256(f'{prefix} {name}'.encode()).hexdigest()[:32]}"


class Keyring:
    """The tokens of one shop."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.client_id = made_up("id", str(seed))[3:]
        self.client_secret = made_up("shpss", str(seed))
        self.tokens: dict[str, Token] = {}
        self.installed = True
        self._given = 0

    def give(self, scopes: "frozenset[str] | set[str]", app: str, lapses: float = float("inf")) -> Token:
        """A new token."""
        self._given += 1
        token = Token(made_up("shpat", f"{self.seed} {self._given}"), app, frozenset(scopes), lapses)
        self.tokens[token.text] = token
        return token

    def find(self, text: str, now: float) -> Token | None:
        """The token, unless it is unknown or lapsed."""
        token = self.tokens.get(text) if self.installed else None
        return token if token and token.lapses > now else None
