"""What a platform must hold to in what it says that it did, kind by kind."""

import logging
from typing import Any

import pytest

from connector.errors import RemoteError
from connector.ports import Ability, Gone, Live, Task
from connector.records import Action, Field, Outcome, from_bits
from connector.testing.records import PlatformHooks, by_ref, lives_of

LEFT_ALONE = frozenset({Outcome.DONE, Outcome.STOPPED})


class WritingSuite(PlatformHooks):
    """Each test is one fact of an apply."""

    def test_each_task_gets_one_receipt_and_a_second_time_is_already_gone(self, service: Any) -> None:
        platform = self.build(service)
        lives = self.some(platform)
        first = self.applied(platform, lives)
        assert first.keys() == {live.record.ref for live in lives}
        assert {receipt.outcome for receipt in first.values()} <= LEFT_ALONE
        looks = list(platform.fetch(list(first)))
        again = [look for look in looks if isinstance(look, Live)]
        if self.action is Action.DELETE:
            assert {type(look) for look in looks} == {Gone}
            assert self._outcomes(platform, lives) == {self.deleted_again}
        elif self.action is Action.UNSUBSCRIBE:
            assert self._outcomes(platform, again) == {Outcome.ALREADY_GONE}
        else:
            # What stands only where no call changes anything is a hand's.
            shown = [set(from_bits(live.record.present & ~live.record.stuck)) for live in again]
            assert not [fields for fields in shown if self.fields & fields]

    def _outcomes(self, platform: Any, lives: list[Live]) -> set[Outcome]:
        return {receipt.outcome for receipt in self.applied(platform, lives).values()}

    def test_no_value_of_a_person_reaches_a_log_or_an_error(
        self, service: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        platform = self.build(service)
        lives = self.some(platform, 4)
        values = {v for live in lives for name in ("email", "phone") for v in live.handles.get(name, ())}
        assert values
        list(platform.apply(self.tasks(lives)))
        self.fail(service)
        with pytest.raises(RemoteError) as raised:
            list(platform.fetch([live.record.ref for live in lives]))
        told = caplog.text + str(raised.value) + repr(lives) + repr(self.tasks(lives))
        assert not [value for value in values if value in told]


class FaultyWritesSuite(PlatformHooks):
    """Each test is one fact of an apply of which a part fails, or whose answer is lost."""

    def test_half_a_batch_that_fails_leaves_the_other_half_done(self, service: Any) -> None:
        platform = self.build(service)
        lives = self.some(platform)
        self.fail_half(service)
        receipts = self.applied(platform, lives)
        outcomes = [receipts[live.record.ref].outcome for live in lives]
        assert Outcome.DONE in outcomes
        assert Outcome.REFUSED in outcomes
        assert all(r.reason for r in receipts.values() if r.outcome is Outcome.REFUSED)

    def test_an_answer_that_was_lost_is_settled_and_nothing_is_done_twice(self, service: Any) -> None:
        platform = self.build(service)
        lives = self.some(platform, 3)
        self.lose_an_answer(service)
        receipts = self.applied(platform, lives)
        assert receipts.keys() == {live.record.ref for live in lives}
        assert {r.outcome for r in receipts.values()} <= {Outcome.DONE, Outcome.ALREADY_GONE}
        after = {live.ref: live.record for live in lives_of(platform, list(receipts))}
        for live in lives:
            record = after.get(live.record.ref)
            assert record is None or not self.fields & set(from_bits(record.present))


class RedactingSuite(PlatformHooks):
    """A kind of record of which the platform says that it can redact something."""

    def test_what_a_platform_says_it_can_redact_reads_back_empty(self, service: Any) -> None:
        platform = self.build(service)
        able = {f for f, a in platform.capabilities(self.kind).fields.items() if a is Ability.REDACT}
        given = {live: able & _shown(live) for live in self.some(platform, 40)}
        receipts = by_ref(platform.apply([
            Task(live=live, action=Action.REDACT, fields=frozenset(fields))
            for live, fields in given.items() if fields
        ]))  # fmt: skip
        asked = {live.ref: fields for live, fields in given.items()}
        tried: set[Field] = set()
        for look in platform.read_back(list(receipts), notes=frozenset(receipts)):
            receipt = receipts[look.ref]
            tried |= receipt.done
            if isinstance(look, Gone):  # nothing of anybody is left on it
                continue
            assert isinstance(look, Live)
            assert receipt.done | receipt.by_hand >= asked[look.ref]
            left = self._left(look, receipt.done) & (receipt.done - receipt.by_hand)
            assert not left, f"{self.kind} still shows {left}"
        assert tried

    def _left(self, live: Live, done: frozenset[Field]) -> set[Field]:
        """What a record still shows, but for what it rightly does."""
        return set(from_bits(live.record.present & ~self.rightly_left(live.record, done)))


def _shown(live: Live) -> set[Field]:
    """What a record has something of, as far as a fetch tells."""
    return set(from_bits(live.record.present | live.record.unread))
