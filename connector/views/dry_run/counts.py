"""From counts and the plan's header to the rows of the report: pure."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from connector.ledger.tallies import TallyKey
from connector.plan import LimitCheck, Outlook, Plan
from connector.plan import WavePlan as PlannedWave
from connector.ports import Access, Mark, mark_of
from connector.records import Action, Field, HoldId, Kind, Wave
from connector.report.dry_run.model import (
    AlertView,
    DifferenceView,
    DueView,
    FieldCount,
    KeptView,
    LimitView,
    ListenerView,
)
from connector.report.shared import HoldView


def limit(limit: LimitCheck, plan: Plan) -> LimitView:
    """A limit as it is read: a share of a kind in per cent, anything else as a count."""
    kind = Kind(limit.kind) if limit.kind else None
    if kind is None or limit.name != "percent":
        return LimitView(
            name=limit.name, value=limit.planned, allowed=limit.allowed, exceeded=limit.exceeded, kind=kind
        )
    records = max(1, plan.totals[kind].records)
    return LimitView(
        name="share",
        value=round(100 * limit.planned / records, 1),
        allowed=round(100 * limit.allowed / records, 1),
        exceeded=limit.exceeded,
        kind=kind,
    )


def field_counts(wave: PlannedWave) -> Iterator[FieldCount]:
    for kind, count in wave.deletes.items():
        yield FieldCount(field=None, action=Action.DELETE, count=count, kind=Kind(kind))
    for kind, count in wave.unsubscribes.items():
        yield FieldCount(field=None, action=Action.UNSUBSCRIBE, count=count, kind=Kind(kind))
    action = Action.RECTIFY if wave.rectifies else Action.RESTORE if wave.restores else Action.REDACT
    for field, count in wave.fields.items():
        yield FieldCount(field=Field(field), action=action, count=count)


def together(outlook: tuple[Outlook, ...]) -> Iterator[Outlook]:
    """One row per recipient, act and handle, whatever the wave."""
    rows: dict[tuple[str, str, str], Outlook] = {}
    for one in outlook:
        key = (one.recipient, str(one.act), one.handle)
        known = rows.get(key)
        rows[key] = one if known is None else replace(known, count=known.count + one.count)
    yield from rows.values()


def kept(tallies: list[tuple[TallyKey, int]]) -> tuple[KeptView, ...]:
    rows: dict[tuple[str, str, str, str, str], tuple[int, str, str]] = {}
    for key, count in tallies:
        if key.state not in ("keep", "kept_by_law"):
            continue
        where = (key.rule, key.kind, key.field, key.reason, key.basis)
        total, first, last = rows.get(where, (0, "", ""))
        firsts = [t for t in (first, key.through) if t]
        rows[where] = (total + count, min(firsts, default=""), max(last, key.through))
    return tuple(
        KeptView(
            rule=rule,
            kind=Kind(kind),
            field=None if field == "record" else Field(field),
            reason=reason,
            basis=basis,
            count=total,
            earliest_through=date.fromisoformat(first) if first else None,
            latest_through=date.fromisoformat(last) if last else None,
        )
        for (rule, kind, field, reason, basis), (total, first, last) in sorted(rows.items())
    )


class Hand(NamedTuple):
    """A task for a hand: the kind of record, the field, and the place."""

    kind: str
    field: str
    place: str


def hands(plan: Plan) -> dict[Hand, int]:
    """Records that need a hand, by kind, field and place; one that stands in two waves counts once."""
    most: dict[str, int] = {}
    for wave in plan.waves:
        for key, count in wave.by_hand.items():
            most[key] = max(count, most.get(key, 0))
    for key, count in plan.by_hand.items():
        most[key] = most.get(key, 0) + count
    return {Hand(*key.split("|", 2)): count for key, count in most.items()}


def alerts(tallies: list[tuple[TallyKey, int]]) -> tuple[AlertView, ...]:
    counts: dict[str, int] = {}
    for key, count in tallies:
        if key.state == "alert":
            counts[key.reason] = counts.get(key.reason, 0) + count
    return tuple(AlertView(code=code, count=count) for code, count in sorted(counts.items()))


def unknown(tallies: list[tuple[TallyKey, int]]) -> tuple[HoldView, ...]:
    counts: dict[HoldId, int] = {}
    for key, count in tallies:
        if key.state == "held" and key.field == "record":
            for hold in key.reason.split(","):
                if hold.endswith("?"):
                    counts[HoldId(hold[:-1])] = counts.get(HoldId(hold[:-1]), 0) + count
    return tuple(HoldView(id=hold, count=count) for hold, count in sorted(counts.items()))


def listeners(accesses: Mapping[str, Access], marks: tuple[Mark, ...]) -> Iterator[ListenerView]:
    for access in accesses.values():
        for one in access.listeners:
            mark = mark_of(one, marks)
            yield ListenerView(
                name=f"{one.name} ({one.id})",
                kind=one.kind,
                hears=one.hears,
                active=one.active,
                mark=mark.mark if mark else None,
                by=mark.by if mark else "",
                at=mark.on if mark else None,
            )


def timeline(tallies: list[tuple[TallyKey, int]], today: date) -> tuple[DueView, ...]:
    """The most records of a kind that have one field of a wave fall due in a year, kinds summed."""
    counts: dict[tuple[int, str, str, str], int] = {}
    for key, count in tallies:
        if not key.through or key.state == "held":
            continue
        due = key.state == "due"
        year = today.year if due else (date.fromisoformat(key.through) + timedelta(days=1)).year
        where = (max(year, today.year), key.wave, key.kind, key.field)
        counts[where] = counts.get(where, 0) + count
    most: dict[tuple[int, str, str], int] = {}
    for (year, wave, kind, _), count in counts.items():
        most[year, wave, kind] = max(most.get((year, wave, kind), 0), count)
    summed: dict[tuple[int, str], int] = {}
    for (year, wave, _), count in most.items():
        summed[year, wave] = summed.get((year, wave), 0) + count
    return tuple(DueView(year=y, wave=Wave(w), count=c) for (y, w), c in sorted(summed.items()))


def difference(plan: Plan, previous: Plan | None) -> Iterator[DifferenceView]:
    for wave in Wave:
        now, before = plan.wave(wave), previous.wave(wave) if previous else None
        if now or before:
            yield DifferenceView(
                wave=wave,
                before=None if previous is None else (before.steps if before else 0),
                now=now.steps if now else 0,
            )
