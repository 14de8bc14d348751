"""A plan that still says what is due stands, with its code and approvals; one line approves it everywhere."""

import shlex
from pathlib import Path

import pytest

from connector.errors import Exit
from tests.unit.stages.opened import Opened

WORDS = ("--by", "Disa Demo", "--role", "owner")


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    for id in ("1", "5"):
        made.memory.order(id, tags="vip")
    for words in ("check", "pull", "plan"):
        assert made.gallra(words).code == Exit.DONE
    return made


def code_of(shop: Opened) -> str:
    return str(shop.gallra("show", "--json").json["digest"])[:8]


def lines_in(text: str) -> list[str]:
    """Every line that approves a plan, as it is shown."""
    found = [part.split("`")[0] for part in text.split("gallra approve")[1:]]
    return [f"gallra approve{part.splitlines()[0]}".rstrip(" .") for part in found]


def pasted(shop: Opened, line: str) -> int:
    """Types the line with its two names filled in, and nothing else changed."""
    words = shlex.split(line.replace("NAME", "'Disa Demo'").replace("ROLE", "owner"))
    return shop.gallra(*words[1:]).code


def test_an_approval_outlives_a_plan_that_finds_the_same(shop: Opened) -> None:
    code = code_of(shop)
    assert shop.gallra("approve", code, *WORDS).code == Exit.DONE
    for words in ("pull", "plan"):
        said = shop.gallra(words)
    assert code_of(shop) == code
    assert f"plan {code}" in said.err
    assert "Disa Demo" in said.err
    assert shop.gallra("apply").out.count("Nothing") == 0
    assert shop.memory.written


def test_records_of_which_nothing_is_due_do_not_end_an_approval(shop: Opened) -> None:
    code = code_of(shop)
    shop.gallra("approve", code, *WORDS)
    shop.memory.order("2", shop.clock().date())
    for words in ("pull", "plan"):
        assert shop.gallra(words).code == Exit.DONE
    assert code_of(shop) == code


def test_another_step_makes_another_plan_that_nobody_has_approved(shop: Opened) -> None:
    code = code_of(shop)
    shop.gallra("approve", code, *WORDS)
    shop.memory.order("2", tags="vip")
    for words in ("pull", "plan"):
        assert shop.gallra(words).code == Exit.DONE
    assert code_of(shop) != code
    assert shop.gallra("apply").code == Exit.BLOCKED


def test_a_plan_past_its_time_stands_no_longer(shop: Opened) -> None:
    code = code_of(shop)
    shop.clock.turn(days=8)
    for words in ("pull", "plan"):
        assert shop.gallra(words).code == Exit.DONE
    assert code_of(shop) != code


def test_a_run_says_that_a_person_has_approved_what_it_does_not_begin(shop: Opened) -> None:
    shop.gallra("approve", code_of(shop), *WORDS)
    said = shop.gallra("run")
    assert (said.code, "is approved by Disa Demo" in said.out) == (Exit.BLOCKED, True)


PLACES = {
    "plan": ("plan",),
    "plan --full": ("plan", "--full"),
    "show": ("show",),
    "run": ("run",),
    "apply": ("apply",),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("limits", ["wide", "narrow"])
def test_the_line_that_approves_can_be_pasted_from_wherever_it_stands(
    shop: Opened, place: str, limits: str
) -> None:
    if limits == "narrow":
        text = shop.file.read_text(encoding="utf-8").replace("records = 10000", "records = 1")
        shop.file.write_text(text, encoding="utf-8")
    said = shop.gallra(*PLACES[place])
    [line] = lines_in(said.out + said.err)
    assert ("--first-run" in line) == (limits == "narrow")
    assert shlex.quote(str(shop.file.absolute())) in line
    assert pasted(shop, line) == Exit.DONE


def test_the_page_has_the_same_line_as_the_screen(shop: Opened) -> None:
    [line] = lines_in(shop.gallra("show").out)
    [page] = (shop.folder / "reports").glob("dry-run-*.html")
    assert line in page.read_text(encoding="utf-8")


def test_apply_names_the_rounds_that_nobody_has_approved_with_the_line_that_does(shop: Opened) -> None:
    shop.gallra("approve", code_of(shop), *WORDS, "--wave", "traces", "--wave", "phone_notes")
    assert shop.gallra("apply").code == Exit.DONE
    said = shop.gallra("apply")
    assert "planned:" not in said.out
    assert "Nothing approved was left to do." in said.out
    [line] = lines_in(said.out)
    assert "--wave email_address" in line
    assert pasted(shop, line) == Exit.DONE


def test_a_hold_is_listed_with_its_order_and_a_second_one_is_said(shop: Opened) -> None:
    why = ("--reason", "Claim", "--owner", "Disa Demo", "--review", "6 months")
    words = ("hold", "add", "--order", "#1", *why)
    assert "Warning" not in shop.gallra(*words).err
    assert "Warning: hold 1" in shop.gallra(*words).err
    lines = shop.gallra("hold", "list").out.splitlines()
    assert all("order #1" in line for line in lines[:2])
    assert [one["on"] for one in shop.gallra("hold", "list", "--json").json["holds"]] == [["order:#1"]] * 2
