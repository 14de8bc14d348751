"""What an operator sees of messages, and closes."""

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from connector.calendar import STOCKHOLM
from connector.cli import main
from connector.errors import Exit, PlanError
from connector.ports import Presence
from connector.serve.ears import receiver_of
from connector.serve.receive import Answer
from connector.shop import Shop, open_shop
from connector.stages.flow import settle_urgent_messages
from connector.views.status import status_of
from tests.unit.serve.made import ENVIRON, message

# A month later is Saturday 2027-01-02: the last lawful day is the Monday after.
RECEIVED = datetime(2026, 12, 2, 12, tzinfo=STOCKHOLM)


def _open(file: Path) -> Shop:
    return open_shop(file, environ=ENVIRON, clock=lambda: RECEIVED)


def _hear(file: Path, topic: str, id: str = "w-1") -> None:
    shop = _open(file)
    assert receiver_of(shop)[1].receive(*message(topic, id=id)) is Answer.KEPT
    shop.ledger.engine.dispose()


def _status(file: Path) -> list[str]:
    shop = _open(file)
    lines = list(status_of(shop).lines())
    shop.ledger.engine.dispose()
    return lines


def _gallra(file: Path, *words: str) -> tuple[int, str]:
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, ENVIRON | {"GALLRA_SHOP": str(file)}),
        mock.patch.object(sys, "argv", ["gallra", *words]),
        redirect_stdout(out),
        redirect_stderr(out),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return int(ended.value.code or 0), out.getvalue()


def test_a_data_request_stands_in_status_with_its_days_as_soon_as_it_came(file: Path) -> None:
    _hear(file, "customers/data_request")
    (line,) = [line for line in _status(file) if "data request" in line]
    assert "1 of 2026-12-02" in line
    assert "answer by 2027-01-02, at the latest 2027-01-04" in line


def test_an_answered_data_request_is_closed_by_a_named_person(file: Path) -> None:
    _hear(file, "customers/data_request")
    assert _gallra(file, "ack", "--request", "1", "--by", "Disa Demo") == (
        Exit.DONE,
        "Closed 1 data requests, by Disa Demo.\n",
    )
    assert not [line for line in _status(file) if "data request" in line]


def test_closing_what_is_not_open_is_an_error(file: Path) -> None:
    code, said = _gallra(file, "ack", "--request", "9", "--by", "Disa Demo")
    assert (code, "not open" in said) == (Exit.ERROR, True)


def test_closing_nothing_is_an_error(file: Path) -> None:
    code, said = _gallra(file, "ack", "--by", "Disa Demo")
    assert (code, "Nothing is named" in said) == (Exit.ERROR, True)


def test_an_erased_customers_copies_stand_in_status_until_they_are_on_their_way(file: Path) -> None:
    _hear(file, "customers/redact")
    (line,) = [line for line in _status(file) if "copies at recipients" in line]
    assert "1 customers, oldest 2026-12-02, act by 2027-01-01 (1)" in line


class _Gone:
    """A platform that says what it is told to say of its app."""

    name = "shopify"

    def __init__(self, says: Presence) -> None:
        self.says = says
        self.asked = 0

    def presence(self) -> Presence:
        self.asked += 1
        return self.says


def _run(file: Path, says: Presence, at: datetime = RECEIVED) -> tuple[str, list[str], int]:
    """What stopped a run at some moment, what it had to say, and how often the shop was asked."""
    shop = open_shop(file, environ=ENVIRON, clock=lambda: at)
    platform = _Gone(says)
    vars(shop)["platforms"] = {"shopify": platform}
    try:
        settle_urgent_messages(shop)
        return "", shop.notices, platform.asked
    except PlanError as stopped:
        return str(stopped), shop.notices, platform.asked
    finally:
        shop.ledger.engine.dispose()


def test_a_run_that_heard_of_no_uninstall_asks_nobody(file: Path) -> None:
    _hear(file, "customers/redact")
    assert _run(file, Presence.UNINSTALLED) == ("", [], 0)


def test_one_message_and_one_refusal_delete_nothing_and_stop_the_run(file: Path) -> None:
    _hear(file, "customers/redact")
    _hear(file, "shop/redact", id="w-2")
    stopped, _, asked = _run(file, Presence.UNINSTALLED)
    assert asked == 1
    assert "1 of at least 3 runs" in stopped
    assert "Nothing was read, planned or deleted" in stopped
    lines = _status(file)
    assert [line for line in lines if "copies" in line]
    (line,) = [line for line in lines if "uninstalled, said a webhook" in line]
    assert "1 of at least 3 runs since 2026-12-02 12:00" in line
    assert "not before 2026-12-04 12:00" in line


def test_a_shop_that_still_answers_closes_the_message_and_the_run_goes_on(file: Path) -> None:
    _hear(file, "customers/redact")
    _hear(file, "shop/redact", id="w-2")
    stopped, (note,), _ = _run(file, Presence.ANSWERS)
    assert stopped == ""
    assert "still answers" in note
    (line,) = [line for line in _status(file) if "uninstalled, said a webhook" in line]
    assert "the shop still answers (2026-12-02), nothing was deleted" in line
    assert _run(file, Presence.UNINSTALLED) == ("", [], 0)


def test_a_shop_that_gives_no_answer_is_asked_again_and_the_run_goes_on(file: Path) -> None:
    _hear(file, "shop/redact")
    stopped, (note,), _ = _run(file, Presence.NO_ANSWER)
    assert stopped == ""
    assert "no answer that settles it" in note
    assert [line for line in _status(file) if "has not refused" in line]


def test_the_third_refusal_over_two_days_forgets_the_shop(file: Path) -> None:
    _hear(file, "customers/redact")
    _hear(file, "shop/redact", id="w-2")
    for hours in (0, 24):
        assert "seems to be" in _run(file, Presence.UNINSTALLED, RECEIVED + timedelta(hours=hours))[0]
    assert "is deleted" in _run(file, Presence.UNINSTALLED, RECEIVED + timedelta(hours=48))[0]
    lines = _status(file)
    assert not [line for line in lines if "copies" in line or "uninstalled" in line]


def test_a_platform_that_cannot_tell_is_no_answer(file: Path) -> None:
    _hear(file, "shop/redact")
    shop = _open(file)
    vars(shop)["platforms"] = {"shopify": object()}
    settle_urgent_messages(shop)
    assert "no answer" in shop.notices[0]
    shop.ledger.engine.dispose()


def test_a_message_repeated_after_the_shop_was_forgotten_is_known(file: Path) -> None:
    _hear(file, "shop/redact")
    for hours in (0, 24, 48):
        _run(file, Presence.UNINSTALLED, RECEIVED + timedelta(hours=hours))
    shop = _open(file)
    assert receiver_of(shop)[1].receive(*message("shop/redact")) is Answer.KNOWN
    shop.ledger.engine.dispose()
