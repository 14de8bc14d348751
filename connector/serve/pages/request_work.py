"""The slow work of a request, as the commands do it: decided, weighed, mailings ended, a copy made."""

from typing import NamedTuple

from connector.ports.disclosing import Question
from connector.records import Ref
from connector.report.access.document import counts_of
from connector.report.shared import Language
from connector.serve.posting import tell
from connector.shop import Shop
from connector.stages.flow import locked
from connector.stages.flow.copying import asked_now
from connector.stages.flow.objecting import Carried, Objector, left_alone, object_to_mailings
from connector.stages.flow.objection_requests import Weighing, object_at_request, weigh_objection
from connector.stages.flow.requesting import Drawn, decide_request, note_decider, register_of
from connector.stages.requests.access import access
from connector.views.lint.refusing import must_be_sound
from connector.views.protocol.written import put_protocol
from connector.views.request_answer import seal_answer, unsaid
from connector.views.request_decided import RecordLine, lines_of


class Decision(NamedTuple):
    """What was decided: by number, kind and law, and nothing of whom."""

    records: tuple[RecordLine, ...]
    sure: int
    asked: tuple[Ref, ...]
    unread: tuple[Ref, ...]
    plan: str  # the digest of what waits for approval; empty where nothing goes
    notes: tuple[str, ...]


class Copy(NamedTuple):
    """A copy that was made and sealed: its counts, and what is left for a person to judge."""

    scope: str
    counts: dict[str, int]
    until: str
    questions: tuple[Question, ...]
    unsaid: tuple[str, ...]
    notes: tuple[str, ...]


class Mailings(NamedTuple):
    """What became of mailings, and what a person must know of it."""

    carried: Carried
    waits_by: str  # the digest of a plan that waits
    notes: tuple[str, ...]


def decide(shop: Shop, code: str, *, by: str) -> Decision:
    """Pulls, and decides a request of any kind but an objection."""
    with locked(shop):
        drawn = decide_request(shop, must_be_sound(shop), code)
        note_decider(shop, code, by=by)
    return _decision(shop, drawn)


def weigh(shop: Shop, code: str, weighing: Weighing) -> Decision:
    """Records how an objection was weighed, and decides by it."""
    with locked(shop):
        drawn = weigh_objection(shop, must_be_sound(shop), code, weighing)
    return _decision(shop, drawn)


def _decision(shop: Shop, drawn: Drawn) -> Decision:
    plan, scope = drawn.plan, drawn.scope
    return Decision(
        records=lines_of(shop, drawn.records), sure=len(scope.sure), asked=scope.asked_refs,
        unread=scope.unread, plan=plan.digest if plan is not None and plan.waves else "",
        notes=tuple(shop.notices),
    )  # fmt: skip


def copy_of_person(shop: Shop, code: str, *, by: str, portability: bool) -> Copy:
    """Makes the copy that a request for access or portability asks for, and seals it."""
    shop.unchanged()
    with shop.ledger.begin() as connection:
        row = register_of(shop).get(connection, code)
    with locked(shop):
        asked = asked_now(shop, code)
    found = access(shop, asked)
    answer, sealed = seal_answer(shop, row, found, by=by, portability=portability)
    return Copy(
        scope=answer.scope, counts=counts_of(answer), until=sealed.until.isoformat(),
        questions=found.questions, unsaid=unsaid(shop), notes=tuple(shop.notices),
    )  # fmt: skip


def end_mailings_of(shop: Shop, code: str, *, by: str, language: Language) -> Mailings:
    """Ends the mailings of whoever made a request to object."""
    with locked(shop):
        carried = object_at_request(shop, must_be_sound(shop), code, by=by).carried
        return _ended(shop, carried, language)


def end_mailings(shop: Shop, objector: Objector, language: Language) -> Mailings:
    """Takes an objection to mailings in and ends them, as `gallra unsubscribe` does."""
    with locked(shop):
        carried = object_to_mailings(shop, must_be_sound(shop), objector)
        return _ended(shop, carried, language)


def _ended(shop: Shop, carried: Carried, language: Language) -> Mailings:
    if carried.applied is not None and carried.plan is not None:
        put_protocol(shop, language, carried.plan.code)
    warned = carried.applied.warnings if carried.applied is not None else tuple(shop.beside.told())
    told = tell(shop) if shop.settings.alerts.webhook else ()
    waits = carried.plan.digest if carried.plan is not None and carried.waiting is not None else ""
    notes = (*shop.notices, *left_alone(carried), *warned, *told)
    return Mailings(carried=carried, waits_by=waits, notes=tuple(dict.fromkeys(notes)))


__all__ = [
    "Copy", "Decision", "Mailings", "copy_of_person", "decide", "end_mailings", "end_mailings_of", "weigh",
]  # fmt: skip
