"""A round in which a recipient found nothing proves nothing: a wrong store and a wrong key look like it."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from connector.cli.ended import ended
from connector.deciding.rounds import FEW
from connector.errors import Exit
from connector.ledger import schema
from connector.ledger.found_there import NONE_FOUND, not_found
from connector.ports import NEVER_THERE, Delivery, DeliveryReceipt
from connector.records import Outcome
from connector.stages.push import PushResult
from connector.stages.run import RunResult
from connector.views.protocol import recipient_results
from connector.views.status import Status
from tests.engine_support import Engine, MemoryRecipient


class Place(MemoryRecipient):
    """A recipient that has these people and nobody else; it forgets whom it was told of."""

    def __init__(self, *people: str) -> None:
        super().__init__()
        self.people = set(people)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        for one in deliveries:
            there = one.value in self.people
            self.people.discard(one.value)
            outcome, reason = (Outcome.DONE, "") if there else (Outcome.ALREADY_GONE, NEVER_THERE)
            yield DeliveryReceipt(id=one.id, outcome=outcome, reason=reason)


def address(number: int) -> str:
    return f"person{number}@kund.example"


def pushed(engine: Engine, place: Place, *numbers: int) -> PushResult:
    """Takes the addresses of these orders in the shop, and tells the recipient."""
    engine.recipients[:] = [place]
    for number in numbers:
        engine.shop.order(str(number))
    engine.pull()
    engine.plan()
    engine.apply()
    return engine.push()


def outcomes(engine: Engine) -> dict[str, tuple[str, str, bool]]:
    """How each order's delivery ended: its outcome and reason, and whether its handle is still sealed."""
    table = schema.delivery
    with engine.ledger.begin() as connection:
        rows = connection.execute(select(table).order_by(table.c.id)).all()
    return {row.remote_id: (row.outcome, row.reason, row.sealed is not None) for row in rows}


def test_a_round_that_found_nobody_is_not_known_and_keeps_its_handles(engine: Engine) -> None:
    result = pushed(engine, Place(), 1, 2)
    assert set(outcomes(engine).values()) == {(Outcome.REFUSED, NONE_FOUND, True)}
    assert (result.none_found, result.whole) == ((("mailer", 2),), False)


def test_beside_one_who_was_found_the_others_were_never_there(engine: Engine) -> None:
    result = pushed(engine, Place(address(2)), 1, 2, 3)
    assert [ended for ended, *_ in outcomes(engine).values()] == [
        Outcome.ALREADY_GONE, Outcome.DONE, Outcome.ALREADY_GONE
    ]  # fmt: skip
    assert (result.none_found, result.whole) == ((), True)


def test_a_few_who_were_never_there_are_no_surprise_where_others_were_found_before(engine: Engine) -> None:
    pushed(engine, Place(address(1)), 1)
    assert pushed(engine, Place(), 2).whole
    assert outcomes(engine)["2"][0] == Outcome.ALREADY_GONE


def test_many_who_were_never_there_are_not_known_whoever_was_found_before(engine: Engine) -> None:
    pushed(engine, Place(address(1)), 1)
    result = pushed(engine, Place(), *range(2, 2 + FEW))
    assert result.none_found == (("mailer", FEW),)


def test_whoever_an_earlier_delivery_erased_there_is_gone_however_many_are_not_known(engine: Engine) -> None:
    pushed(engine, Place(address(1)), 1)
    engine.shop.order("99", email=address(1))
    result = pushed(engine, Place(), *range(2, 2 + FEW))
    assert outcomes(engine)["99"][0] == Outcome.ALREADY_GONE
    assert result.none_found == (("mailer", FEW),)


def test_once_the_settings_are_right_the_same_round_is_told_and_done(engine: Engine) -> None:
    pushed(engine, Place(), 1, 2)
    engine.recipients[:] = [Place(address(1), address(2))]
    engine.clock.turn(days=1)
    assert engine.push().whole
    assert {ended for ended, *_ in outcomes(engine).values()} == {Outcome.DONE}


def test_a_round_that_found_nobody_ends_a_run_as_partial_and_stands_in_status(engine: Engine) -> None:
    result = RunResult()
    result.pushed = pushed(engine, Place(), 1)
    code, told = ended(result)
    assert code is Exit.PARTIAL
    assert "cannot be known" in told
    lines = Status(shop="egg", none_found=result.pushed.none_found).lines()
    assert any("cannot be known" in line for line in lines)


def test_a_named_person_closes_what_was_never_there_at_all(engine: Engine) -> None:
    pushed(engine, Place(), 1, 2)
    with engine.ledger.begin() as connection:
        ids = not_found(connection, engine.ledger.shop, "mailer")
        assert engine.outbox.answers.acknowledge(connection, ids, by="Disa Demo") == 2
        assert not_found(connection, engine.ledger.shop, "mailer") == []
    assert {sealed for *_, sealed in outcomes(engine).values()} == {False}


def test_the_protocol_counts_what_cannot_be_known_as_not_taken_and_never_as_confirmed(engine: Engine) -> None:
    place = Place()
    pushed(engine, place, 1, 2)
    settings = SimpleNamespace(recipient=lambda name: SimpleNamespace(title=name))
    shop: Any = SimpleNamespace(
        ledger=engine.ledger, outbox=engine.outbox, processors={"mailer": place}, settings=settings
    )
    with engine.ledger.begin() as connection:
        (found,) = recipient_results(shop, connection, engine.plan_id)
    assert (found.none_found, found.failed, found.confirmed, found.instructed) == (2, 2, 0, 0)
