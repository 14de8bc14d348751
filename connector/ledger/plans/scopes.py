"""What a plan is of: the night's run, or something beside it that no nightly plan replaces."""

from sqlalchemy import Connection, select

from connector.ledger import schema

NIGHTLY, REPLAY, UNDO = "nightly", "replay", "undo"
"""The shop's own plan; who was erased and came back; what a run took and is put back."""

OBJECTION, WITHDRAWALS = "objection", "withdrawals"
"""What persons objected to just now; what stands against mailings anywhere, and is carried to the rest."""

OF_REQUESTS = "request "
"""How the scope of a plan that carries out a request of a person begins."""


def scope_of_request(code: str) -> str:
    """The scope of a plan that carries out one request of a person, by the request's code."""
    return OF_REQUESTS + code


def request_of(scope: str) -> str:
    """The code of the request that a scope is of; empty for any other."""
    return scope.removeprefix(OF_REQUESTS) if scope.startswith(OF_REQUESTS) else ""


def of_the_shop(scope: str) -> bool:
    """Whether a plan of this scope is of the shop's records by its rules, and not at a person's word."""
    return scope not in (OBJECTION, WITHDRAWALS) and not scope.startswith(OF_REQUESTS)


def every_scope(connection: Connection, shop: str) -> tuple[str, ...]:
    """Every scope that a plan of this shop can have, the nightly one first."""
    table = schema.plan
    chosen = select(table.c.scope).where(table.c.shop == shop, table.c.scope.startswith(OF_REQUESTS))
    return (NIGHTLY, REPLAY, UNDO, OBJECTION, WITHDRAWALS, *sorted(set(connection.scalars(chosen))))


__all__ = [
    "NIGHTLY",
    "OBJECTION",
    "OF_REQUESTS",
    "REPLAY",
    "UNDO",
    "WITHDRAWALS",
    "every_scope",
    "of_the_shop",
    "request_of",
    "scope_of_request",
]
