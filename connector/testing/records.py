"""What a package gives of one kind of record of a platform, so that it can be held to the suite."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connector.ports import Live, Platform, Receipt, Task
from connector.records import Action, Field, Kind, Outcome, Record, Ref, from_bits
from connector.testing.hooks import StandInHooks, not_given


def lives_of(platform: Platform, refs: Sequence[Ref]) -> list[Live]:
    """The records among these that are there."""
    return [look for look in platform.fetch(refs) if isinstance(look, Live)]


def by_ref(receipts: Iterable[Receipt]) -> dict[Ref, Receipt]:
    """The receipts by their record: one for each task."""
    listed = list(receipts)
    found = {receipt.ref: receipt for receipt in listed}
    assert len(found) == len(listed), "two receipts for one task"
    return found


class PlatformHooks(StandInHooks):
    """One kind of record and what is done to it; `build`, `kind`, `there` and `service` must be given.

    The stand-in has some records of the kind that have something to take.
    """

    kind: Kind
    action: Action = Action.REDACT
    fields: frozenset[Field] = frozenset()
    """What a redaction takes."""

    deleted_again: Outcome = Outcome.ALREADY_GONE
    """What is said of a record that is deleted twice; refused where absence is only told by a control."""

    def build(self, service: Any, key: str | None = None) -> Platform:
        """The platform against the stand-in; with another key where one is given."""
        raise NotImplementedError("give `build`, which makes the platform")

    def there(self, service: Any) -> int:
        """How many records of the kind the stand-in has."""
        raise NotImplementedError("give `there`, which counts the records")

    def fits(self, record: Record) -> bool:
        """Whether the action is for this record."""
        return True

    def fits_now(self, live: Live) -> bool:
        """Whether the action is for this record, where only a fetch shows it."""
        return True

    def rightly_left(self, record: Record, taken: frozenset[Field]) -> int:
        """What a record may still hold of these fields once they were taken, as a bit set."""
        return record.stuck

    def gone(self, service: Any) -> str:
        """The id of a record that the stand-in says it does not have."""
        not_given("gone")

    def requests(self, service: Any) -> int:
        """How many requests it had so far."""
        not_given("requests")

    def busy_once(self, service: Any) -> None:
        """The next request is asked for patience."""
        not_given("busy_once")

    def fail(self, service: Any) -> None:
        """From now on every request fails inside the service."""
        not_given("fail")

    def stop(self, service: Any) -> None:
        """From now on it is not there at all."""
        not_given("stop")

    def fail_half(self, service: Any) -> None:
        """From now on half of the records that are written together are refused."""
        not_given("fail_half")

    def lose_an_answer(self, service: Any) -> None:
        """The next write is carried out, and its answer lost."""
        not_given("lose_an_answer")

    def turn(self, service: Any, hours: int) -> None:
        """Its clock goes this much ahead."""
        not_given("turn")

    def pulled(self, platform: Platform) -> list[Record]:
        """Every record of the kind."""
        return [record for page in platform.pull(self.kind, since=None) for record in page.records]

    def some(self, platform: Platform, count: int = 6) -> list[Live]:
        """Records with something to take, fetched."""
        refs = [record.ref for record in self.pulled(platform) if self._to_take(record)]
        if type(self).fits_now is not PlatformHooks.fits_now:
            refs = [live.ref for live in lives_of(platform, refs) if self.fits_now(live)]
        found = lives_of(platform, refs[-count:])
        assert found
        return found

    def _to_take(self, record: Record) -> bool:
        if record.facts.balance or not self.fits(record):
            return False  # what is worth money is never written
        if self.action is Action.UNSUBSCRIBE:
            return record.facts.status == "subscribed"
        nothing = not self.fields or self.action is Action.DELETE
        return nothing or bool(self.fields & set(from_bits(record.present)))

    def tasks(self, lives: Sequence[Live]) -> list[Task]:
        """What to do to each of them."""
        return [Task(live=live, action=self.action, fields=self._of(live.record)) for live in lives]

    def _of(self, record: Record) -> frozenset[Field]:
        return self.fields & set(from_bits(record.present)) or frozenset({Field.EMAIL})

    def applied(self, platform: Platform, lives: Sequence[Live]) -> dict[Ref, Receipt]:
        """The receipts of doing it."""
        return by_ref(platform.apply(self.tasks(lives)))

    def pages(self, platform: Platform, since: str | None = None) -> Iterator[set[Ref]]:
        """The records of each page."""
        for page in platform.pull(self.kind, since=since):
            yield {record.ref for record in page.records}
