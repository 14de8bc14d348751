"""What a container's health check is told."""

from pathlib import Path

import pytest
import typer

from connector.cli import running
from connector.errors import GallraError
from connector.serve.health import unwell
from connector.shop import Shop, open_shop
from connector.views.status.model import Status
from tests.unit.serve.made import ENVIRON


def _open(path: Path) -> Shop:
    return open_shop(path, environ=ENVIRON)


def test_a_fresh_empty_folder_is_well(tmp_path: Path) -> None:
    assert list(unwell(tmp_path, _open)) == []


def test_a_shop_that_has_not_run_yet_is_well(file: Path) -> None:
    assert list(unwell(file.parent, _open)) == []
    assert list(unwell(file, _open)) == []


def test_a_shop_whose_file_has_a_fault_is_unwell_and_named(file: Path) -> None:
    (file.parent / "bad.toml").write_text("[shop]\nid = 1\n", encoding="utf-8")
    (line, *more) = unwell(file.parent, _open)
    assert line.startswith("bad.toml: ")
    assert more == []


def test_a_shop_whose_runs_fail_is_unwell(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Status, frozen=True, kw_only=True):
        failing_since: str = "2026-11-20T03:15:00+01:00"

    monkeypatch.setattr("connector.serve.health.status_of", lambda _shop: Failing(shop="egg"))
    (line,) = unwell(file.parent, _open)
    assert line.startswith("egg.toml: its runs have failed since 2026-11-20")


def test_a_folder_that_is_not_there_is_unwell(tmp_path: Path) -> None:
    with pytest.raises(GallraError, match="There is no folder"):
        list(unwell(tmp_path / "shops", _open))


@pytest.mark.parametrize(("content", "code"), [(None, 0), ("[shop]\nid = 1\n", 1)])
def test_the_command_ends_with_1_where_a_shop_is_unwell(
    tmp_path: Path, content: str | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "bad.toml").write_text(content, encoding="utf-8")
    with pytest.raises(typer.Exit) as ended:
        running.serve(tmp_path, health=True)
    assert ended.value.exit_code == code
    assert bool(capsys.readouterr().out) == bool(code)
