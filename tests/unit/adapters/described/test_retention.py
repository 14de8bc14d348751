"""What a service says of how long it keeps, held against what the shop has promised."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.ports import Problem
from sandbox.box import Sandbox
from tests.unit.adapters.described.told import built


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=2, orders=2, today=date(2026, 11, 22)) as box:
        yield box


def found(box: Sandbox, folder: Path, promised: int | None) -> dict[str, Problem]:
    own = {key: getattr(box.google_analytics, key) for key in ("url", "property", "key")}
    access = built("google-analytics", folder, **own, copy_months=promised).check()
    assert access.can_read
    return {f"{one.code}:{'event' in one.en}": one for one in access.problems if "retention" in one.code}


def test_a_setting_longer_than_the_promise_is_an_error_that_says_both(box: Sandbox, tmp_path: Path) -> None:
    told = found(box, tmp_path, 12)
    assert told.keys() == {"retention_longer:True", "retention_held:False"}
    longer = told["retention_longer:True"]
    assert longer.severity == "error"
    assert "14 months, and 12 are promised" in longer.en
    assert "14 månader, och 12 är utlovade" in longer.sv


@pytest.mark.parametrize("promised", [14, 26])
def test_a_setting_within_the_promise_is_told_as_that(box: Sandbox, tmp_path: Path, promised: int) -> None:
    assert found(box, tmp_path, promised).keys() == {"retention_held:True", "retention_held:False"}


def test_without_a_promise_the_setting_is_said_and_nothing_is_judged(box: Sandbox, tmp_path: Path) -> None:
    told = found(box, tmp_path, None)
    assert {one.severity for one in told.values()} == {"info"}
    assert told.keys() == {"retention_unpromised:True", "retention_unpromised:False"}


def test_a_word_that_nobody_knows_is_never_taken_for_a_good_one(box: Sandbox, tmp_path: Path) -> None:
    box.google_analytics.shop.events = "ONE_CENTURY"
    assert found(box, tmp_path, 14)["retention_unread:True"].severity == "warning"


def test_a_time_that_begins_anew_with_every_visit_is_told(box: Sandbox, tmp_path: Path) -> None:
    box.google_analytics.shop.anew = True
    assert "retention_anew:False" in found(box, tmp_path, 14)


def test_a_key_that_is_refused_says_nothing_of_the_setting(box: Sandbox, tmp_path: Path) -> None:
    own = {"url": box.google_analytics.url, "property": "1", "key": box.google_analytics.key}
    access = built("google-analytics", tmp_path, **own, copy_months=14).check()
    assert not access.can_read
    assert not [one for one in access.problems if "retention" in one.code]
