"""Messages to monitors, written before they are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """One row a message and webhook."""
    texts = ("shop", "hook", "key", "type", "body", "at")
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop", "hook", "key"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead')", name="post_states"),
    )
    op.create_index("post_state", "post", ["shop", "state"])
