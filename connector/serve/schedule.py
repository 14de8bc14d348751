"""`gallra serve`: each shop on its cron expression; the only file that imports apscheduler."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from connector.errors import GallraError, SettingsError
from connector.settings import Settings
from connector.settings.cron import STOCKHOLM, runs_after

# A run that was missed (the machine was off) is made up for within this many seconds, once.
CATCH_UP = 24 * 3600

# Minutes between two looks for what monitors are still to be told; the first waits of the schedule are short.
RETRY_MINUTES = 5

Run = Callable[[Path], tuple[Any, str]]
Between = Callable[[Path], Sequence[str]]
Say = Callable[[str], None]


class Crontab(BaseTrigger):  # type: ignore[misc]
    """Hands APScheduler one date at a time; its own cron trigger counts weekdays from Monday."""

    def __init__(self, line: str) -> None:
        self.line = line

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The run after the last one, or after now where there was none."""
        return runs_after(self.line, previous_fire_time or now)


trigger = Crontab


def serve(paths: Sequence[Path], run: Run, say: Say, *, between: Between | None = None) -> None:
    """Runs every shop on its schedule until told to stop; two runs of a shop never overlap.

    `between` is called every few minutes for each shop that has monitors to tell.
    """
    scheduler = BlockingScheduler(timezone=STOCKHOLM)
    for path in paths:
        add(scheduler, path, run, say)
    say(f"Serving {len(scheduler.get_jobs())} shops.")
    for path in paths if between else ():
        if between and _settings_of(path).alerts.webhook:
            _add_between(scheduler, path, between, say)
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=True)


def add(scheduler: Any, path: Path, run: Run, say: Say) -> None:
    """Puts one shop on its cron expression; a shop without one is left out, and said so."""
    cron = _cron_of(path)
    if cron is None:
        say(f"{path.name} has no [schedule] cron and is not served.")
        return

    def once() -> None:
        code, line = run(path)
        say(f"{path.name}: {line} (exit code {int(code)})")

    scheduler.add_job(
        once,
        Crontab(cron),
        id=str(path),
        misfire_grace_time=CATCH_UP,
        coalesce=True,
        max_instances=1,
    )


def _add_between(scheduler: Any, path: Path, between: Between, say: Say) -> None:
    """Tells a shop's monitors what they have not taken yet; a fault is said, and tried again."""

    def once() -> None:
        try:
            lines = between(path)
        except GallraError as fault:
            lines = (str(fault),)
        for line in lines:
            say(f"{path.name}: {line}")

    scheduler.add_job(
        once, "interval", minutes=RETRY_MINUTES, id=f"{path} monitors", coalesce=True, max_instances=1
    )


def must_have_schedule(paths: Sequence[Path]) -> None:
    """Raises SettingsError where no shop has a cron expression."""
    if all(_cron_of(path) is None for path in paths):
        raise SettingsError(['schedule.cron: no shop has one. Write cron = "15 3 * * *" under [schedule].'])


def _cron_of(path: Path) -> str | None:
    return _settings_of(path).schedule.cron


def _settings_of(path: Path) -> Settings:
    from connector.settings import load_settings

    return load_settings(path, environ=os.environ)


def sound_only(paths: Sequence[Path], opens: Callable[[Path], object], say: Say) -> list[Path]:
    """The shops that can be served; of several, one that cannot is named and left out.

    Raises the last shop's own error where none can.
    """
    sound: list[Path] = []
    last: GallraError | None = None
    for path in paths:
        try:
            opens(path)
            sound.append(path)
        except GallraError as fault:
            last = fault
            if len(paths) > 1:
                say(f"{path.name} is not served: {fault} Mend it, then start `gallra serve` again.")
    if last is not None and not sound:
        raise last
    return sound
