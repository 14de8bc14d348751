"""The outbox: held until the shop is done, destroyed when done with, tried again, never opened elsewhere."""

from datetime import date

import pytest
from sqlalchemy import select

from connector.errors import LedgerError, RetryLater
from connector.ledger import Vault, new_key, read_key, schema
from connector.ledger.drafts import Draft
from connector.ports import Act, Seen
from connector.records import Field, Kind, Outcome, Ref, to_bits
from tests.engine_support import VAULT_KEY, Engine, MemoryRecipient, busy

STATES = {"person1@kund.example"}


def one_freed(engine: Engine) -> MemoryRecipient:
    """One order whose address waits to be pushed."""
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    return engine.recipients[0]


def test_a_handle_is_ready_once_the_shop_has_given_its_receipt(engine: Engine) -> None:
    one_freed(engine)
    assert engine.deliveries() == [("mailer", "1", "ready", True)]


def test_a_handle_is_kept_after_a_push_until_it_is_verified(engine: Engine) -> None:
    one_freed(engine)
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "closed", True)]
    engine.verify()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


@pytest.mark.parametrize("outcome", [Outcome.NOTIFIED, Outcome.STALE])
def test_a_handle_that_nobody_will_read_back_is_destroyed_at_once(engine: Engine, outcome: Outcome) -> None:
    one_freed(engine).outcome = outcome
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_one_answer_that_it_was_never_there_closes_no_delivery_before_verify_asks_again(
    engine: Engine,
) -> None:
    one_freed(engine).outcome = Outcome.ALREADY_GONE
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "closed", True)]
    engine.verify()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_what_was_said_never_to_have_been_there_and_is_found_is_pushed_again(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.outcome, recipient.seen = Outcome.ALREADY_GONE, Seen.STILL_THERE
    engine.push()
    engine.verify()
    assert engine.deliveries() == [("mailer", "1", "ready", True)]


@pytest.mark.parametrize("outcome", [Outcome.BY_HAND, Outcome.REFUSED])
def test_a_handle_that_a_hand_must_see_to_is_kept_until_it_has(engine: Engine, outcome: Outcome) -> None:
    one_freed(engine).outcome = outcome
    engine.push()
    assert [sealed for *_, sealed in engine.deliveries()] == [True]
    with engine.ledger.begin() as connection:
        assert engine.outbox.answers.acknowledge(connection, [1], by="Disa Demo") == 1
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_a_handle_whose_fate_can_never_be_known_is_destroyed(engine: Engine) -> None:
    one_freed(engine).seen = Seen.CANNOT_BE_KNOWN
    engine.push()
    engine.verify()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_a_handle_still_found_at_the_recipient_is_pushed_again(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.seen = Seen.STILL_THERE
    engine.push()
    engine.verify()
    assert engine.deliveries() == [("mailer", "1", "ready", True)]
    engine.push()
    assert len(recipient.told) == 2


@pytest.mark.parametrize("written_off", [True, False])
def test_a_named_person_closes_what_no_service_can(engine: Engine, written_off: bool) -> None:
    one_freed(engine).outcome = Outcome.REFUSED
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "failed", True)]
    with engine.ledger.begin() as connection:
        answers = engine.outbox.answers
        assert answers.acknowledge(connection, [1], by="Disa Demo", written_off=written_off) == 1
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_what_is_closed_cannot_be_acknowledged(engine: Engine) -> None:
    one_freed(engine)
    engine.push()
    with engine.ledger.begin() as connection:
        assert engine.outbox.answers.acknowledge(connection, [1], by="Disa Demo", written_off=False) == 0


def test_what_was_refused_for_good_is_not_tried_again(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.outcome = Outcome.REFUSED
    engine.push()
    engine.clock.turn(days=30)
    engine.push()
    assert len(recipient.told) == 1


def test_what_a_recipient_asks_for_is_waited_for_and_the_push_goes_on(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.fault = RetryLater("Wait.", adapter="mailer", operation="push", after=7200)
    assert not engine.push().whole
    recipient.fault = None
    engine.clock.turn(hours=1)
    assert engine.push().answered == 0
    engine.clock.turn(hours=1)
    assert engine.push().answered == 1


def test_what_failed_is_tried_again_later_and_later(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.retries = {"1"}
    waits = []
    for _ in range(6):
        before, waited = len(recipient.told), 0
        while len(recipient.told) == before:
            engine.push()
            if len(recipient.told) == before:
                engine.clock.turn(hours=1)
                waited += 1
        waits.append(waited)
    assert waits == [0, 0, 1, 4, 12, 24]
    recipient.retries = set()
    engine.clock.turn(hours=24)
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "closed", True)]


def test_a_waiting_letter_is_handed_back_on_its_day_with_its_token(engine: Engine) -> None:
    recipient = one_freed(engine)
    recipient.outcome, recipient.due = Outcome.ACCEPTED, date(2026, 12, 1)
    engine.push()
    assert engine.deliveries() == [("mailer", "1", "waiting", True)]
    engine.clock.turn(days=8)
    engine.push()
    assert recipient.tokens == [""]
    engine.clock.turn(days=1)
    engine.push()
    assert recipient.tokens == ["", "t-1"]
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_a_silent_recipient_never_stops_the_others(engine: Engine) -> None:
    letter = MemoryRecipient("letter", "SH", act=Act.NOTIFY, handle="order",
                             fields=frozenset({Field.EMAIL}), outcome=Outcome.NOTIFIED)  # fmt: skip
    engine.recipients.append(letter)
    one_freed(engine).fault = busy()
    result = engine.push()
    assert [name for name, _ in result.failed] == ["mailer"]
    assert letter.told == [("1", "1")]
    assert ("mailer", "1", "ready", True) in engine.deliveries()


def test_a_recipient_that_cannot_be_read_back_is_asked_by_the_next_verify(engine: Engine) -> None:
    recipient = one_freed(engine)
    engine.push()
    recipient.fault = busy()
    assert engine.verify().silent == ("mailer",)
    assert engine.deliveries() == [("mailer", "1", "closed", True)]
    recipient.fault = None
    assert engine.verify().silent == ()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_what_could_not_be_read_back_keeps_its_handle_and_is_asked_again(engine: Engine) -> None:
    recipient = one_freed(engine)
    engine.push()
    recipient.seen = Seen.UNREAD
    assert engine.verify().silent == ("mailer",)
    assert engine.deliveries() == [("mailer", "1", "closed", True)]
    recipient.seen = Seen.GONE
    assert engine.verify().silent == ()
    assert engine.deliveries() == [("mailer", "1", "closed", False)]


def test_the_handle_of_a_step_that_never_happened_is_destroyed(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.refuses = {"1"}
    engine.pull()
    engine.plan()
    engine.apply()
    assert engine.deliveries() == [("mailer", "1", "cancelled", False)]
    engine.push()
    assert engine.recipients[0].told == []


def test_no_handle_stands_in_the_clear_in_the_ledger(engine: Engine) -> None:
    one_freed(engine)
    with engine.ledger.begin() as connection:
        [row] = connection.execute(select(schema.delivery)).all()
    assert b"person1" not in row.sealed
    assert b"person1" not in row.handle_digest


def test_a_handle_sealed_for_one_recipient_does_not_open_for_another(engine: Engine) -> None:
    one_freed(engine)
    table, engine.changed_by_hand = schema.delivery, True
    with engine.ledger.begin() as connection:
        connection.execute(table.update().values(recipient="letter"))
    with pytest.raises(LedgerError, match="Restore"):
        list(engine.outbox.due("letter", now=engine.ledger.now(), today=engine.today))


def test_a_handle_does_not_open_under_another_key() -> None:
    sealed = Vault(VAULT_KEY).seal("person1@kund.example", bound_to="egg|mailer|email")
    with pytest.raises(LedgerError, match="vault key"):
        Vault(bytes(32)).open(sealed, bound_to="egg|mailer|email")


def test_the_same_handle_sealed_twice_shows_no_likeness() -> None:
    vault = Vault(VAULT_KEY)
    assert vault.seal("a@kund.example", bound_to="x") != vault.seal("a@kund.example", bound_to="x")
    assert vault.digest("a@kund.example") == vault.digest("a@kund.example")


def test_a_new_key_reads_back_and_a_short_one_is_refused() -> None:
    assert len(read_key(new_key(), name="vault key")) == 32
    for bad in ("", "abc", "å" * 44, new_key()[:-8]):
        with pytest.raises(LedgerError, match="gallra init"):
            read_key(bad, name="vault key")


def test_another_key_than_the_ledger_was_made_with_stops_everything(engine: Engine) -> None:
    engine.ledger.bind_key("subject key", "one")
    engine.ledger.bind_key("subject key", "one")
    with pytest.raises(LedgerError, match="Restore the old key"):
        engine.ledger.bind_key("subject key", "two")


def test_a_handle_does_not_open_in_the_row_of_another_record(engine: Engine) -> None:
    engine.shop.order("2")
    one_freed(engine)
    table = schema.delivery
    with engine.ledger.begin() as connection:
        first, second = connection.scalars(select(table.c.sealed).order_by(table.c.id))
        connection.execute(table.update().where(table.c.id == 1).values(sealed=second))
        connection.execute(table.update().where(table.c.id == 2).values(sealed=first))
    with pytest.raises(LedgerError):
        list(engine.outbox.due("mailer", now=engine.ledger.now(), today=engine.today))


def draft(value: str, *fields: Field, step: int = 1) -> Draft:
    """What a recipient is to be told of one order: by its address, or that nothing is left to tell it by."""
    return Draft(
        plan=1, step=step, recipient="mailer", act=Act.ERASE, handle="email", value=value,
        ref=Ref(adapter="shop", kind=Kind.ORDER, id="5"), fields=frozenset(fields),
        planned=date(2026, 11, 22),
    )  # fmt: skip


def sealed(engine: Engine, *drafts: Draft) -> list[tuple[str, str | None]]:
    """Seals these, then says how every delivery stands, and why."""
    if not engine.shop.held:
        engine.shop.order("1")
        engine.pull()
        engine.plan()
    with engine.ledger.begin() as connection:
        engine.outbox.hold(connection, drafts)
        rows = connection.execute(select(schema.delivery.c.state, schema.delivery.c.reason))
        return [(row.state, row.reason) for row in rows]


def test_a_recipient_is_named_once_of_a_record_that_was_lost_however_many_steps_it_had(
    engine: Engine,
) -> None:
    one, other = draft("", Field.EMAIL), draft("", Field.PHONE, step=2)
    assert sealed(engine, one, other) == [("failed", "handle_gone")]
    with engine.ledger.begin() as connection:
        (bits,) = connection.scalars(select(schema.delivery.c.fields))
    assert bits == to_bits((Field.EMAIL, Field.PHONE))
    assert sealed(engine, draft("", Field.EMAIL, step=3)) == [("failed", "handle_gone")]


def test_a_record_that_came_back_is_told_of_by_its_new_step_alone(engine: Engine) -> None:
    sealed(engine, draft("", Field.EMAIL))
    found = sealed(engine, draft("a@kund.example", Field.EMAIL, step=3))
    assert sorted(found) == [("closed", "came_back"), ("held", "")]


def test_whoever_is_told_that_a_record_goes_whole_is_not_named_for_its_parts(engine: Engine) -> None:
    sealed(engine, draft("a@kund.example"))
    with engine.ledger.begin() as connection:
        engine.outbox.free(connection, 1, [1])
    assert sealed(engine, draft("", Field.EMAIL, step=2)) == [("ready", "")]
