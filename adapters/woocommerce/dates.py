"""WooCommerce's dates: naive UTC text in, Stockholm dates out."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from connector.calendar import to_date


@lru_cache(maxsize=8192)
def to_stockholm(gmt: str | None) -> date | None:
    """The Stockholm date of a `date_*_gmt` text (schedule §2.1); None where there is none."""
    if not gmt:
        return None
    try:
        moment = datetime.fromisoformat(gmt)
        return to_date(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def from_unix(seconds: object) -> date | None:
    """The Stockholm date of a Unix time, as `wc_last_active` holds it; None for nonsense."""
    try:
        number = int(str(seconds))
    except ValueError:
        return None
    if not 0 < number < 4102444800:  # 2100-01-01
        return None
    return to_date(datetime.fromtimestamp(number, UTC))


_MILLISECONDS = 13  # digits of a Unix time that counts them


def any_date(value: object) -> date | None:
    """The date of a plugin's value: a Unix time, an ISO date, or a moment; one without a zone is the shop's.

    None for any other form: a day that cannot be read is never guessed.
    """
    text = str(value or "").strip()
    if not text:
        return None
    if text.isdigit() and len(text) >= 9:
        return from_unix(text[:10] if len(text) == _MILLISECONDS else text)
    try:
        moment = datetime.fromisoformat(text)
        return to_date(moment) if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None


def shift(gmt: str, seconds: int) -> str:
    """A naive UTC text moved by some seconds."""
    return (datetime.fromisoformat(gmt) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def naive(value: object) -> str:
    """A `date_*_gmt` as naive UTC text to the second, to compare and count by; empty for nonsense."""
    if not isinstance(value, str) or not value:
        return ""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return ""
    # A day from either end of the calendar, so that it can be shifted.
    return moment.isoformat(timespec="seconds") if 1 < moment.year < 9999 else ""
