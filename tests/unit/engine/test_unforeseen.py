"""A fault that nobody foresaw in one shop's run: the other shops run, and its text is not shown."""

from pathlib import Path

from connector.errors import Exit
from connector.ports import Access
from tests.unit.engine.opened import Opened


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
