"""A person's request, from the first word to the answer: proven, held, shown, approved, erased, told."""

import io
import sys
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from unittest import mock

import pytest

from connector.deciding.request_scope import scope_of
from connector.errors import GallraError, RemoteError
from connector.ledger.proof.audit import breaks
from connector.ledger.request_holds import settle_requests
from connector.ledger.requests import Register, RequestRow
from connector.ledger.states import RequestState
from connector.records import Field, HoldId, Kind
from connector.request import Channel, RequestKind
from connector.shop import Shop
from connector.stages.flow.opening_requests import Taken, open_request
from connector.stages.flow.requesting import Proof, identify, send_code
from connector.views.status.model import Asked
from tests.engine_support import LAST_YEAR, LONG_AGO, sealed
from tests.unit.stages.opened import Opened

MINE, OTHERS = "zacharias@kund.example", "berit@kund.example"
BY = ("--by", "Disa Demo")


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """Two persons with an order each, inside the time of claims and the books, and old traces."""
    made = Opened(tmp_path)
    made.memory.order("1", LAST_YEAR, email=MINE, phone="+46701234567", name="Zacharias Oxenhufvud")
    made.memory.order("2", LAST_YEAR, email=OTHERS, phone="+46701234567")
    for words in (("check",), ("pull",), ("plan",)):
        assert made.gallra(*words).code == 0
    return made


def typed(shop: Opened, text: str, *words: str) -> str:
    with mock.patch.object(sys, "stdin", io.StringIO(text + "\n")):
        said = shop.gallra(*words)
    assert said.code == 0, said.err
    return said.out


def asked(shop: Opened, kind: str = "erase", address: str = MINE, *more: str) -> str:
    said = typed(shop, address, "request", "open", kind, "--person", *BY, *more)
    return said.split()[1]


def proven(shop: Opened, code: str) -> None:
    sent = shop.gallra("request", "identify", code, "--send").out.strip()
    said = shop.gallra("request", "identify", code, "--code", sent, *BY)
    assert said.code == 0, said.err


def row_of(shop: Opened, code: str) -> RequestRow:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        return Register(opened.ledger).get(connection, code)


def held(shop: Opened, id: str) -> dict[Field, str]:
    return {field: text for field, text in shop.memory.of(id).values.items() if text}


def test_what_is_asked_to_go_goes_and_what_the_law_keeps_stays(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == 0, drawn.err
    plan = drawn.json["plan"]
    fields = {one["field"]: one["state"] for one in drawn.json["records"][0]["fields"]}
    assert fields["phone"] == "due"
    assert fields["name"] == fields["email"] == "keep"
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    said = shop.gallra("apply", "--plan", plan)
    assert said.code == 0, said.err
    mine, theirs = held(shop, "1"), held(shop, "2")
    assert Field.PHONE not in mine
    assert mine[Field.EMAIL] == MINE
    assert theirs[Field.PHONE] == "+46701234567"
    assert shop.gallra("verify").code == 0
    said = shop.gallra("request", "answer", code, "--part", "--ground", "BFL 7:2", *BY)
    assert said.code == 0, said.err
    assert row_of(shop, code).state is RequestState.ANSWERED


def whole_account(shop: Opened, code: str) -> dict[str, object]:
    """What `decide` says of the account as a whole."""
    drawn = shop.gallra("request", "decide", code, "--json")
    assert drawn.code == 0, drawn.err
    account = next(one for one in drawn.json["records"] if one["ref"]["kind"] == "customer")
    return next(one for one in account["fields"] if one["field"] is None)


@pytest.fixture
def with_account(shop: Opened) -> Opened:
    """The first person has an account too, and a plan has decided everything."""
    shop.memory.customer("31", LAST_YEAR, email=MINE)
    for words in (("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    return shop


def test_an_order_placed_since_the_plan_keeps_the_account_that_is_asked_to_go(
    with_account: Opened,
) -> None:
    code = asked(with_account)
    proven(with_account, code)
    assert whole_account(with_account, code)["state"] == "due"
    new = with_account.memory.order("3", with_account.clock().date(), email=MINE)
    with_account.memory.touch(new, status="processing", completed=None)
    assert whole_account(with_account, code)["holds"] == ["H1"]


def test_an_answered_request_for_access_holds_no_account_that_is_asked_to_go(with_account: Opened) -> None:
    access, erase = asked(with_account, "access"), asked(with_account)
    for code in (access, erase):
        proven(with_account, code)
    assert with_account.gallra("plan").code == 0
    assert whole_account(with_account, erase)["holds"] == ["H9A"]
    assert with_account.gallra("request", "close", access, *BY).code == 0
    assert whole_account(with_account, erase)["state"] == "due"


@pytest.mark.parametrize("kind", [str(one) for one in RequestKind if one.hold is HoldId.REQUEST])
@pytest.mark.parametrize("named", ["order", "person"])
def test_a_request_that_is_carried_out_lets_go_of_no_other_request_s_hold(
    with_account: Opened, kind: str, named: str
) -> None:
    """The other one names the order alone, or the same person: its H9 is of the same kind."""
    erase = asked(with_account)
    proven(with_account, erase)
    assert whole_account(with_account, erase)["state"] == "due"
    if named == "order":
        other = with_account.gallra("request", "open", kind, "--order", "1", *BY)
        assert other.code == 0, other.err
    else:
        asked(with_account, kind, MINE, "--again")
    for _ in range(2):
        assert whole_account(with_account, erase)["holds"] == ["H9"]
        assert with_account.gallra("plan").code == 0


def explained(shop: Opened, id: str = "31") -> list[str]:
    verdict = shop.gallra("explain", id, "--kind", "customer", "--json").json["verdict"]
    every = [one for one in (verdict.get("record"), *verdict["fields"]) if one]
    return sorted({hold for one in every for hold in one.get("holds", ())})


@pytest.mark.parametrize("kind", ["access", "erase", "restrict"])
def test_explain_says_of_an_account_what_the_next_plan_says_of_a_request_that_came_or_went(
    with_account: Opened, kind: str
) -> None:
    before = explained(with_account)
    code = asked(with_account, kind)
    opened = explained(with_account)
    assert opened != before
    assert with_account.gallra("plan").code == 0
    assert explained(with_account) == opened
    assert with_account.gallra("request", "close", code, *BY).code == 0
    closed = explained(with_account)
    assert closed == before
    assert with_account.gallra("plan").code == 0
    assert explained(with_account) == before


def test_a_run_carries_out_what_was_approved_and_moves_the_request_to_read_back(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    shop.gallra("run")
    assert held(shop, "1")[Field.PHONE] == "+46701234567"  # nobody has approved it
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    said = shop.gallra("run")
    assert "records of plan" in said.out, said.err
    assert Field.PHONE not in held(shop, "1")
    assert row_of(shop, code).state is RequestState.READ_BACK
    assert shop.gallra("request", "answer", code, "--part", "--ground", "BFL 7:2", *BY).code == 0


def test_a_run_ends_well_where_what_a_request_waits_for_is_refused_and_says_so(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    shop.clock.turn(days=8)
    said = shop.gallra("run")
    assert held(shop, "1")[Field.PHONE] == "+46701234567"
    assert row_of(shop, code).state is RequestState.SCOPED
    assert said.code in (0, 4), said.err
    assert f"Request {code} is to be decided, or decided anew" in shop.gallra("status").out


def test_what_a_read_back_finds_left_is_decided_anew(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    assert shop.gallra("apply", "--plan", plan).code == 0
    one = shop.memory.of("1")
    one.values[Field.PHONE] = "+46701234567"
    shop.memory.touch(one)
    shop.gallra("run")
    assert row_of(shop, code).state is RequestState.SCOPED


def test_a_record_that_was_left_alone_is_decided_anew_and_told_so_everywhere(with_account: Opened) -> None:
    """An order placed between the decision and the run keeps the account; the recipients wait meanwhile."""
    shop = with_account
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0
    new = shop.memory.order("3", shop.clock().date(), email=MINE)
    shop.memory.touch(new, status="processing", completed=None)
    shop.gallra("run")
    assert shop.memory.of("31", Kind.CUSTOMER).values[Field.EMAIL] == MINE
    anew = f"Request {code} is to be decided, or decided anew"
    assert row_of(shop, code).state is RequestState.SCOPED
    assert anew in shop.gallra("status").out
    assert anew in shop.gallra("request", "show", code).out
    for words in (("letter", code, "erased"), ("answer", code, "--part", *BY)):
        said = shop.gallra("request", *words)
        assert said.code == 1
        assert "decided" in said.err
    assert whole_account(shop, code)["state"] != "due"


def test_no_answer_says_done_while_what_is_due_waits(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    shop.gallra("request", "decide", code)
    said = shop.gallra("request", "answer", code, *BY)
    assert said.code == 1
    assert "nobody has approved it" in said.err


def test_a_plan_of_a_refused_request_cannot_be_approved(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert shop.gallra("request", "refuse", code, "--ground", "Art. 12(5)", *BY).code == 0
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code != 0


def test_the_nightly_plan_does_not_replace_the_one_of_a_request(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    shop.memory.order("9", LONG_AGO)
    for words in (("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    assert shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run").code == 0


def test_nothing_of_a_person_stands_in_the_ledger_in_clear(shop: Opened) -> None:
    code = asked(shop, "access")
    proven(shop, code)
    shop.gallra("request", "decide", code)
    shop.gallra("request", "answer", code, *BY)
    for path in shop.folder.glob("gallra.sqlite*"):
        for value in (MINE, "zacharias", "Oxenhufvud", "701234567"):
            assert value.encode() not in path.read_bytes()


@pytest.mark.parametrize(("kind", "keeps"), [("access", True), ("erase", False)])
def test_an_access_request_holds_every_field_until_it_is_answered(
    tmp_path: Path, kind: str, keeps: bool
) -> None:
    shop = Opened(tmp_path)
    shop.memory.order("1", LONG_AGO, email=MINE)
    shop.memory.order("2", LONG_AGO, email=OTHERS)
    for words in (("check",), ("pull",)):
        shop.gallra(*words)
    code = asked(shop, kind)
    shop.gallra("plan")
    shop.gallra("approve", str(shop.gallra("show", "--json").json["digest"])[:8], *BY, "--role", "owner")
    said = shop.gallra("apply")
    assert said.code == 0, said.err
    assert Field.EMAIL in held(shop, "1")
    assert (Field.IP_ADDRESS in held(shop, "1")) is keeps
    assert Field.EMAIL not in held(shop, "2")
    if keeps:
        proven(shop, code)
        shop.gallra("request", "decide", code)
        assert shop.gallra("request", "answer", code, *BY).code == 0
        assert "0 holds" in shop.gallra("hold", "list").out


def test_a_hold_that_comes_with_a_request_stops_a_plan_that_was_approved_before(tmp_path: Path) -> None:
    shop = Opened(tmp_path)
    shop.memory.order("1", LONG_AGO, email=MINE)
    shop.planned()
    asked(shop, "access")
    shop.gallra("apply")
    assert held(shop, "1")[Field.EMAIL] == MINE


def test_a_wrong_code_is_counted_and_after_five_the_right_one_is_none(shop: Opened) -> None:
    code = asked(shop)
    sent = shop.gallra("request", "identify", code, "--send").out.strip()
    for guess in range(5):
        wrong = f"{(int(sent) + guess + 1) % 10**8:08d}"
        assert shop.gallra("request", "identify", code, "--code", wrong, *BY).code == 1
    assert shop.gallra("request", "identify", code, "--code", sent, *BY).code == 1
    assert row_of(shop, code).state is RequestState.RECEIVED


def test_a_code_has_its_time_and_is_of_its_own_request(shop: Opened) -> None:
    first, second = asked(shop), asked(shop, "erase", OTHERS)
    sent = shop.gallra("request", "identify", first, "--send").out.strip()
    shop.gallra("request", "identify", second, "--send")
    assert shop.gallra("request", "identify", second, "--code", sent, *BY).code == 1
    shop.clock.turn(days=15)
    assert shop.gallra("request", "identify", first, "--code", sent, *BY).code == 1


def test_a_code_is_spent_once_it_was_right(shop: Opened) -> None:
    code = asked(shop)
    sent = shop.gallra("request", "identify", code, "--send").out.strip()
    assert shop.gallra("request", "identify", code, "--code", sent, *BY).code == 0
    assert shop.gallra("request", "identify", code, "--code", sent, *BY).code == 1


def test_nothing_is_in_scope_before_something_is_proven(shop: Opened) -> None:
    code = asked(shop)
    assert shop.gallra("request", "decide", code).code == 1
    opened = shop.open()
    assert scope_of(opened.ledger, opened.platforms, row_of(shop, code)).refs == ()


def test_what_carries_no_proven_address_is_a_question_and_nothing_of_it_goes(shop: Opened) -> None:
    # One account joins two addresses into one person: a couple.
    shop.memory.order("3", LAST_YEAR, email=OTHERS, account="7", phone="+46709999999")
    shop.memory.order("4", LAST_YEAR, email=MINE, account="7")
    shop.gallra("pull")
    code = asked(shop)
    proven(shop, code)
    drawn = shop.gallra("request", "decide", code, "--json").json
    assert {one["id"] for one in drawn["scope"]["refs"]} == {"1", "4"}
    assert {one["id"] for one in drawn["scope"]["asked_refs"]} >= {"3"}
    assert shop.gallra("approve", drawn["plan"], *BY, "--role", "owner", "--first-run").code == 0
    shop.gallra("apply", "--plan", drawn["plan"])
    assert held(shop, "3")[Field.PHONE] == "+46709999999"


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_number_that_several_people_have_given_is_a_question_and_no_empty_answer(
    shop: Opened, kind: str
) -> None:
    shop.memory.order("5", LAST_YEAR, phone="+46701234567")
    shop.gallra("pull")
    code = typed(shop, "+46701234567", "request", "open", kind, "--phone", *BY).split()[1]
    assert shop.gallra("request", "identify", code, "--elsewhere", "called back", *BY).code == 0
    said = shop.gallra("request", "decide", code)
    assert said.code == 0, said.err
    assert "several people have given" in said.err
    sealed = list(shop.folder.rglob("*.sealed"))
    part = ("answer", code, "--part", "--ground", "x", *BY)
    for verb in (("access", code, *BY), ("answer", code, *BY), part):
        told = shop.gallra("request", *verb)
        assert told.code == 1, told.out
        assert "several people have given" in told.err
    assert list(shop.folder.rglob("*.sealed")) == sealed
    ground = ("--ground", "nobody can be told apart by that number")
    assert shop.gallra("request", "refuse", code, *ground, *BY).code == 0


def test_beside_a_proven_address_a_shared_number_stops_no_copy(shop: Opened) -> None:
    shop.memory.order("5", LAST_YEAR, phone="+46701234567")
    shop.gallra("pull")
    with mock.patch.object(sys, "stdin", io.StringIO(MINE + "\n+46701234567\n")):
        said = shop.gallra("request", "open", "access", "--person", "--phone", *BY)
    code = said.out.split()[1]
    assert shop.gallra("request", "identify", code, "--elsewhere", "called back", *BY).code == 0
    made = shop.gallra("request", "access", code, *BY)
    assert made.code == 0, made.err
    assert "several people have given" in made.err


def test_a_copy_is_of_what_the_shop_holds_now_or_is_not_made(shop: Opened) -> None:
    """Without a pull in between: what came since is in it, and what cannot be read stops it."""
    code = asked(shop, "access")
    proven(shop, code)
    made = shop.gallra("request", "access", code, *BY, "--json")
    assert "1 " in made.json["sentence"], made.json
    shop.memory.order("8", LAST_YEAR, email=MINE)
    shop.clock.turn(days=12)
    said = shop.gallra("request", "access", code, *BY)
    assert "Asks the services about 2 records" in said.err, said.err
    moment = shop.clock.now
    shop.clock.turn(days=1)
    assert shop.gallra("request", "letter", code, "accessed").code == 0
    [letter] = shop.folder.rglob(f"{code}-accessed.txt")
    text = letter.read_text(encoding="utf-8")
    assert "2 records" in text
    assert f"{moment:%Y-%m-%d}" in text or f"{moment.day} {moment:%B}" in text, text
    sealed = {path: path.read_bytes() for path in shop.folder.rglob("*.sealed")}
    with mock.patch.object(
        type(shop.memory),
        "pull",
        side_effect=RemoteError("no answer", adapter="woocommerce", operation="pull"),
    ):
        assert shop.gallra("request", "access", code, *BY).code != 0
    assert {path: path.read_bytes() for path in shop.folder.rglob("*.sealed")} == sealed


def test_no_letter_says_that_nothing_is_held_by_a_number_that_several_people_have_given(
    shop: Opened,
) -> None:
    shop.memory.order("5", LAST_YEAR, phone="+46701234567")
    code = typed(shop, "+46701234567", "request", "open", "erase", "--phone", *BY).split()[1]
    assert shop.gallra("request", "identify", code, "--elsewhere", "called back", *BY).code == 0
    assert shop.gallra("request", "decide", code).code == 0
    for verb in (("letter", code, "erased"), ("answer", code, *BY)):
        said = shop.gallra("request", *verb)
        assert said.code == 1, said.out
        assert "several people have given" in said.err


def test_a_record_that_is_held_alone_stays_until_no_past_day(shop: Opened) -> None:
    access, erase = asked(shop, "access"), asked(shop)
    for code in (access, erase):
        proven(shop, code)
    said = shop.gallra("request", "decide", erase)
    assert "phone: stays until – (" in said.out


def test_a_record_that_carries_anothers_address_by_the_time_of_apply_is_left(shop: Opened) -> None:
    code = asked(shop)
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    shop.gallra("approve", plan, *BY, "--role", "owner", "--first-run")
    one = shop.memory.of("1")
    one.values[Field.EMAIL] = OTHERS
    shop.memory.touch(one)
    shop.gallra("apply", "--plan", plan)
    assert held(shop, "1")[Field.PHONE] == "+46701234567"


def test_time_is_extended_once_with_a_reason_within_the_first_month(shop: Opened) -> None:
    code = asked(shop)
    why = ("--why", "Many orders", "--how", "by phone", *BY)
    assert shop.gallra("request", "extend", code, *why).code == 0
    assert row_of(shop, code).due == date(2027, 2, 22)
    assert shop.gallra("request", "extend", code, *why).code == 1
    late = asked(shop, "access")
    shop.clock.turn(days=40)
    assert shop.gallra("request", "extend", late, *why).code == 1


def test_status_says_what_a_request_waits_for_and_a_run_tells_of_its_day(shop: Opened) -> None:
    code = asked(shop)
    assert f"Who makes request {code} is to be proven" in shop.gallra("status").out
    proven(shop, code)
    plan = shop.gallra("request", "decide", code, "--json").json["plan"]
    assert f"Plan {plan} of request {code} is to be read and approved" in shop.gallra("status").out
    assert "is to be answered" not in shop.gallra("run").out
    shop.clock.turn(days=26)
    said = shop.gallra("run")
    assert said.code == 4
    assert f"Request {code} is to be answered by {row_of(shop, code).due}" in said.out
    shop.clock.turn(days=8)
    assert "PAST ITS LAST LAWFUL DAY" in shop.gallra("status").out
    needs = shop.gallra("status", "--json").json
    assert any(one["over"] for one in needs["shops"][0]["needs"] if one["values"].get("id") == code)


def test_a_request_past_the_shops_own_promise_is_said_to_be_past_before_the_law_is() -> None:
    days = {"received": date(2026, 11, 1), "due": date(2026, 11, 11), "limit": date(2026, 12, 1)}
    one = Asked(code="R-7K3M2P", kind="access", state="received", past=True, **days)
    assert "PAST THE DAY TO ANSWER BY" in one.line()
    assert "LAWFUL" not in one.line()


def test_past_its_last_lawful_day_it_is_an_error(shop: Opened) -> None:
    asked(shop)
    assert shop.gallra("request", "list").code == 0
    shop.clock.turn(days=40)
    said = shop.gallra("request", "list")
    assert said.code == 1
    assert "past its last lawful day" in said.err


def test_a_hold_of_a_request_ends_with_it_and_by_no_other_hand(shop: Opened) -> None:
    code = asked(shop)
    assert shop.gallra("hold", "release", "1", *BY).code == 1
    assert shop.gallra("request", "close", code, *BY).code == 0
    assert "0 holds" in shop.gallra("hold", "list").out


def test_who_asked_is_destroyed_after_a_year_and_the_rest_after_three(shop: Opened) -> None:
    code = asked(shop, "access")
    proven(shop, code)
    shop.gallra("request", "decide", code)
    assert shop.gallra("request", "answer", code, *BY).code == 0
    opened = shop.open()
    for months, contact, there in ((11, True, True), (12, False, True), (36, False, False)):
        day = date(2026, 11, 22) + timedelta(days=round(months * 30.5) + 1)
        with opened.ledger.begin() as connection:
            settle_requests(opened.ledger, connection, today=day)
            row = Register(opened.ledger).find(connection, code)
            assert (row is not None) is there
            if row is not None:
                assert row.has_contact is contact
                assert bool(Register(opened.ledger).named(connection, row)) is contact
            assert list(breaks(connection, opened.ledger.shop, sealed())) == []


def test_an_erasure_holds_its_rows_for_thirty_days_after_the_answer(shop: Opened) -> None:
    code = asked(shop, "rectify")
    proven(shop, code)
    shop.gallra("request", "decide", code)
    assert shop.gallra("request", "answer", code, *BY).code == 0
    opened = shop.open()
    answered = row_of(shop, code).answered
    assert answered is not None
    for days, state in ((30, RequestState.ANSWERED), (31, RequestState.CLOSED)):
        with opened.ledger.begin() as connection:
            settle_requests(opened.ledger, connection, today=answered + timedelta(days=days))
            assert Register(opened.ledger).get(connection, code).state is state


def test_an_objection_needs_no_more_than_the_address(shop: Opened) -> None:
    code = asked(shop, "object")
    assert shop.gallra("request", "identify", code, *BY).code == 0
    other = asked(shop, "access")
    assert shop.gallra("request", "identify", other, *BY).code == 1


def test_a_number_that_was_given_proves_nothing_unless_its_record_carries_the_address(shop: Opened) -> None:
    code = asked(shop, "access", MINE, "--order", "2")
    proven(shop, code)
    drawn = shop.gallra("request", "decide", code, "--json").json
    assert {one["id"] for one in drawn["scope"]["refs"]} == {"1"}
    assert row_of(shop, code).level == 0
    mine = asked(shop, "access", MINE, "--order", "1", "--again")
    proven(shop, mine)
    shop.gallra("request", "decide", mine)
    assert row_of(shop, mine).level == 1


def test_a_crash_at_any_commit_of_taking_in_leaves_all_or_nothing(shop: Opened) -> None:
    opened: Shop = shop.open()
    taken = Taken(
        kind=RequestKind.ACCESS, channel=Channel.EMAIL, received=date(2026, 11, 22), by="Disa", email=MINE
    )
    with (
        suppress(ZeroDivisionError),
        mock.patch("connector.stages.flow.opening_requests.hold_for", side_effect=ZeroDivisionError),
    ):
        open_request(opened, taken)
    with opened.ledger.begin() as connection:
        assert Register(opened.ledger).list(connection, every=True) == []
    row = open_request(opened, taken)
    sent = send_code(opened, row.code)
    with pytest.raises(GallraError):
        identify(opened, row.code, Proof(by="Disa", given="x"))
    assert identify(opened, row.code, Proof(by="Disa", given=sent)).state is RequestState.IDENTIFIED
