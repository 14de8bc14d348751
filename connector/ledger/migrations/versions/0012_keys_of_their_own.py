"""What is sealed has a key of its own from here on, which an earlier Gallra can neither open nor make.

No table changes: what is there is sealed anew when the vault is next opened, for that needs its key.
"""

revision = "0012"
down_revision = "0010"


def upgrade() -> None:
    """Nothing but the number, by which an earlier Gallra leaves the ledger alone."""
