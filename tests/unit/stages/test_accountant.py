"""No order changes for the first time before the accountant has answered, or the owner chosen not to wait."""

import json
from pathlib import Path

import pytest

from tests.unit.stages.opened import Opened

ANSWER = """[accountant.answer]
by = "Rut Revisor"
on = 2026-11-01
order_is_underlag = true
archive = "the shop's orders"
"""
WITHOUT = """[accountant.without]
by = "Disa Demo"
role = "owner"
on = 2026-11-02
reason = "the books are closed until January"
"""


def say(shop: Opened, word: str) -> None:
    """Puts this in the place of the answer in the shop's file."""
    text = shop.file.read_text(encoding="utf-8")
    shop.file.write_text(text.replace(ANSWER, word), encoding="utf-8")


@pytest.fixture
def silent(tmp_path: Path) -> Opened:
    """A shop whose accountant has not answered, and one order that is due."""
    made = Opened(tmp_path)
    say(made, "")
    made.memory.order("1")
    return made


def word_of(shop: Opened) -> dict[str, object]:
    """What the protocol says of the accountant."""
    assert shop.gallra("verify").code == 0
    assert shop.gallra("report").code == 0
    found = json.loads((shop.folder / "reports" / shop.protocols[0]).read_text(encoding="utf-8"))
    return {key: value for key, value in found["accountant"].items() if value not in ("", None)}


def test_a_first_apply_without_an_answer_touches_no_order_and_says_what_to_fill_in(silent: Opened) -> None:
    silent.planned()
    said = silent.gallra("apply")
    assert said.code == 4
    assert "[accountant.answer]" in said.err
    assert "[accountant.without]" in said.err
    assert not silent.memory.written


def test_check_tells_that_the_answer_is_missing(silent: Opened) -> None:
    assert "fill in: accountant.answer" in silent.gallra("check").out


def test_the_answer_stands_in_the_protocol(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.ran("1")
    assert word_of(shop) == {
        "by": "Rut Revisor", "on": "2026-11-01", "order_is_underlag": True, "archive": "the shop's orders",
    }  # fmt: skip


def test_the_owner_s_choice_lets_the_run_begin_and_stands_in_the_protocol(silent: Opened) -> None:
    text = silent.file.read_text(encoding="utf-8")
    silent.file.write_text(text.replace("[ledger]", f"{WITHOUT}\n[ledger]", 1), encoding="utf-8")
    silent.planned()
    assert silent.gallra("apply").code == 0
    assert word_of(silent) == {
        "by": "Disa Demo", "role": "owner", "on": "2026-11-02",
        "reason": "the books are closed until January",
    }  # fmt: skip


def test_a_shop_that_has_erased_from_orders_before_goes_on(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.ran("1")
    say(shop, "")
    shop.memory.order("2")
    shop.planned()
    assert shop.gallra("apply").code == 0


def unsaid(shop: Opened) -> Opened:
    """The same shop, whose file does not say whether OSS is used."""
    text = shop.file.read_text(encoding="utf-8")
    shop.file.write_text(text.replace("oss = []\n", ""), encoding="utf-8")
    return shop


def test_a_first_apply_without_a_word_on_oss_touches_no_order_and_says_so(tmp_path: Path) -> None:
    shop = unsaid(Opened(tmp_path))
    shop.memory.order("1")
    shop.planned()
    said = shop.gallra("apply")
    assert said.code == 4
    assert "company.oss" in said.err
    assert not shop.memory.written


def test_the_owner_s_choice_stands_for_the_answer_on_oss_too(tmp_path: Path) -> None:
    shop = unsaid(Opened(tmp_path))
    say(shop, WITHOUT)
    shop.memory.order("1")
    shop.planned()
    assert shop.gallra("apply").code == 0


def test_the_years_archived_elsewhere_stand_in_the_ledger_as_they_were_when_the_run_began(
    tmp_path: Path,
) -> None:
    shop = Opened(tmp_path)
    text = shop.file.read_text(encoding="utf-8")
    year = '[[archive.elsewhere]]\nyear = 2024\nby = "Disa Demo"\nrole = "owner"\non = 2026-11-01\n'
    shop.file.write_text(text.replace("[ledger]", f"{year}sampled = 10\n[ledger]", 1), encoding="utf-8")
    shop.ran("1")
    opened = shop.open()
    with opened.ledger.begin() as connection:
        (_, begun), *_ = opened.ledger.events(connection, "apply_started")
    said = {"year": "2024", "by": "Disa Demo", "role": "owner", "on": "2026-11-01", "sampled": "10"}
    assert begun["archived"] == [said]


def test_the_dry_run_and_the_approval_say_before_apply_does_that_the_answer_is_missing(
    silent: Opened,
) -> None:
    assert silent.gallra("pull").code == 0
    page = silent.gallra("plan", "--json").json
    assert [one["code"] for one in page["problems"]] == ["no_accountant"]
    assert "an approval holds all the same" in silent.gallra("plan").out.replace("\n", " ").replace("  ", " ")
    approved = silent.gallra(
        "approve", page["digest"][:8], "--by", "Disa Demo", "--role", "owner", "--first-run"
    )
    assert approved.code == 0
    assert "Warning: The accountant's answer stands nowhere" in approved.err


def test_an_approved_plan_outlives_the_answer_being_filled_in(silent: Opened) -> None:
    silent.planned()
    text = silent.file.read_text(encoding="utf-8")
    silent.file.write_text(text.replace("[ledger]", f"{ANSWER}\n[ledger]", 1), encoding="utf-8")
    assert silent.gallra("apply").code == 0


def test_an_approval_says_that_it_will_not_outlive_the_answer_on_oss(tmp_path: Path) -> None:
    shop = unsaid(Opened(tmp_path))
    shop.memory.order("1")
    assert shop.gallra("pull").code == 0
    code = shop.gallra("plan", "--json").json["digest"][:8]
    said = shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner", "--first-run")
    assert "plan again" in said.err


def test_a_shop_that_has_answered_both_is_told_of_neither(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.memory.order("1")
    assert shop.gallra("pull").code == 0
    assert shop.gallra("plan", "--json").json.get("problems", []) == []
