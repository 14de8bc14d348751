"""Tokens, the scopes they carry, and which records need which."""

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
Need = tuple[frozenset[str], str]  # one of these scopes, and how the refusal words it


def need(*scopes: str, shown: str = "", also: str = "") -> Need:
    """One of some scopes, in the refusal's words; `shown` is another scope that it names instead."""
    told = [f"`{scope}` access scope" for scope in ([shown] if shown else scopes)]
    words = " or ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)
    return frozenset(scopes), f"{words}." + (f" Also: {also}" if also else "")


BY_TYPE: dict[str, Need] = {
    "Order": need("read_orders", "read_marketplace_orders", "read_quick_sale"),
    "Customer": need("read_customers"),
    "DraftOrder": need("read_draft_orders", "read_quick_sale"),
    "AbandonedCheckout": need("read_orders"),
    "GiftCard": need("read_gift_cards"),
    "Return": need("read_returns", "read_marketplace_returns"),
    "CompanyContact": need("read_customers", "read_companies", also="The shop must have access to B2B."),
    "CustomerPaymentMethod": need(
        "read_customer_payment_methods", shown="read_customers",
        also="Requires `read_customer_payment_methods` scope.",
    ),
    "StoreCreditAccount": need("read_store_credit_accounts"),
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
