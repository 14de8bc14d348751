"""Whether an answer is the service's own, by its headers, and what time it tells."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_CACHED = ("hit", "stale", "updating", "revalidated")
_OLDEST = datetime(2020, 1, 1, tzinfo=UTC)  # a server that has lost its clock counts from 1970
_FROM_CACHE = re.compile(r"(?<![a-z=])(?:hit|stale|updating)\b", re.IGNORECASE)


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The service's clock when it answered (RFC 9110 §6.6.1); None where a cache may have answered.

    A cache says so by `Age` (RFC 9111 §5.1), by `Cache-Status` (RFC 9211) or by a header of its own.
    """
    for name, value in headers.items():
        lowered = name.lower()
        told = lowered != "cache-control" and "cache" in lowered and any(w in value.lower() for w in _CACHED)
        if lowered == "age" or told or (lowered == "x-varnish" and len(value.split()) > 1):
            return None
    try:
        found = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    return moment if moment >= _OLDEST else None


def from_cache(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is a kept copy: by an age, or a hit, of any cache on the way.

    A copy that the cache had confirmed by the service (`revalidated`) and a miss are fresh.
    """
    for name, value in headers.items():
        lowered = name.lower()
        aged = lowered == "age" and value.strip().isdigit() and int(value) > 0
        told = lowered != "cache-control" and "cache" in lowered and _FROM_CACHE.search(value)
        if aged or told or (lowered == "x-varnish" and len(value.split()) > 1):
            return True
    return False
