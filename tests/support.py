"""Where the tests find the shared folder of recordings and schedules."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """The shared folder; skips the test, with the reason, where it is absent (fails in CI)."""
    folder = Path(os.environ.get("GALLRA_SHARED", REPOSITORY.parent / "shared"))
    if folder.is_dir():
        return folder
    reason = f"no shared folder at {folder.name!r} beside the project; set GALLRA_SHARED to its place"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
