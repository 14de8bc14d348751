"""Days of a request: none stands before what it follows, and nothing is written by a clock that went back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.ledger import schema
from connector.ledger.states import RequestState
from tests.sandbox_support import Said
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_requests import BY, LAST_YEAR, MINE, asked, proven, row_of


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    made.memory.order("1", LAST_YEAR, email=MINE)
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    return made


def ago(shop: Opened, days: int) -> str:
    return f"{shop.clock().date() - timedelta(days=days)}"


def later(shop: Opened, days: int) -> None:
    shop.clock.turn(days=days)
    assert shop.gallra("pull").code == 0


def answers(shop: Opened, code: str, *words: str, verb: str = "answer") -> Said:
    ground = ("--ground", "it was refused in May") if verb == "refuse" else ()
    return shop.gallra("request", verb, code, *BY, *ground, *words)


def decided(shop: Opened, code: str) -> None:
    proven(shop, code)
    assert shop.gallra("request", "decide", code).code == 0


# An answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["answer", "refuse"])
@pytest.mark.parametrize("days", [1, 10])
def test_no_answer_left_before_the_request_came_in(shop: Opened, verb: str, days: int) -> None:
    code = asked(shop, "access")
    if verb == "answer":
        decided(shop, code)
    told = answers(shop, code, "--on", ago(shop, days), verb=verb)
    assert (told.code, row_of(shop, code).answered) == (1, None)
    assert "came in on" in told.err
    assert answers(shop, code, "--on", ago(shop, 0), verb=verb).code == 0


def test_no_answer_left_before_what_it_rests_on(shop: Opened) -> None:
    code = asked(shop, "access", MINE, "--on", ago(shop, 20))
    later(shop, 5)
    decided(shop, code)
    told = answers(shop, code, "--on", ago(shop, 1))
    assert (told.code, row_of(shop, code).state) == (1, RequestState.DECIDED)
    assert f"on {ago(shop, 0)}" in told.err
    later(shop, 3)
    assert answers(shop, code, "--on", ago(shop, 3)).code == 0


def test_a_refusal_of_before_it_was_typed_in_is_taken(shop: Opened) -> None:
    """What came in and was refused on paper last week is registered today, both days as they were."""
    code = asked(shop, "access", MINE, "--on", ago(shop, 9))
    assert answers(shop, code, "--on", ago(shop, 5), verb="refuse").code == 0


# More time ----------------------------------------------------------------------------------


def extends(shop: Opened, code: str, *words: str) -> Said:
    return shop.gallra("request", "extend", code, *BY, "--why", "many at once", *words)


def letter_left(shop: Opened, code: str) -> None:
    assert shop.gallra("request", "letter", code, "extension").code == 0
    assert shop.gallra("request", "sent", code, "extension", *BY, "--how", "by post").code == 0


def test_an_extension_that_nothing_says_was_told_is_refused(shop: Opened) -> None:
    code = asked(shop, "access")
    due = row_of(shop, code).due
    for words in ((), ("--on", ago(shop, 0))):
        assert extends(shop, code, *words).code == 1
    assert shop.gallra("request", "letter", code, "extension").code == 0  # written is not told
    assert extends(shop, code).code == 1
    assert row_of(shop, code).due == due


def test_a_letter_that_left_in_the_month_extends_by_its_own_day_also_noted_later(shop: Opened) -> None:
    code = asked(shop, "access")
    later(shop, 20)
    letter_left(shop, code)
    left = shop.clock().date()
    later(shop, 25)  # the month has passed
    assert extends(shop, code).code == 0
    assert row_of(shop, code).extended == left


@pytest.mark.parametrize("days", [-1, 1])
def test_a_way_of_another_is_told_within_the_month_and_not_afterwards(shop: Opened, days: int) -> None:
    code = asked(shop, "access")
    limit = row_of(shop, code).limit
    later(shop, (limit - shop.clock().date()).days + days)
    told = extends(shop, code, "--how", "by phone", "--on", ago(shop, 3))
    assert told.code == (0 if days < 0 else 1)
    assert (row_of(shop, code).extended is not None) is (days < 0)


def test_a_way_of_another_is_not_before_the_request(shop: Opened) -> None:
    code = asked(shop, "access")
    assert extends(shop, code, "--how", "by phone", "--on", ago(shop, 1)).code == 1


# A clock that went back ---------------------------------------------------------------------


@contextmanager
def back(shop: Opened, **by: float) -> Iterator[None]:
    now = shop.clock.now
    shop.clock.now -= timedelta(**by)
    yield
    shop.clock.now = now


def written(shop: Opened) -> list[Any]:
    """Every row that a command on requests may write."""
    opened = shop.open()
    tables = (
        schema.request, schema.request_identifier, schema.request_letter, schema.request_answer, schema.hold,
    )  # fmt: skip
    with opened.ledger.begin() as connection:
        return [[*map(tuple, connection.execute(table.select()))] for table in tables]


LATE = {
    "open": ("open", "restrict", "--order", "1", *BY),
    "identify": ("identify", "{new}", "--elsewhere", "seen in the shop", *BY),
    "code": ("identify", "{new}", "--send"),
    "answer": ("answer", "{code}", *BY),
    "refuse": ("refuse", "{code}", "--ground", "asked in May", *BY),
    "extend": ("extend", "{code}", "--why", "many", "--how", "by phone", *BY),
    "close": ("close", "{code}", *BY),
    "letter": ("letter", "{code}", "receipt"),
    "sent": ("sent", "{code}", "extension", "--how", "by post", *BY),
    "access": ("access", "{code}", *BY),
    "import": ("import", "{file}", *BY),
    "decide": ("decide", "{code}"),
}


@pytest.mark.parametrize("by", [{"days": 10}, {"hours": 1}], ids=["ten_days", "an_hour"])
def test_a_clock_that_went_back_writes_nothing_in_the_register(
    shop: Opened, tmp_path: Path, by: dict[str, float]
) -> None:
    code, new = asked(shop, "access"), asked(shop, "erase")
    decided(shop, code)
    assert shop.gallra("request", "letter", code, "extension").code == 0
    file = tmp_path / "asked.csv"
    file.write_text(f"kind,received,email\nobject,{ago(shop, 30)},{MINE}\n", encoding="utf-8")
    before = written(shop)
    ended = {}
    with back(shop, **by):
        assert shop.gallra("check").code == 0  # what another command writes meanwhile hides nothing
        for verb, words in LATE.items():
            told = shop.gallra("request", *(one.format(code=code, new=new, file=file) for one in words))
            ended[verb] = (told.code, "clock" in told.err or told.err)
    assert ended == dict.fromkeys(LATE, (4, True))
    assert written(shop) == before


def test_a_clock_that_ran_ahead_once_is_believed_again_after_a_pull(shop: Opened) -> None:
    with back(shop, days=-40):
        assert shop.gallra("check").code == 0
    assert shop.gallra("request", "open", "access", "--order", "1", *BY).code == 4
    assert shop.gallra("pull").code == 0
    assert shop.gallra("request", "open", "access", "--order", "1", *BY).code == 0
