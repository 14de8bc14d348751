"""Apply: fetched again, decided again; only what is still due goes, and nothing that failed is lost."""

from datetime import date

import pytest

from connector.errors import Ambiguous, GallraError, MoneyMoved, PlanError, Rejected, RetryLater
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.index import Rows
from connector.ledger.plans.counts import last_run
from connector.ports import Act
from connector.records import Field, HoldId, Kind, Outcome, Wave
from tests.engine_support import JUST_NOW, LAST_YEAR, Crash, Engine, MemoryRecipient, Mortal

NAME_AND_MAIL = {Field.NAME, Field.EMAIL}


def planned(engine: Engine) -> Engine:
    engine.pull()
    engine.plan()
    return engine


def test_the_fields_that_are_due_go_and_the_others_stay(engine: Engine) -> None:
    engine.shop.order("1", LAST_YEAR, phone="0701234567")
    planned(engine).apply()
    assert engine.shop.of("1").values.keys() == {*NAME_AND_MAIL, Field.BILLING_ADDRESS}


def test_a_refund_between_plan_and_apply_makes_the_step_stale_and_leaves_the_record_alone(
    engine: Engine,
) -> None:
    held = engine.shop.order("1", date(2019, 1, 7))
    planned(engine)
    assert NAME_AND_MAIL & engine.planned()["1"]
    engine.shop.touch(held, return_open=True)
    before = dict(held.values)
    engine.pull()
    engine.apply([Wave.EMAIL_ADDRESS])
    assert engine.outcome("1") == Outcome.STALE
    assert held.values == before


def test_a_hold_placed_between_plan_and_apply_makes_the_step_stale(engine: Engine) -> None:
    held = engine.shop.order("1")
    planned(engine)
    with engine.ledger.begin() as connection:
        Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="claim", owner="Disa Demo", review=date(2027, 1, 1)),
            On(digest=engine.keyer("email", "person1@kund.example"), key=engine.key),
        )
    engine.apply([Wave.EMAIL_ADDRESS])
    assert engine.outcome("1") == Outcome.STALE
    assert Field.NAME in held.values
    assert engine.deliveries() == []


def test_a_hold_on_one_order_does_not_stop_another_of_the_same_person(engine: Engine) -> None:
    first = engine.shop.order("1", email="same@kund.example")
    second = engine.shop.order("2", email="same@kund.example")
    planned(engine)
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).find(connection, kind=Kind.ORDER, number="#1")
        assert row is not None
        Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="claim", owner="Disa Demo", review=date(2027, 1, 1)),
            On(record=row.id),
        )
    engine.apply([Wave.EMAIL_ADDRESS])
    assert Field.EMAIL in first.values
    assert Field.EMAIL not in second.values


def test_a_new_purchase_between_plan_and_apply_keeps_the_account(engine: Engine) -> None:
    engine.shop.customer("9")
    planned(engine)
    assert engine.outcome("9", Wave.ACCOUNTS) == "planned"
    engine.shop.order("1", JUST_NOW, account="9", email="person9@kund.example")
    engine.pull()
    engine.plan()
    assert ("9", "accounts") not in engine.steps()


def test_an_account_whose_owner_signed_in_again_is_stale(engine: Engine) -> None:
    held = engine.shop.customer("9")
    planned(engine)
    engine.shop.touch(held, last_login=JUST_NOW, modified=JUST_NOW)
    engine.pull()
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.STALE
    assert held.ref in engine.shop.held


def test_only_the_fields_still_due_go_where_some_no_longer_are(engine: Engine) -> None:
    held = engine.shop.order("1", tracking_number="00370000123")
    planned(engine)
    engine.shop.touch(held, disputed=True)
    engine.pull()
    engine.apply()
    assert {Field.NAME, Field.IP_ADDRESS} <= held.values.keys()
    assert Field.BILLING_ADDRESS not in held.values
    [step] = [w for w in engine.shop.written if w[0] == "1"]
    assert step[1] == frozenset({Field.BILLING_ADDRESS})


def test_a_field_found_empty_is_already_gone(engine: Engine) -> None:
    held = engine.shop.order("1")
    planned(engine)
    held.values.pop(Field.IP_ADDRESS)
    engine.apply([Wave.TRACES])
    assert engine.outcome("1", Wave.TRACES) == Outcome.ALREADY_GONE
    assert engine.shop.written == []


def test_a_record_that_is_gone_is_already_gone(engine: Engine) -> None:
    held = engine.shop.order("1")
    planned(engine)
    del engine.shop.held[held.ref]
    engine.apply()
    assert {outcome for _, outcome in engine.steps().values()} == {Outcome.ALREADY_GONE}


def test_a_changed_modification_date_alone_is_not_stale(engine: Engine) -> None:
    held = engine.shop.order("1")
    planned(engine)
    engine.shop.touch(held, modified=JUST_NOW)
    engine.pull()
    engine.apply()
    assert {outcome for _, outcome in engine.steps().values()} == {Outcome.DONE}


def test_what_is_refused_leaves_the_rest_of_its_batch_done(engine: Engine) -> None:
    for number in range(1, 7):
        engine.shop.order(str(number))
    engine.shop.refuses = {"3", "5"}
    planned(engine).apply()
    outcomes = {id: outcome for (id, _), (_, outcome) in engine.steps().items()}
    assert outcomes == {id: "refused" if id in ("3", "5") else "done" for id in "123456"}
    refused = [(state, sealed) for _, ref, state, sealed in engine.deliveries() if ref in ("3", "5")]
    assert set(refused) == {("cancelled", False)}


def test_what_was_refused_is_planned_again(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.shop.refuses = {"2"}
    planned(engine).apply()
    engine.shop.refuses = set()
    engine.pull()
    engine.verify()
    engine.plan()
    assert set(engine.planned()) == {"2"}


def test_a_service_that_gives_up_half_way_is_taken_up_where_it_stood(engine: Engine) -> None:
    for number in range(1, 6):
        engine.shop.order(str(number))
    planned(engine)
    engine.apply(only="#1")
    engine.shop.fault = RetryLater("Busy. Try later.", adapter="shop", operation="apply", status=503)
    engine.shop.fails_after = 0
    with pytest.raises(RetryLater):
        engine.apply()
    assert {state for *_, state, _ in engine.deliveries()} == {"ready", "held"}
    engine.apply()
    assert {outcome for _, outcome in engine.steps().values()} == {Outcome.DONE}
    assert {state for *_, state, _ in engine.deliveries()} == {"ready"}


def test_money_that_moved_stops_the_run_and_loses_nothing(engine: Engine) -> None:
    for number in range(1, 5):
        engine.shop.order(str(number))
    planned(engine)
    engine.shop.moves_money = {"3"}
    with pytest.raises(MoneyMoved):
        engine.apply()
    assert engine.outcome("2") == Outcome.DONE
    assert engine.outcome("3") == "begun"
    assert engine.outcome("4") == "begun"
    assert Field.NAME in engine.shop.of("4").values
    assert [state for _, ref, state, sealed in engine.deliveries() if ref == "3" and sealed] == ["held"]
    engine.shop.moves_money = set()
    engine.apply()
    engine.push()
    assert engine.outcome("3") == Outcome.DONE
    assert ("3", "person3@kund.example") in engine.recipients[0].told


def test_applying_twice_touches_nothing_more(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.customer("9")
    planned(engine)
    engine.apply()
    written = list(engine.shop.written)
    assert engine.apply() == 0
    assert engine.shop.written == written


def test_the_first_write_to_a_shop_is_one_record(engine: Engine) -> None:
    for number in range(1, 6):
        engine.shop.order(str(number))
    planned(engine).apply()
    assert [len(batch) for batch in engine.shop.batches] == [1, 4]


def test_a_first_record_that_is_stale_does_not_let_a_whole_batch_be_the_first_write(engine: Engine) -> None:
    for number in range(1, 6):
        engine.shop.order(str(number))
    planned(engine)
    engine.shop.touch(engine.shop.of("1"), return_open=True, disputed=True)
    engine.shop.of("1").values.pop(Field.IP_ADDRESS)
    engine.shop.of("1").values.pop(Field.BILLING_ADDRESS)
    engine.apply()
    assert [len(batch) for batch in engine.shop.batches if batch] == [1, 3]


def test_a_first_record_that_still_holds_data_stops_the_rest(engine: Engine) -> None:
    for number in range(1, 4):
        engine.shop.order(str(number))
    planned(engine)
    engine.shop.keeps = {("1", Field.NAME)}
    with pytest.raises(Rejected, match="#1"):
        engine.apply()
    assert Field.EMAIL in engine.shop.of("2").values


def test_one_named_order_is_tried_and_no_other_record_with_its_number(engine: Engine) -> None:
    engine.shop.order("9")
    engine.shop.order("10").label = "#11"
    engine.shop.order("11").label = "11x"
    engine.shop.customer("9")
    planned(engine)
    engine.apply(only="9")
    assert Field.NAME in engine.shop.of("10").values
    assert Field.NAME not in engine.shop.of("9").values
    assert engine.shop.held.keys() >= {engine.shop.of("9", Kind.CUSTOMER).ref}


def test_a_number_that_one_order_shows_and_another_has_as_its_id_means_neither(engine: Engine) -> None:
    engine.shop.order("1").label = "2"
    engine.shop.order("2").label = "3"
    planned(engine)
    with pytest.raises(Ambiguous, match=r"order 2 \(id 1\) or order 3 \(id 2\)"):
        engine.apply(only="2")
    assert engine.shop.written == []


def test_the_number_of_an_order_outside_the_plan_never_means_the_planned_one_with_that_id(
    engine: Engine,
) -> None:
    engine.shop.order("1", JUST_NOW).label = "2"
    engine.shop.order("2").label = "3"
    planned(engine)
    with pytest.raises(Ambiguous):
        engine.apply(only="2")
    assert engine.shop.written == []


def test_an_order_that_the_plan_does_not_take_cannot_be_tried(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("77", JUST_NOW)
    planned(engine)
    with pytest.raises(PlanError, match="The report lists"):
        engine.apply(only="77")


def test_a_job_under_way_is_taken_up_with_its_token_and_tells_nobody_before_its_end(engine: Engine) -> None:
    engine.shop.order("1")
    planned(engine)
    engine.shop.accepts = {"1": date(2026, 11, 25)}
    engine.apply([Wave.EMAIL_ADDRESS])
    assert {state for *_, state, _ in engine.deliveries()} == {"held"}
    engine.push()
    assert engine.recipients[0].told == []
    engine.apply([Wave.EMAIL_ADDRESS])
    assert engine.shop.written[-1][3] == "job-1"
    engine.push()
    assert engine.recipients[0].told == [("1", "person1@kund.example")]


def test_what_the_last_run_touched_stands_after_an_apply_that_had_nothing_to_do(engine: Engine) -> None:
    for number in range(1, 4):
        engine.shop.order(str(number))
    planned(engine)
    engine.apply()
    engine.apply()
    with engine.ledger.begin() as connection:
        last = last_run(connection, engine.ledger.shop)
    assert last is not None
    assert last[0] == 3


def test_a_recipient_hears_only_of_fields_that_still_go(engine: Engine) -> None:
    engine.recipients = [
        MemoryRecipient("mailer", "MC", act=Act.ERASE, handle="email", fields=frozenset({Field.EMAIL})),
        MemoryRecipient("keeper", "BK", act=Act.NOTIFY, handle="order",
                        fields=frozenset({Field.BILLING_ADDRESS}), outcome=Outcome.NOTIFIED),
    ]  # fmt: skip
    held = engine.shop.order("1")
    planned(engine)
    engine.shop.touch(held, disputed=True)
    engine.pull()
    engine.apply()
    assert [(name, state) for name, _, state, _ in engine.deliveries()] == [("keeper", "ready")]


def test_a_handle_sealed_for_a_field_that_is_no_longer_due_after_a_crash_is_never_pushed(
    engine: Engine,
) -> None:
    held = engine.shop.order("1")
    planned(engine)
    engine.shop.mortal = Mortal(2)
    with pytest.raises(Crash):
        engine.apply([Wave.EMAIL_ADDRESS])
    engine.shop.mortal = Mortal()
    engine.shop.touch(held, disputed=True)
    engine.pull()
    engine.apply([Wave.EMAIL_ADDRESS])
    engine.push()
    assert Field.EMAIL in held.values
    assert engine.recipients[0].told == []


def test_a_number_that_no_order_has_leaves_the_plan_open_for_another(engine: Engine) -> None:
    engine.shop.order("1")
    planned(engine)
    with pytest.raises(GallraError, match="is in the index"):
        engine.apply(only="77")
    engine.plan()
