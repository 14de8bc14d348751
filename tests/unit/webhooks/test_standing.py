"""What an operator sees of messages, and closes."""

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from unittest import mock

import pytest

from connector.calendar import STOCKHOLM
from connector.cli import app, main
from connector.errors import Exit, PlanError
from connector.run import run_shop
from connector.serve_web import receiver_of
from connector.shop import Shop, open_shop
from connector.status import status_of
from connector.webhooks.receive import Answer
from tests.unit.webhooks.made import ENVIRON, message

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
    app.registered_commands.clear()
    app.registered_groups.clear()
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


def test_a_run_after_the_app_was_uninstalled_forgets_the_shop_and_asks_nobody(file: Path) -> None:
    _hear(file, "customers/redact")
    _hear(file, "shop/redact", id="w-2")
    shop = _open(file)
    with pytest.raises(PlanError, match="uninstalled"):
        run_shop(shop)
    with shop.ledger.begin() as connection:
        events = shop.ledger.events(connection, "shop_redacted")
    assert len(events) == 1
    assert "platforms" not in vars(shop)  # nothing that could ask was even built
    shop.ledger.engine.dispose()
    assert not [line for line in _status(file) if "copies" in line]


def test_a_message_repeated_after_the_shop_was_forgotten_is_known(file: Path) -> None:
    _hear(file, "shop/redact")
    shop = _open(file)
    with pytest.raises(PlanError):
        run_shop(shop)
    assert receiver_of(shop)[1].receive(*message("shop/redact")) is Answer.KNOWN
    shop.ledger.engine.dispose()
