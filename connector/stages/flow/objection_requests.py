"""Requests to object: to mailings, ended at once (GDPR 21(2)-(3)); to another interest, weighed (21(1)).

What a request names is held from the day it is taken in (schedule H9): of an objection to another interest
that is the restriction of 18(1)(d), until a named person has weighed it.
"""

from typing import NamedTuple

from msgspec.structs import replace

from connector.deciding.withdrawn import Withdrawn
from connector.errors import GallraError, LedgerError
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.request_weighed import WEIGHED
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.records import Value
from connector.request import RequestKind
from connector.shop import Shop, Sound
from connector.stages.flow.common import Tell, may_write, silent
from connector.stages.flow.following import follow
from connector.stages.flow.objecting import (
    Carried,
    Objector,
    carry_out,
    finish_objections,
    plan_objections,
    read_of_person,
    remember_objection,
    told_by_hand,
    with_earlier,
)
from connector.stages.flow.requesting import Drawn, decide_request, register_of


class Weighing(Value, frozen=True, kw_only=True):
    """What a named person found: the objection is upheld, or overridden by grounds that are named."""

    upheld: bool
    ground: str
    by: str


class Objected(NamedTuple):
    """A request to object to mailings, and what came of it."""

    request: RequestRow
    carried: Carried


def object_at_request(shop: Shop, sound: Sound, code: str, *, by: str, tell: Tell = silent) -> Objected:
    """Ends every mailing to whoever made a request, as `gallra unsubscribe` does, by the request's clock.

    Raises LedgerError before it is known who asks, or where nothing that was proven is an address or number.
    """
    sound.must_be_of(shop.policy)
    may_write(shop)
    row, digests = _of_person(shop, code)
    objector = Objector(received=row.received, by=by, channel=row.channel)
    remember_objection(shop, objector, digests)
    scope = scope_of_request(row.code)
    earlier = finish_objections(shop, sound, scope, tell=tell)
    found = read_of_person(shop, digests, tell=tell)
    row = _decided(shop, row, found)
    plan = plan_objections(shop, scope, found.due)
    carried = carry_out(shop, sound, found, plan, tell=tell)
    carried = with_earlier(shop, replace(carried, by_hand=told_by_hand(shop)), earlier)
    return Objected(follow(shop, row.code), carried)


def _of_person(shop: Shop, code: str) -> tuple[RequestRow, frozenset[bytes]]:
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = must_object(register.get(connection, code))
        proven = register.named(connection, row, proven=True)
    digests = frozenset(one.digest for one in proven if one.type in ("email", "phone"))
    if not digests:
        raise LedgerError(
            f"Request {row.code} proves no address and no number, so nobody can be known again by it. Take "
            "the objection in with `gallra unsubscribe`."
        )
    return row, digests


def must_object(row: RequestRow) -> RequestRow:
    """The request where it is an objection. Raises GallraError for another kind."""
    if row.kind is not RequestKind.OBJECT:
        raise GallraError(
            f"Request {row.code} is no objection, so there are no mailings to end and nothing to weigh. "
            f"Decide it with `gallra request decide {row.code}`."
        )
    if row.state is RequestState.RECEIVED:
        raise LedgerError(
            f"Who asks is not known yet. `gallra request identify {row.code} --by NAME` notes the address "
            "that an objection came from."
        )
    return row


def _decided(shop: Shop, row: RequestRow, found: Withdrawn) -> RequestRow:
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.advance(connection, register.get(connection, row.code), RequestState.SCOPED)
        named = {"scope": scope_of_request(row.code)} if found.due else {}
        return register.advance(connection, row, RequestState.DECIDED, **named)


def weigh_objection(
    shop: Shop, sound: Sound, code: str, weighing: Weighing, *, tell: Tell = silent
) -> Drawn:
    """Records a named person's balancing of an objection to another interest than mailings (21(1)).

    One that is upheld erases what rested on the interest, as a request to erase does (17(1)(c)); one that is
    overridden erases nothing, and is answered as a refusal with that ground.
    """
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = must_object(register.get(connection, code))
        shop.ledger.event(
            connection, WEIGHED, request=row.code, outcome="upheld" if weighing.upheld else "overridden",
            by=weighing.by, said=weighing.ground,
        )  # fmt: skip
    return decide_request(shop, sound, code, erases=weighing.upheld, tell=tell)


__all__ = ["Objected", "Weighing", "must_object", "object_at_request", "weigh_objection"]
