"""What a route is handed, and how a list is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import msgspec

from sandbox.faults import Fault
from sandbox.wire import Answer, Json, Request
from sandbox.woocommerce.errors import rest_error
from sandbox.woocommerce.params import Window
from sandbox.woocommerce.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated request to a route, with the numbers in its path and the shop."""

    request: Request
    shop: Shop
    ids: tuple[Any, ...]
    base: str  # "https://host/wp-json"
    fault: Fault | None

    def link(self, path: str) -> str:
        """The address of a path below wc/v3."""
        return f"{self.base}/wc/v3/{path}"

    def body(self) -> Json:
        """The JSON body, or the form parameters. Raises the recorded 400 for JSON that is none."""
        if not self.request.body:
            return dict(self.request.query)
        try:
            decoded = self.request.json()
        except msgspec.DecodeError:
            raise rest_error(
                400, "rest_invalid_json", "Invalid JSON body passed.",
                json_error_code=4, json_error_message="Syntax error",
            ) from None  # fmt: skip
        return decoded if isinstance(decoded, dict) else {}

    def forced(self) -> bool:
        """Whether force is set, in the query or in the body."""
        value = self.request.query.get("force")
        if value is None and self.request.body:
            value = self.body().get("force")
        return str(value).lower() in ("1", "true")


def paged(
    call: Call, rows: list[Json], show: Callable[[Json], Json], *, empty_beyond: bool = True,
    extra: tuple[tuple[str, str], ...] = (),
) -> Answer:  # fmt: skip
    """One page of rows with WordPress' totals and links.

    `empty_beyond`: past the last page WooCommerce's order-like lists answer a total of 0, its account
    list the true one.
    """
    window = Window.of(call.request)
    chosen = window.cut(rows)
    total = 0 if empty_beyond and not chosen else len(rows)
    pages = -(-total // window.per_page)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    if links := _links(call, window.page, pages, extra):
        headers["Link"] = links
    return Answer(200, [show(row) for row in chosen], headers, rows=len(chosen))


def _links(call: Call, page: int, pages: int, extra: tuple[tuple[str, str], ...]) -> str:
    """The Link header; like the real one it repeats the whole query, a spent OAuth signature included."""
    found = []
    if page > 1:
        found.append(f'<{_page_address(call, min(page - 1, pages), extra)}>; rel="prev"')
    if page < pages:
        found.append(f'<{_page_address(call, page + 1, extra)}>; rel="next"')
    return ", ".join(found)


def _page_address(call: Call, page: int, extra: tuple[tuple[str, str], ...]) -> str:
    asked = call.request.query
    pairs = [(name, str(page) if name == "page" else value) for name, value in asked.items()]
    pairs += [pair for pair in extra if pair[0].split("[")[0] not in asked]
    if "page" not in asked:
        pairs.append(("page", str(page)))
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    host, _, _ = call.base.partition("/wp-json")
    return f"{host}{call.request.path}?{query}"


def with_links(row: Json, links: Json) -> Json:
    """A row with its `_links`."""
    return {**row, "_links": links}


def href(address: str, **more: Any) -> list[Json]:
    """One link."""
    return [{**more, "href": address}]


def self_link(address: str, allow: tuple[str, ...] | None) -> list[Json]:
    """The link to a row itself, with what may be done to it."""
    return [{"href": address, "targetHints": {"allow": list(allow)}}] if allow else [{"href": address}]


def sorted_rows(rows: list[Json], key: str, *, descending: bool) -> list[Json]:
    """Rows by one of their values, ids breaking ties; rows without a value come first in ascending order."""
    return sorted(rows, key=lambda row: (row[key] or "", row["id"]), reverse=descending)
