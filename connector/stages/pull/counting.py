"""What is known of a kind, against the service's own count: a list that shows no change proves nothing."""

import msgspec

from connector.ledger.cursors import Cursor
from connector.ports import Page, Stock
from connector.services.stock import Difference, difference
from connector.stages.pull.intake import Intake
from connector.stages.pull.pulled import FEWER

PASSES = 3
"""Walks over a kind before it is called incomplete."""
DROPPED, DROP = 10, 0.1
"""Records, and their part of all that are known, that make a sudden drop: staff deletes a few at a time."""


class Counts:
    """The counts of one kind; `vouched_for` records are such that a person says no list shows."""

    def __init__(self, intake: Intake, vouched_for: int) -> None:
        self.intake = intake
        self.vouched_for = vouched_for
        self.usual = self._usual_gaps()  # sizes of a gap that a further walk would not close

    def _usual_gaps(self) -> frozenset[int]:
        """None, the declared gap, and that of the last pull where it was within it."""
        stored = self.intake.where_it_stood()
        before = stored.missing if stored is not None else None
        known = {before} if before is not None and before <= self.vouched_for else set()
        return frozenset({0, self.vouched_for, *known})

    def walked(self, start: Cursor, last: Page | None) -> tuple[int, str]:
        """Settles a walk over all, walked again while records are missing; how many are, and why."""
        missing, why = self.intake.settle_unmet(start.walk, last)
        for _ in range(PASSES - 1):
            if missing in self.usual:
                break
            last = self.intake.walk_and_store(
                msgspec.structs.replace(start, value="", full=True, complete=False)
            )
            missing, why = self.intake.settle_unmet(start.walk, last)
        if missing and not why and self.intake.fetch_all_called_gone(start.walk):
            missing, why = self.intake.settle_unmet(start.walk, last)
        if last is None or missing or why:
            return missing, why
        held = self._against(last)
        self.intake.note_at_cursor(uneven=held.uneven, over=False)
        return (held.over, FEWER) if self._fell(held.over) else (0, "")

    def changed(self, start: Cursor, last: Page | None) -> tuple[int, str]:
        """Holds all that is known against what the service has; how many are missing, and why.

        What came between the list and the count is read by asking for the changes once more.
        """
        if last is None:  # the service shows nothing of this kind any more, not even that nothing changed
            return 0, "not_counted"
        missing = 0
        for again in range(PASSES):
            missing = max(missing, last.missing)
            held = self._against(last, usual=start.uneven)
            if held.short in self.usual or again == PASSES - 1:
                break
            last = self.intake.walk_and_store(msgspec.structs.replace(start, value=last.cursor)) or last
        if held.short and self.intake.fetch_all_called_gone(start.walk):
            held = self._against(last, usual=start.uneven)
        self.intake.note_at_cursor(uneven=start.uneven, over=held.over > 0)
        if last.why:
            return max(missing, held.short, held.over), last.why
        missing = max(missing, held.short)
        if not missing and self._fell(held.over):
            return held.over, FEWER
        return missing, "not_counted" if last.complete and last.counted is None and not missing else ""

    def _fell(self, over: int) -> bool:
        """Whether so many more are known than the service counts that it may be hiding them."""
        if over < DROPPED or over <= self.vouched_for:
            return False
        with self.intake.ledger.begin() as connection:
            known = sum(self.intake.presence.by_status(connection, *self.intake.source.place).values())
        return over >= DROP * known

    def _against(self, page: Page, *, usual: int = 0) -> Difference:
        """What is known, held against the counts of a pull's last page; a pull that read all has its own.

        `usual` is what the counts stood apart after the last complete walk.
        """
        presence, place = self.intake.presence, self.intake.source.place
        own = (Stock(count=page.counted),) if page.complete and page.counted is not None else ()
        with self.intake.ledger.begin() as connection:
            unread = self.intake.unread(connection)
            met = presence.by_status(connection, *place, beyond=False)
            known = presence.by_status(connection, *place)
        read, now = difference(own, met, unread), difference(page.standing, known, unread)
        short = now.short - min(now.uneven, usual)
        return Difference(max(read.short, short), max(read.over, now.over), now.uneven)
