"""A ledger on a server: what differs from a file, and what must not."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, bindparam, delete, inspect, select, text, update

from connector.errors import Exit, LedgerError, RetryLater, RunOutdated
from connector.ledger import Ledger, open_ledger, schema
from connector.ledger.dialect import copied, postgres
from connector.ledger.dialect.postgres import Server, on_server, schema_of
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.store import is_there, write_many
from connector.records import HoldId
from tests import postgres_support
from tests.engine_support import Engine, TurnableClock, make_engine
from tests.pooler import transaction_pooler


def write(ledger: Ledger, what: str, *, wait: int = 1000) -> None:
    with ledger.begin() as connection:
        ledger.dialect.wait(connection, wait)
        ledger.event(connection, what)


def opened(place: Server, shop: str = "egg") -> Ledger:
    return open_ledger(place, shop=shop, clock=lambda: datetime.now(UTC))


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Server:
    return postgres_support.place(tmp_path)


@pytest.fixture(name="ledger")
def _ledger(place: Server) -> Iterator[Ledger]:
    made = opened(place)
    yield made
    made.engine.dispose()


@pytest.fixture(name="engine")
def _engine(place: Server, tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(tmp_path, place=place)
    made.shop.order("1")
    made.shop.order("2")
    yield made
    made.ledger.engine.dispose()


# Where it lies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["", "egg", "mysql://a@b/c", "sqlite:///a", "postgresql://host", "http://[", "a://"]
)
def test_what_is_no_address_of_a_database_is_a_sentence_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(LedgerError, match=r"postgresql://user:password@host/database") as refused:
        on_server(url, "egg")
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("begins", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_may_begin_as_servers_write_it_and_never_shows_its_password(begins: str) -> None:
    place = on_server(f" {begins}://egg:hemlig@db.example/ledger\n", "egg")
    assert place.url.startswith("postgresql+psycopg://egg:hemlig@")
    assert "hemlig" not in repr(place)
    assert "hemlig" not in str(place)


def test_a_server_that_does_not_answer_is_a_sentence_without_its_address() -> None:
    place = on_server("postgresql://egg:hemlig@127.0.0.1:1/ledger", "egg")
    for try_it in (opened, is_there):
        with pytest.raises(LedgerError, match=r"cannot be reached.*run again") as refused:
            try_it(place)
        assert "hemlig" not in str(refused.value)
        assert "127" not in str(refused.value)


def test_looking_makes_no_ledger(tmp_path: Path) -> None:
    place = postgres_support.place(tmp_path, "hen")
    assert not is_there(place)
    assert not is_there(place)
    opened(place, "hen").engine.dispose()
    assert is_there(place)


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=90))
def test_the_name_of_a_schema_is_one_that_the_server_takes_whole(shop: str) -> None:
    assert len(schema_of(shop)) <= 63
    assert schema_of(shop) != schema_of(f"{shop}x")


# The tables ----------------------------------------------------------------------------------------------


def test_the_migrations_make_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        found = inspect(connection)
        there = {name: {one["name"] for one in found.get_columns(name)} for name in found.get_table_names()}
        keys = {name: found.get_pk_constraint(name)["constrained_columns"] for name in there}
    del there["alembic_version"]
    assert there == {t.name: {c.name for c in t.c} for t in schema.metadata.tables.values()}
    assert all(
        keys[t.name] == [c.name for c in t.primary_key.columns] for t in schema.metadata.tables.values()
    )


def test_every_text_is_compared_by_its_bytes(ledger: Ledger) -> None:
    """Dates and moments are ISO text: a language's order would put them, and numbers of orders, otherwise."""
    with ledger.begin() as connection:
        others = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns "
                "WHERE table_schema = current_schema() AND data_type = 'text' "
                "AND collation_name IS DISTINCT FROM 'C'"
            )
        ).all()
    assert others == []


def test_two_that_open_a_new_ledger_at_once_make_it_once(tmp_path: Path) -> None:
    place = postgres_support.place(tmp_path, "hen")
    engine = postgres.engine_of(place)
    with engine.begin() as connection:
        postgres.Postgres().before_migration(connection)  # another is migrating
        with psycopg.connect(postgres_support.url_of(_database(place))) as beside:
            waits = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
            assert beside.execute(waits, (f"gallra migrates {place.schema}",)).fetchone() == (False,)
    engine.dispose()
    opened(place, "hen").engine.dispose()
    opened(place, "hen").engine.dispose()


def _database(place: Server) -> str:
    return (
        place.url.rpartition("/")[2].partition("?")[0]
        if "?" not in place.url
        else (place.url.partition("?")[0].rpartition("/")[2])
    )


# Many shops ----------------------------------------------------------------------------------------------


def test_no_shop_sees_a_row_of_another_whatever_it_asks(tmp_path: Path) -> None:
    """Each table is asked without any condition at all."""
    places = {shop: postgres_support.place(tmp_path, shop) for shop in ("egg", "hen")}
    both = [make_engine(tmp_path, shop=shop, place=place) for shop, place in places.items()]
    for one in both:
        one.shop.order("1")
        one.pull()
        one.plan()
        one.apply()
        one.push()
    for one, other in (both, both[::-1]):
        with one.ledger.begin() as connection:
            for table in schema.metadata.tables.values():
                if "shop" in table.c:
                    shops = set(connection.scalars(select(table.c.shop)))
                    assert shops <= {one.ledger.shop}, table.name
            rows = {t.name: len(connection.execute(select(t)).all()) for t in schema.metadata.tables.values()}
            path = connection.scalar(text("SHOW search_path"))
        assert rows["record"] == 1
        assert rows["step"] > 0
        assert other.ledger.shop not in str(path)
        assert "public" not in str(path)
    for one in both:
        one.ledger.engine.dispose()


def test_two_shops_write_at_the_same_time_and_one_shop_never_does(tmp_path: Path) -> None:
    egg, again = (opened(postgres_support.place(tmp_path)) for _ in range(2))
    hen = opened(postgres_support.place(tmp_path, "hen"), "hen")
    with egg.begin() as connection:
        egg.event(connection, "first")
        with hen.begin() as beside:
            hen.event(beside, "meanwhile")
        with pytest.raises(LedgerError) as refused:
            write(again, "second", wait=50)
    assert refused.value.exit is Exit.TRY_LATER
    for one in (egg, again, hen):
        one.engine.dispose()


def test_whoever_reads_waits_for_nobody(ledger: Ledger, place: Server) -> None:
    other = opened(place)
    with ledger.begin() as connection:
        ledger.event(connection, "written")
        with other.begin() as reading:
            assert other.events(reading, "written") == []
    other.engine.dispose()


# One run at a time ---------------------------------------------------------------------------------------


def test_a_second_run_of_a_shop_is_told_to_come_back_and_the_next_one_has_a_higher_number(
    ledger: Ledger, place: Server
) -> None:
    other = opened(place)
    with ledger.dialect.one_run(ledger):
        first = ledger.run
        with pytest.raises(RetryLater, match="under way"), other.dialect.one_run(other):
            pass
    with other.dialect.one_run(other):
        assert other.run is not None
        assert first is not None
        assert other.run > first
    assert (ledger.run, other.run) == (None, None)
    other.engine.dispose()


def test_a_run_that_was_thought_dead_stops_at_its_next_transaction(ledger: Ledger, place: Server) -> None:
    other = opened(place)
    with ledger.dialect.one_run(ledger):
        _lose_the_lock(place)
        with other.dialect.one_run(other):
            with pytest.raises(RunOutdated, match="Another run of shop egg has begun since") as stopped:
                ledger.must_be_current()
            with pytest.raises(RunOutdated), ledger.begin():
                pass
            with other.begin() as connection:
                other.event(connection, "carried on")
    assert stopped.value.exit is Exit.TRY_LATER
    other.engine.dispose()


def test_what_a_run_writes_after_it_was_outdated_is_not_kept(ledger: Ledger, place: Server) -> None:
    """It has read, and only then does the other begin: the first word that it writes is refused."""
    other = opened(place)

    def read_and_write() -> None:
        with ledger.begin() as connection:
            ledger.events(connection, "any")
            _lose_the_lock(place, but=connection)
            with other.dialect.one_run(other):
                ledger.event(connection, "late")

    with ledger.dialect.one_run(ledger), pytest.raises(RunOutdated):
        read_and_write()
    with other.begin() as connection:
        assert other.events(connection, "late") == []
    other.engine.dispose()


def test_the_shop_is_not_touched_by_a_run_that_is_outdated(engine: Engine, place: Server) -> None:
    """The other has begun after the batch was sealed, and before it was written."""
    engine.pull()
    engine.plan()
    engine.approve()
    ledger, other = engine.ledger, opened(place)
    asked = engine.shop.apply

    def after_the_seal(tasks: Sequence[Any]) -> Any:
        raise AssertionError("the shop was touched")

    engine.shop.apply = after_the_seal  # type: ignore[method-assign]
    mark = type(engine_plans(engine)).mark_begun

    def marked(self: Any, connection: Connection, *rest: Any) -> None:
        mark(self, connection, *rest)

    with ledger.dialect.one_run(ledger), pytest.MonkeyPatch.context() as patch:
        after = ledger.must_be_current

        def outdated() -> None:
            with other.begin() as connection:
                connection.exec_driver_sql("UPDATE run_lock SET number = number + 1")
            after()

        patch.setattr(ledger, "must_be_current", outdated)
        with pytest.raises(RunOutdated):
            engine.apply()
    engine.shop.apply = asked  # type: ignore[method-assign]
    engine.apply()
    other.engine.dispose()


def engine_plans(engine: Engine) -> Any:
    from connector.ledger.plans import Plans

    return Plans(engine.ledger)


def test_no_recipient_is_told_by_a_run_that_is_outdated(engine: Engine, place: Server) -> None:
    engine.pull()
    engine.plan()
    engine.apply()
    other = opened(place)
    with engine.ledger.dialect.one_run(engine.ledger):
        with other.begin() as connection:
            connection.exec_driver_sql("UPDATE run_lock SET number = number + 1")
        with pytest.raises(RunOutdated):
            engine.push()
    assert engine.push().answered > 0
    other.engine.dispose()


def _lose_the_lock(place: Server, *, but: Connection | None = None) -> None:
    """The server ends what holds the lock: a network that broke, a worker that was thought dead."""
    spared = but.exec_driver_sql("SELECT pg_backend_pid()").scalar() if but is not None else 0
    with psycopg.connect(postgres_support.url_of(_database(place)), autocommit=True) as keeper:
        keeper.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
            "WHERE locktype = 'advisory' AND pid NOT IN (pg_backend_pid(), %s)",
            (spared,),
        )


def test_a_hold_and_a_batch_take_turns(
    ledger: Ledger, place: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.ledger.store._PATIENCE", 50)
    other = opened(place)
    review = datetime.now(UTC).date() + timedelta(days=9)
    terms = HoldTerms(HoldId.LEGAL_CLAIM, "a claim", "Disa Demo", review)

    def hold() -> None:
        with other.begin() as connection:
            Holds(other).add(connection, terms, On(record=1))

    with ledger.begin() as connection:
        ledger.turn(connection)
        with pytest.raises(LedgerError):
            hold()
    hold()
    other.engine.dispose()


def test_a_pooler_of_transactions_is_refused_when_a_run_begins(place: Server) -> None:
    with transaction_pooler(postgres_support.base()) as port:
        url = f"postgresql://postgres@127.0.0.1:{port}/{_database(place)}?sslmode=disable"
        through = on_server(url, "egg")
        ledger = Ledger(postgres.engine_of(through), shop="egg", clock=TurnableClock())
        with pytest.raises(LedgerError, match="pooler"), ledger.dialect.one_run(ledger):
            pass
        ledger.engine.dispose()


# Many rows at once ---------------------------------------------------------------------------------------

ANY = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
ROWS = st.lists(
    st.tuples(
        st.integers(1, 30), st.text(ANY, max_size=9),
        st.binary(max_size=9), st.booleans(), st.none() | st.text("abc\\\t\n\r.", max_size=5),
    ),
    min_size=1, max_size=20, unique_by=lambda row: row[0],
)  # fmt: skip


@pytest.fixture(name="lent", scope="module")
def _lent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    made = opened(postgres_support.place(tmp_path_factory.mktemp("lent")))
    yield made
    made.engine.dispose()


@settings(max_examples=25)
@given(ROWS, ROWS, st.randoms())
def test_rows_that_are_copied_come_to_what_rows_one_by_one_come_to(
    lent: Ledger, rows: list[Any], others: list[Any], chance: random.Random
) -> None:
    assert _written(lent, rows, others, few=1) == _written(lent, rows, others, few=10_000)


def _written(ledger: Ledger, rows: list[Any], others: list[Any], *, few: int) -> list[Any]:
    table = schema.record
    insert = ledger.upsert(table)
    renewed = {name: insert.excluded[name] for name in ("version", "body", "living", "next_due")}
    upsert = insert.on_conflict_do_update(
        index_elements=("shop", "adapter", "kind", "remote_id"), set_=renewed,
        where=table.c.version <= insert.excluded.version,
    )  # fmt: skip
    moved = update(table).where(table.c.remote_id == bindparam("id_")).values(
        holds=bindparam("holds_"), kept=bindparam("kept_"), state="moved"
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, ledger.engine.connect() as connection:
        patch.setattr(copied, "FEW", few)
        for some in (rows, others):
            write_many(connection, upsert, [_row(one) for one in some])
        some = [{"id_": str(n), "holds_": t, "kept_": b} for n, t, b, *_ in others[::2]]
        write_many(connection, moved, some)
        gone = delete(table).where(table.c.remote_id == bindparam("id_"))
        write_many(connection, gone, [{"id_": str(n)} for n, *_ in rows[::3]])
        columns = [c for c in table.c if c.name != "id"]
        found = connection.execute(select(*columns).order_by(table.c.remote_id)).all()
        connection.rollback()
    return [tuple(row) for row in found]


def _row(one: Any) -> dict[str, Any]:
    number, version, body, living, due = one
    return {
        "shop": "egg", "adapter": "shop", "kind": "order", "remote_id": str(number), "version": version,
        "body": body, "present": number, "living": living, "next_due": due, "state": "new", "holds": "",
        "tallies": "", "seen": 1, "beyond": False, "gone": False, "gone_word": "",
    }  # fmt: skip


def test_two_rows_that_mean_the_same_are_written_one_after_the_other(lent: Ledger) -> None:
    table = schema.receipt_sum
    counted = update(table).where(table.c.plan == bindparam("plan_")).values(value=bindparam("more"))
    with pytest.MonkeyPatch.context() as patch, lent.engine.connect() as connection:
        patch.setattr(copied, "FEW", 1)
        connection.execute(table.insert().values(shop="egg", of="step", plan=1, value=""))
        write_many(connection, counted, [{"plan_": 1, "more": str(n)} for n in range(9)])
        assert connection.scalar(select(table.c.value)) == "8"
        connection.rollback()
