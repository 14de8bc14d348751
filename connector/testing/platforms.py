"""What a platform must hold to: for one kind of record, and for the platform itself."""

from datetime import UTC, datetime
from typing import Any

from connector.ports import Identified, TellsTime
from connector.testing.reading import ReadingSuite
from connector.testing.records import PlatformHooks
from connector.testing.writing import FaultyWritesSuite, RedactingSuite, WritingSuite


class PlatformSuite(ReadingSuite, WritingSuite, FaultyWritesSuite, RedactingSuite):
    """One kind of record, held to all of it; a kind of which less can be done takes the suites it can."""


class ItselfSuite(PlatformHooks):
    """The platform itself, whatever it holds."""

    def test_a_platform_says_which_shop_it_is_and_what_time_it_is_there(self, service: Any) -> None:
        """Without both, a ledger could be carried out on a copy, or by a clock that runs ahead."""
        platform = self.build(service)
        self.turn(service, -5)
        assert isinstance(platform, Identified)
        assert isinstance(platform, TellsTime)
        assert all(platform.identity().ids.values())
        told = platform.service_time()
        assert told is not None
        assert abs((told - datetime.now(UTC)).total_seconds() + 5 * 3600) < 60
