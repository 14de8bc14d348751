"""Reads and checks query parameters the way WordPress' REST schemas do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from sandbox.wire import Json, Request
from sandbox.woocommerce.errors import invalid_param

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LISTED = (
    "any", "trash", "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded",
    "failed", "checkout-draft",
)  # fmt: skip
WRITABLE = LISTED[2:]
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)?\Z")


def spoken(choices: Sequence[str]) -> str:
    """A list as WordPress writes it in messages: a, b, and c."""
    return f"{', '.join(choices[:-1])}, and {choices[-1]}" if len(choices) > 2 else " and ".join(choices)


def integer(
    request: Request, name: str, default: int, low: int | None = None, high: int | None = None
) -> int:
    """An integer within its bounds; raises the recorded 400s."""
    text = request.query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?\d+", text):
        raise invalid_param(name, f"{name} is not of type integer.", "rest_invalid_type", {"param": name})
    value = int(text)
    if low is not None and high is not None and not low <= value <= high:
        message = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        raise invalid_param(name, message, "rest_out_of_bounds")
    if low is not None and value < low:
        message = f"{name} must be greater than or equal to {low}"
        raise invalid_param(name, message, "rest_out_of_bounds")
    return value


def choice(request: Request, name: str, default: str, choices: Sequence[str]) -> str:
    """One word out of an enumeration."""
    value = request.query.get(name, default)
    if value not in choices:
        message = f"{name} is not one of {spoken(choices)}."
        raise invalid_param(name, message, "rest_not_in_enum")
    return value


def words(request: Request, name: str) -> list[str]:
    """A list parameter: comma separated, or name[]=a&name[]=b."""
    values = [
        value
        for key, value in parse_qsl(request.query_string, keep_blank_values=True)
        if key == name or re.fullmatch(re.escape(name) + r"\[\d*\]", key)
    ]
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def integers(request: Request, name: str) -> list[int]:
    """A list of ids."""
    found = words(request, name)
    for place, word in enumerate(found):
        if not word.lstrip("-").isdigit():
            message = f"{name}[{place}] is not of type integer."
            raise invalid_param(name, message, "rest_invalid_type", {"param": f"{name}[{place}]"})
    return [int(word) for word in found]


def statuses(request: Request, plugins: Sequence[str] = ()) -> frozenset[str]:
    """The order statuses asked for, of WooCommerce's and the plugins' own; empty means "any"."""
    asked = words(request, "status")
    known = (*LISTED, *plugins)
    for place, word in enumerate(asked):
        if word not in known:
            message = f"status[{place}] is not one of {spoken(known)}."
            raise invalid_param("status", message, "rest_not_in_enum")
    return frozenset() if "any" in asked else frozenset(asked)


def moment(request: Request, name: str) -> str | None:
    """A date bound as UTC text that compares with date_*_gmt.

    Shop time when it has no offset, UTC with dates_are_gmt or Z; an offset is honoured.
    """
    text = request.query.get(name)
    if text is None:
        return None
    try:
        if not _DATE_TIME.match(text):
            raise ValueError(text)
        value = datetime.fromisoformat(text.upper().replace(" ", "T"))
    except ValueError:
        raise invalid_param(name, "Invalid date.", "rest_invalid_date") from None
    if value.tzinfo is None:
        gmt = request.query.get("dates_are_gmt", "").lower() in ("true", "1", "yes")
        value = value.replace(tzinfo=UTC if gmt else STOCKHOLM)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which rows of a list are asked for."""

    page: int
    per_page: int
    offset: int | None

    @classmethod
    def of(cls, request: Request) -> "Window":
        """The window that page, per_page and offset ask for."""
        offset = integer(request, "offset", 0) if "offset" in request.query else None
        return cls(
            page=integer(request, "page", 1, 1),
            per_page=integer(request, "per_page", 10, 1, 100),
            offset=offset,
        )

    def cut(self, rows: list[Json]) -> list[Json]:
        """The rows in the window."""
        start = self.offset if self.offset is not None else (self.page - 1) * self.per_page
        return rows[start : start + self.per_page]


def narrow(request: Request, rows: list[Json]) -> list[Json]:
    """Applies include and exclude."""
    include, exclude = set(integers(request, "include")), set(integers(request, "exclude"))
    if include:
        rows = [row for row in rows if row["id"] in include]
    return [row for row in rows if row["id"] not in exclude] if exclude else rows
