"""Holds by query: what a hold asks of records, those pulled later included."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Holds by query."""
    op.add_column("hold", sa.Column("query", sa.Text(), nullable=True))
