"""The ledger: index without direct identifiers, plans, approvals, outbox, receipts, events."""

from connector.ledger.store import Ledger, open_ledger
from connector.ledger.vault import Vault, new_key, read_key

__all__ = ["Ledger", "Vault", "new_key", "open_ledger", "read_key"]
