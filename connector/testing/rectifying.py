"""What a platform must hold to that says it can put right what a person says is wrong."""

from typing import Any, NamedTuple

import pytest

from connector.errors import RemoteError
from connector.ports import Back, Kept, Live
from connector.ports.rectifying import Part, Rectifies
from connector.records import Outcome
from connector.testing.records import PlatformHooks, lives_of

VALUES = {
    Part.EMAIL: "ratt.adress@kund.example", Part.PHONE: "+46701740605", Part.SHIPPING_PHONE: "+46701740606",
    Part.BILLING_POSTCODE: "114 55", Part.SHIPPING_POSTCODE: "114 56",
}  # fmt: skip
"""What is given of each part; of any other a word of its own."""


def _value(part: Part) -> str:
    return VALUES.get(part, f"Rätt {part.within}")


class _Asked(NamedTuple):
    live: Live
    part: Part
    kept: Kept


class RectifyingSuite(PlatformHooks):
    """Each test is one fact of a rectification; `settable` are the parts that a call sets."""

    settable: frozenset[Part]

    def test_what_is_put_right_stands_there_and_nothing_else_has_moved(self, service: Any) -> None:
        platform = self._platform(service)
        tried = set[Part]()
        for part in Part:
            for one in self._asked(platform, part)[:1]:
                before = self._all(platform, one.live)
                receipts = list(platform.restore([Back(one.live, (one.kept,))]))
                assert [(each.outcome, each.reason) for each in receipts] == [(Outcome.DONE, "")]
                (now,) = lives_of(platform, [one.live.ref])
                assert platform.now_in(now, [one.kept])[one.kept.place] == one.kept.before
                assert now.money == one.live.money, part
                after = self._all(platform, now)
                moved = {place for place in before if before[place] != after[place]}
                assert moved <= {one.kept.place}, part
                tried.add(part)
        assert tried == self.settable

    def _platform(self, service: Any) -> Any:
        platform = self.build(service)
        assert isinstance(platform, Rectifies)
        return platform

    def _asked(self, platform: Any, part: Part) -> list[_Asked]:
        """The records of which a call sets this part."""
        asked = [(live, platform.to_rectify(live, part, _value(part))) for live in self.some(platform)]
        return [_Asked(live, part, kept) for live, kept in asked if kept is not None]

    def _all(self, platform: Any, live: Live) -> dict[str, str]:
        """What stands in every place that a call sets."""
        found = [platform.to_rectify(live, part, "") for part in Part]
        return {one.place: one.after for one in found if one is not None}

    def test_a_second_try_changes_nothing(self, service: Any) -> None:
        platform = self._platform(service)
        part = min(self.settable)
        one = self._asked(platform, part)[0]
        shown = []
        for _ in range(2):
            live = lives_of(platform, [one.live.ref])[0]
            assert {each.outcome for each in platform.restore([Back(live, (one.kept,))])} == {Outcome.DONE}
            live = lives_of(platform, [one.live.ref])[0]
            shown.append((self._all(platform, live), live.money))
        assert shown[0] == shown[1]

    def test_it_says_what_stands_there_before_it_is_written(self, service: Any) -> None:
        platform = self._platform(service)
        for part in self.settable:
            for one in self._asked(platform, part):
                assert platform.now_in(one.live, [one.kept])[one.kept.place] == one.kept.after
                assert one.kept.before.startswith('"')
                assert one.kept.fields == part.fields

    def test_no_value_stands_in_an_error_a_log_or_a_receipt(
        self, service: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        platform = self._platform(service)
        part = max(self.settable)
        one, value = self._asked(platform, part)[0], _value(part)
        self.fail(service)
        with pytest.raises(RemoteError) as raised:
            list(platform.restore([Back(one.live, (one.kept,))]))
        assert value not in caplog.text + str(raised.value) + repr(vars(raised.value)) + repr(one.kept)


__all__ = ["RectifyingSuite"]
