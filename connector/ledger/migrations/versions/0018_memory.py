"""What is remembered of persons that are no longer there: objections, and who was erased, as keyed hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Two tables, each without a value of a person."""
    op.create_table(
        "objection",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "digest"),
    )
    op.create_table(
        "erased",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "digest"),
    )
