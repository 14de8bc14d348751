"""Who was warned before an account goes, and what came of it; no address stands in it."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
_STATES = "'begun', 'waiting', 'exported', 'sent', 'told', 'refused', 'bounced'"


def upgrade() -> None:
    """One row a try to warn somebody."""
    op.create_table(
        "warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("record", sa.Integer(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="warning_states"),
    )
    op.create_index("warning_record", "warning", ["record"])
    op.create_index("warning_state", "warning", ["shop", "state"])
