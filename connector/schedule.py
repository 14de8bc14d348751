"""`gallra serve`: each shop on its cron expression; the only file that imports apscheduler."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from connector.errors import SettingsError

# A run that was missed (the machine was off) is made up for within this many seconds, once.
CATCH_UP = 24 * 3600
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def serve(paths: Sequence[Path], run: Callable[[Path], tuple[Any, str]], say: Callable[[str], None]) -> None:
    """Runs every shop on its schedule until told to stop; two runs of a shop never overlap.

    Raises SettingsError where no shop has a cron expression.
    """
    scheduler = BlockingScheduler(timezone="Europe/Stockholm")
    for path in paths:
        add(scheduler, path, run, say)
    if not scheduler.get_jobs():
        raise SettingsError(['schedule.cron: no shop has one. Write cron = "15 3 * * *" under [schedule].'])
    say(f"Serving {len(scheduler.get_jobs())} shops.")
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=True)


def trigger(cron: str) -> CronTrigger:
    """The times of a cron line as crontab(5) reads it: weekday 0 and 7 are Sunday.

    APScheduler counts Monday as 0, so numbers become names before it sees them.
    """
    minute, hour, day, month, weekday = cron.split()
    named = re.sub(r"(?<![\d/])[0-7](?!\d)", lambda number: WEEKDAYS[int(number[0])], weekday)
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=named, timezone="Europe/Stockholm"
    )


def add(
    scheduler: Any, path: Path, run: Callable[[Path], tuple[Any, str]], say: Callable[[str], None]
) -> None:
    """Puts one shop on its cron expression; a shop without one is left out, and said so."""
    import os

    from connector.settings import load_settings

    cron = load_settings(path, environ=os.environ).schedule.cron
    if cron is None:
        say(f"{path.name} has no [schedule] cron and is not served.")
        return

    def once() -> None:
        code, line = run(path)
        say(f"{path.name}: {line} (exit code {int(code)})")

    scheduler.add_job(
        once,
        trigger(cron),
        id=str(path),
        misfire_grace_time=CATCH_UP,
        coalesce=True,
        max_instances=1,
    )
