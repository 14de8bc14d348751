"""Requests of persons: who asks is proven, what it is about is found, and what becomes of that is decided."""

from datetime import timedelta

from connector.deciding.request_scope import Scope, scope_of
from connector.deciding.request_verdicts import Decided, verdicts_of
from connector.deciding.terms import Terms
from connector.errors import GallraError, LedgerError
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.plan import Plan
from connector.records import Value
from connector.request import Level, RequestKind
from connector.shop import Shop, Sound
from connector.stages.flow.code_addressee import addressee_of
from connector.stages.flow.common import Tell, may_write, silent, what_was_read
from connector.stages.flow.opening_requests import must_be_open, register_of
from connector.stages.flow.reading import pull_shop
from connector.stages.plan import make_request_plan

CODE_DAYS = 14
"""How long a code that was sent can be given back."""


class Drawn(Value, frozen=True, kw_only=True):
    """A request that is decided: its scope, what goes and stays, and the plan where something goes."""

    request: RequestRow
    scope: Scope
    records: tuple[Decided, ...] = ()
    plan: Plan | None = None


def send_code(shop: Shop, code: str, *, by: str = "") -> str:
    """A code for the address that was given; whoever has it gives it back.

    Raises LedgerError, and GallraError where there is no address that it may go to (`addressee_of`).
    """
    may_write(shop)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
    must_be_open(row)
    addressee_of(shop, row)
    with shop.ledger.begin() as connection:
        return register.make_code(connection, row, until=shop.today + timedelta(days=CODE_DAYS), by=by)


class Proof(Value, frozen=True, kw_only=True):
    """How somebody showed who they are: the code that was sent, or a way elsewhere; and on whose word.

    `confirmed` where the code was the form's own, went to the address on an order, and came back there.
    """

    by: str
    given: str = ""
    elsewhere: str = ""
    confirmed: bool = False


def identify(shop: Shop, code: str, proof: Proof) -> RequestRow:
    """Notes that who asks is known, and by what. Raises GallraError for a wrong code, and counts it."""
    may_write(shop)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
        must_be_open(row)
        only_address = row.kind is RequestKind.OBJECT and not proof.given and not proof.elsewhere
        sent = bool(proof.given) and register.try_code(connection, row, proof.given, today=shop.today)
        right = sent or proof.confirmed
        if right or only_address or proof.elsewhere:
            everything = bool(proof.elsewhere)
            named = [one for one in register.named(connection, row) if everything or one.type == "email"]
            register.prove(connection, row, [one.digest for one in named])
            level = Level.ELSEWHERE if everything else Level.ADDRESS
            how = proof.elsewhere or ("code" if right else "address")
            return register.advance(
                connection, row, RequestState.IDENTIFIED, by=proof.by, level=int(level), proven_how=how,
                proven_by=proof.by, proven_at=shop.ledger.now(),
            )  # fmt: skip
    raise GallraError(
        "That is not the code that was sent, or its time or tries are over. Nothing is proven; "
        f"`gallra request identify {row.code} --send` makes another."
    )


def prove_numbers(shop: Shop, row: RequestRow) -> RequestRow:
    """A number that the person gave is theirs where its record carries the address that they proved."""
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        claimed = [
            one for one in register.named(connection, row) if one.record is not None and not one.proven
        ]
    carried = set(scope_of(shop.ledger, shop.platforms, row).sure) if claimed else set[int]()
    theirs = [one.digest for one in claimed if one.record in carried]
    if not theirs or row.level is not Level.ADDRESS:
        return row
    with shop.ledger.begin() as connection:
        register.prove(connection, row, theirs)
        return register.write(connection, row, "request_proven", level=int(Level.NUMBER))


def decide_request(
    shop: Shop, sound: Sound, code: str, *, erases: bool | None = None, tell: Tell = silent
) -> Drawn:
    """Pulls, finds what carries what was proven, and says what becomes of it; to erase it also plans that.

    `erases` where its kind alone does not say so: an objection that was weighed. Raises LedgerError before
    it is known who asks, PlanError while its plan has begun.
    """
    sound.must_be_of(shop.policy)
    may_write(shop)
    pull_shop(shop, tell=tell)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
    if row.state is RequestState.RECEIVED:
        raise LedgerError(
            f"Who asks is not known yet. `gallra request identify {row.code} --send` makes a code for the "
            "address that was given."
        )
    row = prove_numbers(shop, row)
    scope = scope_of(shop.ledger, shop.platforms, row)
    with shop.ledger.begin() as connection:
        row = register.advance(connection, row, RequestState.SCOPED)
    plan, goes = None, row.kind.erases if erases is None else erases
    if goes:
        plan = make_request_plan(
            shop.ledger, _terms(shop), row, scope.sure, rests_on=lambda c: what_was_read(shop, c)
        )
    judge = (shop.policy, shop.capabilities)
    with shop.ledger.begin() as connection:
        named = {"scope": scope_of_request(row.code)} if plan is not None else {}
        row = register.advance(connection, row, RequestState.DECIDED, **named)
        found = verdicts_of(shop.ledger, connection, judge, row, scope.sure if goes else ())
        records = tuple(found)
    return Drawn(request=row, scope=scope, records=records, plan=plan)


def note_decider(shop: Shop, code: str, *, by: str) -> None:
    """Says in the chain who had a request decided."""
    with shop.ledger.begin() as connection:
        row = register_of(shop).get(connection, code)
        shop.ledger.event(connection, "request_decided", request=row.code, by=by)


def _terms(shop: Shop) -> Terms:
    return Terms(
        policy=shop.policy, capabilities=shop.capabilities, recipients=shop.recipients, limits=shop.limits,
        key=shop.key, today=shop.today, now=shop.clock(),
    )  # fmt: skip


__all__ = [
    "Drawn",
    "Proof",
    "decide_request",
    "identify",
    "note_decider",
    "register_of",
    "send_code",
]
