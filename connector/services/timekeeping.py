"""What time it is: this machine's clock, held to those of the services.

A clock that runs ahead makes fields due that the law still keeps; so the earlier of two days is today,
and a difference of more than a day stops what would act on it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from connector.errors import ClockUnsure, PlanError
from connector.ledger import Ledger, service_clocks
from connector.ports import Clock, Platform, TellsTime

APART = timedelta(days=1)
OLD = timedelta(days=1)
_STEP = timedelta(minutes=5)  # a clock that is set right by NTP may step back a little


def note_clocks(ledger: Ledger, platforms: Iterable[Platform], clock: Clock) -> tuple[str, ...]:
    """Stores how far each service's clock is ahead of this machine's; returns those that told no time."""
    every = tuple(platforms)
    clocks = {one.name for one in every if isinstance(one, TellsTime)}
    told = {one.name: one.service_time() if isinstance(one, TellsTime) else None for one in every}
    now = clock()
    with ledger.begin() as connection:
        service_clocks.store(
            ledger, connection, {name: None if time is None else time - now for name, time in told.items()}
        )
    if any(told.values()):  # one that has no clock at all is held to those that have one
        return tuple(sorted(name for name in clocks if told[name] is None))
    return tuple(name for name, time in told.items() if time is None)


def behind(ledger: Ledger) -> timedelta:
    """How much earlier than this machine's clock it is at the service whose clock is furthest behind."""
    with ledger.begin() as connection:
        found = service_clocks.ahead(ledger, connection).values()
    return max([timedelta(), *(-one for one in found if one is not None)])


def earliest_now(ledger: Ledger, platform: object, clock: Clock) -> datetime:
    """The earlier of this machine's clock and the service's, which has just been asked.

    What lets something be forgotten once a time is over counts by it: a clock set ahead ends no wait.
    """
    now = clock()
    told = platform.service_time() if isinstance(platform, TellsTime) else None
    return min(now, told.astimezone(now.tzinfo)) if told is not None else now - behind(ledger)


def must_not_go_back(ledger: Ledger, now: datetime) -> None:
    """Refuses a clock that stands before the last pull. Raises ClockUnsure."""
    with ledger.begin() as connection:
        last = service_clocks.last_pull(ledger, connection)
    if last is not None and now < last - _STEP:
        raise ClockUnsure(
            "This machine's clock stands before the last pull, so nothing is planned or erased. Set it by "
            "NTP; where it is right now, run `gallra pull`, then this command again."
        )


def must_agree(ledger: Ledger) -> None:
    """Refuses clocks more than a day apart, as the last pull saw them. Raises ClockUnsure."""
    with ledger.begin() as connection:
        found = service_clocks.ahead(ledger, connection)
    far = sorted(name for name, ahead in found.items() if ahead is not None and abs(ahead) > APART)
    if far:
        raise ClockUnsure(
            f"This machine's clock and that of {', '.join(far)} are more than a day apart, so nothing is "
            "planned or erased. Set both by NTP, run `gallra pull`, then this command again."
        )


def must_have_pulled(ledger: Ledger) -> None:
    """Refuses a plan over a ledger that nothing was ever pulled into. Raises PlanError."""
    with ledger.begin() as connection:
        if service_clocks.last_pull(ledger, connection) is None:
            raise PlanError("Nothing has been read yet, so a plan rests on nothing. Run `gallra pull` first.")


def pull_is_old(ledger: Ledger, now: datetime) -> datetime | None:
    """When the last pull ended, where that is more than a day ago."""
    with ledger.begin() as connection:
        last = service_clocks.last_pull(ledger, connection)
    return last if last is not None and now - last > OLD else None


def refuse_old(last: datetime) -> bool:
    """Nobody is there to be asked. Raises PlanError."""
    raise PlanError(
        f"The last pull ended on {last:%Y-%m-%d %H:%M}, more than a day ago: a plan would rest on old facts. "
        "Run `gallra pull` first, or plan all the same with --old-pull."
    )
