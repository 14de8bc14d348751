"""The record of processing (Art. 30)."""
