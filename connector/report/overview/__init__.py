"""How the shops stand, each a row: the status page, and the table that closes a command over a folder."""

from connector.report.overview.lines import columns, heads, needed, said, state_word, whom_word
from connector.report.overview.model import NeedView, Overview, ShopRow

__all__ = [
    "NeedView",
    "Overview",
    "ShopRow",
    "columns",
    "heads",
    "needed",
    "said",
    "state_word",
    "whom_word",
]
