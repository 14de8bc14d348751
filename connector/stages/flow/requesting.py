"""Requests of persons: taken in, proven, scoped, decided, carried out like any plan, and answered in time."""

from datetime import date, timedelta

from sqlalchemy import Connection

from connector.deciding.request_scope import Scope, is_nobody_s, scope_of
from connector.deciding.request_verdicts import Decided, kept_of, not_done, verdicts_of
from connector.deciding.terms import Terms
from connector.errors import GallraError, LedgerError
from connector.ledger.inbox import Inbox
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.request_holds import release_of
from connector.ledger.request_outcomes import nothing_by_hand, steps_that_ran
from connector.ledger.request_weighed import must_be_as_weighed
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.ledger.undo import forget_given
from connector.plan import Plan
from connector.records import Value
from connector.request import Answer, Channel, Level, RequestKind, clock
from connector.shop import Shop, Sound
from connector.stages.flow.code_addressee import addressee_of
from connector.stages.flow.common import Tell, silent, what_was_read
from connector.stages.flow.following import follow
from connector.stages.flow.opening_requests import register_of
from connector.stages.flow.reading import pull_shop
from connector.stages.plan import make_request_plan

CODE_DAYS = 14
"""How long a code that was sent can be given back."""

_TO_FINISH = (RequestState.APPROVED, RequestState.DONE, RequestState.TOLD)


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
    shop.unchanged()
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
    _must_be_open(row)
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
    shop.unchanged()
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
        _must_be_open(row)
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
    shop.unchanged()
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


_UNDECIDED = (RequestState.RECEIVED, RequestState.IDENTIFIED, RequestState.SCOPED)


class Reply(Value, frozen=True, kw_only=True):
    """An answer as it left: in full, in part or a refusal with its ground; what was kept, until when."""

    answer: Answer
    by: str
    channel: Channel
    on: date
    ground: str = ""
    kept_until: str = ""


def answer_request(shop: Shop, code: str, reply: Reply) -> RequestRow:
    """Notes the answer; access holds no more from here. Raises where it may not be answered yet."""
    shop.unchanged()
    if reply.answer is not Answer.FULL and not reply.ground:
        raise GallraError("A part or a refusal needs its ground. Give --ground.")
    if reply.on > shop.today:
        raise GallraError(f"{reply.on} has not come yet. Give the day on which the answer left.")
    register = register_of(shop)
    row = follow(shop, code)
    if row.state in _TO_FINISH:
        raise LedgerError(
            f"Request {row.code} is approved, and not all of it is done, told and read back. Run `gallra "
            "apply`, `gallra push` and `gallra verify` first."
        )
    if row.state in _UNDECIDED and reply.answer is not Answer.REFUSED:
        raise LedgerError(
            f"Request {row.code} is not decided yet. `gallra request decide {row.code}` finds what it is "
            "about."
        )
    with shop.ledger.begin() as connection:
        _nothing_may_be_due(shop, connection, row, reply)
        if reply.answer is Answer.FULL:
            must_be_as_weighed(shop.ledger, connection, row)
            nothing_by_hand(connection, shop.ledger.shop, row.code, row.scope)
    if row.kind.erases and reply.answer is Answer.FULL:
        _nothing_may_stay(shop, row)
    if row.kind in (RequestKind.ACCESS, RequestKind.PORTABILITY) and reply.answer is not Answer.REFUSED:
        _must_be_somebody(shop, row)
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        refused = reply.answer is Answer.REFUSED
        moved = register.advance(
            connection, row, RequestState.REFUSED if refused else RequestState.ANSWERED,
            answer=str(reply.answer), ground=reply.ground, kept_until=reply.kept_until, answered=reply.on,
            answer_channel=str(reply.channel), answered_by=reply.by,
        )  # fmt: skip
        if row.kind is RequestKind.ACCESS and not refused:
            release_of(register, connection, row, by=reply.by)
        _settle_message(shop, connection, row, by=reply.by)
        if row.scope:
            forget_given(connection, shop.ledger.shop, row.scope)
    return moved


def _must_be_somebody(shop: Shop, row: RequestRow) -> None:
    """Nobody is told that nothing is held of them where that is not known. Raises LedgerError."""
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        nobody = is_nobody_s(shop.ledger, connection, register.named(connection, row, proven=True))
    if nobody:
        raise LedgerError(
            f"The number that request {row.code} is known by is one that several people have given, so it is "
            "not known which records are theirs, and an empty answer would be untrue. Ask the person for an "
            "e-mail address or an order number, and take the request in by it. Nothing was written."
        )


def _nothing_may_stay(shop: Shop, row: RequestRow) -> None:
    """An erasure of which something is kept is answered in part, with its ground. Raises LedgerError."""
    scope = scope_of(shop.ledger, shop.platforms, row)
    if scope.unread or (scope.shared and not scope.sure):
        raise LedgerError(
            f"It is not known whether anything of request {row.code} is still there: a record could not be "
            "read, or the number that was proven is one that several people have given. Nothing was written."
        )
    plans, judge = Plans(shop.ledger), (shop.policy, shop.capabilities)
    with shop.ledger.begin() as connection:
        ran = {one.record for one in steps_that_ran(plans, connection, row.scope)} if row.scope else set()
        decided = tuple(verdicts_of(shop.ledger, connection, judge, row, {*scope.sure, *ran}))
    if any(True for _ in (*kept_of(decided), *not_done(decided))):
        raise LedgerError(
            f"Something of request {row.code} is still there, so it is answered in part: `gallra request "
            f"letter {row.code} erased` says what, by which law and until when; then "
            "`gallra request answer --part`."
        )


def _nothing_may_be_due(shop: Shop, connection: Connection, row: RequestRow, reply: Reply) -> None:
    """Nobody is told that it is done while what is due of it waits for an approval. Raises LedgerError."""
    plan = Plans(shop.ledger).current(connection, scope=row.scope) if row.scope else None
    if reply.answer is Answer.REFUSED or row.state is not RequestState.DECIDED:
        return
    if plan is not None and plan.plan.waves:
        raise LedgerError(
            f"Plan {plan.plan.code} says what request {row.code} takes, and nobody has approved it. Approve "
            "and apply it first, or refuse the request with its ground."
        )


def extend_request(shop: Shop, code: str, *, why: str, told_on: date, by: str) -> RequestRow:
    """Two months more, once, told to the person within the first (GDPR 12(3)). Raises LedgerError."""
    shop.unchanged()
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
        _must_be_open(row)
        longer = clock(row.received, extended=True)
        if row.extended is not None:
            raise LedgerError(f"Request {row.code} was extended already, and can be only once.")
        if not row.received <= told_on <= min(longer.notice_by, shop.today):
            raise LedgerError(
                f"The person must have been told why by {longer.notice_by}, and not after today. "
                "The time stays as it was."
            )
        return register.write(
            connection, row, "request_extended", by=by, due=longer.due, limit=longer.limit, extended=told_on,
            extended_why=f"{why} ({by})",
        )  # fmt: skip


def withdraw_request(shop: Shop, code: str, *, by: str) -> RequestRow:
    """The person asks for it no more: what it held goes on its way."""
    shop.unchanged()
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        shop.ledger.turn(connection)
        row = register.advance(connection, register.get(connection, code), RequestState.WITHDRAWN, by=by)
        release_of(register, connection, row, by=by)
        _settle_message(shop, connection, row, by=by)
        if row.scope:
            forget_given(connection, shop.ledger.shop, row.scope)
    return row


def _settle_message(shop: Shop, connection: Connection, row: RequestRow, *, by: str) -> None:
    """The platform's message that a request came in by is seen to with it."""
    if row.message is not None:
        Inbox(shop.ledger, shop.outbox.vault).answered(connection, [row.message], by=by)


def _must_be_open(row: RequestRow) -> None:
    if not row.is_open:
        raise LedgerError(f"Request {row.code} is {row.state}. Open another where the person asks again.")


__all__ = [
    "Drawn",
    "Proof",
    "Reply",
    "answer_request",
    "decide_request",
    "extend_request",
    "identify",
    "note_decider",
    "register_of",
    "send_code",
    "withdraw_request",
]
