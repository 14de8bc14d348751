"""States of plans and steps are closed by the database, and a plan has a scope."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PLANS = "state IN ('draft', 'open', 'begun', 'finished', 'replaced', 'abandoned')"
STEPS = "state IN ('planned', 'begun', 'accepted', 'closed')"


def upgrade() -> None:
    """Every plan so far was a nightly one."""
    with op.batch_alter_table("plan") as table:
        table.add_column(sa.Column("scope", sa.Text(), nullable=False, server_default="nightly"))
        table.create_check_constraint("plan_states", PLANS)
    with op.batch_alter_table("step") as table:
        table.create_check_constraint("step_states", STEPS)
