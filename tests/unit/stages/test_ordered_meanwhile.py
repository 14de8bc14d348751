"""An account goes by what its person's other records say when it goes, not when the run began."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connector.errors import OtherShop, RetryLater
from connector.ledger.index import Rows
from connector.ports import Task
from connector.records import Facts, Kind, Wave
from tests.engine_support import JUST_NOW, LONG_AGO, Engine


@pytest.fixture(name="approved")
def _approved(engine: Engine) -> Engine:
    """Orders of long ago and three accounts that nobody uses, approved."""
    for number in range(3):
        engine.shop.order(f"4{number}")
        engine.shop.customer(str(number))
    engine.pull()
    engine.plan()
    engine.approve()
    return engine


def meanwhile(engine: Engine, *accounts: str, status: str = "processing") -> None:
    """The persons behind these accounts order while the first record is written."""

    def ordered(_tasks: Sequence[Task]) -> None:
        engine.shop.before_apply = lambda _tasks: None
        for account in accounts:
            paid = None if status == "pending" else JUST_NOW
            facts = Facts(created=JUST_NOW, modified=JUST_NOW, status=status, paid=paid, final=False)
            engine.shop.put(Kind.ORDER, f"7{account}", engine.shop.of(account, Kind.CUSTOMER).values, facts)

    engine.shop.before_apply = ordered


def accounts(engine: Engine) -> set[str]:
    return {ref.id for ref in engine.shop.held if ref.kind is Kind.CUSTOMER}


def test_accounts_of_people_who_order_nothing_go(approved: Engine) -> None:
    approved.apply()
    assert not accounts(approved)


@pytest.mark.parametrize("status", ["processing", "on-hold", "completed"])
def test_an_account_whose_person_ordered_since_the_pull_stays(approved: Engine, status: str) -> None:
    meanwhile(approved, "1", status=status)
    approved.apply()
    assert accounts(approved) == {"1"}


@pytest.mark.parametrize("status", ["processing", "on-hold", "completed", "pending", "cancelled", "failed"])
def test_an_order_placed_since_the_pull_says_of_an_account_what_it_says_to_a_plan(
    approved: Engine, status: str
) -> None:
    meanwhile(approved, "1", status=status)
    approved.shop.before_apply([])
    approved.pull()
    approved.plan()
    stays = "1" not in approved.planned()
    meanwhile(approved, "0", status=status)
    approved.apply()
    assert ("0" in accounts(approved)) is stays


def test_a_hold_of_an_order_that_no_plan_has_decided_binds_its_persons_account(approved: Engine) -> None:
    held = approved.shop.of("41")
    held.account = "1"
    approved.shop.touch(held, owed=True, status="on-hold", paid=None, final=False)
    approved.pull()
    approved.apply()
    assert "1" in accounts(approved)


def test_accounts_stay_untouched_where_the_orders_cannot_be_read_in_between(approved: Engine) -> None:
    pull = approved.shop.pull

    def silent(kind, *, since):  # type: ignore[no-untyped-def]
        if kind is Kind.ORDER:
            raise RetryLater("Later.", adapter="shop", operation="pull")
        return pull(kind, since=since)

    approved.shop.pull = silent  # type: ignore[method-assign]
    approved.apply()
    assert accounts(approved) == {"0", "1", "2"}
    assert approved.outcome("1", Wave.ACCOUNTS) == "refused"


def test_accounts_stay_untouched_where_orders_are_counted_and_not_shown(approved: Engine) -> None:
    approved.shop.stands = True
    meanwhile(approved, "1")
    approved.shop.hides = {"71"}
    approved.apply()
    assert accounts(approved) == {"0", "1", "2"}


def test_the_next_run_takes_up_the_accounts_that_were_left(approved: Engine) -> None:
    approved.shop.stands = True
    meanwhile(approved, "1")
    approved.shop.hides = {"71"}
    approved.apply()
    approved.shop.hides = set()
    approved.pull()
    approved.plan()
    approved.apply()
    assert accounts(approved) == {"1"}


def test_our_own_write_that_is_read_in_between_is_no_sign_of_life(approved: Engine) -> None:
    approved.apply()
    with approved.ledger.begin() as connection:
        refs = [approved.shop.of(f"4{number}").ref for number in range(3)]
        facts = Rows(approved.ledger).facts_of(connection, refs)
    assert {one.modified for one in facts.values()} == {LONG_AGO}


def test_changes_of_another_shop_are_not_taken_into_the_ledger(approved: Engine) -> None:
    def other(_tasks: Sequence[Task]) -> None:
        for held in list(approved.shop.held.values()) if len(approved.shop.batches) == 1 else ():
            approved.shop.touch(held, created=LONG_AGO + timedelta(days=9))

    approved.shop.before_apply = other
    with pytest.raises(OtherShop):
        approved.apply()
    assert accounts(approved) == {"0", "1", "2"}


def test_an_account_used_since_the_pull_stays(approved: Engine) -> None:
    def logs_in(_tasks: Sequence[Task]) -> None:
        approved.shop.before_apply = lambda _tasks: None
        held = approved.shop.of("2", Kind.CUSTOMER)
        approved.shop.touch(held, last_login=JUST_NOW, modified=JUST_NOW)

    approved.shop.before_apply = logs_in
    approved.apply()
    assert accounts(approved) == {"2"}
