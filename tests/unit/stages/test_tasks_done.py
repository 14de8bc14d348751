"""A task that one act does for every record is read back by some of them: that says nothing of the rest."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.identity import make_keyer
from connector.ledger.tasks import UNKNOWN, NewTask, TaskRow, Tasks
from connector.records import Kind, Record
from connector.stages.tasks_done import look_at_done
from tests.engine_support import SUBJECT_KEY, Engine, Held, MemoryShop, make_engine

LOG = "plugin_log"
AT_ONCE = 3


class Logging(MemoryShop):
    """A shop in which a plugin keeps a log of its own about each record, until somebody empties it."""

    def __init__(self) -> None:
        super().__init__(make_keyer(SUBJECT_KEY))
        self.logged: set[str] = set()

    def record(self, held: Held) -> Record:
        """The record, with the log's place where the log still names it."""
        read = super().record(held)
        return replace(read, residue=(LOG,)) if held.ref.id in self.logged else read


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two more orders in the log than are read back at once; a task for all of them that was done."""
    monkeypatch.setattr("connector.stages.tasks_done.AT_ONCE", AT_ONCE)
    engine = make_engine(tmp_path)
    log = Logging()
    engine.shop = log
    for number in range(AT_ONCE + 2):
        log.logged.add(log.order(f"{number:03d}").ref.id)
    engine.pull()
    engine.plan()
    plan_id = engine.plan_id
    with engine.ledger.begin() as connection:
        every = NewTask(adapter="shop", kind=str(Kind.ORDER), place=LOG, residue=True, placed=True)
        Tasks(engine.ledger).note(connection, plan_id, [every])
        (made,) = [one for one in Tasks(engine.ledger).rows(connection) if one.every]
        Tasks(engine.ledger).close(connection, [made.number], by="Disa Demo")
    return engine


def log_of(engine: Engine) -> set[str]:
    """The orders that the plugin's log still names."""
    assert isinstance(engine.shop, Logging)
    return engine.shop.logged


def task(engine: Engine) -> TaskRow:
    """The one task for every record."""
    with engine.ledger.begin() as connection:
        (found,) = [one for one in Tasks(engine.ledger).rows(connection) if one.every]
    return found


def looked(engine: Engine) -> tuple[str, ...]:
    return look_at_done(engine.ledger, [engine.shop], today=engine.today)


def test_some_records_read_clean_call_no_task_for_all_of_them_gone(shop: Engine) -> None:
    log_of(shop).clear()
    assert looked(shop) == ()
    assert task(shop).seen == UNKNOWN


def test_it_is_not_called_gone_either_once_every_record_was_read_clean(shop: Engine) -> None:
    log_of(shop).clear()
    for _ in range(3):
        looked(shop)
    assert task(shop).seen == UNKNOWN


def test_one_record_that_still_shows_the_place_opens_it_again(shop: Engine) -> None:
    log_of(shop).intersection_update({"001"})
    (line,) = looked(shop)
    assert "Disa Demo" in line
    assert (task(shop).done_at, task(shop).again_at is not None) == (None, True)


def test_a_record_beyond_those_read_first_is_read_by_the_next_and_opens_it_again(shop: Engine) -> None:
    log_of(shop).intersection_update({f"{AT_ONCE + 1:03d}"})
    assert looked(shop) == ()
    assert len(looked(shop)) == 1


def test_records_that_are_gone_by_now_say_nothing_of_the_others(shop: Engine) -> None:
    for id in sorted(log_of(shop))[:AT_ONCE]:
        del shop.shop.held[shop.shop.of(id).ref]
    looked(shop)
    assert task(shop).seen == UNKNOWN


def test_a_service_that_does_not_answer_says_nothing(shop: Engine) -> None:
    log_of(shop).clear()
    shop.shop.unreadable |= {f"{number:03d}" for number in range(AT_ONCE + 2)}
    looked(shop)
    assert task(shop).seen != "gone"
