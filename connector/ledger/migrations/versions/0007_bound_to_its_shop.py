"""Which shop the ledger belongs to, and how far the services' clocks are from this machine's.

Addresses are keyed in one form from here on (`a@b.se` and `<A@B.se.>` are one): every record is read once
more, so that it finds its person again. Holds on persons stay on the records they were placed on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bindings and clocks; the next pull is a complete one."""
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
    op.execute(sa.text("DELETE FROM cursor"))
