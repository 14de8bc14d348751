"""An approval that ends in the middle of a run: nothing more is begun, and what had begun can be resumed."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.cli.ended import done, ended
from connector.errors import Exit, GallraError, RetryLater
from connector.identity import make_keyer
from connector.ports import Task
from connector.stages.run import run_shop
from connector.views.lint.refusing import must_be_sound
from tests.engine_support import SUBJECT_KEY, MemoryShop
from tests.unit.stages.opened import Opened

ORDERS = 7
STANDING = """
[approval]
by = "Disa Demo"
role = "owner"
on_behalf = "Ägget AB"
evidence = "Minutes, point 7"
on = 2026-11-01
until = {until}
version = "2026.2"
waves = [{waves}]
irreversible = ["order", "customer"]
"""
ALL = '"traces", "phone_notes", "email_address", "accounts", "newsletter"'


class Timed(MemoryShop):
    """A shop that tells the time, and writes two records at once."""

    batch = 2
    clock: Callable[[], datetime]
    ahead = timedelta()

    def service_time(self) -> datetime:
        """Its own clock."""
        return self.clock() + self.ahead


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop of some old orders."""
    made = Opened(tmp_path)
    memory = Timed(make_keyer(SUBJECT_KEY), name="woocommerce")
    memory.clock = made.clock
    made.memory = memory
    for number in range(ORDERS):
        made.memory.order(str(number))
    return made


def standing(opened: Opened, *, until: str = "2026-11-22", waves: str = ALL) -> None:
    """The shop's file with this standing approval, and no other."""
    text = opened.file.read_text(encoding="utf-8").partition("\n[approval]")[0]
    given = STANDING.format(until=until, waves=waves) if until else ""
    opened.file.write_text(text + given, encoding="utf-8")


def after(opened: Opened, batches: int, act: Callable[[], None]) -> None:
    """Something happens while the batch of this number is being written."""

    def during(_tasks: Sequence[Task]) -> None:
        if len(opened.memory.batches) == batches - 1:
            act()

    opened.memory.before_apply = during


def next_day(opened: Opened) -> Callable[[], None]:
    return lambda: opened.clock.turn(days=1)


def run(opened: Opened) -> tuple[Exit, str]:
    """What cron runs, without its reports: how it ended, and its sentences."""
    shop = opened.open()
    try:
        result = run_shop(shop, must_be_sound)
    except GallraError as fault:
        return Exit(fault.exit), str(fault)
    finally:
        shop.ledger.engine.dispose()
    code, told = ended(result)
    return code, f"{told} {done(result)}"


def written(opened: Opened) -> set[str]:
    return {id for id, *_ in opened.memory.written}


def test_a_run_whose_standing_approval_ends_meanwhile_begins_no_more_and_says_so(opened: Opened) -> None:
    standing(opened)
    after(opened, 2, next_day(opened))
    code, said = run(opened)
    assert code == Exit.BLOCKED
    assert "it ended 2026-11-22. Nothing more was begun" in said
    assert len(written(opened)) == 3  # the first alone, and the batch that was under way
    assert "3 read back, 3 clean" in said


def test_what_was_not_begun_is_done_once_the_approval_is_renewed(opened: Opened) -> None:
    standing(opened)
    after(opened, 2, next_day(opened))
    run(opened)
    standing(opened, until="2027-01-31")
    assert run(opened)[0] == Exit.DONE
    assert len(written(opened)) == ORDERS


@pytest.mark.parametrize("until", ["", "2026-11-20"])
def test_a_standing_approval_that_is_withdrawn_or_shortened_meanwhile_ends_the_run(
    opened: Opened, until: str
) -> None:
    standing(opened)
    after(opened, 2, lambda: standing(opened, until=until))
    code, said = run(opened)
    assert code == Exit.BLOCKED
    assert ("it ended 2026-11-20" if until else "it was withdrawn") in said
    assert len(written(opened)) == 3


def test_a_file_that_cannot_be_read_meanwhile_approves_nothing(opened: Opened) -> None:
    standing(opened)
    after(opened, 2, lambda: [opened.file.write_text("[shop", encoding="utf-8"), None][1])
    assert run(opened)[0] == Exit.BLOCKED
    assert len(written(opened)) == 3


def test_a_round_that_the_standing_approval_names_no_more_is_left_and_others_go_on(
    opened: Opened,
) -> None:
    standing(opened)
    after(opened, 2, lambda: standing(opened, waves='"traces", "phone_notes"'))
    code, said = run(opened)
    assert code == Exit.BLOCKED
    assert "it no longer covers" in said
    late = [id for id, fields, *_ in opened.memory.written if "email" in fields]
    assert len(late) == 3


def test_today_is_the_earlier_of_the_machines_and_the_shops_day(opened: Opened) -> None:
    assert isinstance(opened.memory, Timed)
    opened.memory.ahead = timedelta(hours=-13)
    standing(opened, until="2026-11-22")
    opened.clock.now = opened.clock.now.replace(hour=23)
    after(opened, 2, lambda: opened.clock.turn(hours=2))
    assert run(opened)[0] == Exit.DONE
    assert len(written(opened)) == ORDERS


def cut(opened: Opened) -> None:
    """The shop stops answering in the middle of the second batch."""
    opened.memory.fails_after = 1

    def arm() -> None:
        opened.memory.fault = RetryLater("Busy.", adapter="woocommerce", operation="apply")

    after(opened, 2, arm)
    assert run(opened)[0] == Exit.TRY_LATER
    opened.memory.before_apply = lambda _tasks: None


def test_what_had_begun_is_not_written_under_an_approval_that_ended_since(opened: Opened) -> None:
    standing(opened)
    cut(opened)
    before = list(opened.memory.written)
    opened.clock.turn(days=1)
    code, said = run(opened)
    assert code == Exit.BLOCKED
    assert "`gallra plan --abandon`" in said
    assert opened.memory.written == before


def test_what_had_begun_is_finished_once_the_approval_is_renewed(opened: Opened) -> None:
    standing(opened)
    cut(opened)
    opened.clock.turn(days=1)
    run(opened)
    standing(opened, until="2027-01-31")
    assert run(opened)[0] == Exit.DONE
    assert len(written(opened)) == ORDERS


def test_what_had_begun_under_a_withdrawn_approval_can_be_given_up(opened: Opened) -> None:
    standing(opened)
    cut(opened)
    standing(opened, until="")
    assert run(opened)[0] == Exit.BLOCKED
    assert opened.gallra("plan", "--abandon").code == Exit.DONE
    assert len(written(opened)) == 2


def test_an_approval_that_is_seven_days_old_in_the_middle_of_an_apply_begins_no_more(opened: Opened) -> None:
    opened.planned()
    after(opened, 2, lambda: opened.clock.turn(days=8))
    said = opened.gallra("apply")
    assert said.code == Exit.STALE
    assert "older than seven days. Nothing more was begun" in said.err
    assert len(written(opened)) == 3


def test_what_had_begun_is_finished_though_its_approval_is_older_than_seven_days(opened: Opened) -> None:
    opened.planned()
    opened.memory.fails_after = 1
    after(opened, 2, lambda: setattr(opened.memory, "fault", RetryLater("Busy.", adapter="w", operation="a")))
    assert opened.gallra("apply").code == Exit.TRY_LATER
    opened.memory.before_apply = lambda _tasks: None
    opened.clock.turn(days=8)
    assert opened.gallra("apply").code == Exit.STALE
    assert len(written(opened)) == 3
