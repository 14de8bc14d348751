"""A person has had processing restricted (GDPR 18): only stored, until a named person lifts it."""

import io
import sys
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from connector.ledger.request_holds import settle_requests
from connector.ledger.requests import Register
from connector.ledger.states import RequestState
from connector.records import Field
from tests.engine_support import LONG_AGO
from tests.unit.stages.telling import Telling

BY = ("--by", "Disa Demo")
MINE, OTHERS = "zacharias@kund.example", "berit@kund.example"


@pytest.fixture
def shop(tmp_path: Path) -> Telling:
    """Two persons whose orders are past every time, pulled."""
    made = Telling(tmp_path / "shop")
    made.memory.order("1", LONG_AGO, email=MINE)
    made.memory.order("2", LONG_AGO, email=OTHERS)
    for words in (("check",), ("pull",)):
        assert made.gallra(*words).code == 0
    return made


def restricted(shop: Telling) -> str:
    """A request to restrict, taken in for the first person; its code."""
    with mock.patch.object(sys, "stdin", io.StringIO(f"{MINE}\n")):
        said = shop.gallra("request", "open", "restrict", "--person", *BY)
    assert said.code == 0, said.err
    return said.out.split()[1]


def answered(shop: Telling) -> str:
    """The same, proven, decided and confirmed to the person."""
    code = restricted(shop)
    sent = shop.gallra("request", "identify", code, "--send").out.strip()
    assert shop.gallra("request", "identify", code, "--code", sent, *BY).code == 0
    assert shop.gallra("request", "decide", code).code == 0
    assert shop.gallra("request", "answer", code, *BY).code == 0
    return code


def erased(shop: Telling) -> None:
    """What is due is planned, approved and erased in the shop; nobody is told yet."""
    shop.gallra("plan")
    digest = str(shop.gallra("show", "--json").json["digest"])[:8]
    assert shop.gallra("approve", digest, *BY, "--role", "owner").code == 0
    said = shop.gallra("apply")
    assert said.code == 0, said.err


def told(shop: Telling) -> set[str]:
    return {order for order, _ in shop.mailer.told}


def test_no_field_of_theirs_is_written_and_everybody_elses_is(shop: Telling) -> None:
    restricted(shop)
    before = dict(shop.memory.of("1").values)
    erased(shop)
    assert dict(shop.memory.of("1").values) == before  # not even the traces that no hold binds else
    assert not shop.memory.of("2").values.get(Field.IP_ADDRESS)


def test_what_was_to_be_told_of_them_waits_and_is_told_once_it_is_lifted(shop: Telling) -> None:
    erased(shop)
    code = answered(shop)
    said = shop.gallra("push")
    assert said.code == 0, said.err  # no fault
    assert told(shop) == {"2"}
    assert "1 deliveries wait, restricted" in said.out
    status = shop.gallra("status").out
    assert f"restricted by request {code}" in status
    assert "1 restricted" in status
    shop.gallra("verify")
    assert shop.gallra("report").code == 0
    (protocol,) = (shop.folder / "reports").glob("protocol-*.json")
    assert '"restricted": 1' in protocol.read_text(encoding="utf-8").replace('":1', '": 1')
    lift(shop, code)
    assert shop.gallra("audit", "verify").code == 0
    assert shop.gallra("push").code == 0
    assert told(shop) == {"1", "2"}


def test_it_is_not_lifted_before_the_letter_that_says_so_has_left(shop: Telling) -> None:
    code = answered(shop)
    assert "told before the restriction is lifted" in shop.gallra("request", "lift", code, *BY).err
    assert shop.gallra("request", "letter", code, "lifting").code == 1  # without a reason
    assert shop.gallra("request", "letter", code, "lifting", "--reasons", "The address is right").code == 0
    assert shop.gallra("request", "lift", code, *BY).code == 1  # written is not sent
    assert shop.gallra("request", "sent", code, "lifting", *BY, "--how", "by post").code == 0
    assert shop.gallra("request", "lift", code, *BY).code == 0
    assert shop.gallra("request", "lift", code, *BY).code == 1
    assert "0 holds" in shop.gallra("hold", "list").out


def lift(shop: Telling, code: str) -> None:
    assert shop.gallra("request", "letter", code, "lifting", "--reasons", "The address is right").code == 0
    assert shop.gallra("request", "sent", code, "lifting", *BY, "--how", "by post").code == 0
    assert shop.gallra("request", "lift", code, *BY).code == 0


def test_no_time_ends_it_and_what_shows_it_is_kept_as_long_as_it_is_in_force(shop: Telling) -> None:
    code = answered(shop)
    opened = shop.open()
    with opened.ledger.begin() as connection:
        for days in (31, 400, 1200):
            settle_requests(opened.ledger, connection, today=opened.today + timedelta(days=days))
            row = Register(opened.ledger).get(connection, code)
            assert row.state is RequestState.ANSWERED
            assert row.has_contact
    assert "1 holds" in shop.gallra("hold", "list").out


def test_an_erasure_asked_for_meanwhile_waits_for_it(shop: Telling) -> None:
    answered(shop)
    with mock.patch.object(sys, "stdin", io.StringIO(f"{MINE}\n")):
        other = shop.gallra("request", "open", "erase", "--person", *BY).out.split()[1]
    sent = shop.gallra("request", "identify", other, "--send").out.strip()
    shop.gallra("request", "identify", other, "--code", sent, *BY)
    drawn = shop.gallra("request", "decide", other, "--json").json
    assert drawn["plan"] is None
    assert {str(one["state"]) for one in drawn["records"][0]["fields"]} <= {"held", "keep", "nothing"}


def test_it_cannot_be_released_as_a_hold(shop: Telling) -> None:
    restricted(shop)
    assert shop.gallra("hold", "release", "1", *BY).code == 1


def test_it_is_not_placed_as_a_hold_either(shop: Telling) -> None:
    more = ("--reason", "asked", "--owner", "Disa", "--review", "6 months")
    assert shop.gallra("hold", "add", "--hold", "H9R", "--order", "1", *more).code == 1
