"""What a folder's shops need next: few words in the table, the whole of it and the line to type below."""

from pathlib import Path

import pytest

from connector.cli.folder import CELL, Ended, below, needed, table
from connector.errors import Exit
from tests.unit.stages.opened import Opened

LONG = "Error: No approval covers traces (12 steps). Plan 1f0c9a2b waits for approval after the report."
HEN = ('id = "egg"', 'id = "hen"'), ("egg.sqlite", "hen.sqlite")
WHO = ("--by", "Disa Demo", "--role", "owner")


@pytest.fixture
def two(tmp_path: Path) -> Opened:
    """Two shops that have never been read."""
    made = Opened(tmp_path)
    made.memory.order("1")
    text = made.file.read_text("utf-8")
    for old, new in HEN:
        text = text.replace(old, new)
    (tmp_path / "hen.toml").write_text(text, "utf-8")
    return made


def test_a_cell_holds_a_few_words_and_the_rest_stands_below() -> None:
    rows = [("a.toml", Ended(Exit.BLOCKED, LONG)), ("b.toml", Ended(Exit.DONE, "Plan: 0"))]
    assert needed(rows[0][1], "en") == "No approval covers traces (12 steps)."
    assert all(len(needed(ended, "en")) <= CELL for _, ended in rows)
    assert list(below(rows, "en")) == ["", f"a.toml: {LONG.removeprefix('Error: ')}"]


def test_no_cell_under_swedish_headings_is_english() -> None:
    fault = Ended(
        Exit.ERROR, "Error: Nothing has been read yet, so a plan rests on nothing. Run `gallra pull` first."
    )
    assert not any("Nothing" in line for line in (*table([("a", fault)], "sv"), *below([("a", fault)], "sv")))


def test_a_folder_that_was_never_read_is_pulled_planned_approved_and_applied(two: Opened) -> None:
    folder = str(two.folder)
    assert "gallra pull" in two.gallra("plan", folder).out
    pulled = two.gallra("pull", folder, "--json").json["shops"]
    assert {one["exit"] for one in pulled.values()} == {0}
    planned = two.gallra("plan", folder, "--json").json["shops"]
    codes = [one["plan"] for one in planned.values()]
    assert two.gallra("approve", codes[0], *WHO, "--shop", folder).code == 0
    applied = two.gallra("apply", folder, "--json").json["shops"]
    assert [one.get("touched", 0) for one in applied.values()] == [1, 0]


def test_the_line_below_the_table_approves_what_is_not_approved_and_applies_what_is(two: Opened) -> None:
    folder = str(two.folder)
    two.gallra("pull", folder)
    first = two.gallra("plan", folder)
    assert first.out.count("gallra approve") == 2
    two.gallra(
        "approve",
        two.gallra("plan", folder, "--json").json["shops"]["egg.toml"]["plan"],
        *WHO,
        "--shop",
        folder,
    )
    again = two.gallra("plan", folder).out
    assert again.count("gallra approve") == 1
    assert f"gallra apply {two.file.absolute()}" in again


def test_check_of_a_folder_names_what_is_to_be_filled_in_and_who_is_written_to(two: Opened) -> None:
    text = two.file.read_text("utf-8")
    two.file.write_text(text[: text.index("[accountant.answer]")] + text[text.index("[ledger]") :], "utf-8")
    alone, folder = two.gallra("check"), two.gallra("check", str(two.folder))
    lacking = [line.split()[2] for line in alone.out.splitlines() if line.startswith("fill in: ")]
    assert lacking
    rows = two.gallra("check", str(two.folder), "--json").json["shops"]
    assert rows["egg.toml"]["fill_in"] == lacking
    assert all(one in folder.out for one in lacking)


def test_todo_of_a_folder_counts_each_shops_tasks(two: Opened) -> None:
    two.gallra("pull", str(two.folder))
    rows = two.gallra("todo", str(two.folder), "--json").json["shops"]
    assert set(rows) == {"egg.toml", "hen.toml"}
    assert all(isinstance(one["tasks"], int) for one in rows.values())


@pytest.mark.parametrize("words", [("apply", "--plan", "1f0c9a2b"), ("todo", "--full")])
def test_what_is_of_one_shop_is_refused_of_a_folder(two: Opened, words: tuple[str, ...]) -> None:
    said = two.gallra(words[0], str(two.folder), *words[1:])
    assert said.code == 1
    assert "Name that shop's file" in said.err
