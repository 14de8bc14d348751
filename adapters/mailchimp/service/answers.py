"""What Mailchimp's answers are believed for: lists that are lists, rows that are what was asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from adapters.http import CACHED, HTML, Answer
from connector.errors import Rejected
from connector.text.addresses import folded

NOT_FOUND = "resource_not_found"
NO_LIST = "no_list"
OTHER_ANSWER = "other_answer"
NO_CONTROL = "no_control"


class Listed(NamedTuple):
    """The rows of a list and the service's own count of them; None where it gave none."""

    rows: list[dict[str, Any]]
    total: int | None


def missing(error: Rejected) -> bool:
    """A 404 counts only with the service's own title; a web page or an empty one does not."""
    return error.status == 404 and error.code == NOT_FOUND


def unread(error: Rejected) -> bool:
    """Whether an answer says nothing of what was asked: a web page, no list, another's rows, a bare 404.

    Or a success where none belongs, or a copy that a cache kept.
    """
    stray = error.status == 404 and error.code != NOT_FOUND
    return (
        stray or 200 <= error.status < 300 or error.code in (HTML, CACHED, NO_LIST, OTHER_ANSWER, NO_CONTROL)
    )


def listed(answer: Answer, name: str, operation: str) -> Listed:
    """The rows under a name; an answer without such a list is no empty list."""
    body = answer.json()
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise Rejected(
            f"mailchimp: the answer to `{operation}` holds no list, so it is not believed. Run again; if it "
            "stays so, see what stands between this machine and Mailchimp (a proxy, a cache).",
            adapter="mailchimp", operation=operation, code=NO_LIST,
        )  # fmt: skip
    total = body.get("total_items")
    return Listed(rows, total if isinstance(total, int) and not isinstance(total, bool) else None)


def asked_for(
    rows: Iterator[dict[str, Any]], operation: str, mine: Callable[[Mapping[str, Any]], bool]
) -> list[str]:
    """The ids of rows, all of which must be what was asked for.

    Else a cache or a dropped filter answered something else, and what it leaves out is not gone.
    """
    found = list(rows)
    if not all(isinstance(row, dict) and is_id(row.get("id")) and mine(row) for row in found):
        raise other_answer(operation)
    return [row["id"] for row in found]


def other_answer(operation: str) -> Rejected:
    return Rejected(
        f"mailchimp: the answer to `{operation}` is not to what was asked, so it is not believed. Run again; "
        "if it stays so, see what stands between this machine and Mailchimp (a proxy, a cache).",
        adapter="mailchimp", operation=operation, code=OTHER_ANSWER,
    )  # fmt: skip


def no_control(operation: str) -> Rejected:
    """A filtered list that does not find what the whole list shows, so that its absences prove nothing."""
    return Rejected(
        f"mailchimp: `{operation}` does not find what the store's whole list shows, so its empty answers are "
        "not believed. Run again; if it stays so, see what stands between this machine and Mailchimp.",
        adapter="mailchimp", operation=operation, code=NO_CONTROL,
    )  # fmt: skip


def text_of(row: object, name: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    return value if isinstance(value, str) else ""


def address_of(text: str) -> str | None:
    """The address as the service writes it; None where it is none."""
    return text if folded(text) is not None else None


def customer_of(row: Mapping[str, Any]) -> object:
    customer = row.get("customer")
    return customer.get("id") if isinstance(customer, dict) else None


def is_id(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def body_of(answer: Answer) -> dict[str, Any]:
    body = answer.json()
    return body if isinstance(body, dict) else {}
