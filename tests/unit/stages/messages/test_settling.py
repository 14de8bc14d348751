"""What follows from each message, once the next run comes to it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import select

from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.inbox import open_requests
from connector.ledger.plans import Plans
from connector.ports import Act
from connector.ports.heard import Topic
from connector.records import Field, HoldId, Kind, Wave
from tests.engine_support import (
    JUST_NOW,
    LONG_AGO,
    Crash,
    MemoryRecipient,
    Mortal,
    make_engine,
    reopen,
)
from tests.unit.stages.messages.hearing import CANARY, Told, customer, order


def _redact(told: Told, *orders: str) -> None:
    told.hear(
        Topic.CUSTOMER_REDACT,
        customer("7"),
        *map(order, orders),
        email=CANARY,
        customer="7",
        phone="0701740605",
    )


def _erase(told: Told) -> None:
    """The shop erases the account by itself."""
    del told.engine.shop.held[customer("7")]


def test_a_customer_that_is_still_there_is_left_alone(told: Told) -> None:
    _redact(told)
    told.settle()
    plan = told.plan()
    assert told.rows() == [("closed", "still_there", False)]
    assert plan.waves == ()
    assert told.engine.deliveries() == []


def test_a_customer_merged_into_another_account_is_left_alone(told: Told) -> None:
    _erase(told)
    told.engine.shop.customer("8", JUST_NOW, email=CANARY)
    told.engine.pull()
    _redact(told)
    told.settle()
    assert told.rows() == [("closed", "still_there", False)]


@pytest.mark.parametrize("orders", [("501",), ()])
def test_a_customer_whose_order_is_another_accounts_by_now_was_merged_and_is_left_alone(
    told: Told, orders: tuple[str, ...]
) -> None:
    _erase(told)  # and no pull has told of the other account
    told.engine.shop.owners["501"] = "8"
    _redact(told, *orders)
    told.settle()
    assert told.rows() == [("closed", "still_there", False)]


def test_an_order_that_names_the_same_account_or_none_says_nothing_of_a_merge(told: Told) -> None:
    _erase(told)
    told.engine.shop.owners["501"] = "7"
    _redact(told, "501")
    told.settle()
    assert told.rows() == [("confirmed", "", True)]


def test_a_customer_that_is_gone_puts_the_copies_into_the_next_plan(told: Told) -> None:
    _erase(told)
    _redact(told)
    told.settle()
    plan = told.plan()
    wave = plan.wave(Wave.ACCOUNTS)
    assert wave is not None
    assert (wave.steps, wave.deletes) == (1, {})
    assert [(o.recipient, o.act, o.handle, o.count) for o in plan.outlook] == [
        ("mailer", Act.ERASE, "email", 1)
    ]
    assert told.engine.deliveries() == [("mailer", "7", "held", True)]
    assert told.told() == []


def test_a_customer_whose_every_field_is_empty_counts_as_gone(told: Told) -> None:
    told.engine.shop.of("7", Kind.CUSTOMER).values = {}
    _redact(told)
    told.settle()
    told.plan()
    told.carry_out()
    assert told.told() == [("7", CANARY)]


def test_the_copies_go_once_the_plan_is_carried_out_and_nothing_stays_sealed(told: Told) -> None:
    _erase(told)
    _redact(told)
    told.settle()
    told.plan()
    assert told.waiting == [(1, told.engine.today)]
    told.carry_out()
    assert told.told() == [("7", CANARY)]
    assert told.engine.deliveries() == [("mailer", "7", "closed", False)]
    assert told.rows() == [("closed", "told", False)]
    assert told.waiting == []


def test_nothing_in_the_shop_is_written_for_copies(told: Told) -> None:
    _erase(told)
    _redact(told, "501")
    told.settle()
    told.plan()
    told.carry_out()
    assert told.engine.shop.written == []


def test_a_plan_that_is_replaced_leaves_no_handle_behind_and_the_next_has_the_copies(told: Told) -> None:
    _erase(told)
    _redact(told)
    told.settle()
    told.plan()
    told.plan()
    assert told.engine.deliveries() == [("mailer", "7", "cancelled", False), ("mailer", "7", "held", True)]
    told.carry_out()
    assert told.told() == [("7", CANARY)]


def test_a_wave_that_nobody_approved_waits_for_the_next_plan(told: Told) -> None:
    _erase(told)
    _redact(told)
    told.settle()
    told.plan()
    told.engine.apply([Wave.TRACES])
    told.look()
    assert told.rows() == [("confirmed", "", True)]
    assert told.waiting != []
    told.plan()
    told.carry_out()
    assert told.told() == [("7", CANARY)]


def test_a_hold_on_the_person_keeps_the_copies_waiting(told: Told) -> None:
    with told.engine.ledger.begin() as connection:
        hold = Holds(told.engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="A claim", owner="Disa Demo", review=date(2027, 1, 1)),
            On(digest=told.engine.keyer("email", CANARY)),
        )
    _erase(told)
    _redact(told)
    told.settle()
    assert told.plan().wave(Wave.ACCOUNTS) is None
    assert told.waiting != []
    with told.engine.ledger.begin() as connection:
        Holds(told.engine.ledger).release(connection, hold, by="Disa Demo")
    told.plan()
    told.carry_out()
    assert told.told() == [("7", CANARY)]


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.CUSTOMER])
def test_the_copies_wait_while_what_may_keep_them_was_not_read(told: Told, kind: Kind) -> None:
    _erase(told)
    _redact(told)
    told.settle()
    hidden = told.engine.shop.order("601") if kind is Kind.ORDER else told.engine.shop.customer("8")
    told.engine.shop.hides = {hidden.ref.id}
    told.engine.pull(full=True)
    plan = told.plan()
    accounts = plan.wave(Wave.ACCOUNTS)
    assert (accounts is None) is (kind is Kind.ORDER)
    assert plan.withheld.get("customer", 0) == (kind is Kind.ORDER)
    told.engine.shop.hides = set()
    told.engine.pull()
    assert told.plan().wave(Wave.ACCOUNTS) is not None


def test_an_orders_copies_wait_for_the_orders_own_rule(told: Told) -> None:
    told.engine.recipients[:] = [MemoryRecipient(code="SH", handle="order", fields=frozenset({Field.EMAIL}))]
    told.engine.shop.order("502", LONG_AGO, account="7", email=CANARY)
    told.engine.pull()
    _erase(told)
    for id in ("501", "502"):
        told.engine.shop.of(id).values = {}
    _redact(told, "501", "502")
    told.settle()
    told.plan()
    told.carry_out()
    assert ("502", "502") in told.told()
    assert ("501", "501") not in told.told()
    assert told.rows() == [("confirmed", "", True)]
    assert told.waiting != []


def test_an_order_that_still_says_who_it_is_goes_its_own_way(told: Told) -> None:
    _erase(told)
    _redact(told, "501")
    told.settle()
    told.plan()
    told.carry_out()
    assert told.rows() == [("closed", "told", False)]
    assert told.engine.subject_of("501") is not None


def test_a_customer_that_the_index_never_knew_is_told_of_too(told: Told) -> None:
    told.hear(Topic.CUSTOMER_REDACT, customer("99"), email="annan@kund.example", customer="99")
    told.settle()
    told.plan()
    told.carry_out()
    assert told.told() == [("99", "annan@kund.example")]
    assert told.rows() == [("closed", "told", False)]


def test_where_nobody_is_to_be_told_the_message_is_closed(told: Told) -> None:
    told.engine.recipients[:] = []
    _erase(told)
    _redact(told)
    told.settle()
    told.plan()
    assert told.rows() == [("closed", "nobody_to_tell", False)]


def test_a_data_request_waits_with_its_day_until_a_person_has_answered(told: Told) -> None:
    told.hear(Topic.DATA_REQUEST, customer("7"))
    told.settle()
    assert told.rows() == [("open", "", False)]
    with told.engine.ledger.begin() as connection:
        assert open_requests(connection, "egg") == [(1, told.engine.today, "7", None)]
        assert told.inbox.answered(connection, [1], by="Disa Demo") == 1
        assert told.inbox.answered(connection, [1], by="Disa Demo") == 0
        assert open_requests(connection, "egg") == []


def test_a_changed_record_is_decided_again_by_the_next_plan(told: Told) -> None:
    told.plan()
    told.hear(Topic.CHANGED, order("501"))
    told.hear(Topic.CHANGED, order("999"))
    told.settle()
    with told.engine.ledger.begin() as connection:
        due = connection.scalar(select(schema.record.c.next_due).where(schema.record.c.remote_id == "501"))
    assert due == ""
    assert told.rows() == [("closed", "noted", False)] * 2


@pytest.mark.parametrize("there", [True, False])
def test_a_deletion_is_believed_only_after_a_look(told: Told, there: bool) -> None:
    if not there:
        del told.engine.shop.held[order("501")]
    told.hear(Topic.DELETED, order("501"))
    told.settle()
    with told.engine.ledger.begin() as connection:
        gone = connection.scalar(select(schema.record.c.gone).where(schema.record.c.remote_id == "501"))
    assert gone is not there


def test_settled_hints_are_forgotten_after_a_month(told: Told) -> None:
    told.hear(Topic.CHANGED, order("501"))
    told.settle()
    told.engine.clock.turn(days=32)
    told.settle()
    assert told.rows() == []


def test_a_settled_message_is_forgotten_with_the_log_and_an_open_one_is_not(told: Told) -> None:
    _redact(told)
    told.hear(Topic.DATA_REQUEST, customer("7"))
    told.settle()
    told.engine.clock.turn(days=59 * 30)
    told.settle()
    assert [state for state, *_ in told.rows()] == ["closed", "open"]
    told.engine.clock.turn(days=60)
    told.settle()
    assert [state for state, *_ in told.rows()] == ["open"]


# Every point at night, every second one else: each is a whole run, three times over.
EVERY = 1 if settings().max_examples > 1000 else 3


def _whole(told: Told) -> None:
    told.settle()
    with told.engine.ledger.begin() as connection:
        current = Plans(told.engine.ledger).current(connection)
    if current is None or current[2] != "begun":
        told.plan()
    told.carry_out()


def _made(tmp_path: Path, name: str) -> Told:
    engine = make_engine(tmp_path, name=name)
    engine.recipients[:] = [MemoryRecipient(code="SH", handle="email")]
    engine.shop.customer("7", JUST_NOW)
    engine.pull()
    made = Told(engine)
    _erase(made)
    _redact(made)
    return made


def _dies_at(told: Told, at: int, run: Callable[[Told], None]) -> bool:
    told.engine.watch(Mortal(at))
    try:
        run(told)
    except Crash:
        return True
    return False


def test_a_crash_at_any_point_ends_with_the_copies_told_and_nothing_sealed(tmp_path: Path) -> None:
    died = 0
    for at in range(1, 120, EVERY):
        name = f"{at}.sqlite"
        made = _made(tmp_path, name)
        if not _dies_at(made, at, _whole):
            made.engine.ledger.engine.dispose()
            break
        died += 1
        again = Told(reopen(made.engine, tmp_path, name=name))
        _whole(again)
        _whole(again)
        assert set(again.told()) == {("7", CANARY)}, at
        assert [row[0] for row in again.rows()] == ["closed"], at
        assert not any(sealed for *_, sealed in again.engine.deliveries()), at
        again.engine.ledger.engine.dispose()
    assert 8 < died * EVERY < 119


def test_no_byte_of_the_person_lies_in_the_ledger(told: Told, tmp_path: Path) -> None:
    _erase(told)
    _redact(told, "501")
    told.settle()
    told.plan()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite*"))
    assert CANARY.encode() not in stored
    assert b"0701740605" not in stored
