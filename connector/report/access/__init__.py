"""The answer to a request for access (Art. 15) and for portability (Art. 20)."""
