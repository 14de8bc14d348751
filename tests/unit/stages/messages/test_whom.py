"""Whom a message means: by the address where it names no account; and who an account has become."""

from datetime import date

import pytest
from sqlalchemy import event, select

from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.inbox import open_requests
from connector.ports.heard import NO_ACCOUNT, Topic, message_of
from connector.records import HoldId, Kind, Ref, Wave
from connector.stages.messages.merges import at_the_end
from connector.views.status import _request
from tests.engine_support import JUST_NOW, LONG_AGO, Crash, Mortal
from tests.unit.stages.messages.hearing import CANARY, Told, customer, order

GUEST = "gast@kund.example"


def _account_of(told: Told) -> list[str]:
    with told.engine.ledger.begin() as connection:
        return [one.whose for one in open_requests(connection, "egg")]


def _hold(told: Told, *, record: int | None = None, email: str = "") -> int:
    engine = told.engine
    with engine.ledger.begin() as connection:
        return Holds(engine.ledger).add(
            connection,
            HoldTerms(hold=HoldId.LEGAL_CLAIM, reason="A claim", owner="Disa Demo", review=date(2027, 1, 1)),
            On(record=record, digest=engine.keyer("email", email) if email else None),
        )


def _row(told: Told, ref: Ref) -> int:
    table = schema.record
    with told.engine.ledger.begin() as connection:
        found = connection.scalar(
            select(table.c.id).where(table.c.remote_id == ref.id, table.c.kind == ref.kind)
        )
    return int(found or 0)


def _reach(told: Told, hold: int) -> int:
    """How many living records a hold is on."""
    with told.engine.ledger.begin() as connection:
        return Holds(told.engine.ledger).reach(connection, hold).records


def _held(told: Told, ref: Ref) -> bool:
    table, number = schema.record, _row(told, ref)
    with told.engine.ledger.begin() as connection:
        row = connection.execute(select(table).where(table.c.id == number)).one()
        holds = Holds(told.engine.ledger).open(connection)
    of_record = holds._of_record.get(row.id, ())
    return HoldId.LEGAL_CLAIM in (*of_record, *holds._of_subject.get(row.subject, ()))


# By address ---------------------------------------------------------------------------------


def test_a_customer_who_is_found_by_the_address_and_is_still_there_is_left_alone(told: Told) -> None:
    told.hear(Topic.CUSTOMER_REDACT, email=CANARY)
    told.settle()
    assert told.rows() == [("closed", "still_there", False)]


def test_a_customer_who_is_found_by_the_address_and_is_gone_is_told_of_as_that_account(told: Told) -> None:
    del told.engine.shop.held[customer("7")]
    told.hear(Topic.CUSTOMER_REDACT, email=CANARY)
    told.settle()
    told.plan()
    told.carry_out()
    assert told.told() == [("7", CANARY)]
    assert told.rows() == [("closed", "told", False)]


def test_an_address_that_nobody_here_has_is_told_of_under_the_messages_own_number(told: Told) -> None:
    told.hear(Topic.CUSTOMER_REDACT, email=GUEST)
    told.settle()
    plan = told.plan()
    wave = plan.wave(Wave.ACCOUNTS)
    assert wave is not None
    assert wave.steps == 1
    table = schema.step
    with told.engine.ledger.begin() as connection:
        label = connection.scalar(select(table.c.label).where(table.c.plan == told.engine.plan_id))
    assert label == "message 1"
    told.carry_out()
    assert told.told() == [(str(NO_ACCOUNT + 1), GUEST)]
    assert told.rows() == [("closed", "told", False)]


def test_a_guests_order_whose_person_has_an_account_by_now_is_left_alone(told: Told) -> None:
    told.engine.shop.order("601", JUST_NOW, email=GUEST)
    told.engine.pull()
    told.engine.shop.owners["601"] = "8"
    told.hear(Topic.CUSTOMER_REDACT, order("601"), email=GUEST)
    told.settle()
    assert told.rows() == [("closed", "still_there", False)]


def test_while_not_all_was_read_nobody_is_called_unknown(told: Told) -> None:
    told.engine.shop.hides.add("8")
    told.engine.shop.customer("8", JUST_NOW, email=GUEST)
    told.engine.pull(full=True)
    told.hear(Topic.CUSTOMER_REDACT, email=GUEST)
    told.hear(Topic.DATA_REQUEST, email=GUEST)
    told.settle()
    assert told.rows() == [("received", "", True)] * 2
    told.engine.shop.hides.clear()
    told.engine.pull(full=True)
    told.settle()
    keyed = told.engine.keyer("email", GUEST)
    assert keyed is not None
    assert told.rows() == [("closed", "still_there", False), ("open", keyed.hex(), False)]
    assert _account_of(told) == ["8"]


def test_a_request_by_address_is_kept_under_the_account_or_an_order_and_never_under_the_address(
    told: Told,
) -> None:
    told.engine.shop.order("601", JUST_NOW, email=GUEST)
    told.engine.pull()
    told.hear(Topic.DATA_REQUEST, email=CANARY)
    told.hear(Topic.DATA_REQUEST, email=GUEST)
    told.hear(Topic.DATA_REQUEST, email="ingen@kund.example")
    told.hear(Topic.DATA_REQUEST, order("602"), email="ingen@kund.example")
    assert _account_of(told) == [""] * 4
    told.settle()
    assert _account_of(told) == ["7", "order:601", "", "order:602"]
    assert [(state, sealed) for state, _, sealed in told.rows()] == [("open", False)] * 4
    said = [_request(1, JUST_NOW, whose).line() for whose in _account_of(told)[:3]]
    assert ["account 7:" in said[0], "no account, order id 601:" in said[1]] == [True, True]
    assert "account unknown:" in said[2]


def test_a_stand_in_for_an_account_is_told_from_an_account() -> None:
    assert message_of(customer(str(NO_ACCOUNT + 12))) == 12
    assert message_of(customer("12")) is None
    assert message_of(order(str(NO_ACCOUNT + 12))) is None


# Merges -------------------------------------------------------------------------------------


def _merge(told: Told, gone: str = "7", kept: str = "8") -> None:
    """The shop makes two accounts one, as staff would; and says so."""
    shop = told.engine.shop
    shop.customer(kept, JUST_NOW, email=f"ny{kept}@kund.example")
    told.engine.pull()
    shop.held.pop(customer(gone), None)
    told.hear(Topic.MERGED, customer(gone), customer(kept))


def test_who_went_is_gone_and_who_stayed_takes_over_holds_of_record_and_person(told: Told) -> None:
    of_record = _hold(told, record=_row(told, customer("7")))
    of_person = _hold(told, email=CANARY)
    _merge(told)
    told.settle()
    assert told.rows() == [("closed", "merged", False)]
    assert _reach(told, of_record) == 1
    assert _reach(told, of_person) == 2  # the account that stayed, and the order
    assert _held(told, customer("8"))
    assert told.engine.subject_of("8", Kind.CUSTOMER) == told.engine.subject_of("501")
    with told.engine.ledger.begin() as connection:
        ((_, detail),) = told.engine.ledger.events(connection, "customers_merged")
    assert detail == {"adapter": "shop", "gone": "7", "kept": "8", "holds": 2, "message": 1}


def test_a_hold_of_a_person_outlasts_the_address_that_went_with_the_merge(told: Told) -> None:
    hold = _hold(told, email=CANARY)
    told.engine.shop.of("501").values.clear()
    _merge(told)
    told.settle()
    told.engine.pull(full=True)
    assert _reach(told, hold) >= 1
    assert _held(told, customer("8"))


def test_a_redaction_that_a_merge_sent_is_left_alone(told: Told) -> None:
    _merge(told)
    told.hear(Topic.CUSTOMER_REDACT, customer("7"), email=CANARY)
    told.settle()
    assert told.rows() == [("closed", "merged", False), ("closed", "still_there", False)]
    assert told.plan().wave(Wave.ACCOUNTS) is None


def test_copies_that_wait_for_a_plan_stay_where_a_later_message_tells_of_a_merge(told: Told) -> None:
    shop = told.engine.shop
    del shop.held[customer("7")], shop.held[order("501")]
    told.hear(Topic.CUSTOMER_REDACT, customer("7"), email=CANARY)
    told.settle()
    told.plan()
    assert told.rows() == [("planned", "", True)]
    _merge(told)
    told.settle()
    assert told.plan().wave(Wave.ACCOUNTS) is None
    assert told.rows() == [("closed", "still_there", False), ("closed", "merged", False)]
    assert told.engine.deliveries() == [("mailer", "7", "cancelled", False)]


@pytest.mark.parametrize("there", ["both", "unread"])
def test_a_merge_that_is_not_seen_yet_waits_and_moves_nothing(told: Told, there: str) -> None:
    hold = _hold(told, record=_row(told, customer("7")))
    seven = told.engine.shop.held[customer("7")]
    _merge(told)
    if there == "both":
        told.engine.shop.held[customer("7")] = seven
    else:
        told.engine.shop.unreadable.add("7")
    told.settle()
    assert told.rows() == [("received", "", True)]
    assert not _held(told, customer("8"))
    assert _reach(told, hold) == 1
    told.engine.clock.turn(days=4)
    told.settle()
    assert told.rows()[0][0] == ("closed" if there == "both" else "received")


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("apart", [False, True])
def test_a_chain_of_merges_ends_alike_in_whatever_order_it_is_told(
    told: Told, backwards: bool, apart: bool
) -> None:
    hold = _hold(told, record=_row(told, customer("7")))
    shop = told.engine.shop
    for kept in ("8", "9"):
        shop.customer(kept, JUST_NOW, email=f"ny{kept}@kund.example")
    told.engine.pull()
    for gone in ("7", "8"):
        del shop.held[customer(gone)]
    pairs = [("7", "8"), ("8", "9")]
    for gone, kept in reversed(pairs) if backwards else pairs:
        told.hear(Topic.MERGED, customer(gone), customer(kept))
        if apart:
            told.settle()
    told.settle()
    assert told.rows() == [("closed", "merged", False)] * 2
    assert _held(told, customer("9"))
    assert _reach(told, hold) == 1


def test_a_repeated_merge_moves_nothing_twice(told: Told) -> None:
    hold = _hold(told, email=CANARY)
    _merge(told)
    told.hear(Topic.MERGED, customer("7"), customer("8"))
    told.settle()
    told.hear(Topic.MERGED, customer("7"), customer("8"))
    told.settle()
    assert told.rows() == [("closed", "merged", False)] * 3
    assert _reach(told, hold) == 2


def test_a_merge_into_somebody_who_is_not_there_keeps_the_hold_where_it_is(told: Told) -> None:
    hold = _hold(told, record=_row(told, customer("7")))
    del told.engine.shop.held[customer("7")]
    told.hear(Topic.MERGED, customer("7"), customer("99"))
    told.settle()
    assert told.rows() == [("received", "", True)]
    told.engine.clock.turn(days=32)
    told.settle()
    assert told.rows() == [("closed", "nobody_left", False)]
    with told.engine.ledger.begin() as connection:
        assert [one.id for one in Holds(told.engine.ledger).list(connection)] == [hold]


@pytest.mark.parametrize(
    ("into", "last"),
    [({}, "1"), ({"1": "2", "2": "3"}, "3"), ({"1": "2", "2": "1"}, "2"), ({"1": "1"}, "1")],
)
def test_a_ring_of_merges_has_an_end(into: dict[str, str], last: str) -> None:
    assert at_the_end(customer("1"), into).id == last


def test_a_crash_at_any_point_of_a_merge_ends_with_the_hold_on_who_stayed(told: Told) -> None:
    died, shop = 0, told.engine.shop
    for at in range(1, 20):
        gone, kept = str(100 + at), str(200 + at)
        shop.customer(gone, LONG_AGO, email=f"{gone}@kund.example")
        told.engine.pull()
        hold = _hold(told, record=_row(told, customer(gone)))
        _merge(told, gone, kept)
        shop.mortal = Mortal(at)
        dies = _Commits(told, shop.mortal)
        try:
            told.settle()
        except Crash:
            died += 1
        finally:
            dies.over()
        shop.mortal = Mortal()
        told.settle()
        assert _held(told, customer(kept)), at
        assert _reach(told, hold) == 1, at
        if dies.survived:
            break
    assert 3 < died < 19


class _Commits:
    """The process may end at each commit, until this is over."""

    def __init__(self, told: Told, mortal: Mortal) -> None:
        self._engine, self._mortal = told.engine.ledger.engine, mortal
        event.listen(self._engine, "commit", self._step)

    def _step(self, _connection: object) -> None:
        self._mortal.step("commit")

    @property
    def survived(self) -> bool:
        """Whether nothing died."""
        return not self._mortal.dead

    def over(self) -> None:
        """No more."""
        event.remove(self._engine, "commit", self._step)
