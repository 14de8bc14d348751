"""What the engine must know of a shop before it may judge: archive, financial years, OSS, holds."""

from datetime import date
from typing import Literal

from connector.calendar import FinancialYears
from connector.records import HoldId, Value


class ShopContext(Value, frozen=True, kw_only=True):
    """The shop's side of every verdict (schedule §1 and §2).

    `archived_years` are the financial years whose vouchers a named person found complete
    elsewhere (mode B, year by year); `archive="elsewhere"` says so of all of them.
    `unknown_holds` are those whose signal cannot be read and that nobody has attested away; `attested`
    are those that a named person says the shop does not have.
    `withdrawal_untold`: the shop cannot show that it told of the right of withdrawal (lag 2005:59 2:12).
    `sells_consumables`: it has goods that are soon used up (schedule T-02), and says so in its papers.
    `run_slack_days` is how long after its first day a field may wait for a run, and `undo_days` for how long
    what was blanked then can be restored: until that ends it is not gone. Neither changes a verdict's day.
    """

    archive: Literal["shop", "elsewhere"] = "shop"
    archived_years: tuple[tuple[date, date], ...] = ()
    financial_years: FinancialYears = FinancialYears()
    oss: tuple[tuple[date, date | None], ...] = ()
    unknown_holds: frozenset[HoldId] = frozenset()
    attested: frozenset[HoldId] = frozenset()
    withdrawal_untold: bool = False
    sells_consumables: bool = False
    run_slack_days: int = 31
    undo_days: int = 0
