"""A policy made ready for one day: reads a record's facts, asks the panels, sums up."""

from collections.abc import Sequence
from datetime import date

from connector.places.shared import with_shared_places
from connector.policy import clocks, conditions
from connector.policy.file_format import Rule
from connector.policy.floors import Floors, book_events, card_events
from connector.policy.holds import Open, card_holds, claim_ends, message_holds, order_holds, person_holds
from connector.policy.judge import DAY, Day, Situation
from connector.policy.who_judges import Bench
from connector.records import Facts, Field, HoldId, Kind, Record, to_bits
from connector.verdicts import FieldVerdict, Verdict

DESTINATION = to_bits((Field.SHIPPING_ADDRESS, Field.TRACKING_NUMBER))
"""The fields whose floor turns on the country that an order was sent to."""

_Reading = tuple[int, tuple[Open, ...], Situation]
"""What is true of a record, its open holds, and its clocks and floors."""


class Session:
    """A policy made ready for one day: every rule bound to its fields, kind by kind."""

    def __init__(self, rules: Sequence[Rule], day: Day) -> None:
        self.day = day
        self._floors = Floors(day.context, day.today)
        self._benches = {kind: Bench(kind, [r for r in rules if r.kind is kind], day) for kind in Kind}

    def decide(self, record: Record) -> Verdict:
        """The verdict on one record."""
        kind = record.ref.kind
        flags, holds, situation = self._read(kind, record.facts)
        present = record.present | record.unread
        whole, seats = self._benches[kind].seats(present, flags & conditions.RULED)
        verdicts: tuple[FieldVerdict, ...] = ()
        alerts: tuple[str, ...] = ()
        changes = date.max
        if flags > conditions.RULED:
            alerts = conditions.alerts_of(flags if present & DESTINATION else flags & ~conditions.NOWHERE)
            prescribed = claim_ends(record.facts) if flags & conditions.OWED else None
            changes = prescribed + DAY if prescribed else changes
        for panel, key_of, known, pick in seats:
            key = key_of(situation)
            found = known(key) or panel.learn(key, situation)
            if holds:
                found = panel.hold(key, found, holds)
            if pick:
                if found.soonest >= changes and not found.alerts:
                    verdicts += pick(found.verdicts)
                    continue
                found = found.only(pick)
            verdicts += found.verdicts
            if found.soonest < changes:
                changes = found.soonest
            if found.alerts:
                alerts += found.alerts
        verdict = Verdict(
            ref=record.ref,
            fields=verdicts[1:] if whole else verdicts,
            record=verdicts[0] if whole else None,
            next_due=None if changes is date.max else changes,
            alerts=tuple(sorted(set(alerts))) if alerts else (),
        )
        return with_shared_places(record, verdict) if record.ties else verdict

    def _read(self, kind: Kind, facts: Facts) -> _Reading:
        if kind is Kind.ORDER:
            return self._read_order(facts)
        readings = [read(facts) for read in clocks.CLOCKS[kind].values()]
        if kind is Kind.CUSTOMER:
            flags, holds = conditions.customer_flags(facts), person_holds(facts, self.day.today)
        elif kind is Kind.SUBSCRIBER:
            flags, holds = conditions.subscriber_flags(facts), person_holds(facts, self.day.today)
        elif kind is Kind.SUPPORT_MESSAGE:
            flags, holds = conditions.customer_flags(facts), message_holds(facts, self.day.today)
        else:
            flags, holds = conditions.customer_flags(facts), card_holds(facts, self.day.today)
        movements = card_events(facts, self._floors.listed_until) if kind is Kind.COUPON else ()
        return flags, holds, (self._floors.bookkeeping(facts, movements), None, facts.warned, *readings)

    def _read_order(self, facts: Facts) -> _Reading:
        flags = conditions.order_flags(facts)
        dated = facts
        if clocks.misdated(facts):
            flags |= conditions.MISDATED
            dated = clocks.believed(facts)
        delivered = clocks.contract_end(facts, clocks.delivered(dated))
        events = book_events(dated)
        if not self._floors.archived_elsewhere(events):
            flags |= conditions.ARCHIVE
        oss = None
        nowhere = not facts.ship_to and not flags & conditions.WAS_NEVER_PAID
        if nowhere or facts.ship_to not in ("", "SE"):
            supply = clocks.supplied(dated)
            registered = self._floors.registered(supply[0])
            oss = self._floors.oss(supply)
            flags |= conditions.destination_flags(facts, supply[0], registered=registered)
            flags |= conditions.NOWHERE if nowhere else 0
        if facts.owed:
            flags |= self._claim_flag(facts)
        untold = self.day.context.withdrawal_untold
        holds = order_holds(facts, delivered, self.day.today, withdrawal_untold=untold)
        if not facts.final and not any(hold.id is HoldId.OPEN_ORDER for hold in holds):
            flags |= conditions.FORGOTTEN
        situation = (
            self._floors.bookkeeping(facts, events),
            oss,
            None,
            delivered,
            clocks.created(facts),
            clocks.settled(facts),
            clocks.last_payment(facts),
            clocks.identity_end(facts),
        )
        return flags, holds, situation

    def _claim_flag(self, facts: Facts) -> int:
        """Whether an unpaid claim stands, or may be prescribed: no shop shows the reminders it sent."""
        ends = claim_ends(facts)
        if ends is None or self.day.today <= ends:
            return conditions.OWED if ends else 0
        return 0 if facts.reminders_shown else conditions.PRESCRIBED
