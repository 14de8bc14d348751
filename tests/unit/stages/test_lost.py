"""A record that was gone before its step came: who is told of it by number, and who is named."""

import pytest

from adapters.interests import BY_LETTER
from connector.deciding.lost import by_what, handles_left
from connector.ledger.drafts import Draft
from connector.ledger.lost_handles import lost_handles
from connector.places.numbers import ORDER_NUMBER
from connector.ports import Act, Interest
from connector.records import Field, Kind, Outcome, Ref
from connector.registry import told_by_letter
from tests.engine_support import NOON, Engine, MemoryRecipient

KNOWN = handles_left(Ref(adapter="shop", kind=Kind.ORDER, id="5"), "#1005")
TOLD = {**BY_LETTER, **told_by_letter()}
OF_ORDERS = [(code, one) for code, own in TOLD.items() for one in own if one.kind is Kind.ORDER]


@pytest.fixture
def noticed(engine: Engine) -> Engine:
    """A shop whose orders are told of by address: to a service, and to people by letter."""
    engine.recipients.append(MemoryRecipient("carrier", act=Act.NOTIFY, outcome=Outcome.BY_HAND))
    return engine


@pytest.mark.parametrize(("code", "interest"), OF_ORDERS)
def test_everybody_who_reads_a_letter_is_told_of_a_lost_order_by_something_that_is_left(
    code: str, interest: Interest
) -> None:
    assert KNOWN[by_what(interest, KNOWN)] in ("1005", "5")


def test_a_service_is_asked_by_its_own_handle_alone() -> None:
    asked = Interest(act=Act.ERASE, kind=Kind.ORDER, handle="email", fields=frozenset({Field.EMAIL}))
    assert by_what(asked, KNOWN) == "email"


def stand_in(engine: Engine, handle: str, value: str, instead_of: str = "") -> Draft:
    """What a carrier is to be told of one order."""
    return Draft(
        plan=1, step=0, recipient="carrier", act=Act.NOTIFY, handle=handle, value=value,
        ref=Ref(adapter="shop", kind=Kind.ORDER, id="1"), fields=frozenset({Field.EMAIL}),
        planned=NOON.date(), instead_of=instead_of,
    )  # fmt: skip


@pytest.mark.parametrize("sealed_before", [True, False])
def test_a_number_stands_in_only_where_no_earlier_try_sealed_the_reference_itself(
    noticed: Engine, sealed_before: bool
) -> None:
    noticed.shop.order("1")
    noticed.pull()
    noticed.plan()
    with noticed.ledger.begin() as connection:
        if sealed_before:
            noticed.outbox.hold(connection, [stand_in(noticed, "tracking_number", "SE1")])
        by_number = stand_in(noticed, ORDER_NUMBER, "1", instead_of="tracking_number")
        assert noticed.outbox.hold(connection, [by_number]) == (0 if sealed_before else 1)


def lose(engine: Engine) -> None:
    """An order is deleted in the shop between the plan and its step."""
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.shop.held.clear()
    engine.apply()


def test_a_letter_tells_of_a_lost_order_by_number_and_a_service_that_cannot_be_asked_is_named(
    noticed: Engine,
) -> None:
    lose(noticed)
    pushed = noticed.push()
    assert {value for _, value in noticed.recipients[1].told} == {"1"}
    assert [(one.recipient, one.label, one.handle) for one in pushed.lost] == [("mailer", "#1", "email")]
    assert not pushed.whole


def test_a_push_is_whole_again_once_a_person_has_seen_to_what_was_named(noticed: Engine) -> None:
    lose(noticed)
    with noticed.ledger.begin() as connection:
        ids = [one.id for one in lost_handles(connection, noticed.ledger.shop)]
        noticed.outbox.answers.acknowledge(connection, ids, by="Disa Demo")
    assert noticed.push().lost == ()
