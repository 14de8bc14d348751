"""What records say to mailings: every record that can say it is read anew, once.

A pull of changes alone would leave those that have not changed without their consents, and an objection to
mailings would find nothing to end.
"""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """The next pull of these kinds walks all of them, from the beginning where a walk was under way."""
    op.execute(
        "UPDATE cursor SET full_at = NULL, missing = NULL, "
        """value = replace(value, '"full"\\:true', '"full"\\:false') """
        "WHERE kind IN ('order', 'customer', 'subscriber')"
    )
