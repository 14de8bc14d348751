"""What a plan is of: the night's run, or something beside it that no nightly plan replaces."""

from sqlalchemy import Connection, select

from connector.ledger import schema

NIGHTLY, REPLAY, UNDO = "nightly", "replay", "undo"
"""The shop's own plan; who was erased and came back; what a run took and is put back."""

OBJECTION, WITHDRAWALS = "objection", "withdrawals"
"""What persons objected to just now; what stands against mailings anywhere, and is carried to the rest."""

_REQUEST = "request "


def scope_of_request(code: str) -> str:
    """The scope of a plan that carries out one request of a person, by the request's code."""
    return _REQUEST + code


def request_of(scope: str) -> str:
    """The code of the request that a scope is of; empty for any other."""
    return scope.removeprefix(_REQUEST) if scope.startswith(_REQUEST) else ""


def of_the_shop(scope: str) -> bool:
    """Whether a plan of this scope is of the shop's records by its rules, and not at a person's word."""
    return scope not in (OBJECTION, WITHDRAWALS) and not scope.startswith(_REQUEST)


def every_scope(connection: Connection, shop: str) -> tuple[str, ...]:
    """Every scope that a plan of this shop can have, the nightly one first."""
    table = schema.plan
    chosen = select(table.c.scope).where(table.c.shop == shop, table.c.scope.startswith(_REQUEST))
    return (NIGHTLY, REPLAY, UNDO, OBJECTION, WITHDRAWALS, *sorted(set(connection.scalars(chosen))))


__all__ = [
    "NIGHTLY",
    "OBJECTION",
    "REPLAY",
    "UNDO",
    "WITHDRAWALS",
    "every_scope",
    "of_the_shop",
    "request_of",
    "scope_of_request",
]
