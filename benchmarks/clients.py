"""What a benchmark needs of Gallra: a ledger, a keyer, a shop's platform, and one subject key for all."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adapters.woocommerce import build as woocommerce
from adapters.woocommerce.platform import WooCommerce
from benchmarks.orders import KEY, TODAY
from connector.calendar import FinancialYears
from connector.identity import make_keyer
from connector.ledger import Ledger, open_ledger
from connector.ledger.dialect.postgres import on_server
from connector.ledger.proof.sealer import Sealer
from connector.ledger.store import Around
from connector.policy import Policy, ShopContext, load_policy

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=STOCKHOLM)
KEYER = make_keyer(b"benchmark" * 4)
ADDRESS = "ledger.url"
"""The file in a folder that says on which server the ledger lies."""

SEALER = Sealer(b"seal" * 8)


def ledger(folder: str | Path, *, sealed: bool = False) -> Ledger:
    """The ledger in a folder, opened or made; `sealed` as `gallra init` sets it up, under a seal key.

    On a server, where the folder holds an address.
    """
    around = Around(seal=lambda: SEALER) if sealed else None
    file = Path(folder, ADDRESS)
    place = on_server(file.read_text(), KEY) if file.exists() else Path(folder, "ledger.sqlite")
    return open_ledger(place, shop=KEY, clock=lambda: NOON, around=around)


def policy(year_end: str = "12-31") -> Policy:
    """The preset of a shop whose financial year ends on this day."""
    years = FinancialYears.ending(year_end, 2012, 2030)
    return load_policy("swedish-webshop", context=ShopContext(financial_years=years))


def shop(credentials: dict[str, Any]) -> WooCommerce:
    """The platform behind these credentials."""
    return woocommerce.build(credentials, keyer=KEYER, clock=lambda: NOON)
