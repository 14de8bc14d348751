"""Somebody else is asked before an apply: a no, or no answer where that means to wait, begins nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from connector.calendar import STOCKHOLM
from connector.cli.ended import ended
from connector.errors import Exit, RetryLater, Vetoed
from connector.ledger.events import VETO
from connector.ports import Task
from connector.ports.posting import Reply, WebRequest
from connector.stages.flow.veto import LONGEST, Question, answer_of, judged
from connector.stages.run import run_shop
from connector.text.webhook_signature import Signed, headers_of, key_of
from connector.views.lint.refusing import must_be_sound
from tests.unit.posted import SECRET, Receiver
from tests.unit.stages.opened import ENVIRON, Opened
from tests.unit.stages.test_standing import ALL, STANDING

ASKED = """
[veto]
url = "https://board.example/may-we"
secret = {{ env = "EGG_VETO" }}
{more}
"""


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with three old orders, whose board is asked."""
    made = Opened(tmp_path)
    asking(made)
    for number in range(3):
        made.memory.order(str(number))
    return made


@pytest.fixture(name="board")
def _board(opened: Opened) -> Iterator[Receiver]:
    receiver = Receiver(opened.clock)
    with (
        mock.patch("connector.outgoing.build_alerts", receiver),
        mock.patch.dict(ENVIRON, {"EGG_VETO": SECRET}),
    ):
        yield receiver


def asking(opened: Opened, more: str = "") -> None:
    text = opened.file.read_text(encoding="utf-8").partition("\n[veto]")[0]
    opened.file.write_text(text + ASKED.format(more=more), encoding="utf-8")


def says(allow: object, reason: object = "", **more: object) -> Callable[[WebRequest], Reply]:
    """An answer to each question, that repeats its id."""

    def answer(post: WebRequest) -> Reply:
        body = {"id": post.headers["webhook-id"], "allow": allow, "reason": reason, **more}
        return Reply(status=200, body=json.dumps(body).encode())

    return answer


def heard(opened: Opened) -> list[dict[str, Any]]:
    """What the chain says was answered."""
    shop = opened.open()
    with shop.ledger.begin() as connection:
        found = [one.detail for one in shop.ledger.events(connection, VETO)]
    shop.ledger.engine.dispose()
    return found


def test_a_plan_that_is_denied_is_not_applied_until_it_is_asked_anew_and_allowed(
    opened: Opened, board: Receiver
) -> None:
    code = opened.planned()
    board.answer = says(False, "The audit \x1b[2J runs\nuntil Friday." + "x" * 500)
    said = opened.gallra("apply")
    assert (said.code, opened.memory.batches) == (Exit.BLOCKED, [])
    assert f"board.example said no to plan {code}" in said.err
    assert "The audit [2J runs until Friday." in said.err
    assert "\x1b" not in said.err
    assert "x" * LONGEST not in said.err
    board.answer = says(True)
    assert opened.gallra("apply").code == 0
    assert [one["outcome"] for one in heard(opened)] == ["denied", "allowed"]
    assert {one["host"] for one in heard(opened)} == {"board.example"}
    assert heard(opened)[0]["digest"].startswith(code)
    assert opened.gallra("audit", "verify").code == 0


def test_the_question_names_plan_digest_and_steps_and_nobody(opened: Opened, board: Receiver) -> None:
    code = opened.planned()
    board.answer = says(True)
    assert opened.gallra("apply").code == 0
    (body,) = board.bodies
    assert body["type"] == "apply.asked"
    assert body["data"]["plan"]["digest"].startswith(code)
    assert set(body["data"]) == {"shop", "plan", "waves"}
    assert "Disa" not in json.dumps(body)


NOW = datetime(2026, 11, 22, 12, tzinfo=STOCKHOLM)
TO = WebRequest(url="https://board.example", body=b"", headers={"webhook-id": "msg_1"}, seconds=1)
OURS = (key_of(SECRET),)
NO_ANSWERS: dict[str, Reply] = {
    "slow": Reply(failure="slow"),
    "500": Reply(status=500),
    "302": Reply(status=302),
    "no_json": Reply(status=200, body=b"<html>allow: true"),
    "no_word": says("true")(TO),
    "other_id": says(True, id="msg_of_another_question")(TO),
}


@pytest.mark.parametrize("fault", NO_ANSWERS)
def test_what_is_no_answer_is_named(fault: str) -> None:
    heard = judged(Question("msg_1", OURS, signed=False), NO_ANSWERS[fault], now=NOW)
    assert (heard.outcome, heard.fault) == ("none", fault)


def test_no_answer_holds_the_plan_where_the_file_says_nothing(opened: Opened, board: Receiver) -> None:
    opened.planned()
    board.answer = lambda _post: NO_ANSWERS["slow"]
    said = opened.gallra("apply")
    assert (said.code, opened.memory.batches) == (Exit.BLOCKED, [])
    assert "gave no answer" in said.err
    (event,) = heard(opened)
    assert (event["outcome"], event["error"], event["how"]) == ("none", "slow", "hold")


def test_where_the_file_says_so_no_answer_lets_the_plan_go_on(opened: Opened, board: Receiver) -> None:
    asking(opened, 'unanswered = "go_on"')
    opened.planned()
    board.answer = lambda _post: NO_ANSWERS["slow"]
    assert opened.gallra("apply").code == 0
    (event,) = heard(opened)
    assert (event["outcome"], event["how"]) == ("none", "go_on")


def test_a_no_is_a_no_whatever_no_answer_means(opened: Opened, board: Receiver) -> None:
    asking(opened, 'unanswered = "go_on"')
    opened.planned()
    board.answer = says(False)
    assert (opened.gallra("apply").code, opened.memory.batches) == (Exit.BLOCKED, [])


@pytest.mark.parametrize("by", ["nobody", "another", "them"])
@pytest.mark.parametrize("must", [False, True])
def test_a_signature_is_held_to_the_secret_and_missed_where_it_must_be_there(must: bool, by: str) -> None:
    plain = says(True)(TO)
    key = key_of(SECRET) if by == "them" else b"another key, thirty-two bytes ok"
    headers = headers_of(Signed("msg_1", int(NOW.timestamp()), plain.body), [key])
    came = plain if by == "nobody" else replace(plain, headers=headers)
    heard = judged(Question("msg_1", OURS, signed=must), came, now=NOW)
    allowed = by == "them" or (by == "nobody" and not must)
    assert heard.outcome == ("allowed" if allowed else "none")


def test_a_run_that_was_cut_short_goes_on_without_asking_again(opened: Opened, board: Receiver) -> None:
    opened.planned()
    board.answer = says(True)

    def cut(_tasks: list[Task]) -> None:
        opened.memory.before_apply = lambda _tasks: None
        raise RetryLater("cut", adapter="woocommerce", operation="write")

    opened.memory.before_apply = cut
    assert opened.gallra("apply").code == Exit.TRY_LATER
    assert opened.gallra("apply").code == 0
    assert len(board.came) == 1


def test_a_plan_begun_before_anybody_was_asked_is_finished_where_it_began_and_no_further(
    opened: Opened, board: Receiver
) -> None:
    file = opened.file.read_text(encoding="utf-8")
    opened.file.write_text(file.partition("\n[veto]")[0], encoding="utf-8")
    opened.planned()
    assert opened.gallra("apply", "--only", "1").code == 0
    opened.file.write_text(file, encoding="utf-8")
    board.answer = says(False, "Not now")
    before = len(opened.memory.batches)
    said = opened.gallra("apply")
    assert (said.code, len(opened.memory.batches)) == (Exit.BLOCKED, before)
    assert "board.example said no" in said.err


def test_an_unattended_run_that_was_denied_ends_with_4_and_says_by_whom(
    opened: Opened, board: Receiver
) -> None:
    text = opened.file.read_text(encoding="utf-8")
    opened.file.write_text(text + STANDING.format(until="2026-11-22", waves=ALL), encoding="utf-8")
    board.answer = says(False, "Not now")
    shop = opened.open()
    result = run_shop(shop, must_be_sound)
    shop.ledger.engine.dispose()
    code, told = ended(result)
    assert isinstance(result.waiting, Vetoed)
    assert (code, "board.example said no" in told, opened.memory.batches) == (Exit.BLOCKED, True, [])


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 60_000, b'{"allow": 1, "id": "a"}'])
def test_whatever_comes_is_an_answer_or_none_and_never_a_fault(body: bytes) -> None:
    assert answer_of(body, "a").outcome == "none"
