"""The answer to a request to erase, from what was read back and the verdicts of now (Art. 12(4), 17, 19)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from sqlalchemy import Connection

from connector.about.both import Both
from connector.deciding.request_scope import scope_of
from connector.deciding.request_verdicts import Coming, Decided, Does, kept_of, not_done, verdicts_of
from connector.errors import GallraError
from connector.ledger.index import Row, Rows
from connector.ledger.memory import Memory
from connector.ledger.plans import Plans, StepRow
from connector.ledger.request_loosened import loosened_rows
from connector.ledger.request_outcomes import OpenTask, open_tasks, steps_that_ran, told_of
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState, StepState
from connector.records import Action, Field, HoldId, Kind, Outcome, Ref, from_bits
from connector.report.articles import law_words
from connector.report.request_letters.model import Erased, Kept
from connector.report.shared import Language
from connector.report.tables import field_name, lower_first, place_name, reason_name, record_name
from connector.report.todo.document import what_to_do, why_by_hand
from connector.report.words import Words
from connector.shop import Shop
from connector.verdicts import FieldVerdict
from connector.views.dry_run import known_as

CLEAN = "clean"
_SAYABLE = (RequestState.DECIDED, RequestState.READ_BACK, RequestState.ANSWERED)
_Instead = Literal["", "restricted", "unsubscribed"]


def erased_of(shop: Shop, row: RequestRow, language: Language) -> Erased:
    """What was erased and read back, and what stays: by which law, until when.

    Raises GallraError where it is no request to erase, or not all that was approved is done and read back.
    """
    if not row.kind.erases:
        raise GallraError(f"Request {row.code} asks for no erasure. Nothing was written.")
    if row.state not in _SAYABLE:
        raise GallraError(
            f"Request {row.code} is {row.state}: what was done of it is not decided, carried out and read "
            "back, so no letter says so. Nothing was written."
        )
    plans, register, words = Plans(shop.ledger), Register(shop.ledger), Words(language)
    judge = (shop.policy, shop.capabilities)
    scope = scope_of(shop.ledger, shop.platforms, row)
    if scope.unread:
        raise GallraError(
            "A record of this person could not be read now. Try again later. Nothing was written."
        )
    if scope.shared and not scope.sure:
        raise GallraError(
            "The number that was proven is one that several people have given, so it is not known what is "
            "held of this person. Prove an address or an order number first. Nothing was written."
        )
    with shop.ledger.begin() as connection:
        steps = list(steps_that_ran(plans, connection, row.scope)) if row.scope else []
        rows = sorted({*scope.sure, *(one.record for one in steps)})
        records = tuple(verdicts_of(shop.ledger, connection, judge, row, rows))
        _must_be_carried_out(shop, connection, row)
        tasks = open_tasks(connection, shop.ledger.shop, rows)
        told = told_of(connection, shop.ledger.shop, row.scope) if row.scope else ()
        proven = {one.digest for one in register.named(connection, row, proven=True)}
        loosened = loosened_rows(shop.ledger, connection, row.code)
        labels = list(Rows(shop.ledger).rows(connection, sorted(loosened)).values())
        suppressed = bool(Memory(shop.ledger).objections(connection, proven))
    stopped = any(one.outcome == Outcome.STOPPED for one in steps)
    return Erased(
        done=tuple(_done(steps, {one.ref: one.standing for one in records}, words)),
        kept=(
            *_kept(shop, records, words, stopped=stopped),
            *_not_done(records, words),
            *_accepted(steps, words),
            *_by_hand(tasks, _told_by_hand(records), words),
        ),
        told=tuple(known_as(shop, name)[0] for name in told),
        backups_until=_backups_until(shop, steps),
        loosened=tuple(_said(one, words) for one in labels),
        suppressed=suppressed,
        for_nothing_else=shop.settings.company.kept_for_nothing_else,
    )


def _must_be_carried_out(shop: Shop, connection: Connection, row: RequestRow) -> None:
    """Nobody is told of an end while the plan says that something is due and it was not carried out."""
    plan = Plans(shop.ledger).current(connection, scope=row.scope) if row.scope else None
    if row.state is RequestState.DECIDED and plan is not None and plan.plan.waves:
        raise GallraError(
            f"Plan {plan.plan.code} says what request {row.code} takes, and it is not carried out. "
            "Approve it, and let a run do so. Nothing was written."
        )


def _done(
    steps: Sequence[StepRow], standing: Mapping[Ref, int], words: Words
) -> Iterator[tuple[Both, str]]:
    """What went, by record: only what a read-back has seen to be gone from every place that is shown."""
    clean = [one for one in steps if one.state is StepState.CLOSED and one.read_back == CLEAN]
    for place, same in groupby(sorted(clean, key=_place), key=_place):
        own = list(same)
        kind = own[0].step.ref.kind
        # What an unsubscription ends is the mailings: everything that it is of is still there.
        erased = [one for one in own if one.step.action is not Action.UNSUBSCRIBE]
        fields: list[Field | None] = list(
            dict.fromkeys(f for one in erased for f in from_bits(one.done & ~standing.get(one.step.ref, 0)))
        )
        if any(one.step.action is Action.DELETE for one in own):
            fields = [None]
        if len(erased) < len(own) and not fields:
            yield in_both(lambda each: each.code("label", "mailings_ended")), record_name(place, words)
        elif fields:
            yield names_of(fields, kind), record_name(place, words)


def _said(row: Row, words: Words) -> str:
    record = row.record
    return record_name(f"{record.ref.kind}:{record.label or record.ref.id}", words)


def _place(one: StepRow) -> str:
    return f"{one.step.ref.kind}:{one.step.label or one.step.ref.id}"


def _kept(shop: Shop, records: Sequence[Decided], words: Words, *, stopped: bool) -> Iterator[Kept]:
    """What stays of each record, what is alike in one line."""
    bases = {rule.id: rule.basis for rule in shop.policy.rules}
    for record in records:
        alike: dict[tuple[str, str, date | None, _Instead], list[Field | None]] = {}
        for _, one in kept_of([record]):
            law, until = law_of(one, bases), None if one.holds else one.keep_through
            instead: _Instead = "restricted" if HoldId.RESTRICTION in one.holds else ""
            if not instead and stopped and record.ref.kind is Kind.SUBSCRIBER:
                instead = "unsubscribed"
            alike.setdefault((law.sv, law.en, until, instead), []).append(one.field)
        for (swedish, english, until, instead), fields in alike.items():
            yield Kept(
                what=names_of(fields, record.ref.kind), law=Both(sv=swedish, en=english), until=until,
                record=record_name(f"{record.ref.kind}:{record.label}", words), instead=instead,
            )  # fmt: skip


def _not_done(records: Sequence[Decided], words: Words) -> Iterator[Kept]:
    """What should go and has not: said, never passed over; by whose hand, or why by nobody's."""
    for record, same in groupby(not_done(records), key=lambda one: one[0]):
        alike: dict[Coming, list[Field | None]] = {}
        for _, each in same:
            alike.setdefault(record.does(each), []).append(each.field)
        for coming, fields in alike.items():
            yield Kept(
                what=names_of(fields, record.ref.kind), until=coming.until, law=said_of(coming),
                record=record_name(f"{record.ref.kind}:{record.label}", words),
                instead="" if coming.does is Does.ERASED else "by_hand",
            )  # fmt: skip


def said_of(coming: Coming) -> Both:
    """What is done to a field that is due, and where no call does it: the places, each with what to do."""
    if coming.does is Does.ERASED:
        return in_both(lambda words: words.code("label", "to_be_erased"))
    return in_both(lambda words: _in_words(coming, words))


def _in_words(coming: Coming, words: Words) -> str:
    if coming.does in (Does.WITH_PERSON, Does.AFTER_PERSON, Does.NO_PERSON):
        day = f" ({coming.until})" if coming.until else ""
        return words.code("label", f"erased_{coming.does}") + day
    where = "; ".join(
        lower_first(
            why_by_hand(place, words).rstrip(".")
            if coming.does is Does.NOBODY
            else f"{what_to_do(place, words)}: {place_name(place, words).rstrip('.')}"
        )
        for place in coming.places
    )
    said = words.code("label", f"erased_{coming.does}")
    return f"{said}: {where}" if where else said


def _told_by_hand(records: Sequence[Decided]) -> set[tuple[str, str, str]]:
    """The places that are told of with their fields already, by record."""
    return {
        (str(one.ref.kind), one.label, place)
        for one, each in not_done(records)
        for place in one.does(each).places
    }


def law_of(one: FieldVerdict, bases: dict[str, str]) -> Both:
    """By which law: the row's own, the hold that binds it, or why no day is known."""
    if one.holds:
        return in_both(lambda words: lower_first(", ".join(words.code("hold", each) for each in one.holds)))
    basis = one.basis or bases.get(one.rule, "")
    if one.keep_through is None and one.reason:
        return in_both(lambda words: f"{law_words(basis, words.language)} ({reason_name(one.reason, words)})")
    return in_both(lambda words: law_words(basis, words.language))


def _accepted(steps: Sequence[StepRow], words: Words) -> Iterator[Kept]:
    """What a service took on and has not carried out: asked for, and not gone yet."""
    for one in steps:
        if one.state is StepState.ACCEPTED:
            yield Kept(
                what=names_of([None], one.step.ref.kind), record=record_name(_place(one), words),
                law=in_both(lambda each: lower_first(each.code("outcome", Outcome.ACCEPTED))),
                until=date.fromisoformat(one.due) if one.due else None, instead="requested",
            )  # fmt: skip


def _by_hand(
    tasks: Sequence[OpenTask], told: Collection[tuple[str, str, str]], words: Words
) -> Iterator[Kept]:
    """What else a person does in the shop, each thing once."""
    for one in dict.fromkeys(tasks):
        if (one.kind, one.label, one.place) in told:
            continue
        yield Kept(
            what=_to_do(one.place), record=record_name(f"{one.kind}:{one.label}", words),
            law=_at(one.place), until=None, instead="by_hand",
        )  # fmt: skip


def _at(place: str) -> Both:
    """That it is done by hand, and where."""

    def said(words: Words) -> str:
        by_hand = lower_first(words.code("outcome", Outcome.BY_HAND))
        return f"{by_hand}: {place_name(place, words).rstrip('.')}"

    return in_both(said)


def _to_do(place: str) -> Both:
    return in_both(lambda words: what_to_do(place, words))


def names_of(fields: Sequence[Field | None], kind: Kind) -> Both:
    return in_both(lambda words: ", ".join(field_name(one, words, kind) for one in dict.fromkeys(fields)))


def in_both(said: Callable[[Words], str]) -> Both:
    return Both(sv=said(Words("sv")), en=said(Words("en")))


def _backups_until(shop: Shop, steps: Sequence[StepRow]) -> date | None:
    """By when backups without what went are the only ones: from today where anything went, as it is told."""
    days = shop.settings.shop.backup_days
    return shop.today + timedelta(days=days) if days is not None and steps else None


def what_stays(found: Erased, language: Language) -> tuple[str, str]:
    """By which laws something stays, and the last day of any, as an answer in part is recorded."""
    laws = dict.fromkeys(law for one in found.kept for law in one.law.of(language).split("; "))
    days = [one.until for one in found.kept if one.until is not None]
    return "; ".join(laws), max(days).isoformat() if days else ""


__all__ = ["erased_of", "in_both", "law_of", "names_of", "said_of", "what_stays"]
