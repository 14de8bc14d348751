"""Another shop behind the same address in mid-run: nothing of a batch is written, and the run stops."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connector.errors import OtherShop
from connector.ports import ShopIdentity
from connector.records import Facts, Field, Kind
from connector.stages.abandon import abandon
from connector.stages.accepted_requests import Pending
from tests.engine_support import LONG_AGO, Crash, Engine, Held, Mortal
from tests.unit.stages.opened import Opened
from tests.unit.stages.test_abandon import dies_after

ANOTHER_DAY = LONG_AGO + timedelta(days=31)


@pytest.fixture(name="approved")
def _approved(engine: Engine) -> Engine:
    """A plan over twelve orders and two accounts, approved."""
    for number in range(12):
        engine.shop.order(str(number))
    for number in ("91", "92"):
        engine.shop.customer(number)
    engine.pull()
    engine.plan()
    engine.approve()
    return engine


def redated(engine: Engine, *ids: str, day: date = ANOTHER_DAY) -> None:
    """Other records stand under these ids, and nothing says that they changed."""
    for held in engine.shop.held.values():
        if held.ref.id in ids:
            held.facts = _made_on(held, day)


def _made_on(held: Held, day: date) -> Facts:
    return replace(held.facts, created=day)


def every(engine: Engine) -> tuple[str, ...]:
    return tuple(ref.id for ref in engine.shop.held)


def test_nothing_is_written_to_another_shop_from_the_first_batch_on(approved: Engine) -> None:
    redated(approved, *every(approved))
    with pytest.raises(OtherShop, match="another shop"):
        approved.apply()
    assert not approved.shop.written


def test_another_shop_that_comes_up_after_the_first_write_gets_no_write(approved: Engine) -> None:
    def comes_up(_tasks: object) -> None:
        approved.shop.before_apply = lambda _tasks: None
        redated(approved, *(id for id in every(approved) if id != approved.shop.batches[0][0]))

    fetch = approved.shop.fetch
    calls = []

    def fetched(refs):  # type: ignore[no-untyped-def]
        calls.append(len(refs))
        if len(approved.shop.batches) == 1 and len(calls) > 2:
            comes_up(None)
        return fetch(refs)

    approved.shop.fetch = fetched  # type: ignore[method-assign]
    with pytest.raises(OtherShop):
        approved.apply()
    assert len(approved.shop.batches) == 1


def test_the_run_goes_on_where_it_was_once_the_own_shop_answers(approved: Engine) -> None:
    redated(approved, *every(approved))
    with pytest.raises(OtherShop):
        approved.apply()
    redated(approved, *every(approved), day=LONG_AGO)
    assert approved.apply() >= 13  # the first alone was left for the next plan


def test_one_order_that_was_given_another_date_is_left_alone_and_stops_no_other(approved: Engine) -> None:
    redated(approved, "5")
    approved.apply()
    assert approved.reasons()["5"] == {"unread:another_record"}
    assert {id for id, *_ in approved.shop.written} == {*every(approved), "91", "92"} - {"5"}


def test_one_order_of_another_date_stops_no_run_however_often_it_is_looked_at(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    redated(engine, "1")
    for _ in range(3):
        engine.apply()
        engine.plan()
    assert not engine.shop.written


def test_another_date_is_taken_in_by_a_pull_like_any_other_change(approved: Engine) -> None:
    redated(approved, *every(approved))
    for held in approved.shop.held.values():
        approved.shop.touch(held)
    approved.pull()
    assert approved.apply() > 0


def test_what_is_called_gone_beside_another_record_is_not_believed(engine: Engine) -> None:
    for number in ("0", "1", "2"):
        engine.shop.order(number)
    engine.pull()
    engine.plan()
    redated(engine, "2")
    del engine.shop.held[engine.shop.of("1").ref]
    engine.apply()
    assert engine.reasons()["1"] == {"unread:another_record"}


def verifies(engine: Engine) -> None:
    engine.verify()


def gives_up(engine: Engine) -> None:
    abandon(engine.ledger, engine.outbox, {engine.shop.name: engine.shop})


def looks_at_pending(engine: Engine) -> None:
    Pending( outbox=engine.outbox, policy=engine.policy,
        platforms={engine.shop.name: engine.shop}, today=engine.today,
    ).close_or_withdraw()  # fmt: skip


def carries_on(engine: Engine) -> None:
    engine.apply()


@pytest.mark.parametrize("stage", [verifies, gives_up, looks_at_pending, carries_on])
def test_every_stage_that_looks_stops_before_another_shop(
    engine: Engine, stage: Callable[[Engine], None]
) -> None:
    for number in range(6):
        engine.shop.order(str(number))
    if stage is looks_at_pending:
        engine.shop.accepts = dict.fromkeys(every_order(engine), engine.today + timedelta(days=9))
    engine.pull()
    engine.plan()
    engine.approve()
    if stage in (gives_up, carries_on):
        engine.shop.mortal = dies_after(4)
        with pytest.raises(Crash):
            engine.apply()
        engine.shop.mortal = Mortal()
    else:
        engine.apply()
    redated(engine, *every_order(engine))
    before = engine.steps()
    with pytest.raises(OtherShop):
        stage(engine)
    assert engine.steps() == before


def every_order(engine: Engine) -> list[str]:
    return [ref.id for ref in engine.shop.held if ref.kind is Kind.ORDER]


def test_a_platform_whose_dates_move_by_themselves_is_told_by_no_date(approved: Engine) -> None:
    approved.shop.moving_dates = frozenset({Kind.ORDER, Kind.CUSTOMER})  # type: ignore[attr-defined]
    redated(approved, *every(approved))
    assert approved.apply() == 14
    assert not approved.shop.of("3").values.get(Field.IP_ADDRESS)


def test_a_shop_that_comes_up_while_its_changes_are_pulled_gets_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Opened(tmp_path)
    shop, pull = opened.memory, opened.memory.pull
    ids = {"home": "https://egg.example"}
    monkeypatch.setattr(shop, "identity", lambda: ShopIdentity(ids=dict(ids)), raising=False)

    def comes_up(*words: Any, **how: Any) -> Any:
        yield from pull(*words, **how)
        ids["home"] = "https://hen.example"

    shop.order("1")
    opened.planned()
    monkeypatch.setattr(shop, "pull", comes_up)
    said = opened.gallra("apply")
    assert (said.code, shop.written) == (4, []), said.err
