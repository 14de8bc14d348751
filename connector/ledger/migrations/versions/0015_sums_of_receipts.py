"""What came of a plan's steps and deliveries is summed under the seal key."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Empty until the ledger is sealed."""
    op.create_table(
        "receipt_sum",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "of", "plan"),
    )
