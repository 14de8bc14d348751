"""The number that the merchant knows comes first; what can mean two records means none until it is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import Ambiguous, GallraError
from connector.ledger.naming import meant, named
from connector.records import Kind
from tests.engine_support import Engine, make_engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(tmp_path)
    yield made
    made.ledger.engine.dispose()


def orders(engine: Engine, **labels: str) -> None:
    """Orders by id, each with its number."""
    for id, label in labels.items():
        engine.shop.order(id.removeprefix("id")).label = label
    engine.pull()


def test_the_number_is_meant_where_no_order_has_it_as_its_id(engine: Engine) -> None:
    orders(engine, id5113="2001", id5114="2002")
    assert meant(engine.ledger, Kind.ORDER, "2001").record.ref.id == "5113"


@pytest.mark.parametrize("typed", ["2001", "#2001", " 2001 "])
def test_a_number_is_the_same_with_and_without_its_mark(engine: Engine, typed: str) -> None:
    orders(engine, id5113="#2001")
    assert meant(engine.ledger, Kind.ORDER, typed).record.ref.id == "5113"


def test_the_id_is_meant_where_no_order_has_it_as_its_number(engine: Engine) -> None:
    orders(engine, id5113="2001")
    assert named(meant(engine.ledger, Kind.ORDER, "5113")) == "order 2001 (id 5113)"


def test_the_number_of_one_that_is_the_id_of_another_must_be_said_to_be_which(engine: Engine) -> None:
    orders(engine, id5113="2001", id2001="1990")
    with pytest.raises(Ambiguous, match=r"order 2001 \(id 5113\) or order 1990 \(id 2001\).*--id"):
        meant(engine.ledger, Kind.ORDER, "2001")
    assert meant(engine.ledger, Kind.ORDER, "2001", by_id=True).record.label == "1990"


def test_two_orders_that_share_a_number_must_be_said_by_id(engine: Engine) -> None:
    orders(engine, id1="2001", id2="2001")
    with pytest.raises(Ambiguous):
        meant(engine.ledger, Kind.ORDER, "2001")
    assert meant(engine.ledger, Kind.ORDER, "2", by_id=True).record.ref.id == "2"


def test_an_order_whose_number_is_its_id_is_one_order(engine: Engine) -> None:
    orders(engine, id7="7")
    assert meant(engine.ledger, Kind.ORDER, "7").record.ref.id == "7"


def test_a_person_at_a_terminal_is_asked(engine: Engine) -> None:
    orders(engine, id5113="2001", id2001="1990")
    chosen = meant(engine.ledger, Kind.ORDER, "2001", choose=lambda found: found[1])
    assert chosen.record.ref.id == "2001"
    with pytest.raises(Ambiguous):
        meant(engine.ledger, Kind.ORDER, "2001", choose=lambda _found: None)


def test_what_is_not_indexed_says_what_to_try(engine: Engine) -> None:
    with pytest.raises(GallraError, match="or name another --kind"):
        meant(engine.ledger, Kind.ORDER, "9")


def test_what_was_typed_and_is_no_known_number_is_not_said_again(engine: Engine) -> None:
    with pytest.raises(GallraError) as refused:
        meant(engine.ledger, Kind.ORDER, "Provsson")
    assert "Provsson" not in str(refused.value)
