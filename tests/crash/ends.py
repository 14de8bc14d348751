"""How a shop, its recipients, its ledger and its protocol stand at the end: what no crash may change."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.crash.world import World

# What each service holds; none of it may depend on how often a process ended.
HELD = {
    "woocommerce": (
        "orders", "customers", "notes", "refunds", "reviews", "coupons", "downloads", "stock", "mails",
    ),
    "shopify": (
        "orders", "customers", "draft_orders", "abandoned_checkouts", "gift_cards",
        "company_contacts", "erasures", "mails",
    ),
    "mailchimp": ("members", "forgotten", "customers", "orders", "carts", "puts"),
    "klarna": ("orders", "tokens", "misuse"),
    "kustom": ("orders", "tokens", "misuse"),
    "payson": ("checkouts", "misuse"),
    "postnord": ("shipments", "misuse"),
    "klaviyo": ("profiles", "deleted", "misuse"),
    "hotjar": ("addresses", "misuse"),
    "mondido": ("customers", "cards", "misuse"),
    "google-ads": ("hashed", "misuse"),
    "imap": ("messages", "misuse"),
    "google-analytics": ("users", "deleted", "misuse"),
}  # fmt: skip
# When something was written, and by what number a service named a row that it made.
MOMENTS = re.compile(r"date_modified|updated_?at|last_changed|timestamp", re.IGNORECASE)
DRAWN = re.compile(r"-[0-9a-f]{16}@redacted\.invalid")
# What tells of the way and not of the end: moments, numbers of rows, sealed bytes, how often it was tried.
OF_THE_WAY = frozenset({
    "id", "plan", "step", "record", "subject", "digest", "code", "created", "expires", "header", "version",
    "seen", "at", "value", "full_at", "ended_at", "sealed", "handle_digest", "tries", "not_before", "token",
    "detail", "since", "why", "seq", "hold", "unread", "facts", "mac", "seal", "wrapped", "closed",
    "done_at", "again_at",
})  # fmt: skip
FOUND = ("delivery", "task")
TABLES = (
    "cursor", "record", "identifier", "unread", "mark", "tally", "hold", "plan", "step", "approval",
    "delivery", "inbox", "binding", "turn", "erased", "objection", "task", "undo_copy",
    "request_answer", "request_letter",
)  # fmt: skip
# The chain's head, moments, and what the shop counts at a check, which a run taken up again makes anew.
OF_A_RUN = frozenset({
    "started", "ended", "digest", "code", "at", "valid_through", "expires", "created", "chain", "as_of",
    "head",
})  # fmt: skip
COUNTED_BY_THE_SHOP = frozenset({"customer_lookup"})


def end_of_services(world: "World") -> dict[str, Any]:
    """What every service holds, as JSON, without the moments at which it was written."""
    return {
        f"{name}.{part}": plain(getattr(service.shop, part))
        for name, service in world.box._services.items()
        for part in HELD[name]
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it; moments and what is drawn by chance left out."""
    if isinstance(value, Mapping):
        read = getattr(value, "read", value.__getitem__)
        return {str(name): plain(read(name)) for name in value if not MOMENTS.search(str(name))}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dict__"):
        return plain(vars(value))
    if isinstance(value, str):
        return DRAWN.sub("@redacted.invalid", value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def end_of_ledger(path: Path) -> dict[str, list[str]]:
    """The ledger's rows by table, each as text, without what tells of the way; sorted."""
    with sqlite3.connect(path) as ledger:
        ledger.row_factory = sqlite3.Row
        there = {name for (name,) in ledger.execute("select name from sqlite_master where type='table'")}
        rows = {table: _rows(ledger, table) for table in TABLES if table in there}
        # What was drawn anew and says the same took the place of its first draft: that is the way.
        rows["plan"] = _rows(ledger, "plan where state != 'replaced'")
        rows["together"] = _together(ledger)
        rows["handles left sealed"] = _rows(ledger, "delivery where sealed is not null")
    ledger.close()
    return rows


def _rows(ledger: sqlite3.Connection, table: str) -> list[str]:
    left_out = OF_THE_WAY - {"seen"} if table.startswith(FOUND) else OF_THE_WAY  # there it is a finding
    left_out |= {"number"} if table == "task" else frozenset()
    found = [dict(row) for row in ledger.execute(f"select * from {table}")]
    return sorted(
        repr({name: _text(value) for name, value in row.items() if name not in left_out}) for row in found
    )


def _text(value: Any) -> Any:
    """A body without the moments in it."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return re.sub(r'"(version|modified)":("[^"]*"|[0-9.]+)', "", text) if isinstance(text, str) else text


def _together(ledger: sqlite3.Connection) -> list[str]:
    """Which records are one person's."""
    people: dict[int, list[str]] = defaultdict(list)
    chosen = "select adapter, kind, remote_id, subject from record where subject is not null"
    for row in ledger.execute(chosen):
        people[row["subject"]].append(f"{row['adapter']} {row['kind']} {row['remote_id']}")
    return sorted(" + ".join(sorted(records)) for records in people.values())


def end_of_protocol(said: Any) -> Any:
    """What the protocol says, its counts above all, without when it was and which plan it was."""
    if isinstance(said, dict):
        return {name: end_of_protocol(value) for name, value in said.items() if name not in OF_A_RUN}
    if isinstance(said, list):
        ours = (
            one for one in said if not (isinstance(one, dict) and one.get("place") in COUNTED_BY_THE_SHOP)
        )
        return [end_of_protocol(one) for one in ours]
    return said


def differences(before: Any, after: Any, where: str = "") -> Iterable[str]:
    """Where two ends differ: places, and both values, shortened."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from differences(before.get(name), after.get(name), f"{where}/{name}")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, where)
        if len(before) != len(after):
            yield f"{where}: {len(before)} have become {len(after)}"
    elif before != after:
        yield f"{where}: {str(before)[:200]} has become {str(after)[:200]}"


def _lists(before: list[Any], after: list[Any], where: str) -> Iterable[str]:
    """What one list has and the other has not; two that begin alike are shown from where they part."""
    new = [str(one) for one in after if one not in before]
    for one in (str(one) for one in before if one not in after):
        like = max(new, key=lambda other: _alike(one, other), default="")
        at = max(0, _alike(one, like) - 60)
        if at > 120:
            new.remove(like)
            yield f"{where}: {one[:90]} … {one[at : at + 150]} has become {like[at : at + 150]}"
        else:
            yield f"{where}: no more {one[:400]}"
    yield from (f"{where}: new is {one[:400]}" for one in new)


def _alike(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    return at
