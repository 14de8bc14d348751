"""The lock of a ledger: one run at a time, whatever happens to its file."""

import os
from pathlib import Path

import pytest

from connector.errors import Exit, GallraError, RetryLater
from connector.machine.lock import only_run


def test_a_second_run_is_told_which_process_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "ledger.lock"
    with (
        only_run(path, "egg"),
        pytest.raises(RetryLater, match=rf"under way \(process {os.getpid()}\)") as told,
    ):
        only_run(path, "egg").__enter__()
    assert told.value.exit is Exit.TRY_LATER


def test_who_removes_the_lock_file_starts_no_second_run(tmp_path: Path) -> None:
    path = tmp_path / "ledger.lock"
    with only_run(path, "egg"):
        path.unlink()
        with pytest.raises(
            RetryLater, match=r"its lock file was removed meanwhile\. Leave ledger\.lock alone"
        ):
            only_run(path, "egg").__enter__()


def test_a_lock_is_free_again_when_its_run_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "ledger.lock"
    for _ in range(3):
        with only_run(path, "egg"):
            pass
        path.unlink(missing_ok=True)


def test_two_shops_run_beside_each_other(tmp_path: Path) -> None:
    with only_run(tmp_path / "a.lock", "a"), only_run(tmp_path / "b.lock", "b"):
        pass


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GallraError, match="cannot be written"):
        only_run(tmp_path / "file" / "ledger.lock", "egg").__enter__()
