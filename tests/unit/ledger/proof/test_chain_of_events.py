"""Every event hangs on the one before; names stand beside; at its time the chain is cut and still holds."""

import ast
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connector.ledger import schema
from connector.ledger.expiry import expire
from connector.ledger.proof.audit import breaks
from connector.ledger.proof.commitments import OPEN, SAID, agree, joined, parted
from connector.ledger.proof.head import chain_head
from tests.engine_support import Engine, sealed
from tests.unit.ledger.proof.finished import by_hand, finished, found, texts

REPOSITORY = Path(__file__).resolve().parents[4]


def test_the_head_is_the_newest_event_and_moves_with_each(engine: Engine) -> None:
    with engine.ledger.begin() as connection:
        before = chain_head(engine.ledger, connection)
        engine.ledger.event(connection, "pulled", read={})
        after = chain_head(engine.ledger, connection)
        newest = connection.execute(select(schema.event).order_by(schema.event.c.seq.desc())).first()
    assert newest is not None
    assert (after.seq, after.digest) == (newest.seq, newest.digest)
    assert after.seq > before.seq


def test_an_event_of_a_transaction_that_failed_leaves_no_trace_in_the_chain(engine: Engine) -> None:
    with engine.ledger.begin() as connection:
        engine.ledger.event(connection, "pulled", read={})
        before = chain_head(engine.ledger, connection)
    with suppress(ZeroDivisionError), engine.ledger.begin() as connection:
        engine.ledger.event(connection, "pulled", read={})
        raise ZeroDivisionError
    with engine.ledger.begin() as connection:
        assert chain_head(engine.ledger, connection) == before
        assert found(engine, connection) == []


def test_a_name_stands_beside_the_chain_and_never_in_it(tmp_path: Path) -> None:
    engine = finished(tmp_path)
    with engine.ledger.begin() as connection:
        assert "Disa" not in texts(connection)
        assert engine.ledger.events(connection, "hold_released")[-1].detail["by"] == "Disa Demo"
    engine.ledger.engine.dispose()


def test_the_same_name_is_committed_to_otherwise_each_time() -> None:
    assert parted({"by": "Disa Demo"}).chained != parted({"by": "Disa Demo"}).chained


def test_a_detail_is_read_as_it_was_told() -> None:
    told = {"by": "Disa Demo", "count": 3, "kept": ["1042", {"years": [2024]}]}
    assert joined(*parted(told)) == told


@pytest.mark.parametrize(
    "beside", ["", "{}", '{"by":["00","Disa Demo"]}', '{"by":["00"]}', "[", '{"x":["1","2"]}']
)
def test_a_text_beside_is_the_one_that_was_committed_to(beside: str) -> None:
    whole = parted({"by": "Disa Demo"})
    assert agree(*whole)
    assert not agree(whole.chained, beside)


def told_of() -> set[str]:
    """Every name under which some code tells something in an event."""
    names = set()
    for path in (REPOSITORY / "connector").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "event" and isinstance(node, ast.Call):
                names |= {word.arg for word in node.keywords if word.arg}
    return names - {"plan"}


def test_what_no_list_knows_stands_beside_the_chain() -> None:
    assert "Disa" not in parted({"somebody_new": "Disa Demo"}).chained


def test_every_word_of_an_event_is_known_to_name_nobody_or_stands_beside_the_chain() -> None:
    assert told_of() <= OPEN | SAID
    assert set() == OPEN & SAID


def test_the_chain_is_cut_at_its_time_behind_a_signed_checkpoint_and_still_holds(tmp_path: Path) -> None:
    engine = finished(tmp_path)
    with engine.ledger.begin() as connection:
        first = connection.scalar(text("SELECT count(*) FROM event WHERE type = 'pulled'"))
    for days in (5 * 366, 1, 5 * 366):
        engine.clock.turn(days=days)
        with engine.ledger.begin() as connection:
            expire(engine.ledger, connection, today=engine.today)
            assert found(engine, connection) == []
    with engine.ledger.begin() as connection:
        assert first
        assert connection.scalar(text("SELECT count(*) FROM event WHERE type = 'pulled'")) == 0
        cut = engine.ledger.events(connection, "checkpoint")[-1].detail
    assert cut["signature"].startswith("-----BEGIN SSH SIGNATURE-----")
    engine.ledger.engine.dispose()


def test_a_checkpoint_that_another_key_signed_is_a_break(tmp_path: Path) -> None:
    engine = finished(tmp_path)
    with by_hand(engine) as connection:
        connection.exec_driver_sql("UPDATE event SET detail = replace(detail, 'BEGIN SSH', 'BEGIN  SSH')")
        assert ("checkpoint", "signature") in [
            (one.of, one.how) for one in breaks(connection, "egg", sealed())
        ]
    engine.ledger.engine.dispose()
