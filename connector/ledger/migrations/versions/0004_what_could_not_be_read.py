"""What could not be read, and what a complete walk counted."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Nothing yet: the number is taken."""
