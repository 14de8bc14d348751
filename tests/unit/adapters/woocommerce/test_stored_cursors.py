"""The cursors that the ledger keeps of a pull of orders, whichever version wrote them."""

from typing import Any

import msgspec
import pytest

from adapters.woocommerce.pull.cursor import decoded, encoded

FIRST = {
    "start": "2026-01-02T03:04:05", "since": "2026-01-02T03:04:04", "full": True,
    "statuses": "pending,completed", "aside": "trash,auto-draft",
    "up": {"at": "2020-01-01T00:00:00", "seen": [1, 2]}, "down": {"at": "2025-01-01T00:00:00", "seen": [9]},
    "trash": {}, "changed": {}, "changed_trash": {}, "newest": "2025-12-31T00:00:00", "settled": {},
}  # fmt: skip
CHANGED = {
    "phase": "changed", "start": "2026-01-02T03:04:05", "statuses": "any", "aside": "trash",
    "up": {}, "down": {}, "trash": {"at": "2026-01-01T00:00:00", "over": True},
    "changed": {"at": "2026-01-02T00:00:00", "seen": [7], "inside": 2}, "changed_trash": {}, "passes": 1,
    "pages": 3, "next": "2026-01-02T00:00:00", "counted": 10, "uncounted": True, "expected": 5, "shown": 4,
    "missing": 1, "settled": {"at": "2026-01-01T00:00:00", "seen": [3, 4]},
}  # fmt: skip


@pytest.mark.parametrize("kept", [FIRST, CHANGED])
def test_a_cursor_of_an_earlier_version_is_kept_as_it_was(kept: dict[str, Any]) -> None:
    assert msgspec.json.decode(encoded(decoded(msgspec.json.encode(kept).decode()))) == kept
