"""Events of the ledger that more than one module reads: their names."""

POLICY_TEXT_SEEN = "policy_text_seen"
"""The event of one look: how many sentences, how many went and came, and the file that names them."""
