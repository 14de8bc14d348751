"""Made-up goods, the tax table through the years, coupons, reviews and webhooks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from sandbox.data.people import Person
from sandbox.wire import Json
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import stamp

GOODS: tuple[tuple[str, str, str], ...] = (
    *((f"Skärbräda ek {n}", f"{99 + 25 * n}.00", "") for n in range(1, 13)),
    ("Knivlist valnöt", "349.00", ""), ("Smörkniv en", "79.00", ""), ("Saltkar björk", "159.00", ""),
    ("Knäckebröd råg 500 g", "45.00", "reduced-rate"), ("Hjortronsylt 200 g", "69.00", "reduced-rate"),
    ("Kokkaffe 450 g", "89.00", "reduced-rate"),
)  # fmt: skip
_FOOD_CUT = date(2026, 4, 1)  # Swedish VAT on food: 12 % before, 6 % from this day
_FINLAND_UP = date(2024, 9, 1)  # Finnish VAT: 24 % before, 25.5 % from this day


def tax_table(on: date) -> list[Json]:
    """The shop's tax table as it stood on a day; the newest one makes old orders add up differently."""
    return _tax_table(on >= _FOOD_CUT, on >= _FINLAND_UP, date(2020, 7, 1) <= on <= date(2020, 12, 31))


@cache
def _tax_table(cheap_food: bool, finland_up: bool, germany_low: bool) -> list[Json]:
    rates = (
        ("SE", "standard", "25.0000"), ("SE", "reduced-rate", "6.0000" if cheap_food else "12.0000"),
        ("DK", "standard", "25.0000"), ("DK", "reduced-rate", "25.0000"),
        ("FI", "standard", "25.5000" if finland_up else "24.0000"), ("FI", "reduced-rate", "14.0000"),
        ("DE", "standard", "16.0000" if germany_low else "19.0000"),
        ("DE", "reduced-rate", "5.0000" if germany_low else "7.0000"),
        ("NO", "standard", "25.0000"), ("NO", "reduced-rate", "15.0000"),
    )  # fmt: skip
    return [
        {
            "id": number, "country": country, "state": "", "postcode": "", "city": "", "rate": rate,
            "name": "Moms" if kind == "standard" else "Livsmedel", "priority": 1, "compound": False,
            "shipping": True, "order": 0, "class": kind, "postcodes": [], "cities": [],
        }
        for number, (country, kind, rate) in enumerate(rates, start=4)
    ]  # fmt: skip


def fill(shop: Shop, people: list[Person]) -> None:
    """Adds taxes, stock, coupons, reviews and webhooks."""
    shop.taxes = [dict(row) for row in tax_table(shop.today)]
    shop.stock = dict.fromkeys(range(10, 10 + len(GOODS)), 1000)
    named = [person for person in people if person.customer_id][:10]
    for place, person in enumerate(named):
        when = datetime.combine(shop.today, datetime.min.time(), UTC) - timedelta(days=40 + 330 * place)
        _add_review(shop, person, when, place)
        _add_coupon(shop, person, when, place)
    _add_webhook(shop, "Fortnox", "active", "https://fortnox.example/woo")
    _add_webhook(shop, "Gammal lagersynk", "paused", "https://lager.example/woo")


def _add_review(shop: Shop, person: Person, when: datetime, place: int) -> None:
    row: Json = {
        "id": 300 + place, "date_created": None, "date_created_gmt": None, "product_id": 10 + place,
        "product_name": GOODS[place][0], "product_permalink": f"https://butik.example/product/{10 + place}/",
        "status": "approved", "reviewer": person.name, "reviewer_email": person.email,
        "review": f"<p>Fin bräda! /{person.first}</p>\n", "rating": 5 - place % 3, "verified": place % 2 == 0,
        "reviewer_avatar_urls": {size: f"https://gravatar.example/{place}?s={size}" for size in ("24", "48",
        "96")},
    }  # fmt: skip
    stamp(row, "created", when)
    shop.reviews[row["id"]] = row


def _add_coupon(shop: Shop, person: Person, when: datetime, place: int) -> None:
    balance = place == 9  # a gift card kept as a coupon, as small shops do
    row: Json = {
        "id": 400 + place, "code": f"presentkort-{place}" if balance else f"valkommen-{place}",
        "amount": "437.50" if balance else "50.00", "status": "publish", "date_created": None,
        "date_created_gmt": None, "date_modified": None, "date_modified_gmt": None,
        "discount_type": "smart_coupon" if balance else "fixed_cart", "description": f"Till {person.name}",
        "date_expires": None, "date_expires_gmt": None, "usage_count": int(not balance),
        "individual_use": False,
        "product_ids": [], "excluded_product_ids": [], "usage_limit": None, "usage_limit_per_user": None,
        "limit_usage_to_x_items": None, "free_shipping": False, "product_categories": [],
        "excluded_product_categories": [], "exclude_sale_items": False, "minimum_amount": "0.00",
        "maximum_amount": "0.00", "email_restrictions": [person.email],
        "used_by": [] if balance else [person.email], "meta_data": [],
    }  # fmt: skip
    for name in ("created", "modified"):
        stamp(row, name, when)
    shop.coupons[row["id"]] = row


def _add_webhook(shop: Shop, name: str, status: str, address: str) -> None:
    number = 500 + len(shop.webhooks)
    row: Json = {
        "id": number, "name": name, "status": status, "topic": "order.updated", "resource": "order",
        "event": "updated", "hooks": ["woocommerce_update_order"], "delivery_url": address,
        "date_created": None, "date_created_gmt": None, "date_modified": None, "date_modified_gmt": None,
    }  # fmt: skip
    for kind in ("created", "modified"):
        stamp(row, kind, datetime(2019, 3, 4, 9, 0, tzinfo=UTC))
    shop.webhooks[number] = row
