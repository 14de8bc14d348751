"""An approval keeps which of the system's users typed the name that stands on it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """One more column, empty for approvals from before and for those that stand in a file."""
    with op.batch_alter_table("approval") as approval:
        approval.add_column(sa.Column("typed_by", sa.Text(), nullable=False, server_default=""))
