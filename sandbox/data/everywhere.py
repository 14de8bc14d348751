"""One made-up person with an account who bought in every way, so that each recipient knows of them."""

import random
from dataclasses import replace
from datetime import datetime, time, timedelta

from sandbox.data import catalogue, traces
from sandbox.data.history import METHODS
from sandbox.data.people import make_person
from sandbox.woocommerce.building import Bought, build_order
from sandbox.woocommerce.params import STOCKHOLM
from sandbox.woocommerce.shop import Shop
from sandbox.woocommerce.values import gmt_text, stamp

ADDRESS = "alva.overallt@kund.example"
PAYMENT_METHOD = "token-everywhere"
_NUMBER = 5_000_000
_DAYS_AGO = {"klarna_payments": 210, "kco": 170, "paysoncheckout": 130, "swish": 90}


def add(shop: Shop) -> str:
    """Adds the person, with a delivered order for each way to pay; returns the address."""
    chance = random.Random("everywhere")
    person = replace(
        make_person(_NUMBER, chance), first="Alva", last="Överallt", email=ADDRESS, country="SE", company="",
        organisation_number="", town="Umeå", postcode="90325", street="Skolgatan 7", subscribed="1",
        customer_id=max(shop.customers, default=1) + 1,
    )  # fmt: skip
    days: list[str] = []
    for method, ago in _DAYS_AGO.items():
        when = datetime.combine(shop.today - timedelta(days=ago), time(12, 0), STOCKHOLM)
        order_id = max(shop.orders, default=5000) + 3
        name, price, kind = catalogue.GOODS[0]
        bought = Bought([(name, price, 1, kind)], person.address())
        taxes = catalogue.tax_table(when.date())
        order = build_order(order_id, when, bought, taxes=taxes, status="completed")
        order |= {
            "customer_id": person.customer_id, "payment_method": method,
            "payment_method_title": METHODS[method], "transaction_id": f"everywhere-{order_id}",
        }  # fmt: skip
        for name in ("completed", "modified"):
            stamp(order, name, when + timedelta(days=3))
        traces.add(shop, order, person, chance)
        keys = {row["key"] for row in order["meta_data"]}
        more = {"_postnord_shipment_id": traces.shipment_id(order_id)}
        more |= {"_kco_recurring_token": PAYMENT_METHOD} if method == "kco" else {}
        traces.add_meta(order, {key: value for key, value in more.items() if key not in keys})
        shop.orders[order_id] = order
        days.append(gmt_text(when))
    traces.add_account(shop, person, (days[0], days[-1]), chance)
    shop.reserve_ids()
    return ADDRESS
