"""A shop is forgotten on its own word, given again and again over two days, never on a message's."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select

from connector.deciding.leaving import RUNS, SPREAD, is_enough
from connector.ledger import Ledger, Vault, schema
from connector.ledger.inbox import Inbox
from connector.ledger.outside import own_rows
from connector.ports import Presence
from connector.ports.heard import Heard, Topic
from connector.services.timekeeping import earliest_now
from connector.stages.probe import Probed, probe
from tests.engine_support import (
    LONG_AGO,
    NOON,
    VAULT_KEY,
    Crash,
    Engine,
    Mortal,
    TurnableClock,
    make_engine,
)

UNINSTALLED, ANSWERS, NO_ANSWER = Presence.UNINSTALLED, Presence.ANSWERS, Presence.NO_ANSWER
LEFT_ALONE = {"meta", "event", "inbox", "chain"}


class Leaving:
    """An engine whose shop says, at some hour, what it is told to say of its app."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.inbox = Inbox(engine.ledger, Vault(VAULT_KEY))

    def hear(self, id: str = "w-1") -> None:
        """A message that the app was uninstalled."""
        self.inbox.receive("shop", Heard(topic=Topic.SHOP_REDACT, id=id))

    def run(self, says: Presence, hours: float) -> Probed | None:
        """A run so many hours after the first."""
        return probe(self.engine.ledger, self.inbox, lambda _name: (says, NOON + timedelta(hours=hours)))

    def rows(self) -> dict[str, int]:
        """How many rows each table has of this shop."""
        counts = {}
        with self.engine.ledger.begin() as connection:
            for table in schema.metadata.sorted_tables:
                own = own_rows(table, "egg")
                if own is not None and table.name not in LEFT_ALONE:
                    chosen = select(func.count()).select_from(table).where(own)
                    counts[table.name] = int(connection.scalar(chosen) or 0)
        return {name: count for name, count in counts.items() if count}

    def messages(self) -> list[tuple[str, str]]:
        """Every message: its state and its outcome."""
        table = schema.inbox
        with self.engine.ledger.begin() as connection:
            found = connection.execute(select(table.c.state, table.c.outcome).order_by(table.c.id)).all()
        return [(row.state, row.outcome) for row in found]

    def outcomes(self) -> list[str]:
        """What the events say of the messages."""
        with self.engine.ledger.begin() as connection:
            found = self.engine.ledger.events(connection, "shop_redact")
        return [detail["outcome"] for _, detail in found]


@pytest.fixture
def leaving(tmp_path: Path) -> Iterator[Leaving]:
    """A shop with an order, and a plan over it."""
    engine = make_engine(tmp_path)
    engine.shop.order("501", LONG_AGO)
    engine.pull()
    engine.plan()
    yield Leaving(engine)
    engine.ledger.engine.dispose()


def test_where_no_message_says_so_nobody_is_asked(leaving: Leaving) -> None:
    assert leaving.run(UNINSTALLED, 0) is None


def test_a_first_refusal_deletes_nothing(leaving: Leaving) -> None:
    before = leaving.rows()
    leaving.hear()
    assert leaving.run(UNINSTALLED, 0) == Probed(presence=UNINSTALLED, refused=(NOON,))
    assert leaving.rows() == before
    assert leaving.messages() == [("probed", "")]


@pytest.mark.parametrize("hours", [(0, 1, 47.9), (0, 168), (0, 0, 0, 0), (0, 20, 40)])
def test_too_few_refusals_or_too_close_ones_delete_nothing(leaving: Leaving, hours: Sequence[float]) -> None:
    before = leaving.rows()
    leaving.hear()
    for hour in hours:
        leaving.run(UNINSTALLED, hour)
    assert leaving.rows() == before
    assert leaving.messages() == [("probed", "")]


def test_three_refusals_over_two_days_delete_all_but_the_protocols(leaving: Leaving) -> None:
    ledger = leaving.engine.ledger
    with ledger.begin() as connection:
        ledger.event(connection, "protocol", number="egg-2026-001", digest="d")
        connection.execute(
            insert(schema.cursor).values(shop="hen", adapter="shop", kind="order", value="1", at="2026-11-22")
        )
    leaving.hear()
    for hour in (0, 24):
        leaving.run(UNINSTALLED, hour)
    found = leaving.run(UNINSTALLED, 48)
    assert found is not None
    assert found.forgotten
    assert leaving.rows() == {}
    assert leaving.messages() == [("closed", "forgotten")]
    with ledger.begin() as connection:
        types = set(connection.scalars(select(schema.event.c.type)))
        assert types == {"protocol", "shop_redacted", "sealed", "stands", "checkpoint"}
        assert connection.scalar(select(func.count()).select_from(schema.cursor)) == 1


def test_a_shop_that_answers_closes_the_message_and_nothing_counts_on(leaving: Leaving) -> None:
    before = leaving.rows()
    leaving.hear()
    for hour in (0, 24):
        leaving.run(UNINSTALLED, hour)
    assert leaving.run(ANSWERS, 30) == Probed(presence=ANSWERS)
    assert leaving.messages() == [("closed", "still_answers")]
    leaving.hear("w-2")
    leaving.run(UNINSTALLED, 60)
    assert leaving.rows() == before
    assert leaving.outcomes() == ["uninstalled", "uninstalled", "still_answers", "uninstalled"]


def test_no_answer_neither_counts_nor_starts_the_count_anew(leaving: Leaving) -> None:
    leaving.hear()
    leaving.run(UNINSTALLED, 0)
    for hour in (10, 50, 60):
        leaving.run(NO_ANSWER, hour)
    assert leaving.rows() != {}
    leaving.run(UNINSTALLED, 61)
    assert leaving.rows() != {}
    leaving.run(UNINSTALLED, 62)
    assert leaving.rows() == {}


def test_a_clock_that_goes_back_counts_no_refusal_twice(leaving: Leaving) -> None:
    leaving.hear()
    for hour in (50, 0, 49):
        leaving.run(UNINSTALLED, hour)
    assert leaving.rows() != {}
    assert leaving.messages() == [("probed", "")]


def test_a_clock_set_ahead_is_held_to_the_services_own(leaving: Leaving) -> None:
    class Service:
        name = "shop"

        def service_time(self) -> datetime | None:
            return NOON

    ahead = TurnableClock(NOON + timedelta(days=3))
    assert earliest_now(leaving.engine.ledger, Service(), ahead) == NOON
    assert earliest_now(leaving.engine.ledger, None, ahead) == ahead()


def test_repeats_under_other_ids_make_the_wait_neither_shorter_nor_longer(leaving: Leaving) -> None:
    for number, hour in enumerate((0, 24, 47)):
        leaving.hear(f"w-{number}")
        leaving.run(UNINSTALLED, hour)
    assert leaving.rows() != {}
    leaving.run(UNINSTALLED, 48)
    assert leaving.rows() == {}
    assert leaving.messages() == [("closed", "forgotten")] * 3


def test_every_table_says_whose_its_rows_are() -> None:
    unowned = [table.name for table in schema.metadata.sorted_tables if own_rows(table, "egg") is None]
    assert unowned == ["meta"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Presence)), st.integers(0, 40)), max_size=10))
def test_whatever_a_shop_says_it_is_forgotten_only_on_its_own_repeated_word(
    history: list[tuple[Presence, int]],
) -> None:
    refused: list[datetime] = []
    now = NOON
    for says, hours in history:
        now += timedelta(hours=hours)
        refused = [] if says is ANSWERS else [*refused, now] if says is UNINSTALLED else refused
        if is_enough(refused):
            assert len(refused) >= RUNS
            assert refused[-1] - refused[0] >= SPREAD
            assert now >= NOON + SPREAD


def _history(leaving: Leaving, mortal: Mortal) -> None:
    """Three runs over two days, each of which may die."""
    for hour in (0, 24, 48):

        def ask(_name: str, at: float = hour) -> tuple[Presence, datetime]:
            mortal.step("ask")
            return UNINSTALLED, NOON + timedelta(hours=at)

        probe(leaving.engine.ledger, leaving.inbox, ask)


def _dies(leaving: Leaving, at: int) -> bool:
    """Whether the three runs end before their time, at the commit or question of this number."""
    mortal, engine = Mortal(at), leaving.engine.ledger.engine

    def step(_connection: object) -> None:
        mortal.step("commit")

    event.listen(engine, "commit", step)
    try:
        _history(leaving, mortal)
    except Crash:
        return True
    finally:
        event.remove(engine, "commit", step)
    return False


def test_a_crash_at_any_point_ends_with_the_shop_forgotten_after_the_same_refusals(leaving: Leaving) -> None:
    died = 0
    for at in range(1, 30):
        leaving.engine.shop.order(str(at), LONG_AGO)
        leaving.engine.pull()
        leaving.hear(f"w-{at}")
        if not _dies(leaving, at):
            break
        died += 1
        if leaving.rows():
            for hour in (72, 96, 120):
                leaving.run(UNINSTALLED, hour)
        assert leaving.rows() == {}, at
        assert set(leaving.messages()) == {("closed", "forgotten")}, at
    assert 8 < died < 29


def test_the_ledger_is_not_asked_for_long(leaving: Leaving) -> None:
    """The shop is asked outside every transaction: a hold can be placed meanwhile."""
    ledger: Ledger = leaving.engine.ledger
    leaving.hear()

    def ask(_name: str) -> tuple[Presence, datetime]:
        with ledger.begin() as connection:
            ledger.event(connection, "meanwhile")
        return NO_ANSWER, NOON

    assert probe(ledger, leaving.inbox, ask) is not None
