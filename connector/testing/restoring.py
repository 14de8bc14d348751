"""What a platform must hold to that says it can put back what a redaction took."""

from typing import Any

from connector.ports import Ability, Back, Live, Restores, Task
from connector.records import Action, Field, Outcome, from_bits
from connector.testing.records import PlatformHooks, by_ref, lives_of


class RestoringSuite(PlatformHooks):
    """Each test is one fact of an undo; `least` are the fields that must come back in some record."""

    least: frozenset[Field]

    def test_what_a_redaction_took_comes_back_byte_for_byte(self, service: Any) -> None:
        platform = self.build(service)
        assert isinstance(platform, Restores)
        tasks = self._redactions(platform)
        copies = {task.ref: tuple(platform.overwritten(task)) for task in tasks}
        before = {task.ref: task.live for task in tasks}
        receipts = by_ref(platform.apply(tasks))
        tried = set[Field]()
        taken = lives_of(platform, [ref for ref in receipts if copies[ref]])
        for receipt in platform.restore([Back(live, copies[live.ref]) for live in taken]):
            assert receipt.outcome is Outcome.DONE, (receipt.outcome, receipt.reason)
        for live in lives_of(platform, [live.ref for live in taken]):
            kept = copies[live.ref]
            now = platform.now_in(live, kept)
            assert {one.place: now[one.place] for one in kept} == {one.place: one.before for one in kept}
            assert live.money == before[live.ref].money
            tried |= {field for one in kept for field in one.fields}
            assert set(from_bits(live.record.present)) >= self._whole(copies[live.ref], before[live.ref])
        assert tried >= self.least, f"never restored: {sorted(self.least - tried)}"

    def _whole(self, kept: Any, before: Live) -> set[Field]:
        """The fields that came back, of those that the record showed."""
        return {field for one in kept for field in one.fields} & set(from_bits(before.record.present))

    def test_a_second_restore_changes_nothing(self, service: Any) -> None:
        platform = self.build(service)
        assert isinstance(platform, Restores)
        tasks = self._redactions(platform)[:3]
        copies = {task.ref: tuple(platform.overwritten(task)) for task in tasks}
        list(platform.apply(tasks))
        shown = []
        for _ in range(2):
            backs = [Back(live, copies[live.ref]) for live in lives_of(platform, list(copies))]
            list(platform.restore(backs))
            lives = lives_of(platform, list(copies))
            shown.append([platform.now_in(live, copies[live.ref]) for live in lives])
        assert shown[0] == shown[1]

    def _redactions(self, platform: Any) -> list[Task]:
        able = {f for f, a in platform.capabilities(self.kind).fields.items() if a is Ability.REDACT}
        lives = self.some(platform, 40)
        given = {live: able & set(from_bits(live.record.present)) for live in lives}
        return [
            Task(live=live, action=Action.REDACT, fields=frozenset(fields))
            for live, fields in given.items()
            if fields
        ]


__all__ = ["RestoringSuite"]
