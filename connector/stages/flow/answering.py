"""How a request of a person ends: answered, refused or asked for no more; and its one extension."""

from datetime import date

from sqlalchemy import Connection

from connector.deciding.request_scope import is_nobody_s, scope_of
from connector.deciding.request_verdicts import kept_of, not_done, verdicts_of
from connector.errors import GallraError, LedgerError
from connector.ledger.in_order import last_step
from connector.ledger.inbox import Inbox
from connector.ledger.plans import Plans
from connector.ledger.request_holds import release_of
from connector.ledger.request_letters import RequestLetters
from connector.ledger.request_outcomes import nothing_by_hand, steps_that_ran
from connector.ledger.request_weighed import must_be_as_weighed
from connector.ledger.requests import RequestRow
from connector.ledger.states import RequestState
from connector.ledger.undo import forget_given
from connector.records import Value
from connector.request import Answer, Channel, RequestKind, clock
from connector.shop import Shop
from connector.stages.flow.common import may_write
from connector.stages.flow.following import follow
from connector.stages.flow.opening_requests import must_be_open, register_of

_TO_FINISH = (RequestState.APPROVED, RequestState.DONE, RequestState.TOLD)
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
    may_write(shop)
    if reply.answer is not Answer.FULL and not reply.ground:
        raise GallraError("A part or a refusal needs its ground. Give --ground.")
    if reply.on > shop.today:
        raise GallraError(f"{reply.on} has not come yet. Give the day on which the answer left.")
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        _must_come_after(shop, connection, register.get(connection, code), reply.on)
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


def _must_come_after(shop: Shop, connection: Connection, row: RequestRow, on: date) -> None:
    """Nothing is answered before it was asked, nor before what the answer rests on. Raises GallraError."""
    if on < row.received:
        raise GallraError(
            f"Request {row.code} came in on {row.received}, and no answer to it left before. Give the day on "
            "which the answer left. Nothing was written."
        )
    last = last_step(shop.ledger, connection, row.code)
    if last is not None and on < min(last, shop.today):
        raise GallraError(
            f"Something was still done with request {row.code} on {last}, and its answer left after that. "
            "Give the day on which the answer left. Nothing was written."
        )


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


class Extension(Value, frozen=True, kw_only=True):
    """That two months more were told: why, by whom; `how` and `on` where no letter of Gallra's says it."""

    why: str
    by: str
    how: str = ""
    on: date | None = None


def extend_request(shop: Shop, code: str, told: Extension) -> RequestRow:
    """Two months more, once, told to the person within the first (GDPR 12(3)). Raises LedgerError.

    That it was told stands on record: the extension letter that left within the month, by its day; or, while
    the month lasts, a named person's word on which other way, and when.
    """
    may_write(shop)
    register = register_of(shop)
    with shop.ledger.begin() as connection:
        row = register.get(connection, code)
        must_be_open(row)
        longer = clock(row.received, extended=True)
        if row.extended is not None:
            raise LedgerError(f"Request {row.code} was extended already, and can be only once.")
        told_on = _told_on(shop, connection, row, told)
        if told_on is None:
            raise LedgerError(
                "That the person was told why is not on record. Send the letter: `gallra request letter "
                f"{row.code} extension`, then `gallra request send` or `sent`; or say how else they were "
                "told (--how). The time stays as it was."
            )
        if not row.received <= told_on <= min(longer.notice_by, shop.today) or (
            told.how and shop.today > longer.notice_by  # a word given afterwards shows nothing
        ):
            raise LedgerError(
                f"The person must have been told why by {longer.notice_by}, and not after today. "
                "The time stays as it was."
            )
        told_by = f"{told.by}, {told.how}" if told.how else told.by
        return register.write(
            connection, row, "request_extended", by=told.by, due=longer.due, limit=longer.limit,
            extended=told_on, extended_why=f"{told.why} ({told_by})",
        )  # fmt: skip


def _told_on(shop: Shop, connection: Connection, row: RequestRow, told: Extension) -> date | None:
    """The day on which the person was told, as it is on record; None where nothing says so."""
    if told.how:
        return told.on or shop.today
    letters = RequestLetters(shop.ledger).of(connection, row.code)
    left = [one.on for one in letters if one.letter == "extension" and one.left]
    return min(left, default=None)


def withdraw_request(shop: Shop, code: str, *, by: str) -> RequestRow:
    """The person asks for it no more: what it held goes on its way."""
    may_write(shop)
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


__all__ = ["Extension", "Reply", "answer_request", "extend_request", "withdraw_request"]
