"""Which shop the ledger belongs to."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Nothing yet: the number is taken."""
