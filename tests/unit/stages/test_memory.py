"""Who objected and who was erased is remembered as keyed hashes, and noticed when they come back."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from connector.errors import LedgerError, WrongKey
from connector.ledger import schema
from connector.ledger.alerts import count_strangers
from connector.ledger.memory import Memory
from connector.ledger.shredding import at_start
from connector.records import Facts, Field, Kind
from connector.services.returned import returned_lines
from connector.stages.apply import apply
from connector.stages.apply.means import Share
from connector.stages.plan import make_replay
from tests.engine_support import ALL_WAVES, LONG_AGO, Engine, Held, make_engine

LEFT = date(2026, 9, 1)


@pytest.fixture(name="shop")
def _shop(engine: Engine) -> Engine:
    """A shop that has subscribers too."""
    engine.shop.kinds = (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER)
    return engine


def subscriber(engine: Engine, id: str = "s1", *, email: str = "", **facts: object) -> Held:
    values = {Field.EMAIL: email or f"person{id}@kund.example"}
    return engine.shop.put(Kind.SUBSCRIBER, id, values, Facts(**facts), label=id)  # type: ignore[arg-type]


def left(engine: Engine, id: str = "s1") -> Held:
    """A contact who has unsubscribed and whose time is over."""
    return subscriber(engine, id, status="unsubscribed", subscribed=LONG_AGO, unsubscribed=LEFT)


def rows(engine: Engine, table: str) -> list[tuple[object, ...]]:
    with engine.ledger.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(schema.metadata.tables[table]))]


def told(engine: Engine) -> list[str]:
    with engine.ledger.begin() as connection:
        return list(returned_lines(connection, Memory(engine.ledger)))


def lifted(engine: Engine) -> int:
    with engine.ledger.begin() as connection:
        return Memory(engine.ledger).lift_objections(connection)


def replayed(engine: Engine, since: date | None = None) -> int:
    """What a replay plans, erased again; how many records."""
    engine.clock.turn(seconds=1)
    plan = make_replay(engine.ledger, engine.terms(), since=since or engine.today, rests_on=engine.bases)
    return carried_out(engine, plan.code)


def carried_out(engine: Engine, code: str) -> int:

    means = replace(engine.means(), ended=engine.policy.ended_by_erasure())
    with engine.ledger.begin() as connection:
        plan_id = means.plans.need(connection, code).id
    return apply(means, Share(plan_id, ALL_WAVES)).touched


# Objections ------------------------------------------------------------------------------------------------


def test_an_objection_is_on_disk_before_its_contact_is_deleted(shop: Engine) -> None:
    left(shop)
    seen: list[int] = []
    shop.shop.before_apply = lambda _tasks: seen.append(len(rows(shop, "objection")))
    shop.whole()
    assert seen == [1]
    assert not shop.shop.held


def test_an_objection_that_is_not_read_back_stops_the_deletion(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(shop)
    shop.pull()
    shop.plan()
    monkeypatch.setattr(Memory, "objections", lambda *_args: frozenset())
    with pytest.raises(LedgerError, match="was not touched"):
        shop.apply()
    assert shop.shop.held


def test_what_is_kept_of_an_objection_is_no_address_and_no_plain_hash_of_it(
    shop: Engine, tmp_path: Path
) -> None:
    left(shop)
    shop.whole()
    (row,) = rows(shop, "objection")
    assert row[1] == shop.keyer("email", "persons1@kund.example")
    assert not [path for path in tmp_path.iterdir() if b"persons1@kund.example" in path.read_bytes()]


def test_who_is_imported_again_after_an_objection_is_told_of_and_the_objection_stands(shop: Engine) -> None:
    left(shop)
    shop.whole()
    subscriber(shop, "s2", email="persons1@kund.example", status="subscribed", subscribed=LONG_AGO)
    shop.pull()
    assert lifted(shop) == 0
    assert "1 contacts who objected" in told(shop)[-1]
    assert len(rows(shop, "objection")) == 1


def test_an_objection_ends_once_its_person_asks_for_mailings_again(shop: Engine) -> None:
    left(shop)
    shop.whole()
    again = {"status": "subscribed", "subscribed": shop.today}
    subscriber(shop, "s2", email="persons1@kund.example", **again)
    shop.pull()
    assert lifted(shop) == 1
    assert rows(shop, "objection") == []
    assert told(shop) == []


def test_no_time_ends_an_objection(shop: Engine) -> None:
    left(shop)
    shop.whole()
    shop.clock.turn(days=4000)
    assert at_start(shop.ledger, erased_days=400)
    assert len(rows(shop, "objection")) == 1


def test_another_subject_key_stops_the_deletion_of_contacts_and_forgets_no_objection(shop: Engine) -> None:
    left(shop)
    shop.whole()
    left(shop, "s2")
    shop.pull()
    shop.plan()
    shop.key = "another key"
    with pytest.raises(WrongKey, match="another subject key"):
        shop.apply()
    assert [ref.id for ref in shop.shop.held] == ["s2"]
    assert len(rows(shop, "objection")) == 1


def test_an_objection_taken_away_by_hand_is_noticed(shop: Engine) -> None:
    left(shop)
    shop.whole()
    with shop.ledger.engine.begin() as connection:
        connection.execute(delete(schema.objection))
    shop.changed_by_hand = True
    assert [one for one in shop.breaks() if "objection" in str(one)]


# Who was erased --------------------------------------------------------------------------------------------


def test_who_was_erased_is_remembered_once_nothing_of_them_is_left(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2", engine.today, email="person1@kund.example")
    engine.whole()
    assert rows(engine, "erased") == []
    held = engine.shop.of("2")
    engine.shop.touch(held, created=LONG_AGO, paid=LONG_AGO, completed=LONG_AGO, modified=LONG_AGO)
    engine.whole()
    assert len(rows(engine, "erased")) == 1


def test_who_was_erased_is_forgotten_after_400_days_and_not_before(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    engine.clock.turn(days=399)
    at_start(engine.ledger, erased_days=400)
    assert len(rows(engine, "erased")) == 1
    engine.clock.turn(days=2)
    at_start(engine.ledger, erased_days=400)
    assert rows(engine, "erased") == []


def test_who_comes_back_by_an_import_is_told_of_and_erased_again_by_an_approved_plan(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    assert told(engine) == []
    engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.pull()
    assert "1 erased persons are in the shop again" in told(engine)[0]
    assert engine.plan().waves == ()  # to the policy an account of today is nobody's old one
    assert replayed(engine) == 1
    assert not engine.shop.held


def test_who_came_back_by_an_order_of_their_own_is_neither_told_of_nor_erased(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.shop.order("1", engine.today, email="person90@kund.example")
    engine.pull()
    assert told(engine) == []
    assert replayed(engine) == 0
    assert len(engine.shop.held) == 2


def test_who_came_back_by_a_consent_of_their_own_is_not_erased(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    held = engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.shop.touch(held, consent_changed=engine.today)
    engine.pull()
    assert replayed(engine) == 0


def test_who_is_back_with_a_consent_of_before_the_erasure_is_erased_again(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    held = engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.shop.touch(held, subscribes=True, consent_changed=LONG_AGO)
    engine.pull()
    assert replayed(engine) == 1


def test_an_order_placed_after_a_replay_was_planned_keeps_its_person(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.pull()
    engine.clock.turn(seconds=1)
    plan = make_replay(engine.ledger, engine.terms(), since=engine.today, rests_on=engine.bases)
    engine.shop.order("1", engine.today, email="person90@kund.example")
    engine.pull()
    assert carried_out(engine, plan.code) == 0
    assert len(engine.shop.held) == 2


def test_a_replay_takes_only_whom_was_erased_from_its_day_on(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.whole()
    engine.clock.turn(days=10)
    engine.shop.customer("91", engine.today, email="person90@kund.example")
    engine.pull()
    assert replayed(engine, engine.today - timedelta(days=9)) == 0
    assert replayed(engine, engine.today - timedelta(days=10)) == 1


def test_a_housemates_telephone_makes_nobody_erased(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    engine.shop.customer("90", phone="0701234567")
    engine.whole()
    engine.shop.customer("91", engine.today, phone="0701234567")
    engine.pull()
    assert told(engine) == []
    engine.ledger.engine.dispose()


# Who is only mailed ----------------------------------------------------------------------------------------


def unknown_addresses(engine: Engine) -> int:
    with engine.ledger.begin() as connection:
        return count_strangers(connection, engine.ledger.shop)


def test_a_contact_whose_order_lost_its_address_by_our_hand_is_no_unknown_address(shop: Engine) -> None:
    shop.shop.order("1")
    subscriber(shop, email="person1@kund.example", subscribed=date(2026, 9, 1), status="subscribed")
    subscriber(shop, "s2", subscribed=date(2026, 9, 1), status="subscribed")
    shop.pull()
    shop.plan()
    assert unknown_addresses(shop) == 1
    shop.apply()
    shop.push()
    shop.verify()
    shop.pull()
    shop.plan()
    assert not shop.shop.of("1").values.get(Field.EMAIL)
    assert unknown_addresses(shop) == 1
    assert told(shop) == []
