"""Which run of a shop is the newest; on PostgreSQL, texts that are compared by their bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """One row a shop. ISO dates sort as they did in a file, whatever language the server is of."""
    op.create_table(
        "run_lock",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _texts().items():
            altered = ", ".join(f'ALTER COLUMN "{name}" TYPE text COLLATE "C"' for name in columns)
            op.execute(sa.text(f'ALTER TABLE "{table}" {altered}'))


def _texts() -> dict[str, list[str]]:
    """Every text column of the ledger's own tables, by table."""
    found: dict[str, list[str]] = {}
    for table, column in op.get_bind().execute(
        sa.text(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type = 'text' "
            "ORDER BY table_name, ordinal_position"
        )
    ):
        found.setdefault(table, []).append(column)
    return found
