"""What a person must do in the shop, one row for each place of a record, with the number that it keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_TEXTS = ("kind", "remote_id", "label", "since", "done_by", "seen")
_BITS = ("fields", "by_hand", "asked")
_FLAGS = ("residue", "placed", "taken")


def upgrade() -> None:
    """One table, empty: the next plan fills it."""
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("record", sa.Integer()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.Text()),
        sa.Column("again_at", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _BITS),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in _FLAGS),
        sa.UniqueConstraint("shop", "adapter", "kind", "remote_id", "place"),
        sa.UniqueConstraint("shop", "number"),
    )
    op.create_index("task_record", "task", ["record"])
