"""What persons ask for of their own data: requests, by what they are found, and the holds they place."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"

_STATES = (
    "received", "identified", "scoped", "decided", "approved", "done", "told", "read_back", "answered",
    "refused", "withdrawn", "closed",
)  # fmt: skip


def upgrade() -> None:
    """One row a request; who asked is sealed, and what finds them is keyed."""
    must = ("shop", "code", "kind", "state", "channel", "received", "due", "limit")
    may_be_empty = (
        "extended_why", "opened_by", "proven_how", "proven_by", "scope", "answer", "ground", "kept_until",
        "answer_channel", "answered_by", "at",
    )  # fmt: skip
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*must, *may_be_empty)),
        *(sa.Column(n, sa.Text()) for n in ("promised", "extended", "proven_at", "answered", "code_until")),
        *(sa.Column(name, sa.Integer()) for name in ("message", "level")),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary()) for name in ("code_digest", "sealed")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shop", "code"),
        sa.CheckConstraint(f"state IN ({', '.join(map(repr, _STATES))})", name="request_states"),
    )
    op.create_index("request_state", "request", ["shop", "state"])
    op.create_table(
        "request_identifier",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "request")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("shop", "type", "key")),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.Integer()),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["request"], ["request.id"]),
        sa.UniqueConstraint("request", "type", "digest"),
    )
    op.create_table(
        "request_hold",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("hold", "request")),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hold"),
        sa.ForeignKeyConstraint(["hold"], ["hold.id"]),
        sa.ForeignKeyConstraint(["request"], ["request.id"]),
    )
    op.create_index("request_hold_request", "request_hold", ["request"])
