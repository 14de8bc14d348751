"""The index: what each record says without its person, and which records are one person's."""

from connector.ledger.index.records import Index
from connector.ledger.index.rows import MUST_DECIDE, Row

__all__ = ["MUST_DECIDE", "Index", "Row"]
