"""A person's request on a page: taken in, identified, decided, answered, as the commands do it.

What somebody gave of themselves is typed into a form that is posted, and stands in no address, title or log.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from starlette.responses import Response

from connector.errors import GallraError, NotThere
from connector.ledger.answers_sealed import Answers
from connector.ledger.plans import Plans
from connector.ledger.request_holds import is_in_force
from connector.ledger.request_letters import LetterRow, RequestLetters
from connector.ledger.requests import Named, RequestRow
from connector.ledger.states import PlanState, RequestState
from connector.policy.free_text import said, said_if_any
from connector.records import Outcome
from connector.report.request_letters.model import NEED_PROOF, Ground, Why
from connector.report.tables import lower_first, reason_name
from connector.request import Answer, Channel, Level, RequestKind, clock
from connector.serve.pages import request_work as work
from connector.serve.pages.asking import Ask, page, see_other
from connector.shop import Shop
from connector.stages.flow import locked
from connector.stages.flow.answering import (
    Extension,
    Reply,
    answer_request,
    extend_request,
    withdraw_request,
)
from connector.stages.flow.following import follow
from connector.stages.flow.lifting import lift_restriction
from connector.stages.flow.objecting import Ended
from connector.stages.flow.objection_requests import Weighing
from connector.stages.flow.opening_requests import Opened, Taken, open_once, open_request
from connector.stages.flow.requesting import Proof, identify, register_of, send_code
from connector.stages.requests.letters import BEFORE_PROOF
from connector.views.request_erased import erased_of, what_stays
from connector.views.request_letters import letters_for

LONGEST = 320
"""Signs of what a person gave: an e-mail address has at most that many."""

CHANNELS = tuple(one for one in Channel if one is not Channel.WEBHOOK)
"""How a person's request comes in, and how its answer leaves."""

_FIELDS = ("kind", "channel", "on", "email", "phone", "order", "customer")

_One = TypeVar("_One", bound=StrEnum)


def one_of(ask: Ask, name: str, among: Iterable[_One]) -> _One:
    """What a form chose. Raises GallraError where it is none of these."""
    found = [one for one in among if str(one) == ask.one(name)]
    if not found:
        raise GallraError("Choose one of those that are listed. Nothing was done.")
    return found[0]


def day_of(ask: Ask, name: str) -> date:
    """A day of a form. Raises GallraError for none."""
    try:
        return date.fromisoformat(ask.one(name))
    except ValueError:
        raise GallraError("The day is no date. Write YYYY-MM-DD. Nothing was done.") from None


def link_of(ask: Ask) -> str:
    """The address of the request's page."""
    return f"/shop/{ask.path['shop']}/requests/{ask.path['code']}"


def did(ask: Ask, what: str) -> Response:
    """Leads back to the request, and says there what was done."""
    return see_other(f"{link_of(ask)}?did={what}")


def row_of(ask: Ask, shop: Shop) -> RequestRow:
    """The request of the path. Raises NotThere where there is none."""
    with shop.ledger.begin() as connection:
        row = register_of(shop).find(connection, ask.path["code"])
    if row is None:
        raise NotThere("There is no request with that code here.")
    return row


def show_request(ask: Ask) -> Response:
    """How a request stands, what was decided of it, and what can be done with it now."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return request_page(ask, shop, row_of(ask, shop))


def request_page(ask: Ask, shop: Shop, row: RequestRow, secret: str = "") -> Response:
    """The page of a request; `secret` is the code that was made just now, shown here and nowhere again."""
    job = ask.site.jobs.of((ask.path["shop"], row.code))
    outcome = job.outcome if job is not None else None
    times = clock(row.received)
    sealed = [one for one in Answers(shop.ledger, shop.outbox.vault).all() if one.request == row.code]
    with shop.ledger.begin() as connection:
        named = register_of(shop).named(connection, row)
        letters = RequestLetters(shop.ledger).of(connection, row.code)
        plan = Plans(shop.ledger).current(connection, scope=row.scope) if row.scope else None
    last = ask.query.get("did", "")
    return page(
        ask, "request.html.j2", shop=shop.settings.shop, row=row, here=link_of(ask), link=link_of(ask),
        named=named, letters=letters, sealed=sealed, plan=plan.plan if plan and plan.plan.waves else None,
        waits=plan is not None and plan.state is PlanState.OPEN, secret=secret, today=shop.today,
        did=f"request_did.{last}" if last in _DID else "", job=job, outcome=outcome,
        fault=ask.spoken.fault(outcome.fault) if outcome is not None and outcome.fault else "",
        drawn=_drawn(ask, outcome.value if outcome is not None else None),
        may_extend=row.is_open and row.extended is None and shop.today <= times.notice_by,
        notice_by=times.notice_by, in_force=is_in_force(row), objects=row.kind is RequestKind.OBJECT,
        received=row.state is RequestState.RECEIVED, channels=CHANNELS, whys=tuple(Why),
        grounds=tuple(Ground), proofs=NEED_PROOF, writes=letters_for(row.kind),
        elsewhere=row.level is Level.ELSEWHERE,
        mails=_mailed(shop, row, named, letters),
        copies=row.kind in (RequestKind.ACCESS, RequestKind.PORTABILITY), languages=("sv", "en"),
    )  # fmt: skip


def _mailed(
    shop: Shop, row: RequestRow, named: Sequence[Named], letters: Sequence[LetterRow]
) -> frozenset[str]:
    """Which letters can be mailed to the address that is known, by what is proven of it so far."""
    if shop.settings.letters.smtp is None or not row.has_contact:
        return frozenset()
    proven = any(one.type == "email" and one.proven for one in named)
    return frozenset(one.letter for one in letters if proven or one.letter in BEFORE_PROOF)


_DID = frozenset(
    {
        "opened", "identified", "extended", "full", "part", "refused", "lifted", "withdrawn", "written",
        "sent", "mailed", "maybe", "later", "unsent",
    }
)


def _drawn(ask: Ask, value: object) -> dict[str, object]:
    """What came of the last work, by its kind, as the page draws it."""
    if not isinstance(value, work.Decision | work.Copy | work.Mailings):
        return {}
    notes = [ask.spoken.fault(one) for one in value.notes]
    if isinstance(value, work.Decision):
        return {"decision": value, "notes": notes}
    if isinstance(value, work.Copy):
        return {"made": value, "notes": notes}
    became = [(one, became_of(ask, one)) for one in value.carried.ended]
    return {"mailings": value, "notes": notes, "why_waits": waits_why(ask, value), "became": became}


def waits_why(ask: Ask, value: work.Mailings) -> str:
    """Why mailings go on, as the command says it; empty where they do not."""
    waiting = value.carried.waiting
    return "" if waiting is None else ask.spoken.fault(str(waiting))


def became_of(ask: Ask, one: Ended) -> str:
    """What became of one channel, and how it was read back."""
    if not one.outcome:
        return ask.spoken.say("mailings.waits")
    if one.seen == "clean":
        return ask.spoken.say("mailings.clean")
    if one.seen == "left" and one.outcome != Outcome.REFUSED:
        return ask.spoken.say("mailings.left")
    words = ask.spoken.words
    why = f" ({lower_first(reason_name(one.reason, words))})" if one.reason else ""
    return f"{words.code('outcome', one.outcome)}{why}"


def show_new(ask: Ask) -> Response:
    """The form that takes a request in."""
    with ask.site.reading(ask.path["shop"]) as shop:
        return _new_page(ask, shop, "")


def _new_page(ask: Ask, shop: Shop, fault: str, known: RequestRow | None = None) -> Response:
    """What was typed stands in the form again: this answer is kept by nobody, as every page.

    `known` is the request by which the same person waits for the same already.
    """
    values = {name: ask.one(name)[:LONGEST] for name in _FIELDS} | {"on": ask.one("on") or str(shop.today)}
    return page(
        ask, "request_new.html.j2", status=409 if fault or known else 200, shop=shop.settings.shop,
        fault=fault, known=known, values=values, kinds=tuple(RequestKind), channels=CHANNELS,
        today=shop.today,
        here=f"/shop/{ask.path['shop']}/requests/new",
    )  # fmt: skip


def open_new(ask: Ask) -> Response:
    """Takes a request in: its clock runs, and what it names is held."""
    with ask.site.acting(ask.path["shop"]) as shop:
        try:
            given = {name: ask.one(name).strip()[:LONGEST] for name in _FIELDS}
            taken = Taken(
                kind=one_of(ask, "kind", RequestKind), channel=one_of(ask, "channel", CHANNELS),
                received=day_of(ask, "on"), by=ask.who.name, email=given["email"], phone=given["phone"],
                order=given["order"], customer=given["customer"],
            )  # fmt: skip
            with locked(shop):
                again = bool(ask.one("again"))
                came = Opened(open_request(shop, taken), True) if again else open_once(shop, taken)
        except GallraError as fault:
            return _new_page(ask, shop, ask.spoken.fault(str(fault)))
        if not came.is_new:
            return _new_page(ask, shop, "", came.row)
    return see_other(f"/shop/{ask.path['shop']}/requests/{came.row.code}?did=opened")


def make_code(ask: Ask) -> Response:
    """Makes the code that proves an address, and shows it once."""
    with ask.site.acting(ask.path["shop"]) as shop:
        row = row_of(ask, shop)
        with locked(shop):
            secret = send_code(shop, row.code, by=ask.who.name)
        return request_page(ask, shop, row, secret)


def prove(ask: Ask) -> Response:
    """Notes how it is known who asks: by the code that came back, elsewhere, or by the address alone."""
    how, given = ask.one("how"), ask.one("given").strip()
    if how == "elsewhere":
        proof = Proof(by=ask.who.name, elsewhere=said(ask.one("elsewhere"), ask.spoken.say("request.way")))
    elif how == "code" and given:
        proof = Proof(by=ask.who.name, given=given[:LONGEST])
    elif how == "address":
        proof = Proof(by=ask.who.name)
    else:
        raise GallraError("No code was typed. Nothing was done.")
    with ask.site.acting(ask.path["shop"]) as shop, locked(shop):
        identify(shop, row_of(ask, shop).code, proof)
    return did(ask, "identified")


def begin_decision(ask: Ask) -> Response:
    """Begins to decide: field by field, an objection by its mailings, or as it was weighed."""
    how, by = ask.one("how"), ask.who.name
    with ask.site.acting(ask.path["shop"]) as shop:
        row = row_of(ask, shop)
        objects = row.kind is RequestKind.OBJECT
        if objects != (how in ("mailings", "upheld", "overridden")):
            raise GallraError("Choose one of those that are listed. Nothing was done.")
        weighed = how in ("upheld", "overridden")
        ground = said(ask.one("ground"), ask.spoken.say("request.weighed")) if weighed else ""
    weighing = Weighing(upheld=how == "upheld", ground=ground, by=by)

    def done(shop: Shop) -> object:
        if how == "mailings":
            return work.end_mailings_of(shop, row.code, by=by, language=ask.language)
        return work.weigh(shop, row.code, weighing) if objects else work.decide(shop, row.code, by=by)

    return _begun(ask, row.code, how if objects else "decide", done)


def begin_copy(ask: Ask) -> Response:
    """Begins to make the copy of what the shop holds of somebody, and to seal it."""
    by, portability = ask.who.name, ask.one("scope") == "portability"
    with ask.site.acting(ask.path["shop"]) as shop:
        code = row_of(ask, shop).code
    return _begun(
        ask, code, "copy", lambda shop: work.copy_of_person(shop, code, by=by, portability=portability)
    )


def _begun(ask: Ask, code: str, what: str, done: Callable[[Shop], object]) -> Response:
    site, shop_id = ask.site, ask.path["shop"]

    def in_thread() -> object:
        with site.acting(shop_id) as shop:
            return done(shop)

    site.jobs.begin((shop_id, code), (what, ask.who.name, site.clock()), in_thread)
    return see_other(link_of(ask))


def answer(ask: Ask) -> Response:
    """Records the answer that left: in full, in part, or a refusal with its ground."""
    kind, spoken = one_of(ask, "answer", Answer), ask.spoken
    ground = said_if_any(ask.one("ground"), spoken.say("request.ground"))
    kept = said_if_any(ask.one("kept_until"), spoken.say("request.kept_until"))
    with ask.site.acting(ask.path["shop"]) as shop, locked(shop):
        row = row_of(ask, shop)
        if kind is Answer.PART and not ground and row.kind.erases:
            language = shop.settings.shop.language
            ground, kept = what_stays(erased_of(shop, follow(shop, row.code), language), language)
        if kind is not Answer.FULL:
            said(ground, spoken.say("request.ground"))
        reply = Reply(
            answer=kind, by=ask.who.name, channel=one_of(ask, "channel", CHANNELS), on=day_of(ask, "on"),
            ground=ground, kept_until=kept,
        )  # fmt: skip
        answer_request(shop, row.code, reply)
    return did(ask, str(kind))


def extend(ask: Ask) -> Response:
    """Records that the person was told that it takes two months more, and why."""
    why = said(ask.one("why"), ask.spoken.say("request.why"))
    how = said_if_any(ask.one("how"), ask.spoken.say("letters.how"))
    with ask.site.acting(ask.path["shop"]) as shop, locked(shop):
        code = row_of(ask, shop).code
        on = day_of(ask, "on") if how else None  # else the letter's own day counts
        extend_request(shop, code, Extension(why=why, by=ask.who.name, how=how, on=on))
    return did(ask, "extended")


def lift(ask: Ask) -> Response:
    """Ends a restriction, once its letter has left."""
    with ask.site.acting(ask.path["shop"]) as shop, locked(shop):
        lift_restriction(shop, row_of(ask, shop).code, by=ask.who.name)
    return did(ask, "lifted")


def withdraw(ask: Ask) -> Response:
    """Records that the person asks for it no more."""
    if not ask.one("sure"):
        raise GallraError("Tick that the person asks for it no more. Nothing was done.")
    with ask.site.acting(ask.path["shop"]) as shop, locked(shop):
        withdraw_request(shop, row_of(ask, shop).code, by=ask.who.name)
    return did(ask, "withdrawn")
