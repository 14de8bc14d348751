"""The index: one row per record, people joined by keyed identifiers, and what is news."""

from datetime import date

import msgspec
from sqlalchemy import func, select

from connector.ledger import schema
from connector.ledger.index import Records, Rows, Subjects
from connector.ledger.index.records import Met
from connector.records import Field, Kind
from tests.engine_support import JUST_NOW, LAST_YEAR, Crash, Engine, Mortal


def count(engine: Engine, table: object) -> int:
    with engine.ledger.begin() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)  # type: ignore[call-overload]


def changed(engine: Engine) -> int:
    return sum(one.changed for one in engine.pull())


def test_a_record_stands_once_in_its_newest_version(engine: Engine) -> None:
    held = engine.shop.order("1")
    old = engine.shop.record(held)
    engine.shop.touch(held, status="refunded")
    new = engine.shop.record(held)
    records = Records(engine.ledger)
    rows = Rows(engine.ledger)
    for batch in ([old, new], [new, old], [old]):
        with engine.ledger.begin() as connection:
            records.store(connection, batch, Met(1), key=engine.key)
        with engine.ledger.begin() as connection:
            [row] = rows.rows(connection, [1]).values()
        assert row.record.facts.status == "refunded"
    assert count(engine, schema.record) == 1


def test_rows_are_those_asked_for_in_a_row_with_gaps_and_in_any_order(engine: Engine) -> None:
    for number in range(1, 6):
        engine.shop.order(str(number))
    engine.pull()
    with engine.ledger.begin() as connection:
        rows = Rows(engine.ledger).rows
        for asked in ([1, 2, 3], [3, 1], [5, 4, 3], [2, 2, 4], [4, 99], []):
            assert set(rows(connection, asked)) == set(asked) - {99}


def test_a_person_whose_rows_no_plan_has_decided_is_counted_once_and_is_clean_then(engine: Engine) -> None:
    engine.shop.customer("9")
    engine.shop.order("1", account="9")
    engine.pull()
    with engine.ledger.begin() as connection:
        people = Subjects(engine.ledger)
        assert (people.refresh_subjects(connection), people.refresh_subjects(connection)) == (1, 0)


def test_pulling_again_brings_no_news(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.customer("9")
    assert changed(engine) == 2
    assert changed(engine) == 0
    assert sum(one.changed for one in engine.pull(full=True)) == 0


def test_orders_with_one_address_are_one_persons(engine: Engine) -> None:
    engine.shop.order("1", email="Same@Kund.example")
    engine.shop.order("2", email=" same@kund.example ")
    engine.shop.order("3")
    engine.pull()
    assert engine.subject_of("1") == engine.subject_of("2") != engine.subject_of("3")


def test_a_telephone_joins_an_order_without_an_address_however_it_is_written(engine: Engine) -> None:
    engine.shop.order("1", phone="070-123 45 67")
    engine.shop.order("2", email="", phone="+46701234567")
    engine.pull()
    assert engine.subject_of("1") == engine.subject_of("2")


def test_a_telephone_that_two_people_gave_joins_nobody(engine: Engine) -> None:
    engine.shop.order("1", phone="0701234567")
    engine.shop.order("2", phone="0701234567")
    engine.shop.order("3", email="", phone="0701234567")
    engine.pull()
    assert len({engine.subject_of(id) for id in "123"}) == 3


def test_an_account_joins_its_orders(engine: Engine) -> None:
    engine.shop.customer("9")
    engine.shop.order("1", account="9", email="other@kund.example")
    engine.pull()
    assert engine.subject_of("1") == engine.subject_of("9", Kind.CUSTOMER)


def test_two_people_become_one_when_an_order_ties_them_together(engine: Engine) -> None:
    engine.shop.order("1", email="a@kund.example")
    engine.shop.order("2", account="9", email="b@kund.example")
    engine.pull()
    assert engine.subject_of("1") != engine.subject_of("2")
    engine.shop.order("3", account="9", email="a@kund.example")
    engine.pull()
    assert engine.subject_of("1") == engine.subject_of("2") == engine.subject_of("3")
    assert count(engine, schema.subject) == 1


def test_a_record_that_is_as_it_was_follows_an_address_that_is_keyed_in_another_form(engine: Engine) -> None:
    engine.shop.order("1", email="a@kund.example")
    other = engine.shop.order("2", email="was-keyed-apart@kund.example")
    engine.pull()
    known = engine.shop.record(engine.shop.order("3", email="a@kund.example")).identifiers
    again = msgspec.structs.replace(engine.shop.record(other), identifiers=known)
    with engine.ledger.begin() as connection:
        assert Records(engine.ledger).store(connection, [again], Met(2), key=engine.key) == 0
    assert engine.subject_of("2") == engine.subject_of("1")


def test_placeholders_and_empty_values_join_nobody(engine: Engine) -> None:
    engine.shop.order("1", email="erased@site.invalid", phone="0000000000")
    engine.shop.order("2", email="erased@site.invalid", phone="0000000000")
    engine.shop.order("3", email="")
    engine.shop.order("4", email="")
    engine.pull()
    assert {engine.subject_of(id) for id in "1234"} == {None}


def test_a_placeholder_is_no_data_and_is_not_planned(engine: Engine) -> None:
    engine.shop.order("1", email="erased@site.invalid", name="[deleted]", billing_address="", ip_address="")
    engine.pull()
    engine.plan()
    assert engine.planned() == {}


def test_a_row_loses_its_person_with_its_last_identifying_field(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2", LAST_YEAR)
    engine.whole()
    assert engine.subject_of("1") is None
    assert engine.subject_of("2") is not None


def test_a_row_that_still_carries_a_name_keeps_its_person_whatever_named_that_person_is_gone(
    engine: Engine,
) -> None:
    engine.shop.order("1")
    engine.pull()
    person = engine.subject_of("1")
    engine.shop.order("1", email="")
    engine.pull(full=True)
    assert engine.subject_of("1") == person is not None


def test_our_own_write_is_no_news_and_no_sign_of_life(engine: Engine) -> None:
    engine.shop.order("1", LAST_YEAR, phone="0701234567")
    engine.whole()
    assert changed(engine) == 0
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).rows(connection, [1]).values()
    assert row.record.facts.modified == LAST_YEAR


def test_a_field_that_fills_up_again_is_planned_again(engine: Engine) -> None:
    held = engine.shop.order("1")
    engine.whole()
    engine.plan()
    assert engine.planned() == {}
    held.values[Field.EMAIL] = "back@kund.example"
    engine.shop.touch(held)
    engine.pull()
    engine.plan()
    assert engine.planned() == {"1": frozenset({Field.EMAIL})}


def test_a_new_order_decides_the_account_of_its_person_anew(engine: Engine) -> None:
    engine.shop.customer("9")
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) == "delete"
    engine.shop.order("1", JUST_NOW, account="9")
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) != "delete"


def test_an_account_is_free_again_once_its_order_is(engine: Engine) -> None:
    engine.shop.customer("9")
    held = engine.shop.order("1", JUST_NOW, account="9", email="person9@kund.example")
    engine.shop.touch(held, status="processing", completed=None, paid=None, final=False)
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) == "held"
    engine.shop.touch(held, status="cancelled", cancelled=JUST_NOW, final=True)
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) == "delete"


def test_a_person_who_is_gone_from_an_order_no_longer_keeps_an_account(engine: Engine) -> None:
    engine.shop.customer("9", email="old@kund.example")
    held = engine.shop.order("1", JUST_NOW, account="9", email="old@kund.example")
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) != "delete"
    held.account = ""
    held.values[Field.EMAIL] = "new@kund.example"
    engine.shop.touch(held)
    engine.pull()
    engine.plan()
    assert engine.state_of("9", Kind.CUSTOMER) == "delete"


def test_what_a_walk_over_all_did_not_see_is_gone_and_counted_no_more(engine: Engine) -> None:
    held = engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    del engine.shop.held[held.ref]
    engine.clock.turn(days=1)
    assert [one.gone for one in engine.pull(full=True)] == [1, 0]
    assert engine.plan().totals["order"].records == 1


def test_a_record_that_comes_back_is_decided_anew(engine: Engine) -> None:
    held = engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    del engine.shop.held[held.ref]
    engine.clock.turn(days=1)
    engine.pull(full=True)
    engine.plan()
    assert "1" not in engine.planned()
    engine.shop.held[held.ref] = held
    engine.shop.touch(held)
    engine.pull()
    engine.plan()
    assert "1" in engine.planned()
    assert engine.subject_of("1") is not None


def test_a_pull_that_was_cut_goes_on_from_its_last_page(engine: Engine) -> None:
    for number in range(9):
        engine.shop.order(str(number))
    engine.shop.mortal = Mortal(3)
    try:
        engine.pull()
    except Crash:
        engine.shop.mortal = Mortal()
    assert count(engine, schema.record) == 6
    assert [one.read for one in engine.pull()] == [3, 0]
    assert count(engine, schema.record) == 9


def test_accounts_are_walked_again_after_a_week(engine: Engine) -> None:
    held = engine.shop.customer("9")
    engine.shop.customer("8")
    engine.pull()
    del engine.shop.held[held.ref]
    engine.clock.turn(days=6)
    assert sum(one.gone for one in engine.pull()) == 0
    engine.clock.turn(days=2)
    assert sum(one.gone for one in engine.pull()) == 1


def test_no_identifier_stands_in_a_rows_body(engine: Engine) -> None:
    engine.shop.order("1", phone="0701234567")
    engine.pull()
    with engine.ledger.begin() as connection:
        body = connection.scalar(select(schema.record.c.body))
    assert "identifiers" not in msgspec.json.decode(body)
    assert b"person1" not in body


def test_a_row_is_decided_on_the_day_its_next_field_falls_due(engine: Engine) -> None:
    engine.shop.order("1", date(2026, 9, 1), phone="0701234567")
    engine.pull()
    engine.plan()
    assert engine.planned() == {}
    with engine.ledger.begin() as connection:
        due = date.fromisoformat(connection.scalar(select(schema.record.c.next_due)))
    engine.clock.turn(days=(due - engine.today).days - 1)
    engine.plan()
    assert engine.planned() == {}
    engine.clock.turn(days=1)
    engine.plan()
    assert engine.planned() == {"1": frozenset({Field.IP_ADDRESS})}


def test_an_erased_persons_keyed_identifiers_leave_the_ledger_with_their_last_record(engine: Engine) -> None:
    engine.shop.order("1")
    engine.whole()
    assert engine.subject_of("1") is None
    engine.pull()
    engine.plan()
    assert count(engine, schema.identifier) == 0
    assert count(engine, schema.subject) == 0


def test_a_read_back_that_never_came_does_not_make_our_own_write_a_sign_of_life(engine: Engine) -> None:
    held = engine.shop.order("1", LAST_YEAR, phone="0701234567")
    engine.pull()
    engine.plan()
    engine.apply()
    assert held.facts.modified != LAST_YEAR
    engine.pull()
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).rows(connection, [1]).values()
    assert row.record.facts.modified == LAST_YEAR


def test_an_order_edited_by_hand_is_a_sign_of_life(engine: Engine) -> None:
    held = engine.shop.order("1", LAST_YEAR)
    engine.whole()
    engine.shop.touch(held, modified=JUST_NOW, status="processing", final=False)
    engine.pull()
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).rows(connection, [1]).values()
    assert row.record.facts.modified == JUST_NOW
