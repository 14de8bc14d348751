"""How often, and over how long, a shop has to refuse the app before it counts as no more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

RUNS = 3

SPREAD = timedelta(hours=48)


def is_enough(refused: Sequence[datetime]) -> bool:
    """Whether the shop has refused often enough, over long enough, to be no more."""
    return len(refused) >= RUNS and refused[-1] - refused[0] >= SPREAD


def so_far(refused: Sequence[datetime]) -> str:
    """What a person reads of a probe under way."""
    if not refused:
        return "it has not refused this app as uninstalled so far"
    return (
        f"refused as uninstalled on {len(refused)} of at least {RUNS} runs since {_minute(refused[0])}; the "
        f"ledger is wiped by the one that makes them {RUNS}, not before {_minute(refused[0] + SPREAD)}"
    )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
