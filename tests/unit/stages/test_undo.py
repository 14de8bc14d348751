"""What a run overwrote can be restored for a while: sealed before the write, put back, then forgotten."""

import sqlite3
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest

from connector.deciding.guards import must_be_fresh
from connector.errors import PlanError, WrongKey
from connector.ledger.copying import copy_without_secrets
from connector.ledger.plans import UNDO
from connector.ledger.rekeying import give_up_old_key, rekey
from connector.ledger.sealing import open_vault
from connector.ledger.shredding import at_start, shred
from connector.ledger.states import PlanState
from connector.ledger.undo import followed
from connector.ports import Back, Kept
from connector.records import Field, Kind, Wave
from tests.engine_support import LAST_YEAR, VAULT_KEY, Crash, Engine, Mortal, make_engine, reopen
from tests.unit.stages.undoing import carried_out, copies, finished, planned_undo, ran, undone

UNTIL = date(2026, 12, 6)


def values(engine: Engine, id: str) -> dict[Field, str]:
    return {field: text for field, text in engine.shop.of(id).values.items() if text}


def test_what_a_run_took_is_restored_as_it_was_and_then_forgotten(engine: Engine) -> None:
    engine.shop.order("1")
    before = values(engine, "1")
    code = ran(engine)
    assert values(engine, "1") != before
    assert [(one.ref.id, one.until) for one in copies(engine)] == [("1", UNTIL)]
    assert undone(engine, code) == 1
    assert values(engine, "1") == before
    assert copies(engine) == []


def test_a_copy_is_on_disk_and_sealed_before_its_record_is_touched(engine: Engine) -> None:
    seen: list[list[str]] = []
    engine.shop.before_apply = lambda _tasks: seen.append([one.ref.id for one in copies(engine)])
    ran(engine, "1", "2")
    assert seen[0] == ["1"]
    assert seen[1] == ["1", "2"]


def test_no_value_stands_in_the_ledger_in_clear_and_none_at_all_once_it_is_forgotten(
    engine: Engine, tmp_path: Path
) -> None:
    code = ran(engine, "1", name="Zacharias Oxenhufvud")
    files = list(tmp_path.glob("ledger.sqlite*"))
    assert not [path for path in files if b"Oxenhufvud" in path.read_bytes()]
    with engine.ledger.engine.connect() as connection:
        sealed = connection.exec_driver_sql("SELECT sealed FROM undo_copy").scalar_one()
    undone(engine, code)
    assert shred(engine.ledger)
    assert not [path for path in files if path.exists() and sealed[:90] in path.read_bytes()]


def test_a_copy_is_destroyed_when_its_time_is_over_before_anything_else_of_a_run(engine: Engine) -> None:
    code = ran(engine, "1")
    engine.clock.turn(days=14)
    assert at_start(engine.ledger)
    assert len(copies(engine)) == 1
    engine.clock.turn(days=1)
    assert at_start(engine.ledger)
    assert copies(engine) == []
    with pytest.raises(PlanError, match="its time is over"):
        planned_undo(engine, code)


def test_without_days_no_copy_is_kept(engine: Engine) -> None:
    engine.shop.order("1")
    engine.whole()
    assert copies(engine) == []


@pytest.mark.parametrize("text", ["Personnummer 811218-9876", "Portkod 4711", "Kort 4111 1111 1111 1111"])
def test_no_copy_is_made_of_a_place_with_a_personal_number_a_door_code_or_a_card(
    engine: Engine, text: str
) -> None:
    code = ran(engine, "1", customer_note=text)
    (copy,) = copies(engine)
    assert Field.EMAIL in planned_undo(engine, code).plan.waves[0].fields or copy.fields
    undone(engine, code)
    assert Field.CUSTOMER_NOTE not in values(engine, "1")
    assert values(engine, "1")[Field.EMAIL]


@pytest.mark.parametrize("field", [Field.PERSONAL_NUMBER, Field.DOOR_CODE, Field.PAYMENT_DETAILS])
def test_no_copy_is_made_of_these_fields_whatever_stands_in_them(engine: Engine, field: Field) -> None:
    code = ran(engine, "1", **{field: "x"})
    told = planned_undo(engine, code)
    assert told.left_out == {field: 1}
    carried_out(engine, told)
    assert field not in values(engine, "1")


def test_of_an_unsubscribed_or_bounced_contact_no_copy_is_made(engine: Engine) -> None:
    for id, fact in (("1", "unsubscribed"), ("2", "bounced")):
        engine.shop.touch(engine.shop.order(id), **{fact: LAST_YEAR})
    ran(engine, "3")
    assert [one.ref.id for one in copies(engine)] == ["3"]


def test_what_somebody_has_filled_in_since_is_left_as_it_is(engine: Engine) -> None:
    code = ran(engine, "1")
    held = engine.shop.of("1")
    held.values[Field.EMAIL] = "other@kund.example"
    assert undone(engine, code) == 1
    assert values(engine, "1")[Field.EMAIL] == "other@kund.example"
    assert values(engine, "1")[Field.NAME] == "Person 1"


def test_a_record_that_was_deleted_is_said_to_be_beyond_restoring(engine: Engine) -> None:
    engine.shop.customer("90")
    code = ran(engine, "1")
    assert planned_undo(engine, code).deleted == 1
    assert not [one for one in copies(engine) if one.ref.kind is Kind.CUSTOMER]


def test_a_run_that_only_deleted_has_nothing_to_restore_and_says_so(engine: Engine) -> None:
    engine.shop.customer("90")
    code = ran(engine)
    with pytest.raises(PlanError, match="1 records were deleted; no call brings them back"):
        planned_undo(engine, code)


def test_a_run_that_has_begun_and_is_not_finished_is_not_undone(engine: Engine) -> None:
    engine.undo_days = 14
    for id in ("1", "2"):
        engine.shop.order(id, phone="0701234567")
    engine.pull()
    code = engine.plan().code
    engine.apply((Wave.TRACES,), only="#1")
    with pytest.raises(PlanError, match="is not finished"):
        planned_undo(engine, code)


def test_a_record_that_the_shop_will_not_take_back_keeps_its_copy(engine: Engine) -> None:
    code = ran(engine, "1", "2")
    engine.shop.refuses.add("2")
    assert undone(engine, code) == 1
    assert [one.ref.id for one in copies(engine)] == ["2"]


def test_a_restored_record_is_its_persons_again_and_no_longer_remembered_as_erased(engine: Engine) -> None:
    code = ran(engine, "1")
    assert engine.subject_of("1") is None
    undone(engine, code)
    assert engine.subject_of("1") is not None
    memory = engine.means().memory
    with engine.ledger.begin() as connection:
        assert memory.came_back(connection) == []


def test_a_recipient_that_was_not_told_yet_is_not_told_of_what_was_restored(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    code = ran(engine)
    engine.shop.refuses.add("2")
    assert undone(engine, code) == 1
    engine.push()
    (mailer,) = engine.recipients
    assert mailer.told == [("2", "person2@kund.example")]


def test_another_policy_stops_no_undo(engine: Engine) -> None:
    told = planned_undo(engine, ran(engine, "1"))
    must_be_fresh(told.plan, PlanState.OPEN, policy_digest="another", key=engine.key, now=engine.clock())


def test_a_lost_vault_key_restores_nothing_and_says_so(engine: Engine) -> None:
    from connector.ledger import Vault

    told = planned_undo(engine, ran(engine, "1"))
    engine.outbox.vault = Vault(bytes(32))
    with pytest.raises(WrongKey):
        carried_out(engine, told)
    assert Field.NAME not in values(engine, "1")


def test_a_copy_is_put_under_another_vault_key_with_all_that_is_sealed(engine: Engine) -> None:
    engine.outbox.vault = open_vault(engine.ledger, VAULT_KEY)
    code = ran(engine, "1")
    new = bytes(range(1, 33))
    rekey(engine.ledger, old=VAULT_KEY, new=new, by="Disa Demo")
    engine.outbox.vault = open_vault(engine.ledger, new)
    assert undone(engine, code) == 1


def test_a_vault_key_that_is_lost_for_good_takes_the_copies_with_it(engine: Engine) -> None:
    engine.outbox.vault = open_vault(engine.ledger, VAULT_KEY)
    ran(engine, "1")
    give_up_old_key(engine.ledger, bytes(range(1, 33)), by="Disa Demo")
    assert copies(engine) == []
    engine.changed_by_hand = True  # what recipients are to be told of is named for a person


def test_no_copy_of_the_ledger_holds_what_can_be_restored(engine: Engine, tmp_path: Path) -> None:
    ran(engine, "1")
    copy = tmp_path / "backup.sqlite"
    copy_without_secrets(tmp_path / "ledger.sqlite", copy)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM undo_copy").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM erased").fetchone() == (1,)


def test_two_waves_of_one_record_are_restored_to_what_stood_before_the_first() -> None:
    first = Kept(place="note", key="note", fields=(Field.DOOR_CODE,), before='"a b"', after='"a"')
    then = Kept(place="note", key="note", fields=(Field.CUSTOMER_NOTE,), before='"a"', after='""')
    (both,) = followed([first], [then])
    assert (both.before, both.after) == ('"a b"', '""')
    changed = Kept(place="note", key="note", fields=(Field.CUSTOMER_NOTE,), before='"c"', after='""')
    assert followed([first], [changed]) == [changed]


# The process ends between sealing and writing, and anywhere in an undo -------------------------------------


def erased_and_undone(engine: Engine, code: str) -> None:
    """What an operator runs: the run to its end, then its undo, or the rest of the one that has begun."""
    plans = engine.means().plans
    with engine.ledger.begin() as connection:
        begun = plans.begun(connection, scopes=(UNDO,))
        over = bool(engine.ledger.events(connection, "undone"))
    if begun:
        finished(engine, begun[0].id, begun[0].plan)
    elif not over:
        engine.pull()
        engine.apply()
        engine.verify()
        undone(engine, code)


@pytest.mark.parametrize("point", range(3, 60, 8))
def test_a_process_that_ends_anywhere_and_runs_again_restores_all_that_was_there(
    tmp_path: Path, point: int
) -> None:
    engine = make_engine(tmp_path)
    engine.undo_days = 14
    for id in ("1", "2"):
        engine.shop.order(id)
    before = {id: values(engine, id) for id in ("1", "2")}
    engine.pull()
    code = engine.plan().code
    engine.watch(Mortal(point))
    with suppress(Crash):
        erased_and_undone(engine, code)
    again = reopen(engine, tmp_path)
    again.undo_days = 14
    erased_and_undone(again, code)
    assert {id: values(again, id) for id in ("1", "2")} == before, point
    assert copies(again) == []
    assert again.breaks() == []
    again.ledger.engine.dispose()


def test_a_place_is_put_back_once_though_the_process_ends_right_after_the_write(
    engine: Engine, tmp_path: Path
) -> None:
    code = ran(engine, "1")
    told = planned_undo(engine, code)
    dying = Mortal()
    engine.watch(dying)
    engine.changed_by_hand = True  # the process is dead: the next one says how the ledger stands

    def at_the_answer(_backs: list[Back]) -> None:
        dying.at = dying.count + 2

    engine.shop.before_restore = at_the_answer  # type: ignore[assignment]
    with pytest.raises(Crash):
        carried_out(engine, told)
    again = reopen(engine, tmp_path)
    again.shop.before_restore = lambda _backs: None
    assert carried_out(again, told) == 1
    assert again.shop.restored == ["1"]
    again.ledger.engine.dispose()
