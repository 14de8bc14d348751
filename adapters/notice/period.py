"""When a letter leaves: at once, on the first of the next month, or of the next year."""

from datetime import date
from typing import Literal

Period = Literal["monthly", "at_once", "yearly"]


def collecting(today: date, period: Period) -> str:
    """The period whose lines are collected today: `2026-11`, or `2026` for a yearly letter."""
    return f"{today:%Y}" if period == "yearly" else f"{today:%Y-%m}"


def leaves(collected: str) -> date:
    """The day on which the letter of a period is written: the first after it."""
    year, _, month = collected.partition("-")
    if not month or month == "12":
        return date(int(year) + 1, 1, 1)
    return date(int(year), int(month) + 1, 1)


def token_of(code: str, collected: str) -> str:
    """What the ledger keeps of a delivery that waits for its letter."""
    return f"letter:{code}:{collected}"


def collected_of(token: str, code: str) -> str:
    """The period that a token names; empty where it is not this recipient's."""
    head = f"letter:{code}:"
    return token.removeprefix(head) if token.startswith(head) else ""
