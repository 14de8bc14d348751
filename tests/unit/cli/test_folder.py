"""Several shops of a folder: each goes its own way, one table closes, the worst gives the exit code."""

import threading
from pathlib import Path
from typing import Any

import pytest

from connector.cli.folder import Ended, each, table
from connector.errors import WORST_FIRST, Exit, GallraError, worst
from connector.settings import find_shops
from tests.support import REPOSITORY
from tests.unit.stages.opened import Opened

BROKEN = '[shop]\nid = "aaa"\nname = "Aaa"\n[platform]\nname = "abacus"\n'


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with one order, another that shares its services, and one whose file is broken."""
    made = Opened(tmp_path)
    text = made.file.read_text("utf-8")
    other = text.replace('id = "egg"', 'id = "hen"').replace("gallra.sqlite", "hen.sqlite")
    other = other.replace("/reports", "/hen-reports").replace('name = "Ägget"', 'name = "Hönan"', 1)
    (tmp_path / "hen.toml").write_text(other, encoding="utf-8")
    (tmp_path / "aaa.toml").write_text(BROKEN, encoding="utf-8")
    made.memory.order("1")
    return made


def _rows(said: Any) -> dict[str, Any]:
    return dict(said.json["shops"])


def test_every_exit_code_has_its_place_among_the_worst() -> None:
    assert set(WORST_FIRST) == set(Exit)


def test_the_order_of_the_worst_stands_on_its_page() -> None:
    page = (REPOSITORY / "docs/reference/exit-codes.md").read_text("utf-8")
    assert ", ".join(str(int(code)) for code in WORST_FIRST) in page


def test_an_error_outweighs_a_service_that_does_not_answer() -> None:
    assert worst([Exit.TRY_LATER, Exit.ERROR, Exit.DONE]) is Exit.ERROR


def test_data_that_was_left_outweighs_everything() -> None:
    assert worst(Exit) is Exit.DATA_LEFT


def test_a_folders_exit_code_is_that_of_its_worst_shop(opened: Opened) -> None:
    said = opened.gallra("run", str(opened.folder), "--json")
    codes = {name: one["exit"] for name, one in _rows(said).items()}
    assert codes["aaa.toml"] == 1
    assert said.code == worst(Exit(code) for code in codes.values())


def test_promises_beside_the_shops_are_no_shop(tmp_path: Path) -> None:
    (tmp_path / "promises.toml").write_text('shop = "egg"\n[[promise]]\nid = "S1"\n', encoding="utf-8")
    assert find_shops(tmp_path) == ()


def test_shops_run_as_many_at_a_time_as_asked_for() -> None:
    together = threading.Barrier(2, timeout=5)

    def meets(_: Path) -> Ended:
        together.wait()
        return Ended(Exit.DONE, "")

    paths = [Path("a.toml"), Path("b.toml")]
    assert [path for path, _ in each(paths, meets, jobs=2)] == paths


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_shop_that_fails_stops_no_other(jobs: int) -> None:
    def fails(path: Path) -> Ended:
        if path.name == "a.toml":
            raise GallraError("The file is broken. Mend it.")
        if path.name == "b.toml":
            raise ValueError("astrid@kund.example")
        return Ended(Exit.DONE, "")

    found = dict(each([Path(f"{name}.toml") for name in "abc"], fails, jobs=jobs))
    codes = [one.code for one in found.values()]
    assert codes == [Exit.ERROR, Exit.ERROR, Exit.DONE]
    assert "astrid" not in "".join(one.line for one in found.values())


def test_the_table_says_of_each_shop_its_state_its_code_and_what_is_needed() -> None:
    rows = [
        ("a.toml", Ended(Exit.ERROR, "Error: No key. Fill it in.")),
        ("b.toml", Ended(Exit.DONE, "Plan: 0")),
    ]
    lines = list(table(rows, "sv"))
    assert lines[1].split() == ["Butik", "Läge", "Kod", "Vad", "som", "behövs"]
    assert lines[2].split() == ["a.toml", "fel", "1", "No", "key.", "Fill", "it", "in."]
    assert lines[3].split() == ["b.toml", "klar", "0", "–"]


def test_check_of_a_folder_closes_with_a_table_and_the_worst_code(opened: Opened) -> None:
    said = opened.gallra("check", str(opened.folder), "--jobs", "2")
    assert said.code == Exit.ERROR
    rows = said.out.split("\n\n")[1].splitlines()
    assert [line.split()[0] for line in rows][-2:] == ["egg.toml", "hen.toml"]
    assert "platform.name" in said.out


def test_a_folder_is_planned_and_its_plans_are_approved_by_their_codes(opened: Opened) -> None:
    opened.gallra("pull")
    opened.gallra("pull", str(opened.folder / "hen.toml"))
    planned = _rows(opened.gallra("plan", str(opened.folder), "--json"))
    codes = [one["plan"] for one in planned.values() if "plan" in one]
    assert len(set(codes)) == 2
    said = opened.gallra(
        "approve", codes[0], "--by", "Disa Demo", "--role", "owner", "--shop", str(opened.folder), "--json"
    )
    states = {name: one["state"] for name, one in _rows(said).items()}
    assert states == {"aaa.toml": "error", "egg.toml": "approved", "hen.toml": "not_named"}


def test_a_code_that_no_shop_has_approves_nothing(opened: Opened) -> None:
    opened.gallra("pull")
    code = _rows(opened.gallra("plan", str(opened.folder), "--json"))["egg.toml"]["plan"]
    by = ("--by", "Disa Demo", "--role", "owner", "--shop", str(opened.folder))
    said = opened.gallra("approve", code, "00000000", *by)
    assert "00000000" in said.err
    assert opened.gallra("status", "--json").json["shops"][0]["awaiting_approval"]


def test_status_of_a_broken_file_is_an_error(opened: Opened) -> None:
    assert opened.gallra("status", str(opened.folder / "aaa.toml")).code == Exit.ERROR


def test_status_of_a_folder_with_a_broken_file_is_an_error_and_shows_the_rest(opened: Opened) -> None:
    said = opened.gallra("status", str(opened.folder))
    assert said.code == Exit.ERROR
    assert "Ägget" in said.out
    assert "Hönan" in said.out
