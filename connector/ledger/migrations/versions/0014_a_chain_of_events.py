"""Events hang together in a chain, and the chain says how plans, approvals and holds stand.

What was there before is chained as it is found, and marked so: nothing proves it older than this moment.
"""

import sqlalchemy as sa
from alembic import op

from connector.ledger.proof.upgrading import chain_what_is_there

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    """Each event gets its place; each shop's chain its head."""
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
        event.add_column(sa.Column("previous", sa.Text(), nullable=False, server_default=""))
        event.add_column(sa.Column("digest", sa.Text(), nullable=False, server_default=""))
        event.add_column(sa.Column("beside", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "chain",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop"),
    )
    chain_what_is_there(op.get_bind())
    op.create_index("event_place", "event", ["shop", "seq"], unique=True)
