"""`gallra serve`: each shop on its cron expression; the only file that imports apscheduler."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from connector.errors import GallraError, SettingsError
from connector.records import Value
from connector.serve.arriving import EVERY, Arrivals
from connector.serve.waiting import Find
from connector.settings import Settings
from connector.settings.cron import STOCKHOLM, runs_after

# A run that was missed (the machine was off) is made up for within this many seconds, once.
CATCH_UP = 24 * 3600

# Minutes between two looks for what monitors are still to be told; the first waits of the schedule are short.
RETRY_MINUTES = 5
AGAIN = "Mend it; a folder that is served is looked at again by itself."

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


class Folder(Value, frozen=True, kw_only=True):
    """A served folder: how its shops are found, and who is told of those whose webhooks are received."""

    place: Path
    find: Find
    hear: Callable[[Sequence[Path], Say], None]


def serve(
    paths: Sequence[Path], run: Run, say: Say, *, folder: Folder | None = None, between: Between | None = None
) -> None:
    """Runs every shop on its schedule until told to stop; two runs of a shop never overlap.

    Shops that come to the `folder`, or leave it, are served or dropped without a restart. Every few
    minutes `between` is called for each served shop that has monitors to tell.
    """
    scheduler = BlockingScheduler(timezone=STOCKHOLM)
    for path in paths:
        add(scheduler, path, run, say)
    say(f"Serving {len(scheduler.get_jobs())} shops.")
    if folder is not None:
        _look_for_others(scheduler, folder, run, say)
    if between is not None:
        _tell_monitors(scheduler, between, say)
    try:
        scheduler.start()
    except (KeyboardInterrupt, SystemExit):
        scheduler.shutdown(wait=True)


def _look_for_others(scheduler: Any, folder: Folder, run: Run, say: Say) -> None:
    """Has the folder glanced at as long as it is served."""

    def serve_now(found: Sequence[Path], tell: Say) -> None:
        keep(scheduler, found, run, tell)
        folder.hear([path for path in map(Path, _served(scheduler)) if path.exists()], tell)

    glance = Arrivals(folder.place, folder.find, serve_now, say).glance
    scheduler.add_job(glance, "interval", seconds=EVERY, coalesce=True, max_instances=1)


def keep(scheduler: Any, found: Sequence[Path], run: Run, say: Say) -> None:
    """Puts shops that came on their schedule, changed ones on their new one, and drops those that are gone.

    A served shop whose file cannot be read any more stays: its next run says so, and fails.
    """
    lines = _served(scheduler)
    for path in found:
        cron = _cron_of(path)
        if cron is not None and lines.get(str(path)) == cron:
            continue
        if str(path) in lines:
            scheduler.remove_job(str(path))
        add(scheduler, path, run, say)
        if cron is not None:
            say(f"{path.name} is served from now on: {cron}.")
    for path in map(Path, lines):
        if not path.exists():
            scheduler.remove_job(str(path))
            say(f"{path.name} is gone from the folder and is not served any more.")


def _served(scheduler: Any) -> dict[str, str]:
    """The cron line of each shop that is served, by its file."""
    return {job.id: job.trigger.line for job in scheduler.get_jobs() if isinstance(job.trigger, Crontab)}


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


def _tell_monitors(scheduler: Any, between: Between, say: Say) -> None:
    """Tells the monitors of each served shop what they have not taken yet; a fault is said."""

    def once() -> None:
        for path in map(Path, _served(scheduler)):
            for line in _told(path, between):
                say(f"{path.name}: {line}")

    scheduler.add_job(once, "interval", minutes=RETRY_MINUTES, coalesce=True, max_instances=1)


def _told(path: Path, between: Between) -> Sequence[str]:
    """What was said of one shop's monitors; its next run says what is wrong with its file."""
    try:
        has_monitors = bool(_settings_of(path).alerts.webhook)
    except GallraError:
        return ()
    try:
        return between(path) if has_monitors else ()
    except GallraError as fault:
        return (str(fault),)


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
                say(f"{path.name} is not served: {fault} {AGAIN}")
    if last is not None and not sound:
        raise last
    return sound
