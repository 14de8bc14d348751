"""Every delivery of a run stands in one column of the protocol."""

from types import SimpleNamespace

import msgspec
import pytest

from connector.ledger.plans import Plans
from connector.records import Outcome
from connector.report.protocol.model import RecipientResult
from connector.report.protocol.recipients import TOLD
from connector.views.protocol.counting import Counted
from connector.views.protocol.recipients import column_of
from tests.engine_support import Engine


@pytest.mark.parametrize("outcome", Outcome)
def test_every_answer_of_a_recipient_has_a_column_that_is_shown(outcome: Outcome) -> None:
    column = column_of("closed", outcome, "")
    assert column in TOLD
    assert column in {field.name for field in msgspec.structs.fields(RecipientResult)}


def test_what_a_recipient_still_needs_for_other_orders_is_called_kept() -> None:
    assert column_of("closed", Outcome.STALE, "") == "kept"


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.ALREADY_GONE])
def test_a_delivery_is_confirmed_once_it_was_seen_to_be_gone(outcome: Outcome) -> None:
    assert [column_of("closed", outcome, seen) for seen in ("", "gone")] == ["instructed", "confirmed"]


def test_a_record_to_be_blanked_that_is_gone_altogether_is_a_deviation(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    plan = engine.plan()
    engine.shop.held.clear()
    engine.apply()
    with engine.ledger.begin() as connection:
        shop = SimpleNamespace(capabilities={})
        counted = Counted(shop, Plans(engine.ledger).steps(connection, engine.plan_id), plan, {})  # type: ignore[arg-type]
    assert {(one.outcome, one.reason) for one in counted.deviations()} == {
        (Outcome.ALREADY_GONE, "record_gone")
    }


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_a_delivery_whose_step_never_happened_is_not_counted(state: str) -> None:
    assert column_of(state, "", "") == ""
