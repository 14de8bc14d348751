"""What a plan is of: the night's run, or something beside it that no nightly plan replaces."""

from sqlalchemy import ColumnElement, Connection, select

from connector.ledger import schema

NIGHTLY, REPLAY, UNDO = "nightly", "replay", "undo"
"""The shop's own plan; who was erased and came back; what a run took and is put back."""

_REQUEST = "request "


def scope_of_request(code: str) -> str:
    """The scope of a plan that carries out one request of a person, by the request's code."""
    return _REQUEST + code


def of_a_request(scope: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a scope is of a person's request."""
    return scope.startswith(_REQUEST)


def every_scope(connection: Connection, shop: str) -> tuple[str, ...]:
    """Every scope that a plan of this shop can have, the nightly one first."""
    table = schema.plan
    chosen = select(table.c.scope).where(table.c.shop == shop, of_a_request(table.c.scope))
    return (NIGHTLY, REPLAY, UNDO, *sorted(set(connection.scalars(chosen))))


__all__ = ["NIGHTLY", "REPLAY", "UNDO", "every_scope", "of_a_request", "scope_of_request"]
