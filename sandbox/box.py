"""Every stand-in service of one made-up shop, started and stopped together."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from sandbox import google_ads as google_ads_api
from sandbox import google_analytics as google_analytics_api
from sandbox import hotjar as hotjar_api
from sandbox import klarna as klarna_api
from sandbox import klaviyo as klaviyo_api
from sandbox import mondido as mondido_api
from sandbox import payson as payson_api
from sandbox import postnord as postnord_api
from sandbox.data import everywhere
from sandbox.data.history import make_shop
from sandbox.imap.server import Imap
from sandbox.klarna import Book, make_book
from sandbox.mailchimp import api as mailchimp_api
from sandbox.mailchimp.account import MAIN, STORE, Account, make_account, subscriber_hash
from sandbox.payson import Till, make_till
from sandbox.postnord import Depot, make_depot
from sandbox.running import Running
from sandbox.server import Profile
from sandbox.shopify.service import Shopify
from sandbox.store import load_shop
from sandbox.woocommerce.api import Api
from sandbox.woocommerce.auth import ApiKey
from sandbox.woocommerce.params import STOCKHOLM
from sandbox.woocommerce.shop import Shop


class WooCommerce(Running):
    """The stand-in shop with a read/write key and a read-only one."""

    names = ("url", "key", "secret", "read_key", "read_secret", "rest_prefix")

    def __init__(self, shop: Shop, seed: int, profile: Profile, *, rest_prefix: str, https: bool) -> None:
        self.shop = shop
        self.key, self.secret = made_up_key("ck", seed), made_up_key("cs", seed)
        self.read_key, self.read_secret = made_up_key("ck", seed + 1), made_up_key("cs", seed + 1)
        keys = [ApiKey(self.key, self.secret, True), ApiKey(self.read_key, self.read_secret, False)]
        self.rest_prefix = rest_prefix
        super().__init__(Api(shop, keys, rest_prefix=rest_prefix, https=https), profile)


class Mailchimp(Running):
    """The stand-in Mailchimp account; at most ten requests at once."""

    names = ("url", "key", "list_id", "store_id")

    def __init__(self, account: Account, seed: int) -> None:
        self.shop = account
        self.key = f"{made_up_key('mc', seed)[3:35]}-us19"
        self.list_id, self.store_id = MAIN, STORE
        super().__init__(mailchimp_api.Mailchimp(account, self.key), Profile(), connection_limit=10)


class Klarna(Running):
    """The stand-in Klarna."""

    names = ("url", "user", "password")

    def __init__(self, book: Book, seed: int) -> None:
        self.shop = book
        self.user, self.password = "PK00007", made_up_key("kl", seed)
        super().__init__(klarna_api.Klarna(book, self.user, self.password), Profile())


class Kustom(Running):
    """The stand-in Kustom, which answers as Klarna does, on a host and with keys of its own."""

    names = ("url", "user", "password")

    def __init__(self, book: Book, seed: int) -> None:
        self.shop = book
        self.user, self.password = "M000007", made_up_key("kco", seed)
        super().__init__(klarna_api.Klarna(book, self.user, self.password), Profile())


class Payson(Running):
    """The stand-in Payson."""

    names = ("url", "agent", "key")

    def __init__(self, till: Till, seed: int) -> None:
        self.shop = till
        self.agent, self.key = "4", made_up_key("ps", seed)
        super().__init__(payson_api.Payson(till, self.agent, self.key), Profile())


class PostNord(Running):
    """The stand-in PostNord."""

    names = ("url", "key")

    def __init__(self, depot: Depot, seed: int) -> None:
        self.shop = depot
        self.key = made_up_key("pn", seed)[3:35]
        super().__init__(postnord_api.PostNord(depot, self.key), Profile())


class Klaviyo(Running):
    """The stand-in Klaviyo."""

    names = ("url", "key")

    def __init__(self, account: klaviyo_api.Account, seed: int) -> None:
        self.shop = account
        self.key = made_up_key("kv", seed)
        super().__init__(klaviyo_api.Klaviyo(account, self.key), Profile())


class Hotjar(Running):
    """The stand-in Hotjar."""

    names = ("url", "organization", "client", "key")

    def __init__(self, organization: hotjar_api.Organization, seed: int) -> None:
        self.shop = organization
        self.organization, self.client, self.key = "71", "hotjar-client", made_up_key("hj", seed)
        super().__init__(hotjar_api.Hotjar(organization, self.client, self.key), Profile())


class Mondido(Running):
    """The stand-in Mondido."""

    names = ("url", "merchant", "key")

    def __init__(self, merchant: mondido_api.Merchant, seed: int) -> None:
        self.shop = merchant
        self.merchant, self.key = "9", made_up_key("mo", seed)
        super().__init__(mondido_api.Mondido(merchant, self.merchant, self.key), Profile())


class GoogleAds(Running):
    """The stand-in Data Manager API; its key is a service account's file."""

    names = ("url", "account", "audience", "key")

    def __init__(self, audience: google_ads_api.Audience) -> None:
        self.shop, self._account = audience, google_ads_api.ServiceAccount()
        self.account, self.audience = google_ads_api.ACCOUNT, google_ads_api.AUDIENCE
        super().__init__(google_ads_api.GoogleAds(audience, self._account), Profile())

    @property
    def key(self) -> str:
        """The account's file, its key made when it is first asked for."""
        return self._account.file


class GoogleAnalytics(Running):
    """The stand-in Google Analytics; its key is a service account's file."""

    names = ("url", "property", "key")

    def __init__(self) -> None:
        self.shop = google_analytics_api.Property()
        self._account = google_ads_api.ServiceAccount(google_analytics_api.SCOPE)
        self.property = google_analytics_api.PROPERTY
        super().__init__(google_analytics_api.GoogleAnalytics(self.shop, self._account), Profile())

    @property
    def key(self) -> str:
        """The account's file, its key made when it is first asked for."""
        return self._account.file


def made_up_key(prefix: str, seed: int) -> str:
    """A key in the form a service gives them out, made from the seed."""
    return f"{prefix}_{hashlib.sha256(f'{prefix} {seed}'.encode()).hexdigest()[:40]}"


class Options(TypedDict, total=False):
    """How the services answer: their pace, a shop in place of a made-up one, and where its API stands.

    `everywhere` adds one person whom every recipient knows of.
    """

    mode: str | Profile
    shop: Shop | None
    rest_prefix: str
    https: bool
    everywhere: bool


class Sandbox:
    """The services of one shop on ports of 127.0.0.1; a context manager."""

    def __init__(
        self, *, seed: int = 7, customers: int = 2000, orders: int = 5000, today: date | None = None,
        **options: Unpack[Options],
    ) -> None:  # fmt: skip
        day, mode = today or datetime.now(STOCKHOLM).date(), options.get("mode", "fast")
        shop = options.get("shop") or make_shop(seed, customers, orders, day)[0]
        known = everywhere.add(shop) if options.get("everywhere") else ""
        self.woocommerce = WooCommerce(
            shop, seed, Profile.named(mode), rest_prefix=options.get("rest_prefix", "wp-json"),
            https=options.get("https", False),
        )  # fmt: skip
        self.mailchimp = Mailchimp(make_account(shop, seed), seed)
        self.klarna = Klarna(make_book(shop), seed)
        self.kustom = Kustom(make_book(shop, only="kco"), seed)
        self.payson = Payson(make_till(shop), seed)
        self.postnord = PostNord(make_depot(shop), seed)
        self.klaviyo = Klaviyo(klaviyo_api.make_account(shop), seed)
        self.hotjar = Hotjar(hotjar_api.make_organization(shop), seed)
        self.mondido = Mondido(mondido_api.make_merchant(shop), seed)
        self.google_ads = GoogleAds(google_ads_api.make_audience(shop))
        self.google_analytics = GoogleAnalytics()
        self.imap = Imap(shop, seed)
        self.shopify = Shopify(seed, customers, orders, day, mode)
        described = (self.klaviyo, self.hotjar, self.mondido, self.google_ads, self.google_analytics)
        coded = (self.woocommerce, self.mailchimp, self.klarna, self.kustom, self.payson, self.postnord)
        for service in (*coded, *described):
            service.server.clock = lambda: shop.now().timestamp()
        self._services: dict[str, Running] = {
            "woocommerce": self.woocommerce, "mailchimp": self.mailchimp, "klarna": self.klarna,
            "kustom": self.kustom, "payson": self.payson, "postnord": self.postnord, "shopify": self.shopify,
            "klaviyo": self.klaviyo, "hotjar": self.hotjar, "mondido": self.mondido,
            "google-ads": self.google_ads, "google-analytics": self.google_analytics, "imap": self.imap,
        }  # fmt: skip

        if known:  # a connection's sync and a survey have told these two of them
            self.mailchimp.shop.members[MAIN][subscriber_hash(known)]["status"] = "subscribed"
            self.hotjar.shop.addresses.add(known)
            self.imap.shop.written_long_ago(known, shop.today)

    def turn(self, **forward: float) -> None:
        """Turns every service's clock forward, or back."""
        self.woocommerce.shop.turn(**forward)
        self.mailchimp.shop.today = self.woocommerce.shop.now().date()
        self.shopify.shop.turn(seconds=timedelta(**forward).total_seconds())

    @classmethod
    def load_store(cls, folder: str | Path, *, today: date | None = None, **options: Any) -> Self:
        """The services of a shop that a real WooCommerce answered, kept as JSON lines in a folder."""
        day = today or datetime.now(STOCKHOLM).date()
        return cls(shop=load_shop(Path(folder), day), today=day, **options)

    def start(self) -> Self:
        """Opens every port."""
        for service in self._services.values():
            service.server.start()
        return self

    def stop(self) -> None:
        """Closes every port and connection."""
        for service in self._services.values():
            service.server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def people(self) -> list[str]:
        """Addresses of those with an account, an order and mailings, who ordered last first."""
        mailed = {one["email_address"].lower() for one in self.mailchimp.shop.members[MAIN].values()
                  if one["status"] == "subscribed"}  # fmt: skip
        orders = self.woocommerce.shop.orders.values()
        newest = sorted(orders, key=lambda order: str(order["date_created_gmt"]), reverse=True)
        found = [str(order["billing"]["email"]).lower() for order in newest if order["customer_id"]]
        return [address for address in dict.fromkeys(found) if address in mailed]

    def credentials(self) -> dict[str, Any]:
        """Every address and credential, by service."""
        return {name: service.credentials() for name, service in self._services.items()}
