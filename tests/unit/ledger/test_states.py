"""States of deliveries and messages: named, with arrows, and the database knows no other."""

from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.errors import LedgerError
from connector.ledger.states import DELIVERY_ARROWS, MESSAGE_ARROWS, DeliveryState, MessageState, before
from tests.engine_support import Engine


@pytest.mark.parametrize(
    ("states", "arrows"), [(DeliveryState, DELIVERY_ARROWS), (MessageState, MESSAGE_ARROWS)]
)
def test_every_state_says_what_may_follow_it(states: type[StrEnum], arrows: object) -> None:
    assert set(arrows) == set(states)  # type: ignore[call-overload]


def test_a_handle_leaves_held_only_to_be_told_or_destroyed() -> None:
    assert DELIVERY_ARROWS[DeliveryState.HELD] == {DeliveryState.READY, DeliveryState.CANCELLED}


def test_only_a_cancelled_delivery_is_sealed_anew() -> None:
    assert before(DeliveryState.HELD, DELIVERY_ARROWS) == (DeliveryState.CANCELLED,)


def test_a_closed_message_stays_closed() -> None:
    assert not MESSAGE_ARROWS[MessageState.CLOSED]


def test_the_database_refuses_a_delivery_in_a_state_that_has_no_name(engine: Engine, tmp_path: Path) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    with pytest.raises(LedgerError), engine.ledger.begin() as connection:
        connection.execute(text("UPDATE delivery SET state = 'perhaps'"))


def test_the_database_refuses_a_message_in_a_state_that_has_no_name(engine: Engine) -> None:
    values = "('egg', 'shop', 'w-1', 'orders/deleted', '2026-11-22', 'perhaps', '', '', '')"
    columns = "shop, adapter, key, topic, at, state, remote_id, outcome, closed_by"
    with pytest.raises(LedgerError), engine.ledger.begin() as connection:
        connection.execute(text(f"INSERT INTO inbox ({columns}) VALUES {values}"))
