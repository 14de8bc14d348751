"""One browser for all pages; they are collected by `make browser` alone."""

import os
from collections.abc import Iterator

import pytest

from tests.browser.chromium import FOUND, Browser, chromium

# A bare clone has no browser, and `make test` skips nothing; what makes the pages fit is tested there too.
collect_ignore_glob = [] if "GALLRA_BROWSER" in os.environ else ["test_*.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; skipped where there is none."""
    if FOUND is None:
        pytest.skip("there is no Chromium on this machine")
    with chromium() as found:
        yield found
