"""What could not be read, and what a complete walk counted.

Nothing an older version called complete or gone rests on a count or on the service's own word: every
kind is walked again, and what was marked gone is asked for again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Unread records, and what each walk rests on."""
    op.add_column("cursor", sa.Column("ended_at", sa.Text(), nullable=True))
    op.add_column("cursor", sa.Column("missing", sa.Integer(), nullable=True))
    op.add_column("cursor", sa.Column("why", sa.Text(), nullable=False, server_default=""))
    op.add_column("record", sa.Column("beyond", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("record", sa.Column("gone_word", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE record SET gone_word = 'unconfirmed' WHERE gone")
    op.create_table(
        "unread",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("beyond", sa.Boolean(), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=True),
        sa.UniqueConstraint("shop", "adapter", "kind", "remote_id"),
    )
    op.create_table(
        "unread_person",
        sa.Column("unread", sa.Integer(), sa.ForeignKey("unread.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
    )
