"""What an order adds up to with today's tax table: the recalculation that rewrites old VAT.

WooCommerce runs it whenever a write names billing, shipping or any line, whatever they hold.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.wire import Json

CENT = Decimal("0.01")
BASE_COUNTRY = "SE"
TRIGGERS = frozenset({"billing", "shipping", "line_items", "shipping_lines", "fee_lines", "coupon_lines"})


def money(value: Any) -> str:
    """An amount with two decimals, as the API writes it."""
    return str(Decimal(str(value or 0)).quantize(CENT, ROUND_HALF_UP))


def taxed_country(order: Json) -> str:
    """The country whose rates apply: shipping, else billing, else the shop's own."""
    country: str = order["shipping"]["country"] or order["billing"]["country"] or BASE_COUNTRY
    return country


def rate_for(taxes: list[Json], country: str, tax_class: str) -> Json | None:
    """The row of the tax table that applies to a country and a class."""
    wanted = tax_class or "standard"
    rows = (row for row in taxes if row["country"] in ("", country) and row["class"] == wanted)
    return next(rows, None)


def recalculate(order: Json, taxes: list[Json]) -> None:
    """Computes every line's VAT, the tax lines and the totals of an order anew, with `taxes`."""
    country = taxed_country(order)
    sums: dict[int, list[Decimal]] = {}
    rates: dict[int, Json] = {}
    cart = [
        _tax_line(line, rate_for(taxes, country, line.get("tax_class", "")), sums, rates, 0)
        for line in _goods(order)
    ]
    classes = [line.get("tax_class", "") for line in order["line_items"]] or [""]
    freight_rate = rate_for(taxes, country, "" if "" in classes else classes[0])
    freight = [_tax_line(line, freight_rate, sums, rates, 1) for line in order["shipping_lines"]]
    order["tax_lines"] = _tax_lines(order, sums, rates)
    order["cart_tax"], order["shipping_tax"] = money(sum(cart)), money(sum(freight))
    order["total_tax"] = money(sum(cart) + sum(freight))
    order["shipping_total"] = money(sum(Decimal(line["total"]) for line in order["shipping_lines"]))
    net = sum((Decimal(line["total"]) for line in [*_goods(order), *order["shipping_lines"]]), Decimal(0))
    order["total"] = money(net + sum(cart) + sum(freight))


def _goods(order: Json) -> list[Json]:
    return [*order["line_items"], *order["fee_lines"]]


def _tax_line(
    line: Json, rate: Json | None, sums: dict[int, list[Decimal]], rates: dict[int, Json], place: int
) -> Decimal:
    """Writes one line's VAT and adds it to the sums; `place` is 0 for goods, 1 for freight."""
    if rate is None:
        line["taxes"], line["total_tax"] = [], "0.00"
        if "subtotal" in line:
            line["subtotal_tax"] = "0.00"
        return Decimal(0)
    share = Decimal(rate["rate"]) / 100
    tax = (Decimal(line["total"]) * share).quantize(CENT, ROUND_HALF_UP)
    line["total_tax"] = str(tax)
    before = money(Decimal(line["subtotal"]) * share) if "subtotal" in line else ""
    if before:
        line["subtotal_tax"] = before
    line["taxes"] = [{"id": rate["id"], "total": str(tax), "subtotal": before}]
    sums.setdefault(rate["id"], [Decimal(0), Decimal(0)])[place] += tax
    rates[rate["id"]] = rate
    return tax


def _tax_lines(order: Json, sums: dict[int, list[Decimal]], rates: dict[int, Json]) -> list[Json]:
    known = {line["rate_id"]: line["id"] for line in order["tax_lines"]}
    return [
        tax_line(
            known.get(number, 900_000 + order["id"] * 4 + place), rates[number], money(goods), money(freight)
        )
        for place, (number, (goods, freight)) in enumerate(sums.items())
    ]


def tax_line(line_id: int, rate: Json, goods: str, freight: str) -> Json:
    """One tax line of an order."""
    percent = float(rate["rate"])
    return {
        "id": line_id,
        "rate_code": f"{rate['country']}-{rate['name'].upper()}-{rate['priority']}",
        "rate_id": rate["id"],
        "label": rate["name"],
        "compound": rate["compound"],
        "tax_total": goods,
        "shipping_tax_total": freight,
        "rate_percent": int(percent) if percent.is_integer() else percent,
        "meta_data": [],
    }
