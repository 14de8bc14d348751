"""Loads a shop that a real WooCommerce answered: a folder of gzipped JSON lines."""

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from sandbox.wire import Json
from sandbox.woocommerce.shop import Shop

_decode = msgspec.json.Decoder(Json).decode


def load_shop(folder: Path, today: date) -> Shop:
    """The shop in a folder; notes exist there for every tenth order only."""
    shop = Shop(today)
    shop.orders = _by_id(folder / "orders.jsonl.gz")
    shop.customers = _by_id(folder / "customers.jsonl.gz")
    shop.refunds = _by_id(folder / "refunds.jsonl.gz")
    shop.coupons = _by_id(folder / "coupons.jsonl.gz")
    shop.reviews = _by_id(folder / "reviews.jsonl.gz")
    shop.products = _by_id(folder / "products.jsonl.gz")
    shop.taxes = list(_rows(folder / "taxes.jsonl.gz"))
    shop.stock = {number: row["stock_quantity"] or 0 for number, row in shop.products.items()}
    for row in _rows(folder / "order_notes_of_every_tenth_order.jsonl.gz"):
        shop.notes.setdefault(row.pop("order_id"), []).append(row)
    shop.reserve_ids()
    return shop


def _by_id(path: Path) -> dict[int, Json]:
    return {row["id"]: row for row in _rows(path)}


def _rows(path: Path) -> Iterator[Json]:
    with gzip.open(path, "rb") as lines:
        yield from map(_decode, lines)
