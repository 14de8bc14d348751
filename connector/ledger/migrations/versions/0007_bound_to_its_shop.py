"""Which shop the ledger belongs to, what its clock says, and what each person's hold was placed on."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# The records that each open hold on a person is on when the ledger is brought up to date: an address
# is keyed in another form from now on, and the hold must not depend on both having the same one.
_HELD = """
INSERT INTO hold_record (hold, record)
SELECT hold.id, record.id FROM hold
JOIN identifier ON identifier.shop = hold.shop AND identifier.digest = hold.subject_digest
JOIN record ON record.shop = hold.shop AND record.subject = identifier.subject
WHERE hold.subject_digest IS NOT NULL AND hold.released IS NULL
"""


def upgrade() -> None:
    """Bindings, clocks, turns; every record is read once more, so that it is keyed in the one form."""
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
    op.create_table(
        "binding",
        sa.Column("shop", sa.Text(), primary_key=True),
        sa.Column("adapter", sa.Text(), primary_key=True),
        sa.Column("ids", sa.Text(), nullable=False),
        sa.Column("sample", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
    )
    op.create_table(
        "service_clock",
        sa.Column("shop", sa.Text(), primary_key=True),
        sa.Column("adapter", sa.Text(), primary_key=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
    )
    op.execute(sa.text(_HELD))
    op.execute(sa.text("DELETE FROM cursor"))
