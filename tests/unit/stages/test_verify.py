"""Verify: every record touched is read again, and what is left is said."""

import pytest
from msgspec.structs import replace

from connector.errors import RetryLater
from connector.ledger.index import Marks, Records, Rows
from connector.ports import Seen
from connector.records import Field, Kind, Ref, Surprise
from tests.engine_support import LAST_YEAR, Crash, Engine, Mortal, busy


def applied(engine: Engine) -> Engine:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.shop.customer("9")
    engine.pull()
    engine.plan()
    engine.apply()
    return engine


def test_what_is_gone_is_clean(engine: Engine) -> None:
    result = applied(engine).verify(again=True)
    assert (result.clean, result.left, result.left_labels) == (3, 0, ())


def test_what_came_back_is_left_and_named_by_its_number(engine: Engine) -> None:
    applied(engine)
    engine.shop.of("2").values[Field.EMAIL] = "back@kund.example"
    result = engine.verify(again=True)
    assert (result.clean, result.left, result.left_labels) == (2, 1, ("order:#2",))


def test_a_field_that_was_not_taken_is_not_counted_as_left(engine: Engine) -> None:
    engine.shop.order("1", LAST_YEAR, phone="0701234567")
    engine.pull()
    engine.plan()
    engine.apply()
    assert Field.NAME in engine.shop.of("1").values
    assert engine.verify(again=True).left == 0


def test_a_deleted_record_that_is_there_again_is_left(engine: Engine) -> None:
    applied(engine)
    engine.shop.customer("9")
    assert engine.verify(again=True).left == 1


@pytest.mark.parametrize("number", ["1", "2"])
def test_every_record_is_read_by_verify_itself_the_first_written_too(engine: Engine, number: str) -> None:
    applied(engine)
    engine.shop.of(number).values[Field.EMAIL] = "back@kund.example"
    assert engine.verify().left_labels == (f"order:#{number}",)


def test_a_first_verify_reads_every_record_that_was_touched(engine: Engine) -> None:
    assert applied(engine).verify().clean == 3


def test_verifying_again_reads_only_what_was_not_read_before(engine: Engine) -> None:
    applied(engine).verify()
    assert engine.verify().clean == 0
    assert engine.verify(again=True).clean == 3


def test_a_verify_that_was_cut_is_finished_by_the_next(engine: Engine) -> None:
    applied(engine)
    engine.push()
    engine.shop.mortal = Mortal(1)
    with pytest.raises(Crash):
        engine.verify()
    engine.shop.mortal = Mortal()
    engine.verify()
    assert not any(sealed for *_, sealed in engine.deliveries())


def test_notes_that_a_fetch_does_not_show_are_read_at_the_read_back(engine: Engine) -> None:
    engine.shop.order("0")
    held = engine.shop.order("1", staff_notes="rang om paketet")
    held.unread = frozenset({Field.STAFF_NOTES})
    engine.shop.keeps = {("1", Field.STAFF_NOTES)}
    engine.pull()
    engine.plan()
    assert Field.STAFF_NOTES in engine.planned()["1"]
    engine.apply()
    held.unread = frozenset({Field.STAFF_NOTES})
    assert engine.verify(again=True).left_labels == ("order:#1",)


def test_what_was_read_back_is_settled_in_the_index(engine: Engine) -> None:
    applied(engine).verify()
    assert engine.subject_of("9", Kind.CUSTOMER) is None
    assert engine.plan().totals.keys() == {"order"}


@pytest.mark.parametrize("seen", list(Seen))
def test_what_a_recipient_shows_decides_over_its_handle(engine: Engine, seen: Seen) -> None:
    applied(engine)
    engine.recipients[0].seen = seen
    engine.push()
    engine.verify()
    kept = {sealed for *_, sealed in engine.deliveries()}
    assert kept == {seen in (Seen.STILL_THERE, Seen.UNREAD)}


def test_a_record_that_was_to_stay_and_is_gone_at_the_read_back_is_a_deviation(engine: Engine) -> None:
    applied(engine)
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    assert ref in engine.shop.held
    del engine.shop.held[ref]
    engine.verify()
    assert engine.reasons() == {"1": {"deviates:gone_since"}, "2": {""}}
    engine.plan()
    assert "1" not in engine.planned()


def test_a_record_that_goes_between_its_fetch_and_its_write_is_a_deviation_and_still_told(
    engine: Engine,
) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    second = Ref(adapter="shop", kind=Kind.ORDER, id="2")
    engine.shop.before_apply = lambda tasks: (
        engine.shop.held.pop(second, None) if any(task.ref == second for task in tasks) else None
    )
    engine.apply()
    engine.push()
    assert engine.reasons() == {"1": {""}, "2": {"record_gone"}}
    assert "person2@kund.example" in {who for _, who in engine.recipients[0].told}


def test_what_no_rule_names_is_counted_over_the_records_that_were_read_back(engine: Engine) -> None:
    applied(engine)
    marks, records = Marks(engine.ledger), Records(engine.ledger)
    told = (Surprise(code="unknown_key:name", place="meta:er_referens"),)
    with engine.ledger.begin() as connection:
        rows = Rows(engine.ledger).rows(connection, range(1, 10))
        for row in rows.values():
            if row.record.ref.kind is Kind.ORDER:
                records.settle_all(connection, {row.id: replace(row.record, surprises=told)})
        assert marks.told_of(connection, rows) == [("unknown_key:name", "meta:er_referens", 2)]
        assert marks.told_of(connection, ()) == []


def test_copies_that_were_called_gone_and_are_still_there_are_counted_by_recipient(engine: Engine) -> None:
    applied(engine)
    engine.push()
    engine.recipients[0].seen = Seen.STILL_THERE
    found = engine.verify().still_there
    assert [name for name, _ in found] == [engine.recipients[0].name]
    assert engine.verify().still_there == found
    engine.recipients[0].seen = Seen.GONE
    engine.push()
    assert engine.verify().still_there == ()


def test_a_push_is_not_whole_while_what_an_earlier_one_put_off_waits(engine: Engine) -> None:
    applied(engine)
    engine.recipients[0].fault = busy(engine.recipients[0].name)
    assert not engine.push().whole
    engine.recipients[0].fault = RetryLater("Busy.", adapter="mailer", operation="push", after=3600)
    engine.push()
    engine.recipients[0].fault = None
    later = engine.push()
    assert (later.failed, later.put_off) == ((), ())
    assert not later.whole
    engine.clock.turn(hours=2)
    assert engine.push().whole
