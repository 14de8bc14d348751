"""The public policy's text, fetched weekly where the shop's file says so; a change names its sentences.

What was seen lies as a file in the reports folder; the ledger keeps counts and a digest, never the text.
"""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from connector.ledger.events import POLICY_TEXT_SEEN
from connector.machine.files import write_text
from connector.records import Value
from connector.shop import Shop
from connector.text.plain_text import said
from connector.text.sentences import changed, sentences

EVERY = timedelta(days=7)

LONGEST = 1000
"""Characters of a sentence that are kept and compared; a page is written by others."""

_FILE = "policy-text-seen.txt"


class Change(Value, frozen=True, kw_only=True):
    """What went and came in the policy's text, on which day, and the file that names it."""

    on: date
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    file: str = ""

    def text(self) -> str:
        """The change for a person: every sentence that went or came."""
        lines = (*(f"- {one}" for one in self.gone), *(f"+ {one}" for one in self.came), "")
        return "\n".join(lines)


def is_time_to_look(shop: Shop) -> bool:
    """Whether the shop's file asks for it and a week has passed since the last look."""
    if shop.settings.policy.text_url is None or not shop.has_ledger:
        return False
    with shop.ledger.begin() as connection:
        looks = shop.ledger.events(connection, POLICY_TEXT_SEEN)
    return not looks or date.fromisoformat(looks[-1][1]["on"]) + EVERY <= shop.today


def fetch_and_compare(shop: Shop, fetch: Callable[[str], str]) -> Change | None:
    """Fetches the text and compares it with the one seen before; the change, if there is one."""
    url = shop.settings.policy.text_url
    assert url is not None
    now = tuple(said(one, longest=LONGEST) for one in sentences(fetch(str(url))))
    folder = shop.settings.reports.folder
    found = _write_and_compare(shop, folder / _FILE, now) if now else None
    with shop.ledger.begin() as connection:
        shop.ledger.event(
            connection,
            POLICY_TEXT_SEEN,
            on=shop.today.isoformat(),
            sentences=len(now),
            gone=len(found.gone) if found else 0,
            came=len(found.came) if found else 0,
            file=found.file if found else "",
            sha256=hashlib.sha256("\n".join(now).encode()).hexdigest(),
        )
    return found


def _write_and_compare(shop: Shop, seen: Path, now: tuple[str, ...]) -> Change | None:
    before = tuple(seen.read_text(encoding="utf-8").splitlines()) if seen.is_file() else None
    write_text(seen, "\n".join((*now, "")))
    gone, came = changed(before, now) if before is not None else ((), ())
    if not gone and not came:
        return None
    file = seen.with_name(f"policy-text-changed-{shop.today}.txt")
    found = Change(on=shop.today, gone=gone, came=came, file=file.name)
    write_text(file, found.text())
    return found
