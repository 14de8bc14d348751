"""The index: what each record says without its person, and which records are one person's.

Each class reads or writes one part of it, and whoever needs a part asks for no more.
"""

from connector.ledger.index.marks import Marks
from connector.ledger.index.presence import Presence
from connector.ledger.index.pulls import Pulls
from connector.ledger.index.reading import Rows
from connector.ledger.index.records import Records
from connector.ledger.index.rows import IDENTIFYING, MUST_DECIDE, Row, purchased
from connector.ledger.index.subjects import Subjects
from connector.ledger.index.undecided import Undecided

__all__ = [
    "IDENTIFYING", "MUST_DECIDE", "Marks", "Presence", "Pulls", "Records", "Row", "Rows", "Subjects",
    "Undecided", "purchased",
]  # fmt: skip
