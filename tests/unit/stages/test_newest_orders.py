"""No account goes that has an order which nobody read: the shop is asked for the newest of each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from connector.errors import RetryLater
from connector.ledger import schema
from connector.ports import NewestOrder, Unread
from connector.records import Kind, Ref, Wave
from tests.engine_support import JUST_NOW, LONG_AGO, Engine, busy

TWO_YEARS_AGO = date(2024, 10, 1)
"""The account is due again, the order keeps who it was for."""

Newest = Mapping[Ref, NewestOrder | Unread | None]
Asked = list[list[str]]


def newest_of(engine: Engine, refs: Sequence[Ref]) -> dict[Ref, NewestOrder | Unread | None]:
    """What an honest shop answers."""
    found: dict[Ref, NewestOrder | Unread | None] = dict.fromkeys(refs)
    for ref in refs:
        orders = (one for one in engine.shop.held.values() if one.ref.kind is Kind.ORDER)
        own = [one for one in orders if one.account == ref.id]
        if own:
            last = max(own, key=lambda one: (one.facts.created, one.ref.id))
            found[ref] = NewestOrder(ref=last.ref, facts=last.facts)
    return found


@pytest.fixture(name="asked")
def _asked(engine: Engine) -> Asked:
    """Three accounts that nobody uses, two of them with an order, at a shop that is asked."""
    asked: Asked = []
    answers(engine, lambda refs: asked.append([ref.id for ref in refs]) or newest_of(engine, refs))
    for number in ("0", "1", "2"):
        engine.shop.customer(number)
    engine.shop.order("40", account="0")
    engine.shop.order("41", TWO_YEARS_AGO, account="1")
    engine.pull()
    return asked


def answers(engine: Engine, told: Callable[[Sequence[Ref]], Newest]) -> None:
    engine.shop.newest_orders_of = Kind.CUSTOMER  # type: ignore[attr-defined]
    engine.shop.newest_orders = told  # type: ignore[attr-defined]


def carry_out(engine: Engine) -> set[str]:
    """The accounts that are left after a plan, its approval and its apply."""
    engine.plan()
    engine.approve()
    engine.apply()
    return {ref.id for ref in engine.shop.held if ref.kind is Kind.CUSTOMER}


def test_accounts_whose_newest_order_was_read_go_and_each_is_asked_for_once(
    engine: Engine, asked: Asked
) -> None:
    assert carry_out(engine) == set()
    assert sorted(id_ for some in asked for id_ in some) == ["0", "1", "2"]


@pytest.mark.parametrize("status", ["processing", "completed", "cancelled"])
def test_an_order_that_no_list_shows_keeps_its_account(engine: Engine, asked: Asked, status: str) -> None:
    engine.shop.order("42", JUST_NOW, account="2")
    engine.shop.touch(engine.shop.of("42"), status=status)
    engine.shop.hides.add("42")
    assert carry_out(engine) == {"2"}
    assert engine.outcome("2", Wave.ACCOUNTS) == "refused"


def test_an_order_whose_tie_to_its_person_was_cut_by_hand_keeps_its_account(
    engine: Engine, asked: Asked
) -> None:
    def cut(refs: Sequence[Ref]) -> Newest:
        with engine.ledger.begin() as connection:
            order = schema.record.c.remote_id == "41"
            connection.execute(update(schema.record).where(order).values(subject=None))
        return newest_of(engine, refs)

    answers(engine, cut)
    assert carry_out(engine) == {"1"}


def test_a_purchase_that_the_index_has_as_older_keeps_its_account(engine: Engine, asked: Asked) -> None:
    engine.plan()
    engine.approve()
    held = engine.shop.of("41")
    held.facts = replace(held.facts, paid=JUST_NOW)  # and no list of changes shows it
    engine.apply()
    assert {ref.id for ref in engine.shop.held if ref.kind is Kind.CUSTOMER} == {"1"}


@pytest.mark.parametrize("reason", ["other_answer", "malformed"])
def test_an_answer_that_says_nothing_keeps_the_account(engine: Engine, asked: Asked, reason: str) -> None:
    answers(engine, lambda refs: {ref: Unread(ref=ref, reason=reason) for ref in refs})
    assert carry_out(engine) == {"0", "1", "2"}


def test_an_account_that_is_left_out_of_the_answer_stays(engine: Engine, asked: Asked) -> None:
    answers(engine, lambda refs: {r: one for r, one in newest_of(engine, refs).items() if r.id != "2"})
    assert carry_out(engine) == {"2"}


def test_where_the_shop_does_not_answer_nothing_goes(engine: Engine, asked: Asked) -> None:
    def silent(_refs: Sequence[Ref]) -> Newest:
        raise busy("shop")

    answers(engine, silent)
    engine.plan()
    engine.approve()
    with pytest.raises(RetryLater):
        engine.apply()
    assert len([ref for ref in engine.shop.held if ref.kind is Kind.CUSTOMER]) == 3


def test_an_order_of_long_ago_says_nothing_against_it(engine: Engine, asked: Asked) -> None:
    engine.shop.order("43", LONG_AGO, account="2")
    engine.pull()
    assert carry_out(engine) == set()
