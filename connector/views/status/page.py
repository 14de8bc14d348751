"""A page of every shop: one self-contained table."""

from html import escape

from connector.report import basis
from connector.report.words import Words
from connector.views.status.model import Status


def as_html(rows: list[Status]) -> str:
    """A page of every shop: one self-contained table."""
    cells = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(str(value))}</td>"
            for value in (
                row.shop,
                row.fault or row.plan_state or "no plan",
                row.last_run or "never",
                " ".join(basis.closing(row.rests_on, {}, Words("en"))) or "nothing read",
                row.awaiting_approval,
                sum(w.count for w in row.waiting),
                row.overdue + (len(row.erasures.overdue) if row.erasures else 0),
                row.holds_past_review,
                row.next_due or "none",
            )
        )
        + "</tr>"
        for row in rows
    )
    heads = "".join(
        f"<th scope=col>{h}</th>"
        for h in (
            "Shop",
            "State",
            "Last run",
            "What was read",
            "Awaiting approval",
            "Waiting",
            "Overdue",
            "Holds past review",
            "Next date",
        )
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Gallra: status</title>"
        "<meta name=viewport content='width=device-width'><style>body{font:16px/1.5 system-ui;margin:2rem}"
        "table{border-collapse:collapse}"
        "td,th{padding:.4rem .8rem;border-bottom:1px solid #ccc;text-align:left}"
        f"</style><h1>Status</h1><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></html>"
    )
