"""What a platform must hold to that says by which channels mailings may reach somebody, and can end them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from connector.errors import RemoteError
from connector.ports import Live, Platform, Receipt, Task, WithdrawsConsent
from connector.ports.consents import CHANNELS, given
from connector.records import Action, Field, Outcome, Ref
from connector.testing.hooks import not_given
from connector.testing.records import PlatformHooks, by_ref, lives_of

_SAYS_ENDED = frozenset({Outcome.STOPPED, Outcome.ALREADY_GONE})


class ConsentSuite(PlatformHooks):
    """Each test is one fact of ending mailings on one kind of record; `channels` are those it may state."""

    action = Action.UNSUBSCRIBE
    channels: frozenset[str]

    by_hand: frozenset[str] = frozenset()
    """Channels that the service shows and that none of its calls ends."""

    def say_yes(self, service: Any) -> None:
        """Some records of the kind say yes by every one of these channels."""
        not_given("say_yes")

    def test_it_says_of_which_kinds_it_can_end_mailings_and_by_which_channels(self, service: Any) -> None:
        platform = self.build(service)
        assert isinstance(platform, WithdrawsConsent)
        assert self.kind in platform.consents_of
        assert self.kind in platform.kinds
        self.say_yes(service)
        stated = {one.channel for live in self._mailed(platform, 10**6) for one in _facts(live)}
        assert stated == self.channels <= set(CHANNELS)

    def test_a_channel_ends_alone_and_the_next_look_shows_it(self, service: Any) -> None:
        platform = self.build(service)
        for channel in sorted(self.channels - self.by_hand):
            self.say_yes(service)
            lives = [one for one in self._mailed(platform) if channel in _given(one)]
            assert lives
            receipts = self._ended(platform, lives, channel)
            assert {one.outcome for one in receipts.values()} == {Outcome.STOPPED}
            before = {live.ref: _given(live) for live in lives}
            assert self._now(platform, lives) == {ref: had - {channel} for ref, had in before.items()}

    def test_where_no_channel_is_named_every_one_ends(self, service: Any) -> None:
        platform = self.build(service)
        self.say_yes(service)
        lives = [one for one in self._mailed(platform, 60) if not _given(one) & self.by_hand]
        receipts = self._ended(platform, lives)
        assert {one.outcome for one in receipts.values()} == {Outcome.STOPPED}
        assert not set().union(*self._now(platform, lives).values())

    def test_a_channel_that_no_call_ends_is_left_to_a_hand_and_the_others_end(self, service: Any) -> None:
        if not self.by_hand:
            not_given("by_hand")
        platform = self.build(service)
        self.say_yes(service)
        lives = [one for one in self._mailed(platform) if _given(one) & self.by_hand]
        assert lives
        for live in lives:
            receipt = self._ended(platform, [live])[live.ref]
            assert receipt.outcome is Outcome.REFUSED
            assert receipt.still_given.keys() == _given(live) & self.by_hand
            assert receipt.reason
            assert receipt.places
        assert all(now <= self.by_hand for now in self._now(platform, lives).values())

    def test_who_is_not_mailed_is_already_gone_and_nothing_is_written(self, service: Any) -> None:
        platform = self.build(service)
        self.say_yes(service)
        free = [one for one in self._mailed(platform, 60) if not _given(one) & self.by_hand]
        self._ended(platform, free)
        again = lives_of(platform, [live.ref for live in free])
        before = {live.ref: live.record.version for live in again}
        receipts = self._ended(platform, again)
        assert {one.outcome for one in receipts.values()} <= {Outcome.ALREADY_GONE}
        assert {live.ref: live.record.version for live in lives_of(platform, list(before))} == before

    def test_nothing_else_of_a_record_is_changed(self, service: Any) -> None:
        platform = self.build(service)
        self.say_yes(service)
        lives = self._mailed(platform)
        before = {live.ref: _beside(live) for live in lives}
        self._ended(platform, lives)
        after = {live.ref: _beside(live) for live in lives_of(platform, list(before))}
        assert after == {ref: before[ref] for ref in after}

    def test_no_answer_makes_it_say_ended_of_a_channel_that_lives(self, service: Any) -> None:
        """An answer is lost, or half of a batch refused: what was ended is called so, and nothing else."""
        platform = self.build(service)
        for fault in (self.lose_an_answer, self.fail_half):
            self.say_yes(service)
            lives = self._mailed(platform)
            fault(service)
            receipts: dict[Ref, Receipt] = {}
            with suppress(RemoteError):  # the steps stay begun then, and the next run reads them
                receipts = self._ended(platform, lives)
            self.well(service)
            now = self._now(platform, lives)
            ended = {ref for ref, one in receipts.items() if one.outcome in _SAYS_ENDED}
            assert not [ref for ref in ended if now[ref] - self.by_hand]

    def well(self, service: Any) -> None:
        """No fault is left."""
        not_given("well")

    def _mailed(self, platform: Platform, count: int = 6) -> list[Live]:
        """Records that say yes, fetched; those first that do so by most channels."""
        yes = [one for one in self.pulled(platform) if given(one.facts.consents)]
        yes.sort(key=lambda one: len(given(one.facts.consents)), reverse=True)
        found = lives_of(platform, [one.ref for one in yes[:count]])
        assert found
        return found

    def _ended(self, platform: Platform, lives: Sequence[Live], *channels: str) -> dict[Ref, Receipt]:
        """The receipts of ending these channels, or all."""
        return by_ref(platform.apply([
            Task(
                live=live, action=Action.UNSUBSCRIBE, fields=frozenset({Field.ACCOUNT}),
                channels=frozenset(channels),
            )
            for live in lives
        ]))  # fmt: skip

    def _now(self, platform: Platform, lives: Sequence[Live]) -> dict[Ref, frozenset[str]]:
        """The channels by which mailings may come now; none of what is no record of the kind any more."""
        there = {one.ref: _given(one) for one in lives_of(platform, [live.ref for live in lives])}
        return {live.ref: there.get(live.ref, frozenset()) for live in lives}


def _facts(live: Live) -> Any:
    return live.record.facts.consents


def _given(live: Live) -> frozenset[str]:
    return given(live.record.facts.consents)


def _beside(live: Live) -> tuple[Any, ...]:
    record = live.record
    return record.present, record.identifiers, record.label, live.handles, live.money
