"""Facts of existence that an erasure of ours must not take away."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Nothing yet: the number is taken."""
