"""What becomes of each thing that was sealed under a key that is lost: named, given back, or read again."""

import pytest
from sqlalchemy import update

from connector.ledger import Vault, schema
from connector.ledger.answers import KEY_LOST
from connector.ledger.inbox import HINTS, Inbox, copies_waiting, open_requests
from connector.ledger.lost_handles import lost_handles
from connector.ledger.states import DeliveryState, MessageState, StepState
from connector.ledger.stranded import give_up, name_what_is_lost
from connector.ports import Seen
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Outcome, Ref
from tests.engine_support import VAULT_KEY, Engine


@pytest.fixture
def freed(engine: Engine) -> Engine:
    """An order that the shop is done with, of which the recipient is to be told."""
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    return engine


def stands(engine: Engine, **values: object) -> None:
    """The one delivery stands so."""
    engine.changed_by_hand = True
    with engine.ledger.begin() as connection:
        connection.execute(update(schema.delivery).values(**values))


def lost(engine: Engine) -> tuple[str, str, str, bool]:
    """The key is lost: how the delivery stands then."""
    with engine.ledger.begin() as connection:
        give_up(engine.ledger, connection)
        row = connection.execute(schema.delivery.select()).one()
    return row.state, row.reason, row.seen, row.sealed is None


@pytest.mark.parametrize("state", [DeliveryState.READY, DeliveryState.WAITING, DeliveryState.FAILED])
def test_a_recipient_that_is_still_to_be_told_is_named(freed: Engine, state: DeliveryState) -> None:
    stands(freed, state=state)
    assert lost(freed) == ("failed", KEY_LOST, "", True)
    with freed.ledger.begin() as connection:
        assert [one.label for one in lost_handles(connection, "egg")] == ["#1"]


def test_a_line_of_a_letter_that_is_written_still_waits_for_the_letter_to_be_sent(freed: Engine) -> None:
    stands(freed, state=DeliveryState.BY_HAND, token="letter:2026-11", reason="letter_to_send")
    assert lost(freed) == ("by_hand", "letter_to_send", "", True)


def test_what_a_hand_must_do_without_a_letter_is_named(freed: Engine) -> None:
    stands(freed, state=DeliveryState.BY_HAND)
    assert lost(freed) == ("failed", KEY_LOST, "", True)


@pytest.mark.parametrize("seen", ["", Seen.UNREAD])
def test_what_was_told_and_cannot_be_read_back_any_more_is_never_called_gone(
    freed: Engine, seen: str
) -> None:
    stands(freed, state=DeliveryState.CLOSED, outcome=Outcome.DONE, seen=seen)
    assert lost(freed) == ("closed", "", Seen.CANNOT_BE_KNOWN, True)


@pytest.mark.parametrize("step", [StepState.BEGUN, StepState.ACCEPTED])
def test_of_a_step_that_may_have_been_written_the_recipient_is_named(freed: Engine, step: StepState) -> None:
    with freed.ledger.begin() as connection:
        connection.execute(update(schema.step).values(state=step))
    stands(freed, state=DeliveryState.HELD)
    assert lost(freed) == ("failed", KEY_LOST, "", True)


def test_of_a_step_of_which_nothing_was_written_the_handle_is_sealed_anew_when_it_is_tried(
    freed: Engine,
) -> None:
    with freed.ledger.begin() as connection:
        connection.execute(update(schema.step).values(state=StepState.PLANNED))
    stands(freed, state=DeliveryState.HELD)
    assert lost(freed) == ("cancelled", "", "", True)


def test_what_a_person_has_named_once_is_not_named_again(freed: Engine) -> None:
    stands(freed, state=DeliveryState.FAILED, reason="handle_gone", sealed=None)
    with freed.ledger.begin() as connection:
        name_what_is_lost(freed.ledger, connection)
        assert [one.reason for one in lost_handles(connection, "egg")] == ["handle_gone"]


def test_what_a_later_step_tells_takes_nothing_back_of_what_was_lost(freed: Engine) -> None:
    lost(freed)
    freed.shop.order("1")
    freed.pull()
    freed.plan()
    freed.apply()
    with freed.ledger.begin() as connection:
        assert [one.reason for one in lost_handles(connection, "egg")] == [KEY_LOST]


def heard(engine: Engine, topic: Topic) -> Inbox:
    """A message of a platform, sealed."""
    inbox = Inbox(engine.ledger, Vault(VAULT_KEY))
    ref = Ref(adapter="shopify", kind=Kind.CUSTOMER, id="7001")
    assert inbox.receive("shopify", Heard(id=f"m-{topic}", topic=topic, refs=(ref,)))
    with engine.ledger.begin() as connection:
        give_up(engine.ledger, connection)
    return inbox


def test_a_request_whose_message_is_lost_waits_for_a_person_with_its_day(engine: Engine) -> None:
    inbox = heard(engine, Topic.DATA_REQUEST)
    with engine.ledger.begin() as connection:
        [request] = open_requests(connection, "egg")
        assert inbox.answered(connection, [request.id], by="Disa Demo") == 1


def test_an_erased_customer_whose_message_is_lost_waits_for_a_person(engine: Engine) -> None:
    inbox = heard(engine, Topic.CUSTOMER_REDACT)
    with engine.ledger.begin() as connection:
        [waiting] = copies_waiting(connection, "egg")
        assert inbox.answered(connection, [waiting.id], by="Disa Demo") == 1
        assert copies_waiting(connection, "egg") == []


@pytest.mark.parametrize("topic", HINTS)
def test_a_hint_that_is_lost_is_closed_for_the_next_pull_reads_everything(
    engine: Engine, topic: Topic
) -> None:
    engine.shop.order("1")
    engine.pull()
    heard(engine, topic)
    with engine.ledger.begin() as connection:
        row = connection.execute(schema.inbox.select()).one()
        cursors = connection.execute(schema.cursor.select()).all()
    assert (row.state, row.outcome, row.sealed, cursors) == (MessageState.CLOSED, KEY_LOST, None, [])
