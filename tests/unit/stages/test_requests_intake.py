"""Requests from a file and from a platform's webhook: each row an outcome, and the same request only once."""

import io
import json
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import GallraError
from connector.ledger.inbox import Inbox, open_requests
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.ports.heard import Heard, Topic
from connector.records import Field, Kind, Ref
from connector.request import OLDEST_YEARS, Channel, RequestKind, clock
from connector.stages.flow.confirmed_requests import Confirmed, open_confirmed
from connector.stages.flow.opening_requests import register_of
from connector.stages.flow.taking_in import take_in_messages
from connector.stages.messages import settle_at_once
from connector.stages.requests.intake import LONGEST, MOST_BYTES, MOST_ROWS, AskedRow, BadRow, rows_of
from tests.engine_support import LAST_YEAR
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_requests import BY, MINE, OTHERS, asked, proven

TODAY = date(2026, 11, 22)
WHOLE = {"kind": "erase", "received": "2026-11-20", "email": MINE}


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """Two orders of two persons, and an account of the first."""
    made = Opened(tmp_path)
    made.memory.order("1", LAST_YEAR, email=MINE)
    made.memory.order("2", LAST_YEAR, email=OTHERS)
    made.memory.customer("7", LAST_YEAR, email=MINE)
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    return made


def register(shop: Opened) -> list[RequestRow]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return Register(opened.ledger).list(connection, every=True)


def taken(shop: Opened, file: Path) -> list[str]:
    said = shop.gallra("request", "import", str(file), *BY, "--json")
    assert said.code in (0, 3), said.err
    return [one["outcome"] for one in said.json["rows"]]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_each_row_of_a_file_has_its_outcome_and_the_file_again_takes_in_nothing(
    shop: Opened, tmp_path: Path, suffix: str
) -> None:
    rows = [
        WHOLE, {**WHOLE, "kind": "access", "email": "", "order": "2"}, {**WHOLE, "kind": "forget me"},
        {**WHOLE, "email": "no address"}, {**WHOLE, "received": "2099-01-01"}, {**WHOLE, "order": "4711"},
        {**WHOLE, "email": MINE.upper()},
    ]  # fmt: skip
    file = tmp_path / f"requests.{suffix}"
    if suffix == "json":
        file.write_text(json.dumps(rows), encoding="utf-8")
    else:
        heads = ("kind", "received", "email", "order")
        lines = (";".join(row.get(name, "") for name in heads) for row in rows)
        file.write_text("\ufeff" + "\r\n".join((";".join(heads), *lines)), encoding="utf-8")
    wanted = ["taken", "taken", "refused", "refused", "refused", "refused", "already"]
    assert taken(shop, file) == wanted
    assert taken(shop, file) == [one.replace("taken", "already") for one in wanted]
    assert [(str(one.kind), one.received) for one in register(shop)] == [
        ("erase", date(2026, 11, 20)), ("access", date(2026, 11, 20)),
    ]  # fmt: skip
    said = shop.gallra("request", "import", str(file), *BY)
    assert said.code == 3
    assert MINE not in said.out + said.err
    for ledger in shop.folder.glob("gallra.sqlite*"):
        assert MINE.encode() not in ledger.read_bytes()


def test_a_request_that_was_typed_is_known_when_a_file_brings_it_too(shop: Opened, tmp_path: Path) -> None:
    asked(shop, "erase")
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([WHOLE]), encoding="utf-8")
    assert [taken(shop, file) for _ in range(2)] == [["earlier"], ["already"]]
    assert [one.received for one in register(shop)] == [date(2026, 11, 20)]


def brought(shop: Opened, file: Path, *rows: dict[str, str]) -> list[str]:
    file.write_text(json.dumps(rows), encoding="utf-8")
    return taken(shop, file)


def test_what_another_only_claimed_swallows_nobody_s_request(shop: Opened, tmp_path: Path) -> None:
    """Who waits named another's order beside her own address: that one's own request has its own clock."""
    asked(shop, "access", MINE, "--order", "2")
    row = {"kind": "access", "received": "2026-11-20", "order": "2"}
    file = tmp_path / "requests.json"
    assert brought(shop, file, row) == ["taken"]
    assert brought(shop, file, row, {**row, "order": "", "email": OTHERS}) == ["already", "taken"]


def test_what_is_proven_is_known_again_whatever_else_is_named_beside_it(shop: Opened, tmp_path: Path) -> None:
    code = asked(shop, "erase")
    more, file = {**WHOLE, "order": "1"}, tmp_path / "requests.json"
    proven(shop, code)
    assert brought(shop, file, more) == ["earlier"]
    assert brought(shop, file, more) == ["already"]
    assert [one.code for one in register(shop)] == [code]


DAYS = [f"2026-11-{day}" for day in (18, 19, 20, 21)]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations(DAYS))
def test_of_the_days_on_which_the_same_came_in_the_first_counts(
    tmp_path_factory: pytest.TempPathFactory, order: list[str]
) -> None:
    shop = Opened(tmp_path_factory.mktemp("days"))
    rows = [{**WHOLE, "received": day} for day in order]
    file = shop.folder / "requests.json"
    came = brought(shop, file, *rows)
    (row,) = register(shop)
    assert (row.received, row.due) == (date(2026, 11, 18), clock(date(2026, 11, 18)).due)
    assert "taken" not in came[1:]
    assert set(brought(shop, file, *rows)) == {"already"}
    assert shop.gallra("request", "refuse", row.code, *BY, "--ground", "answered in May").code == 0
    assert set(brought(shop, file, *rows)) == {"already"}  # all of them were answered with it


def test_an_extension_that_was_told_too_late_for_the_earlier_day_falls(shop: Opened, tmp_path: Path) -> None:
    code = asked(shop, "erase")
    extended = ("extend", code, "--why", "many", "--how", "by phone", *BY)
    assert shop.gallra("request", *extended).code == 0
    assert brought(shop, tmp_path / "requests.json", {**WHOLE, "received": "2026-09-01"}) == ["earlier"]
    (row,) = register(shop)
    assert row.due == row.limit == clock(date(2026, 9, 1)).due


HOSTILE = [
    b"\xff\xfe\x00", b"kind;received\nerase", b"kind,kind\n", b'kind,email\n"erase', b"<script>,x\n1,2",
    b"kind,email\x00\nerase,a@b.example", b"{}", b"[" * 5000, b'"x"', b"x" * (MOST_BYTES + 1),
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("as_json", [True, False])
def test_a_file_that_is_none_is_refused_in_a_sentence_or_its_rows_are(content: bytes, as_json: bool) -> None:
    found: tuple[AskedRow | BadRow, ...] = ()
    with suppress(GallraError):
        found = rows_of(content, as_json=as_json, today=TODAY)
    assert all(isinstance(one, BadRow) for one in found)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(GallraError, match="1000 rows"):
        rows_of(json.dumps([WHOLE] * (MOST_ROWS + 1)).encode(), as_json=True, today=TODAY)


VALUES = st.text() | st.integers() | st.none()


@given(st.lists(st.dictionaries(st.sampled_from([*WHOLE, "name", "x"]), VALUES)))
def test_whatever_stands_in_a_row_it_is_a_request_or_says_its_column(rows: list[object]) -> None:
    for one in rows_of(json.dumps(rows).encode(), as_json=True, today=TODAY):
        if isinstance(one, BadRow):
            assert one.why in {"kind", "received", "channel", "email", "name", "columns", "whose"}
        else:
            assert one.email
            assert one.email not in repr(one)
            assert len(one.name) <= LONGEST


TWO_IN_ONE = [
    f"{MINE},{OTHERS}", f"{MINE};{OTHERS}", f"{MINE} {OTHERS}", f"{OTHERS} <{MINE}>", f"({OTHERS}){MINE}",
]  # fmt: skip
WRITTEN_AROUND = [f"<{MINE}>", f"Zacharias <{MINE}>", f"mailto:{MINE}", f" {MINE.upper()}."]


@pytest.mark.parametrize("way", ["import", "open", "form"])
def test_what_is_an_address_is_one_by_every_way(shop: Opened, tmp_path: Path, way: str) -> None:
    """A list of two is none; what is written around one is no part of it, nor of what is mailed to."""

    def takes(address: str) -> bool:
        if way == "import":
            return brought(shop, tmp_path / "r.json", {**WHOLE, "email": address}) != ["refused"]
        if way == "open":
            with mock.patch.object(sys, "stdin", io.StringIO(address + "\n")):
                return shop.gallra("request", "open", "erase", "--person", *BY).code == 0
        given = Confirmed(kind=RequestKind.ERASE, received=TODAY, by="form", email=address)
        with suppress(GallraError):
            return bool(open_confirmed(shop.open(), given).code)
        return False

    assert [one for one in TWO_IN_ONE if takes(one)] == []
    assert register(shop) == []
    assert [one for one in WRITTEN_AROUND if not takes(one)] == []
    (row,) = register(shop)  # all of them are one person
    opened = shop.open()
    with opened.ledger.begin() as connection:
        contact = register_of(opened).contact(connection, row)
    assert contact is not None
    assert contact.email == MINE


def test_a_day_long_ago_is_refused_with_its_column_and_typed_too(shop: Opened) -> None:
    days = {"1999-01-01": False, f"{TODAY.year - OLDEST_YEARS - 1}-12-31": False, "2025-01-01": True}
    for day, taken_in in days.items():
        (row,) = rows_of(json.dumps([{**WHOLE, "received": day}]).encode(), as_json=True, today=TODAY)
        assert isinstance(row, AskedRow) is taken_in
        assert taken_in or (isinstance(row, BadRow) and row.why == "received")
        typed = shop.gallra("request", "open", "erase", "--order", "1", "--on", day, *BY)
        assert (typed.code == 0) is taken_in


def test_a_row_that_is_whole_is_read() -> None:
    (row,) = rows_of(json.dumps([{**WHOLE, "channel": "FORM"}]).encode(), as_json=True, today=TODAY)
    assert isinstance(row, AskedRow)
    assert (row.kind, row.channel, row.email) == (RequestKind.ERASE, Channel.FORM, MINE)


def heard(shop: Opened, id: str, ref: Ref, email: str = "") -> None:
    """A platform's data request comes in and is dated, as a run does it."""
    handles = {"email": (email,)} if email else {}
    opened = shop.open()
    inbox = Inbox(opened.ledger, opened.outbox.vault)
    inbox.receive("woocommerce", Heard(topic=Topic.DATA_REQUEST, id=id, refs=(ref,), handles=handles))
    settle_at_once(opened.ledger, inbox, opened.keyer)


ACCOUNT = Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id="7")


def test_a_data_request_of_the_platform_is_registered_held_and_closed_with_its_answer(shop: Opened) -> None:
    heard(shop, "w-1", ACCOUNT)
    assert take_in_messages(shop.open()) != ()
    assert take_in_messages(shop.open()) == ()  # once
    (row,) = register(shop)
    assert (row.kind, row.channel) == (RequestKind.ACCESS, Channel.WEBHOOK)
    status = shop.gallra("status").out
    assert row.code in status
    assert "data request" not in status
    opened = shop.open()
    with opened.ledger.begin() as connection:
        named = Register(opened.ledger).named(connection, row)
        assert {one.type for one in named} == {"customer", "email"}
    assert shop.gallra("request", "identify", row.code, "--elsewhere", "asked in the admin", *BY).code == 0
    drawn = shop.gallra("request", "decide", row.code, "--json").json
    assert {one["id"] for one in drawn["scope"]["refs"]} == {"1", "7"}
    assert shop.gallra("request", "answer", row.code, *BY).code == 0
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert open_requests(connection, opened.ledger.shop) == []


@pytest.mark.parametrize("address", [MINE, "", OTHERS, "nobody@kund.example"])
def test_one_code_proves_no_account_beside_the_address_of_somebody_else(shop: Opened, address: str) -> None:
    """A message names an account and an address; what does not belong together is told, and no code made."""
    code = asked(shop, "access", OTHERS)  # the other person's own, which the message is not
    heard(shop, "w-1", ACCOUNT, address)
    (made,) = take_in_messages(shop.open())
    assert made != code
    sent = shop.gallra("request", "identify", made, "--send")
    own = address in (MINE, "")
    assert sent.code == (0 if own else 1)
    if own:
        assert "address that customer 7 has in the shop now" in sent.err
        assert shop.gallra("request", "identify", made, "--code", sent.out.strip(), *BY).code == 0
        drawn = shop.gallra("request", "decide", made, "--json").json
        assert {one["id"] for one in drawn["scope"]["refs"]} == {"1", "7"}
    else:
        assert "another's address" in sent.err
        assert sent.out == ""
        shown = shop.gallra("request", "show", made).out
        assert "customer: not proven" in shown
        assert "email: not proven" in shown


def test_an_account_that_has_got_another_address_since_the_message_is_proven_by_no_code(shop: Opened) -> None:
    heard(shop, "w-1", ACCOUNT, MINE)
    (made,) = take_in_messages(shop.open())
    account = shop.memory.of("7", Kind.CUSTOMER)
    account.values[Field.EMAIL] = OTHERS
    shop.memory.touch(account)
    assert shop.gallra("request", "identify", made, "--send").code == 1


def test_the_same_asked_for_twice_by_the_platform_or_by_hand_is_one(shop: Opened) -> None:
    code = asked(shop, "access")
    proven(shop, code)
    for id in ("w-1", "w-2"):
        heard(shop, id, ACCOUNT)
    assert take_in_messages(shop.open()) == ()
    assert [one.code for one in register(shop)] == [code]
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert open_requests(connection, opened.ledger.shop) == []
    assert register(shop)[0].state is RequestState.IDENTIFIED


def test_one_whose_record_is_not_known_yet_waits_as_a_message_until_a_pull_has_it(shop: Opened) -> None:
    heard(shop, "w-1", Ref(adapter="woocommerce", kind=Kind.CUSTOMER, id="8"))
    assert take_in_messages(shop.open()) == ()
    assert "data request" in shop.gallra("status").out
    shop.memory.customer("8", LAST_YEAR, email="ny@kund.example")
    shop.gallra("run")
    assert "data request" not in shop.gallra("status").out
    assert len(register(shop)) == 1
