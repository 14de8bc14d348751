"""A cron line as crontab(5) reads it: one meaning for settings, `gallra serve` and any other scheduler."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

STOCKHOLM = ZoneInfo("Europe/Stockholm")

# crontab(5) knows numbers, names, ranges, lists and steps; cronsim takes `L`, `LW` and `#` beside.
_PART = re.compile(r"(\*|\d+|[a-z]{3}|(\d+|[a-z]{3})-(\d+|[a-z]{3}))(/\d+)?", re.IGNORECASE)
_SAMPLE = datetime(2026, 1, 1, tzinfo=STOCKHOLM)


def fault_of(line: str) -> str:
    """What is wrong with a cron line, in words that end no sentence; empty where nothing is."""
    fields = line.split()
    if len(fields) != 5:
        return f"it has {len(fields)} fields"
    if not all(_PART.fullmatch(part) for field in fields for part in field.split(",")):
        return "crontab(5) has only numbers, names of three letters, ranges, lists and steps"
    try:
        return "" if runs_after(line, _SAMPLE) else "no date ever matches it"
    except CronSimError as fault:
        return f"{str(fault).removeprefix('Bad ')} is out of range or the wrong way round"


def runs_after(line: str, after: datetime, zone: ZoneInfo = STOCKHOLM) -> datetime | None:
    """The first run after this instant; none where no date of the next 50 years matches.

    Day of month and weekday match together or either, as crontab(5) says; 0 and 7 are Sunday. A run at a
    set hour happens once on the night when the clocks change: at the hour's end where it is skipped, the
    first time where it comes twice. Raises CronSimError where the line is none.
    """
    for found in CronSim(line, after.astimezone(zone)):
        # Of an hour that comes twice, cronsim names the first, also when that is over.
        if found.astimezone(UTC) > after.astimezone(UTC):
            return found
    return None
