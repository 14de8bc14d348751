"""Deliveries: not before a moment, sent on a day, and what a recipient cares for.

States of deliveries and of messages are those of their enums, and no others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_DELIVERY = "state IN ('held', 'ready', 'waiting', 'by_hand', 'failed', 'closed', 'cancelled')"
_INBOX = "state IN ('received', 'confirmed', 'planned', 'open', 'closed')"


def upgrade() -> None:
    """Deliveries: not before a moment, sent on a day, and what a recipient cares for."""
    with op.batch_alter_table("delivery") as delivery:
        delivery.alter_column("next_try", new_column_name="not_before")
        delivery.add_column(sa.Column("concerns", sa.Integer(), nullable=False, server_default="0"))
        delivery.add_column(sa.Column("sent_on", sa.Text(), nullable=True))
        delivery.add_column(sa.Column("sent_how", sa.Text(), nullable=False, server_default=""))
        delivery.create_check_constraint("delivery_states", _DELIVERY)
    with op.batch_alter_table("inbox") as inbox:
        inbox.create_check_constraint("inbox_states", _INBOX)
    # Until now a letter counted as notified when it was written: whether and how it left is not known.
    op.execute("UPDATE delivery SET sent_how = 'not_recorded' WHERE outcome = 'notified'")
