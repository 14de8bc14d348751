"""Monitors are told by signed webhook: once each, tried again, given up in the end, and never in the way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from connector.ledger import schema
from connector.ledger.posts import RETRIES, TRIES
from connector.ports.posting import Reply, Told, WebRequest
from connector.serve.posting import altered, send_waiting, tell
from connector.views.status import status_of
from connector.views.status.model import Request, Status, Waiting
from tests.unit.posted import SECRET, TAKEN, Receiver
from tests.unit.stages.opened import ENVIRON, Opened

HOOK = """
[[alerts.webhook]]
name = "drift"
url = "https://hooks.example/secret-path"
secret = {{ env = "EGG_HOOK" }}
events = [{events}]
"""


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop with a few old orders and one monitor."""
    made = Opened(tmp_path)
    _hook(made)
    for number in range(3):
        made.memory.order(str(number))
    return made


@pytest.fixture(name="heard")
def _heard(opened: Opened) -> Iterator[Receiver]:
    receiver = Receiver(opened.clock)
    with (
        mock.patch("connector.outgoing.build_alerts", receiver),
        mock.patch.dict(ENVIRON, {"EGG_HOOK": SECRET}),
    ):
        yield receiver


def _hook(opened: Opened, *, events: tuple[Told, ...] = tuple(Told), more: str = "") -> None:
    text = opened.file.read_text(encoding="utf-8").partition("\n[[alerts.webhook]]")[0]
    listed = ", ".join(f'"{one}"' for one in events)
    opened.file.write_text(text + HOOK.format(events=listed) + more, encoding="utf-8")


def _plan(opened: Opened) -> None:
    for words in (("check",), ("pull",), ("plan",)):
        assert opened.gallra(*words).code == 0, words


def _told(opened: Opened, *, found: str | None = "plan 1") -> tuple[str, ...]:
    """What a command has to tell at its end: here that an audit found something."""
    shop = opened.open()
    try:
        return tell(shop, *([] if found is None else [altered(shop, found)]))
    finally:
        shop.ledger.engine.dispose()


def _without_shop(heard: Receiver) -> list[dict[str, Any]]:
    return [
        one | {"data": {key: value for key, value in one["data"].items() if key != "shop"}}
        for one in heard.bodies
    ]


def _again(opened: Opened, wait: timedelta = timedelta()) -> tuple[str, ...]:
    """What the next command, or `serve` between two runs, sends."""
    opened.clock.now += wait
    shop = opened.open()
    try:
        return send_waiting(shop)
    finally:
        shop.ledger.engine.dispose()


def _status(opened: Opened) -> str:
    shop = opened.open()
    try:
        return "\n".join(line for line in status_of(shop).lines() if "monitor" in line)
    finally:
        shop.ledger.engine.dispose()


def test_a_plan_that_waits_is_told_once_with_its_digest_and_counts(opened: Opened, heard: Receiver) -> None:
    _plan(opened)
    _plan(opened)
    assert heard.types == ["plan.waiting"]
    (body,) = heard.bodies
    digest = opened.gallra("show", "--json").json["digest"]
    assert body["data"]["shop"] == {"id": "egg", "name": "Ägget"}
    assert body["data"]["plan"] == {"code": digest[:8], "digest": digest}
    assert body["data"]["steps"] == sum(body["data"]["waves"].values()) > 0
    assert (opened.folder / "reports" / body["data"]["report"]).is_file()


def test_where_the_reports_are_published_a_message_links_to_its_report(
    opened: Opened, heard: Receiver
) -> None:
    text = opened.file.read_text(encoding="utf-8")
    opened.file.write_text(
        text.replace("[reports]\n", '[reports]\nurl = "https://reports.example/egg/"\n'), encoding="utf-8"
    )
    _plan(opened)
    data = heard.bodies[0]["data"]
    assert data["link"] == f"https://reports.example/egg/{data['report']}"


def test_what_was_applied_is_told_with_its_count(opened: Opened, heard: Receiver) -> None:
    opened.planned()
    assert opened.gallra("apply").code == 0
    assert heard.types == ["plan.waiting", "plan.applied"]
    assert heard.bodies[1]["data"]["records"] == 3


def test_data_that_was_found_left_is_a_deviation(opened: Opened, heard: Receiver) -> None:
    opened.planned()
    assert opened.gallra("apply").code == 0
    opened.memory.order("1")  # back as it was
    assert opened.gallra("verify", "--again").code == 6
    assert heard.bodies[-1]["type"] == "deviation.found"
    assert heard.bodies[-1]["data"]["kind"] == "data_left"
    assert heard.bodies[-1]["data"]["records"] == 1


def test_an_audit_that_finds_a_break_is_a_deviation_told_once(opened: Opened, heard: Receiver) -> None:
    _plan(opened)
    shop = opened.open()
    with shop.ledger.begin() as connection:
        connection.execute(update(schema.plan).values(digest="0" * 64))
    shop.ledger.engine.dispose()
    for _ in range(2):
        assert opened.gallra("audit", "verify").code == 5
    told = [one["data"] for one in heard.bodies if one["type"] == "deviation.found"]
    assert [one["kind"] for one in told] == ["ledger_altered"]


def test_what_is_overdue_is_told_by_recipient_and_by_request_and_each_once(
    opened: Opened, heard: Receiver
) -> None:
    today = opened.clock().date()
    late = Waiting(recipient="postnord", state="failed", count=3, oldest=today - timedelta(days=40), ids=(1,))
    asked = Request(id=7, account="9", received=today, deadline=today - timedelta(days=1), outer_limit=today)
    status = Status(shop="egg", waiting=(late, replace(late, oldest=today)), requests=(asked,))
    with mock.patch("connector.serve.messages.status_of", return_value=status):
        _told(opened, found=None)
        _told(opened, found=None)
    due = str(late.oldest + timedelta(days=30))
    assert [(one["type"], one["data"]) for one in _without_shop(heard)] == [
        ("recipient.overdue", {"recipient": "postnord", "state": "failed", "count": 3, "due": due}),
        ("request.overdue", {"kind": "data_request", "request": 7, "due": str(asked.deadline)}),
    ]


@pytest.mark.parametrize(
    ("type", "detail", "told"),
    [
        ("run", {"waiting": "LimitExceeded"}, {"kind": "limit"}),
        ("run", {"waiting": "Vetoed"}, {"kind": "veto"}),
        ("run", {"waiting": "NotApproved"}, None),
        ("stopped", {"error": "MoneyMoved"}, {"kind": "stopped", "error": "MoneyMoved"}),
        ("stopped", {"error": "RetryLater"}, None),
        ("run_ended", {"fault": "Altered", "code": 5, "said": "Anna"}, {"kind": "ledger_altered"}),
        (
            "run_ended",
            {"fault": "Rejected", "code": 3, "said": "Anna"},
            {"kind": "failed", "error": "Rejected", "exit": 3},
        ),
        ("run_ended", {"fault": "RetryLater", "code": 75, "said": ""}, None),
        ("run_ended", {"fault": "", "code": 0, "said": ""}, None),
    ],
)
def test_what_stops_a_run_is_a_deviation_by_its_kind_and_what_only_waits_is_none(
    opened: Opened, heard: Receiver, type: str, detail: dict[str, Any], told: dict[str, Any] | None
) -> None:
    shop = opened.open()
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, type, **detail)
    shop.ledger.engine.dispose()
    _told(opened, found=None)
    _told(opened, found=None)
    assert [one["data"] for one in _without_shop(heard)] == ([] if told is None else [told])


def test_only_what_a_monitor_asked_for_is_told(opened: Opened, heard: Receiver) -> None:
    _hook(opened, events=(Told.PLAN_APPLIED,))
    opened.planned()
    assert opened.gallra("apply").code == 0
    assert heard.types == ["plan.applied"]


def test_what_is_not_taken_waits_by_the_schedule_keeps_its_id_and_changes_nothing(
    opened: Opened, heard: Receiver
) -> None:
    heard.answer = lambda _post: Reply(status=500)
    _told(opened)
    assert "1 messages wait, 0 were given up (last answer: 500)" in _status(opened)
    assert len(heard.came) == 1
    heard.answer = lambda _post: TAKEN
    assert _again(opened) == ()
    assert len({one.headers["webhook-id"] for one in heard.came}) == 1
    assert len({one.headers["webhook-timestamp"] for one in heard.came}) == 2
    assert len({one.body for one in heard.came}) == 1
    assert _status(opened) == ""


def test_the_tries_are_spaced_as_the_schedule_says_and_then_it_is_given_up(
    opened: Opened, heard: Receiver
) -> None:
    heard.answer = lambda _post: Reply(failure="unreachable")
    _told(opened)
    for number, wait in enumerate(RETRIES, 1):
        if wait > timedelta(minutes=3):
            _again(opened)
            assert len(heard.came) == number  # not yet
        _again(opened, wait)
    assert len(heard.came) == TRIES
    _again(opened, timedelta(days=9))
    assert len(heard.came) == TRIES
    assert "0 messages wait, 1 were given up (last answer: unreachable)" in _status(opened)


def test_a_try_is_counted_before_it_is_made(opened: Opened, heard: Receiver) -> None:
    def killed(_post: WebRequest) -> Reply:
        raise KeyboardInterrupt

    heard.answer = killed
    with pytest.raises(KeyboardInterrupt):
        _told(opened)
    shop = opened.open()
    with shop.ledger.begin() as connection:
        row = connection.execute(select(schema.post)).one()
    shop.ledger.engine.dispose()
    assert (row.tries, row.state, row.answer) == (1, "waiting", "no_answer")


def test_a_receiver_that_asks_for_patience_gets_it(opened: Opened, heard: Receiver) -> None:
    heard.answer = lambda _post: Reply(status=429, after=7200.0)
    _told(opened)
    _again(opened, timedelta(minutes=90))
    assert len(heard.came) == 1
    _again(opened, timedelta(minutes=40))
    assert len(heard.came) == 2


def test_a_receiver_that_is_gone_is_told_nothing_more_until_its_address_is_another(
    opened: Opened, heard: Receiver
) -> None:
    heard.answer = lambda _post: Reply(status=410)
    _told(opened)
    assert "answered 410" in _status(opened)
    heard.answer = lambda _post: TAKEN
    _told(opened, found="plan 2")
    assert len(heard.came) == 1
    text = opened.file.read_text(encoding="utf-8").replace("secret-path", "other-path")
    opened.file.write_text(text, encoding="utf-8")
    _told(opened, found="plan 3")
    assert [one["data"]["found"] for one in heard.bodies] == ["plan 1", "plan 3"]


@pytest.mark.parametrize("secret", ["", "hush", "whsec_AAAA"])
def test_a_secret_that_is_none_is_said_and_not_quoted(opened: Opened, heard: Receiver, secret: str) -> None:
    with mock.patch.dict(ENVIRON, {"EGG_HOOK": secret}):
        (line,) = _told(opened)
    assert line.startswith("The monitor drift could not be told: ")
    assert not secret or secret not in line.replace("whsec_ and", "")
    assert heard.came == []


def test_what_nobody_foresaw_in_a_message_stops_no_command_and_is_not_quoted(
    opened: Opened, heard: Receiver
) -> None:
    def broken(_post: WebRequest) -> Reply:
        raise RuntimeError("Anna Andersson")

    heard.answer = broken
    for words in (("check",), ("pull",)):
        assert opened.gallra(*words).code == 0
    said = opened.gallra("plan")
    assert said.code == 0
    assert "Warning: The monitor drift could not be told: RuntimeError" in said.err
    assert "Anna" not in said.err


def test_a_monitor_that_cannot_be_told_stops_no_other(opened: Opened, heard: Receiver) -> None:
    _hook(opened, more=HOOK.format(events='"deviation.found"').replace("drift", "other"))

    def only_one(post: WebRequest) -> Reply:
        if len(heard.came) == 1:
            raise RuntimeError
        return TAKEN

    heard.answer = only_one
    assert len(_told(opened)) == 1
    assert heard.types == ["deviation.found"] * 2


def test_neither_address_nor_secret_nor_anybodys_data_stands_in_ledger_or_message(
    opened: Opened, heard: Receiver
) -> None:
    opened.planned()
    assert opened.gallra("apply").code == 0
    shop = opened.open()
    with shop.ledger.begin() as connection:
        rows = str(connection.execute(select(schema.post)).all())
        rows += str(connection.execute(select(schema.event)).all())
    shop.ledger.engine.dispose()
    for hidden in ("secret-path", SECRET, "@", "+46", "Disa"):
        assert hidden not in json.dumps(heard.bodies)
    assert "secret-path" not in rows
    assert SECRET not in rows


def test_an_earlier_history_is_not_told_to_a_new_monitor(tmp_path: Path) -> None:
    opened = Opened(tmp_path)
    opened.ran("1", "2")
    opened.clock.turn(days=3)
    _hook(opened)
    receiver = Receiver(opened.clock)
    with (
        mock.patch("connector.outgoing.build_alerts", receiver),
        mock.patch.dict(ENVIRON, {"EGG_HOOK": SECRET}),
    ):
        assert opened.gallra("verify").code == 0
    assert "plan.applied" not in receiver.types
