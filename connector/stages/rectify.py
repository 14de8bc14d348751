"""The rectify stage: a plan that puts right what a person says is wrong in their records (GDPR 16).

The values are sealed in the vault beside it, and destroyed once they are read back; neither plan nor ledger
holds one in the clear. What no call sets without moving money is a task for a person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from connector import __version__
from connector.basis import Basis
from connector.deciding.rectifying import told_of
from connector.deciding.terms import Terms
from connector.errors import PlanError
from connector.ledger import Ledger
from connector.ledger.index import Row, Rows
from connector.ledger.plans import Plans
from connector.ledger.plans.scopes import scope_of_request
from connector.ledger.plans.stored import store_plan
from connector.ledger.states import PlanState
from connector.ledger.tasks import RECTIFY, NewTask, Tasks
from connector.ledger.undo import Copies, NewCopy
from connector.plan import FORMAT_VERSION, LIFETIME, Outlook, Plan, Step
from connector.ports import Act, Kept
from connector.ports.rectifying import Part
from connector.records import Action, Value, Wave, from_bits, to_bits

AFTER = timedelta(days=30)
"""How long the values outlast their plan: one that has begun is finished, whatever its age."""


class Right(NamedTuple):
    """A record of the person's, and the place that is to hold what they say; None where a hand sets it."""

    row: Row
    kept: Kept | None


class Wanted(NamedTuple):
    """What a request has put right: which part, and where."""

    request: str
    part: Part
    rights: tuple[Right, ...]


class Rectifying(Value, frozen=True, kw_only=True):
    """A plan that puts right: how many records, and which are for a hand, by label."""

    plan: Plan
    records: int
    by_hand: tuple[str, ...] = ()


def make_rectify_plan(
    copies: Copies, terms: Terms, wanted: Wanted, *, rests_on: Callable[[Connection], Sequence[Basis]]
) -> Rectifying:
    """Plans to put these places right, beside what an open plan of the request puts right already.

    Raises PlanError where a plan of it has begun.
    """
    ledger: Ledger = copies.ledger
    plans, scope, rights = Plans(ledger), scope_of_request(wanted.request), wanted.rights
    hands = [one.row for one in rights if one.kept is None]
    with ledger.begin() as connection:
        for one in plans.begun(connection, scopes=(scope,)):
            raise PlanError(
                f"Plan {one.plan.code} of this request has begun. Run `gallra apply --plan {one.plan.code}` "
                "to finish it."
            )
        before = plans.current(connection, states=(PlanState.OPEN,), scope=scope)
        known = _taken_over(copies, connection, before.id if before is not None else None)
        rows = {one.row.id: one.row for one in rights} | Rows(ledger).rows(connection, list(known))
        draft = plans.begin_draft(connection, scope=scope)
        until = (terms.now + LIFETIME + AFTER).date()
        for new in _copies(draft, rows, _places(known, rights), until):
            copies.seal(connection, new)
        held = copies.of_plan(connection, draft)
        steps = [(one.record, _step(rows[one.record], one.fields)) for one in held]
        header = _header(ledger.shop, terms, wanted.request, steps, rests_on(connection))
        plan = store_plan(plans, connection, draft, header, steps)
        Tasks(ledger).note(connection, draft, [_task(row, wanted.part, terms) for row in hands])
        ledger.event(
            connection, "rectify_planned", plan=draft, request=wanted.request, code=plan.code,
            what=str(wanted.part), steps=len(steps), count=len(hands),
        )  # fmt: skip
    return Rectifying(plan=plan, records=len(steps), by_hand=tuple(map(_label, hands)))


def _taken_over(copies: Copies, connection: Connection, before: int | None) -> Mapping[int, Sequence[Kept]]:
    """What the open plan of before was to put right; it goes with it."""
    if before is None:
        return {}
    records = [one.record for one in copies.of_plan(connection, before)]
    known = copies.open(connection, before, records)
    copies.forget(connection, before, records)
    return known


def _places(known: Mapping[int, Sequence[Kept]], rights: Sequence[Right]) -> dict[int, dict[str, Kept]]:
    """The places of each record, by name: of one place the newest counts."""
    found = {record: {one.place: one for one in kept} for record, kept in known.items()}
    for one in rights:
        if one.kept is not None:
            found.setdefault(one.row.id, {})[one.kept.place] = one.kept
    return found


def _copies(
    draft: int, rows: Mapping[int, Row], found: Mapping[int, Mapping[str, Kept]], until: date
) -> Iterator[NewCopy]:
    """The values, as they are sealed."""
    for record, places in sorted(found.items()):
        fields = to_bits(tuple(field for one in places.values() for field in one.fields))
        yield NewCopy(
            plan=draft, record=record, ref=rows[record].record.ref, kept=tuple(places.values()),
            fields=fields, left_out=0, until=until,
        )  # fmt: skip


def _step(row: Row, fields: int) -> Step:
    return Step(
        ref=row.record.ref, label=_label(row), wave=Wave.EMAIL_ADDRESS, action=Action.RECTIFY, fields=fields,
        copies=row.record.copies,
    )  # fmt: skip


def _label(row: Row) -> str:
    return row.record.label or row.record.ref.id


def _header(
    shop: str, terms: Terms, asked: str, steps: Sequence[tuple[int, Step]], bases: Sequence[Basis]
) -> Plan:
    return Plan(
        format_version=FORMAT_VERSION, shop=shop, policy=f"{terms.policy.name}@{terms.policy.version}",
        policy_digest=terms.policy.digest, key=terms.key, tool=__version__, today=terms.today,
        created=terms.now, expires=terms.now + LIFETIME, waves=(), totals={},
        outlook=_outlook(terms, steps), limits=(), rests_on=tuple(bases), request=asked, rectifies=True,
    )  # fmt: skip


def _outlook(terms: Terms, steps: Sequence[tuple[int, Step]]) -> tuple[Outlook, ...]:
    """What each recipient is to be told of what is put right."""
    counts: dict[tuple[str, str], Outlook] = {}
    for _, step in steps:
        fields = frozenset(from_bits(step.fields))
        for recipient in terms.recipients:
            for interest in told_of(recipient.processor.interests, step, fields):
                one = Outlook(
                    recipient=recipient.name, act=Act.RECTIFY, handle=interest.handle, count=0, wave=step.wave
                )
                known = counts.get((one.recipient, one.handle), one)
                counts[one.recipient, one.handle] = replace(known, count=known.count + 1)
    return tuple(counts[key] for key in sorted(counts))


def _task(row: Row, part: Part, terms: Terms) -> NewTask:
    """What a person does in the shop's own pages."""
    ref = row.record.ref
    return NewTask(
        adapter=ref.adapter, kind=str(ref.kind), remote_id=ref.id, record=row.id, label=_label(row),
        place=f"{RECTIFY}:{part}", fields=to_bits(part.fields), since=terms.today,
    )  # fmt: skip


__all__ = ["Rectifying", "Right", "Wanted", "make_rectify_plan"]
