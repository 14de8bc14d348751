"""Sealed answers to requests of persons, and the letters to them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
_STATES = "'written', 'begun', 'waiting', 'sent', 'told', 'refused'"


def upgrade() -> None:
    """One row an answer, one a letter."""
    answers = ("shop", "request", "scope", "file", "at", "until")
    op.create_table(
        "request_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in answers),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop", "request", "scope"),
    )
    op.create_index("request_answer_until", "request_answer", ["shop", "until"])
    letters = ("shop", "request", "letter", "file", "state", "on", "person", "how", "token")
    op.create_table(
        "request_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in letters),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop", "request", "letter"),
        sa.CheckConstraint(f"state IN ({_STATES})", name="request_letter_states"),
    )
    op.create_index("request_letter_state", "request_letter", ["shop", "state"])
