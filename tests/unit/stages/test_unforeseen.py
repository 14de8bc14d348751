"""A fault that nobody foresaw in one shop's run: the other shops run, and its text is not shown."""

from pathlib import Path

import pytest

from connector.errors import Exit, GallraError
from connector.ports import Access
from tests.unit.stages.opened import Opened


def test_a_fault_that_nobody_foresaw_ends_one_shops_run_with_a_sentence_that_quotes_nothing(
    tmp_path: Path,
) -> None:
    shop = Opened(tmp_path)
    shop.ran("1")

    def breaks() -> Access:
        raise ValueError("astrid@kund.example")

    shop.memory.check = breaks  # type: ignore[method-assign]
    said = shop.gallra("run", str(tmp_path))
    assert said.code == Exit.ERROR
    assert "egg.toml: Error: ValueError, which Gallra did not foresee" in said.out
    assert "astrid" not in said.out + said.err
    assert shop.protocols == ["protocol-egg-2026-001.json"]


def test_a_report_that_cannot_be_written_ends_one_shops_run_with_its_line_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Opened(tmp_path)

    def full(*_: object) -> None:
        raise GallraError("The reports folder cannot be written. Make room.")

    monkeypatch.setattr("connector.cli.stages.write_dry_run", full)
    said = shop.gallra("run", str(tmp_path))
    assert said.code == Exit.ERROR
    assert "egg.toml: Error: The reports folder cannot be written" in said.out
