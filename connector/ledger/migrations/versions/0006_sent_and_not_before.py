"""Deliveries: not before a moment, and sent by whom and when."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing yet: the number is taken."""
