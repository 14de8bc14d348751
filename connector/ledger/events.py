"""Events of the ledger that more than one module reads: their names."""

MEASURED = "measured"
"""The event of a run's figures: seconds by stage, requests and tries again by service."""

POLICY_TEXT_SEEN = "policy_text_seen"
"""The event of one look: how many sentences, how many went and came, and the file that names them."""
