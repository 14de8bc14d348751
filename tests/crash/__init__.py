"""Processes that are killed at every write of the ledger and every remote call; run again, same end."""
