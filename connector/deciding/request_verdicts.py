"""What a request to erase takes of each record, and what stays of it: by which rule, until when."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import reduce
from operator import or_

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.calendar import to_date
from connector.deciding.hands import place_of
from connector.deciding.recount_person import recount_in
from connector.ledger import Ledger
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.ledger.request_loosened import loosened_rows
from connector.ledger.requests import RequestRow
from connector.plan import only_by_hand, steps_of
from connector.policy import Policy, decide
from connector.ports import Ability, Capabilities, CapabilityTable
from connector.records import FIELD_BITS, Action, Field, Kind, Record, Ref, Value, to_bits
from connector.verdicts import FieldVerdict, State, Verdict


class Does(StrEnum):
    """What is done to a field that is due: by a step of a plan, by nobody's step, or in part."""

    ERASED = "erased"
    PARTLY = "partly"  # a call takes it from one place, and it stands in another that none changes
    BY_HAND = "by_hand"
    NOBODY = "nobody"  # no call and no hand: by the service's own time, or never
    BLANKED = "blanked"  # of a record that no call deletes: its fields go, as they say
    WITH_PERSON = "with_person"  # the service's own erasure takes it, and the account goes in this plan
    AFTER_PERSON = "after_person"  # that erasure waits, for the account stays
    NO_PERSON = "no_person"  # that erasure is of an account, and none is left


class Coming(Value, frozen=True, kw_only=True):
    """What is done to a due field, and the places, by code, that are left to a person or to nobody."""

    does: Does = Does.ERASED
    places: tuple[str, ...] = ()
    until: date | None = None  # the last day on which the account stays, where it is known


class Decided(Value, frozen=True, kw_only=True):
    """What comes of one record at a request to erase: field by field, why, until when.

    `standing` are the fields, as a bit set, that stand where no call changes them and the service shows them.
    """

    ref: Ref
    label: str
    fields: tuple[FieldVerdict, ...]
    coming: Mapping[str, Coming] = {}
    standing: int = 0

    def does(self, one: FieldVerdict) -> Coming:
        """What is done to one of its fields that is due."""
        return self.coming.get(str(one.field or "record"), Coming())


def verdicts_of(
    ledger: Ledger,
    connection: Connection,
    judge: tuple[Policy, CapabilityTable],
    asked: RequestRow,
    rows: Collection[int],
) -> Iterator[Decided]:
    """The verdicts of now on those of these records that are there, the request's own hold left aside.

    By the ledger's clock; `judge` are the rules, and what the services can do. What stands in a place that no
    call changes is still there, and has its verdict. Of a record that is gone nothing stays or is due.
    """
    policy, able = judge
    ended, today = policy.ended_by_erasure(), to_date(ledger.clock())
    # An account is bound by its person's orders, and one may have come, or been let go, since the plan.
    recount_in(ledger, connection, policy, sorted(rows), today=today)
    holds = Holds(ledger).open(connection, carried_out=asked.id)
    loosened, more = loosened_rows(ledger, connection, asked.code), policy.ended_by_loosening()
    index, decided = Rows(ledger), list[Decided]()
    for found in index.rows(connection, index.living(connection, sorted(rows))).values():
        without = more if found.id in loosened else ended
        known, ref = holds.on(found), found.record.ref
        can = able[ref.adapter, ref.kind]
        standing = standing_of(found.record, can)
        widened = replace(known, present=known.present | standing)
        verdict = decide(widened, policy, today=today, without=without)
        fields = verdict.fields if verdict.record is None else (*verdict.fields, verdict.record)
        coming = _coming(known, verdict, can, standing, today)
        label = found.record.label or ref.id
        decided.append(Decided(ref=ref, label=label, fields=fields, coming=coming, standing=standing))
    for one in decided:
        yield _by_the_service(one, decided, able)


def _by_the_service(one: Decided, every: Sequence[Decided], able: CapabilityTable) -> Decided:
    """What only the service's own erasure of the person takes goes with the account, after it, or not."""
    can = able[one.ref.adapter, one.ref.kind]
    owners = [
        each for each in every
        if each.ref.adapter == one.ref.adapter and each.ref.kind is Kind.CUSTOMER and each is not one
    ]  # fmt: skip
    stay = [each for each in owners if not _goes_whole(each)]
    whole = [field for each in stay for field in each.fields if field.field is None]
    days = [field.keep_through for field in whole if field.keep_through is not None and not field.holds]
    does = Does.NO_PERSON if not owners else Does.AFTER_PERSON if stay else Does.WITH_PERSON
    until = max(days) if len(days) == len(stay) and days else None

    def settled(name: str, coming: Coming) -> Coming:
        own = name != "record" and can.fields.get(Field(name)) is Ability.BY_REQUEST
        taken = coming.places and all(place.partition(":")[0] in can.erased for place in coming.places)
        if coming.does is Does.BY_HAND and (own or taken):
            return replace(coming, does=does, until=until)
        return coming

    return replace(one, coming={name: settled(name, coming) for name, coming in one.coming.items()})


def standing_of(record: Record, able: Capabilities) -> int:
    """The fields that stand where no call changes them and the service shows them, as a bit set.

    Places that only may hold a person, as a payment service's answer, are tasks of their own and no finding.
    """
    codes = {place.partition(":")[0] for place in record.residue}
    fields = {field for code in codes & able.erased for field in able.residue.get(code, ())}
    return to_bits((*fields, *(one.field for one in record.placed if one.place in record.residue)))


def _coming(
    record: Record, verdict: Verdict, able: Capabilities, standing: int, today: date
) -> dict[str, Coming]:
    """What is done to each field that is due: by the steps that a plan makes of the same verdict."""
    steps = steps_of(record, verdict, able, today=today)
    if any(step.action is not Action.REDACT for step in steps):
        return {}
    # A record of which only a hand can take anything gets no step.
    calls = 0 if only_by_hand(steps) else _all(step.fields for step in steps) & record.present
    hands = _all(step.by_hand for step in steps)
    residue = {one for step in steps for one in step.residue if one.partition(":")[0] in able.erased}
    found = dict[str, Coming]()
    for one in verdict.fields:
        if one.field is None or one.state is not State.DUE:
            continue
        bit, where = FIELD_BITS[one.field], place_of(one.field, able)
        rest = tuple(sorted(p for p in residue if one.field in able.residue.get(p.partition(":")[0], ())))
        rest = rest or tuple(p.place for p in record.placed if p.field is one.field)
        if calls & bit:
            found[str(one.field)] = Coming(does=Does.PARTLY, places=rest) if standing & bit else Coming()
        elif hands & bit or (standing & bit and rest):
            places = rest if standing & bit and not hands & bit else (where,)
            found[str(one.field)] = Coming(does=Does.BY_HAND, places=places)
        else:
            found[str(one.field)] = Coming(does=Does.NOBODY, places=(where,))
    if verdict.record is not None and verdict.record.state is State.DUE:
        found["record"] = Coming(does=Does.BLANKED)
    return found


def _all(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)


def _goes_whole(one: Decided) -> bool:
    """Whether a step takes the record whole, its fields with it."""
    whole = [each for each in one.fields if each.field is None and each.state is State.DUE]
    return any(one.does(each).does is Does.ERASED for each in whole)


def kept_of(records: Collection[Decided]) -> Iterator[tuple[Decided, FieldVerdict]]:
    """What stays: each field that is not due, with its record.

    Where the record goes whole its fields go with it, whatever their own rules say.
    """
    for one in records:
        if not _goes_whole(one):
            yield from ((one, each) for each in one.fields if each.state is not State.DUE)


def not_done(records: Collection[Decided]) -> Iterator[tuple[Decided, FieldVerdict]]:
    """What is due and still there: refused by the service, not approved, or to be done by hand."""
    for one in records:
        whole = _goes_whole(one)
        for each in one.fields:
            # That a record is blanked and not deleted is no more than its fields say, while one is there.
            said = each.field is None if whole else each.field is not None or len(one.fields) == 1
            if said and each.state is State.DUE:
                yield one, each


__all__ = ["Coming", "Decided", "Does", "kept_of", "not_done", "standing_of", "verdicts_of"]
