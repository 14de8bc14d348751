"""Cursors as the ledger keeps them: JSON of one form."""

from connector.text.decoding import json_as as read_cursor

__all__ = ["read_cursor"]
