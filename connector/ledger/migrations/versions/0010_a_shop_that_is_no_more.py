"""A message that says a shop is no more waits while the shop is asked, run by run."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_INBOX = "state IN ('received', 'probed', 'confirmed', 'planned', 'open', 'closed')"


def upgrade() -> None:
    """One more state, and the moments at which the shop refused the app as uninstalled."""
    with op.batch_alter_table("inbox") as inbox:
        inbox.add_column(sa.Column("refused", sa.Text(), nullable=False, server_default=""))
        inbox.drop_constraint("inbox_states", type_="check")
        inbox.create_check_constraint("inbox_states", _INBOX)
