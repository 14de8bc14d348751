"""What the status page says of each shop."""

from datetime import date, datetime

from msgspec import field

from connector.records import Value
from connector.report.shared import BasisView


class NeedView(Value, frozen=True, kw_only=True):
    """One thing that waits: for whom, what (a code of `need` and what fills it), since when and until when.

    `over` is how many days it is late.
    """

    whom: str
    what: str
    values: dict[str, str] = field(default_factory=dict)
    since: date | None = None
    due: date | None = None
    over: int = 0

    @property
    def order(self) -> tuple[int, date, date]:
        """The longest overdue first, then what is due next, then what has waited longest."""
        return -self.over, self.due or date.max, self.since or date.max


class ShopRow(Value, frozen=True, kw_only=True):
    """One shop; moments are as the ledger has them, empty where there is none."""

    name: str
    id: str  # the shop's own, or its file's name where that cannot be read
    state: str
    needs: tuple[NeedView, ...] = ()
    code: int | None = None
    last_run: str = ""
    last_good: str = ""
    last_erased: str = ""
    waits: int = 0
    next_due: str = ""
    read: tuple[BasisView, ...] = ()


class Overview(Value, frozen=True, kw_only=True):
    """Every shop at one moment."""

    rows: tuple[ShopRow, ...]
    at: datetime
    agency: str = ""
