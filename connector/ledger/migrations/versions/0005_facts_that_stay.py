"""Facts of existence that an erasure of ours must not take away.

A ledger from before has already lost some of them. Where a step of ours took a payment reference, the
order had a payment trace: that much is said again, so that it is not taken for one that was never paid.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PAYMENT_REFERENCE = 1 << 19
"""The bit of the field in `step.done`, as the first schema has it."""


def upgrade() -> None:
    """Facts that stay, on every record."""
    op.add_column("record", sa.Column("kept", sa.LargeBinary(), nullable=True))
    connection = op.get_bind()
    record = sa.table("record", sa.column("id"), sa.column("body"), sa.column("kept"), sa.column("next_due"))
    step = sa.table("step", sa.column("record"), sa.column("outcome"), sa.column("done", sa.Integer))
    took = sa.select(step.c.record).where(
        step.c.outcome == "done", step.c.done.bitwise_and(PAYMENT_REFERENCE) != 0
    )
    rows = connection.execute(sa.select(record.c.id, record.c.body).where(record.c.id.in_(took))).all()
    for row in rows:
        body = json.loads(row.body)
        body["facts"] = {**body.get("facts", {}), "has_transaction": True}
        values = {
            "body": json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(),
            "kept": b'{"has_transaction":true}',
            "next_due": "",
        }
        connection.execute(sa.update(record).where(record.c.id == row.id).values(values))
