"""What proves the ledger: a chain of events, rows that must equal its replay, sums under a key."""
