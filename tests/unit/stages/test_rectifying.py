"""What a person says is wrong is put right in their own records, read back, carried on and answered."""

import io
import itertools
import sys
from contextlib import suppress
from pathlib import Path
from unittest import mock

import pytest

from connector.ledger.states import RequestState
from connector.records import Field
from tests.engine_support import LAST_YEAR, Crash, Held, Mortal
from tests.unit.stages.opened import Opened, Said
from tests.unit.stages.test_requests import BY, MINE, OTHERS, asked, held, proven, row_of
from tests.unit.stages.test_requests_crash import EVERY, Dying

RIGHT = "Zacharias Oxenstierna"
RECIPIENTS = """
[recipients.payson]
sends = ["name", "email"]

[recipients.support]
code = "HD"
role = "processor"
title = "Ärendesystemet"

[letters]
folder = "{folder}/letters"
period = "at_once"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    made.memory.order("1", LAST_YEAR, email=MINE, name="Zacharias Oxenhufvud", phone="+46701234567")
    made.memory.order("2", LAST_YEAR, email=OTHERS, name="Berit Demo")
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    return made


def given(shop: Opened, code: str, field: str, value: str, *more: str) -> Said:
    with mock.patch.object(sys, "stdin", io.StringIO(value + "\n")):
        return shop.gallra("request", "rectify", code, "--field", field, *more)


def planned(
    shop: Opened, field: str = "first-name", value: str = RIGHT, kind: str = "rectify"
) -> tuple[str, str]:
    code = asked(shop, kind)
    proven(shop, code)
    said = given(shop, code, field, value, "--json")
    assert said.code == 0, said.err
    return code, said.json["plan"]


def approved(shop: Opened, plan: str) -> None:
    said = shop.gallra("approve", plan, *BY, "--role", "owner")
    assert said.code == 0, said.err


def with_numbers(made: Opened) -> None:
    """Orders give their number to recipients too."""
    own = made.memory.handles

    def handles(held: Held) -> dict[str, tuple[str, ...]]:
        return {**own(held), "order_number": (f"10{held.ref.id}",), "payson_checkout": (f"p-{held.ref.id}",)}

    mock.patch.object(made.memory, "handles", handles).start()


def everything_on_disk(shop: Opened) -> bytes:
    return b"".join(path.read_bytes() for path in shop.folder.rglob("*") if path.is_file())


def test_what_a_person_gave_stands_in_their_record_and_in_no_other(shop: Opened) -> None:
    code, plan = planned(shop)
    assert held(shop, "1")[Field.NAME] == "Zacharias Oxenhufvud"
    approved(shop, plan)
    said = shop.gallra("run")
    assert said.code in (0, 4), said.err
    assert held(shop, "1")[Field.NAME] == RIGHT
    assert held(shop, "2")[Field.NAME] == "Berit Demo"
    assert row_of(shop, code).state is RequestState.READ_BACK
    letter = shop.gallra("request", "letter", code, "confirmation", "--json")
    assert letter.code == 0, letter.err
    assert "name" in Path(letter.json["file"]).read_text().casefold()
    said = shop.gallra("request", "answer", code, *BY)
    assert said.code == 0, said.err
    assert row_of(shop, code).state is RequestState.ANSWERED


def test_the_value_is_nowhere_in_the_clear_and_gone_once_it_is_read_back(shop: Opened) -> None:
    _, plan = planned(shop)
    assert RIGHT.encode() not in everything_on_disk(shop)
    approved(shop, plan)
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from undo_copy").scalar() == 1
    assert shop.gallra("apply", "--plan", plan).code == 0
    said = shop.gallra("report", "--run", plan)
    assert "Name, rectified" in said.out
    assert "restored" not in said.out
    assert "1 rectified" in shop.gallra("verify").out
    with opened.ledger.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from undo_copy").scalar() == 0
    assert RIGHT.encode() not in everything_on_disk(shop)


def test_nothing_is_written_that_nobody_approved(shop: Opened) -> None:
    planned(shop)
    shop.gallra("run")
    assert held(shop, "1")[Field.NAME] == "Zacharias Oxenhufvud"


def test_what_was_changed_since_is_left_as_it_is_and_decided_anew(shop: Opened) -> None:
    code, plan = planned(shop)
    approved(shop, plan)
    shop.memory.of("1").values[Field.NAME] = "Someone Typed"
    shop.gallra("run")
    assert held(shop, "1")[Field.NAME] == "Someone Typed"
    assert row_of(shop, code).state is RequestState.SCOPED


def test_two_parts_go_in_one_plan_and_the_newest_value_of_a_part_counts(shop: Opened) -> None:
    code, first = planned(shop, value="Wrong Again")
    assert given(shop, code, "first-name", RIGHT).code == 0
    said = given(shop, code, "email", "ny@kund.example", "--json")
    assert said.code == 0, said.err
    assert said.json["plan"] != first
    approved(shop, said.json["plan"])
    assert shop.gallra("apply", "--plan", said.json["plan"]).code == 0
    assert held(shop, "1")[Field.NAME] == RIGHT
    assert held(shop, "1")[Field.EMAIL] == "ny@kund.example"


def test_what_no_call_sets_is_a_task_and_no_answer_in_full_before_it_is_done(shop: Opened) -> None:
    shop.memory.of("1").values[Field.SHIPPING_ADDRESS] = "Gatan 1"
    shop.memory.touch(shop.memory.of("1"))
    code = asked(shop, "rectify")
    proven(shop, code)
    said = given(shop, code, "shipping-city", "Malmö")
    assert said.code == 0, said.err
    assert "By hand" in said.err
    assert "#1" in shop.gallra("todo", "--json").out
    refused = shop.gallra("request", "answer", code, *BY)
    assert refused.code != 0
    assert "by hand" in refused.err
    assert shop.gallra("todo", "done", "1", *BY).code == 0
    assert shop.gallra("request", "answer", code, *BY).code == 0


def test_only_what_stands_there_is_rectified_and_what_lacks_is_completed(shop: Opened) -> None:
    code = asked(shop, "rectify")
    proven(shop, code)
    refused = given(shop, code, "note", "Left at the door")
    assert refused.code != 0
    code, plan = planned(shop, "note", "Left at the door", kind="complete")
    approved(shop, plan)
    assert shop.gallra("apply", "--plan", plan).code == 0
    assert held(shop, "1")[Field.CUSTOMER_NOTE] == "Left at the door"


@pytest.mark.parametrize("value", ["", "<b>x</b>", "x" * 300, "[deleted]"])
def test_a_value_that_cannot_be_read_back_is_refused_and_never_said(shop: Opened, value: str) -> None:
    code = asked(shop, "rectify")
    proven(shop, code)
    refused = given(shop, code, "first-name", value)
    assert refused.code != 0
    assert not value or value not in refused.err + refused.out


def test_another_person_s_order_is_not_put_right(shop: Opened) -> None:
    code = asked(shop, "rectify")
    proven(shop, code)
    assert given(shop, code, "first-name", RIGHT, "--order", "2").code != 0


def test_recipients_are_told_that_it_was_rectified_and_nobody_to_erase(tmp_path: Path) -> None:
    made = Opened(tmp_path)
    made.file.write_text(made.file.read_text() + RECIPIENTS.format(folder=tmp_path))
    with_numbers(made)
    made.memory.order("1", LAST_YEAR, email=MINE, name="Zacharias Oxenhufvud")
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    _, plan = planned(made)
    approved(made, plan)
    assert made.gallra("apply", "--plan", plan).code == 0
    made.gallra("push")
    letters = [path.read_text() for path in (tmp_path / "letters").rglob("*.txt")]
    assert letters
    assert all("ectif" in one or "ättat" in one for one in letters)
    assert not [one for one in letters if "Erase" in one or "blank" in one or RIGHT in one]


class _Mortal(Dying):
    """The same shop, whose process may end before any commit and around any write."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.code, self.plan = planned(self)
        approved(self, self.plan)


def test_a_crash_at_any_point_ends_in_the_same_state_once_it_is_run_again(tmp_path: Path) -> None:
    died = 0
    for at in itertools.count(1, EVERY):
        folder = tmp_path / str(at)
        folder.mkdir()
        shop = _Mortal(folder)
        shop.mortal = shop.memory.mortal = Mortal(at)
        with suppress(Crash):
            shop.gallra("apply", "--plan", shop.plan)
        ended = not shop.mortal.dead
        died += not ended
        shop.mortal = shop.memory.mortal = Mortal()
        shop.gallra("run")
        assert held(shop, "1")[Field.NAME] == RIGHT, at
        assert shop.memory.restored == ["1"], at
        row = shop.row
        assert row is not None
        assert row.state is RequestState.READ_BACK, at
        if ended:
            break
    assert died


@pytest.mark.parametrize("where", ["before a restore", "after a restore"])
def test_a_crash_around_the_write_writes_once(tmp_path: Path, where: str) -> None:
    shop = _Mortal(tmp_path)
    mortal = shop.memory.mortal

    class At(Mortal):
        def step(self, what: str = "") -> None:
            if what == where:
                raise Crash

    shop.memory.mortal = At()
    with suppress(Crash):
        shop.gallra("apply", "--plan", shop.plan)
    shop.memory.mortal = mortal
    shop.gallra("run")
    assert shop.memory.restored == ["1"]
    assert held(shop, "1")[Field.NAME] == RIGHT
