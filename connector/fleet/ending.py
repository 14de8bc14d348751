"""What the end of a run means for the next: when the shop is due again, and for what. Pure."""

from datetime import datetime, timedelta

from connector.errors import Exit
from connector.records import Value
from connector.settings.cron import runs_after

NIGHTLY = "nightly"
"""What a shop is due for by its cron line."""

# Seconds until a run that was put off comes back, where nobody said when.
_FIRST, _MOST = 60.0, 3600.0
_DOUBLED_MOST = 6


class Ran(Value, frozen=True, kw_only=True):
    """How one run ended: its exit code, its line, and after how many seconds a service wants it back."""

    code: Exit
    line: str
    after: float | None = None


class Next(Value, frozen=True, kw_only=True):
    """When a shop is due again (none where no cron line says), for what, and how often it was put off."""

    due: datetime | None
    wants: str = NIGHTLY
    tries: int = 0


def next_of(ran: Ran, *, cron: str | None, now: datetime, purpose: str, tries: int) -> Next:
    """When the shop is due again after this run, for which it was due because of `purpose`.

    A run that was put off (75) comes back when the service said, or after a minute, two, four … up to an
    hour, and for the same purpose; never later than the cron line. Any other code waits for the cron line:
    what a person must do (4, 5, 6), and what failed (1), the status shows until the next run.
    """
    planned = runs_after(cron, now) if cron else None
    if ran.code is not Exit.TRY_LATER:
        return Next(due=planned)
    wait = _FIRST * 2 ** min(tries, _DOUBLED_MOST) if ran.after is None else max(ran.after, _FIRST)
    back = now + timedelta(seconds=min(wait, _MOST) if ran.after is None else wait)
    if planned is not None and planned <= back:
        return Next(due=planned, tries=tries + 1)
    return Next(due=back, wants=purpose, tries=tries + 1)
