"""Turns between holds and batches, and what each person's hold was placed on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# The records that each open hold on a person is on when the ledger is brought up to date: they stay held
# whatever address they are read with next.
_HELD = """
INSERT INTO hold_record (hold, record)
SELECT hold.id, record.id FROM hold
JOIN identifier ON identifier.shop = hold.shop AND identifier.digest = hold.subject_digest
JOIN record ON record.shop = hold.shop AND record.subject = identifier.subject
WHERE hold.subject_digest IS NOT NULL AND hold.released IS NULL
"""


def upgrade() -> None:
    """Turns, and the records that holds on persons are on."""
    op.create_table(
        "turn",
        sa.Column("shop", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.create_table(
        "hold_record",
        sa.Column("hold", sa.Integer(), sa.ForeignKey("hold.id"), primary_key=True),
        sa.Column("record", sa.Integer(), primary_key=True),
    )
    op.create_index("hold_record_record", "hold_record", ["record"])
    op.execute(sa.text(_HELD))
