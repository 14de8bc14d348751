"""What stops a run: a record whose money is not what it was before a write."""

from connector.errors import MoneyMoved


def money_moved(adapter: str, record: str, *, shows: str, operation: str, report: str = "it") -> MoneyMoved:
    """The error of a record that shows other money after a write; `record` is its kind and number."""
    kind = record.rpartition(" ")[0]
    return MoneyMoved(
        f"{adapter}: {record} shows {shows} after a write. Nothing more is written: compare the {kind} with "
        f"the books, then report {report}.",
        adapter=adapter, operation=operation, status=200, code="money_moved",
    )  # fmt: skip
