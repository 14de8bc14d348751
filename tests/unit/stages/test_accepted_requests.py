"""Requests that a platform took on and carries out later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from connector.cli.ended import of_pending
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.index import Rows
from connector.ledger.plans import Plans
from connector.ports import Live, Receipt
from connector.records import HoldId, Kind, Outcome, Ref
from connector.stages.accepted_requests import Pending, PendingResult
from connector.stages.apply import apply
from connector.stages.apply.means import Share
from connector.stages.plan import make_replay
from connector.views.status import erasures_of
from tests.engine_support import ALL_WAVES, LONG_AGO, Engine, MemoryShop


def look(engine: Engine) -> PendingResult:
    """One look at every open request."""
    return Pending(
        outbox=engine.outbox,
        policy=engine.policy,
        platforms={engine.shop.name: engine.shop},
        today=engine.today,
    ).close_or_withdraw()


def accepted(engine: Engine, due: date) -> None:
    """An order whose erasure the platform has taken on until a day."""
    engine.shop.order("1")
    engine.shop.accepts = {"1": due}
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply()


def carried_out(engine: Engine) -> None:
    """The platform does what it took on."""
    engine.shop.held.clear()


def states(engine: Engine) -> set[str]:
    """The states of the one delivery that waits for the order's end."""
    return {state for _, _, state, _ in engine.deliveries()}


def test_a_request_that_came_true_is_read_back_and_frees_its_deliveries(engine: Engine) -> None:
    accepted(engine, engine.today + timedelta(days=10))
    assert states(engine) == {"held"}
    assert look(engine) == PendingResult(waiting=_steps(engine))
    carried_out(engine)
    done = look(engine)
    assert done.done > 0
    assert done.waiting == 0
    assert states(engine) == {"ready"}


def test_a_request_past_its_date_is_overdue_and_never_called_done(engine: Engine) -> None:
    accepted(engine, engine.today + timedelta(days=10))
    engine.clock.turn(days=11)
    assert look(engine).overdue == _steps(engine)
    assert states(engine) == {"held"}


def test_an_open_request_does_not_stop_the_next_plan(engine: Engine) -> None:
    accepted(engine, engine.today + timedelta(days=180))
    engine.plan()
    assert look(engine).waiting > 0


def test_a_hold_takes_the_request_back_and_destroys_its_handles(engine: Engine) -> None:
    engine.shop = _Withdrawing.from_shop(engine.shop)
    accepted(engine, engine.today + timedelta(days=10))
    _hold(engine)
    result = look(engine)
    assert result.withdrawn > 0
    assert isinstance(engine.shop, _Withdrawing)
    assert engine.shop.withdrawn
    assert {(state, sealed) for _, _, state, sealed in engine.deliveries()} == {("cancelled", False)}


def test_a_platform_that_cannot_take_back_keeps_the_request_waiting(engine: Engine) -> None:
    accepted(engine, engine.today + timedelta(days=10))
    _hold(engine)
    assert look(engine) == PendingResult(waiting=_steps(engine))


def test_a_floor_that_came_on_an_order_behind_it_takes_the_request_back(engine: Engine) -> None:
    engine.shop = _Reconsidering.from_shop(engine.shop)
    accepted(engine, engine.today + timedelta(days=10))
    assert look(engine) == PendingResult(waiting=_steps(engine))
    assert isinstance(engine.shop, _Reconsidering)
    engine.shop.reason = "orders_kept"
    assert look(engine).withdrawn > 0
    assert {(state, sealed) for _, _, state, sealed in engine.deliveries()} == {("cancelled", False)}


def test_money_owed_since_takes_the_request_back_though_no_pull_has_told_of_it(engine: Engine) -> None:
    engine.shop = _Withdrawing.from_shop(engine.shop)
    _accepted_account(engine)
    held = engine.shop.of("7", Kind.CUSTOMER)
    held.facts = msgspec.structs.replace(held.facts, balance=True)
    assert look(engine) == PendingResult(withdrawn=_steps_before(engine))


def test_a_request_that_cannot_be_taken_back_is_counted_and_says_why(engine: Engine) -> None:
    engine.shop = _TooLate.from_shop(engine.shop)
    accepted(engine, engine.today + timedelta(days=10))
    _hold(engine)
    result = look(engine)
    assert result == PendingResult(waiting=_steps(engine), refused=_steps(engine))
    with engine.ledger.begin() as connection:
        rows = Plans(engine.ledger).accepted(connection)
    assert {(row.state, row.reason, row.due) for _, row in rows} == {
        ("accepted", "cannot_be_withdrawn", (engine.today + timedelta(days=10)).isoformat())
    }


def test_a_request_under_way_is_not_asked_for_again_until_it_is_overdue(engine: Engine) -> None:
    _accepted_account(engine)
    engine.plan()
    assert "7" not in engine.planned()
    engine.clock.turn(days=12)
    engine.plan()
    assert "7" in engine.planned()


def test_status_tells_what_is_accepted_by_its_date_and_what_is_past_it(engine: Engine) -> None:
    _accepted_account(engine)
    due = engine.today + timedelta(days=10)
    assert _told(engine) == (f"  erasures accepted, not carried out: 1, due {due}",)
    engine.clock.turn(days=11)
    assert any(
        "overdue erasures: 1 past their date" in line and "(customer 7)" in line for line in _told(engine)
    )


def test_status_tells_what_could_not_be_taken_back(engine: Engine) -> None:
    engine.shop = _TooLate.from_shop(engine.shop)
    _accepted_account(engine)
    held = engine.shop.of("7", Kind.CUSTOMER)
    held.facts = msgspec.structs.replace(held.facts, balance=True)
    look(engine)
    assert "(customer 7: cannot_be_withdrawn)" in _told(engine)[-1]


def test_a_run_tells_of_what_was_taken_back_and_of_what_could_not_be() -> None:
    assert of_pending(PendingResult(waiting=4)) == ""
    said = of_pending(PendingResult(waiting=4, withdrawn=2, refused=1))
    assert said == (
        "Erasures: 2 were taken back, for something is to be kept, 1 should be taken back and could not be."
    )


def _replay_taken_on(engine: Engine) -> None:
    """An account that came back is erased again, and the platform takes that on until a day."""
    engine.shop = _Withdrawing.from_shop(engine.shop)
    engine.shop.customer("90")
    engine.whole()
    engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.shop.accepts = {"91": engine.today + timedelta(days=10)}
    engine.pull()
    engine.clock.turn(seconds=1)
    plan = make_replay(engine.ledger, engine.terms(), since=engine.today, rests_on=engine.bases)
    means = replace(engine.means(), ended=engine.policy.ended_by_erasure())
    with engine.ledger.begin() as connection:
        plan_id = means.plans.need(connection, plan.code).id
    apply(means, Share(plan_id, ALL_WAVES))


def test_what_is_erased_again_and_taken_on_is_not_taken_back_for_being_new(engine: Engine) -> None:
    _replay_taken_on(engine)
    assert look(engine) == PendingResult(waiting=1)


def test_an_order_after_it_was_taken_on_takes_an_erasure_of_a_replay_back(engine: Engine) -> None:
    _replay_taken_on(engine)
    engine.shop.order("1", engine.today, email="person90@kund.example")
    engine.pull()
    assert look(engine).withdrawn == 1


class _Withdrawing(MemoryShop):
    """A platform whose requests can be taken back."""

    withdrawn: list[str]

    @classmethod
    def from_shop(cls, shop: MemoryShop) -> "_Withdrawing":
        made = cls(shop.keyer)
        made.withdrawn = []
        return made

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Taken back."""
        self.withdrawn.append(token)
        return Receipt(ref=ref, outcome=Outcome.STALE, reason="withdrawn")


class _TooLate(_Withdrawing):
    """One that is past taking anything back."""

    def withdraw(self, ref: Ref, token: str) -> Receipt:
        """Refused."""
        return Receipt(ref=ref, outcome=Outcome.REFUSED, reason="cannot_be_withdrawn")


class _Reconsidering(_Withdrawing):
    """One that is asked again whether it would take a request on."""

    reason = ""

    def reconsider(self, lives: Sequence[Live]) -> dict[Ref, str]:
        """Why not, any more."""
        return {one.ref: self.reason for one in lives if self.reason}


def _accepted_account(engine: Engine) -> None:
    """An account whose erasure the platform has taken on for ten days."""
    engine.shop.customer("7", LONG_AGO)
    engine.shop.accepts = {"7": engine.today + timedelta(days=10)}
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply()
    assert _steps(engine) == 1


def _told(engine: Engine) -> tuple[str, ...]:
    """What `status` says of erasures."""
    with engine.ledger.begin() as connection:
        accepted = [step for _, step in Plans(engine.ledger).accepted(connection)]
    found = erasures_of(accepted, engine.today)
    return found.lines() if found else ()


def _steps_before(engine: Engine) -> int:
    return len(engine.shop.accepts)


def _hold(engine: Engine) -> None:
    """A legal claim on the order, and a purchase that the index has seen."""
    with engine.ledger.begin() as connection:
        [row] = Rows(engine.ledger).find(connection, kind=Kind.ORDER, number="#1")
        assert row is not None
        for hold in HoldId:
            Holds(engine.ledger).add(
                connection,
                HoldTerms(hold=hold, reason="dispute", owner="Disa Demo", review=engine.today),
                On(record=row.id),
            )


def _steps(engine: Engine) -> int:
    """How many steps the platform took on."""
    return sum(outcome == Outcome.ACCEPTED for _, outcome in engine.steps().values())
