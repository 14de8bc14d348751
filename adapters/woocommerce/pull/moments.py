"""From when on a pull reads: the shop's own time, with margins for clocks that differ."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from adapters.http import Answer
from adapters.woocommerce.dates import shift

# Clocks of web server and PHP may differ, and a save takes a moment from its date to its commit.
START_MARGIN = timedelta(minutes=15)
_END_MARGIN = timedelta(seconds=10)
# A shop's PHP and the server that writes the Date header may run on clocks that differ, the worst of them
# by less than two days.
SKEW = timedelta(minutes=15)
_WORST_SKEW = timedelta(days=2)


def before(answer: Answer, margin: timedelta) -> str:
    """The shop's own time when the question was asked, less a margin, as naive UTC text."""
    try:
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (TypeError, ValueError):
        now = datetime.now(UTC) - timedelta(hours=1)  # a shop that tells no time: read an hour again
    asked = now - timedelta(seconds=answer.elapsed) - margin
    return asked.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def next_start(newest: str, answer: Answer) -> str:
    """Where the next pull begins: just before the newest change seen when this pass began.

    Every later change is dated after it by the same clock, whatever the Date header says; behind it where
    it is older than any skew. A change that is dated ahead of the Date header moves nothing on.
    """
    long_ago = before(answer, _WORST_SKEW)
    if newest < long_ago:
        return shift(newest, 1) if newest else long_ago
    return min(before(answer, _END_MARGIN), just_before(newest))


def just_before(moment: str) -> str:
    """So long before a moment that what was saved up to it is all there."""
    return shift(moment, -int(_END_MARGIN.total_seconds()))
