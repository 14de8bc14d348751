"""What a service showed once and no longer shows: counts that drop, lost permissions, empty fields."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.basis import Basis, fields_of, left_out, with_word
from connector.ledger.index import Presence, Pulls
from connector.ledger.index.hidden_fields import CARRIERS, Shown
from connector.ports import SCOPE_LOST
from connector.records import FIELD_BITS, Field, Kind, Ref
from connector.report.basis import each
from connector.report.shared import BasisView
from connector.report.words import Words
from connector.stages.pull import DROPPED, FEWER
from tests.engine_support import LAST_YEAR, LONG_AGO, NOON, Engine
from tests.unit.stages.opened import Opened

PHONE = FIELD_BITS[Field.PHONE]
WHY = "field_not_shown:phone"


def filled(engine: Engine, count: int = 24) -> Engine:
    """Old orders with a telephone number each, pulled; the shop says how many it has."""
    engine.shop.stands = True
    for number in range(1, count + 1):
        engine.shop.order(str(number), LONG_AGO, account="9", phone=f"+4670174{number:04}")
    engine.shop.customer("9")
    engine.pull()
    return engine


def why_of(engine: Engine, kind: Kind = Kind.ORDER) -> str:
    """Why the ledger calls a kind incomplete."""
    stored = Pulls(engine.ledger).cursor(engine.shop.name, kind)
    assert stored is not None
    return stored.why


def silence(engine: Engine, *, but: int) -> None:
    """The shop's lists and counts show `but` orders only; each order still answers by its id."""
    shown = {held.ref for held in list(engine.shop.held.values())[:but]}
    pulled, whole = engine.shop.pull, dict(engine.shop.held)

    def fewer(kind: Kind, *, since: str | None):  # type: ignore[no-untyped-def]
        engine.shop.held = {ref: h for ref, h in whole.items() if kind is not Kind.ORDER or ref in shown}
        pages = list(pulled(kind, since=since))
        engine.shop.held = whole
        yield from pages

    engine.shop.pull = fewer  # type: ignore[method-assign]


# Counts that drop -------------------------------------------------------------------------


def test_a_service_that_counts_one_of_24_is_incomplete_by_23_also_after_a_walk_over_all(
    engine: Engine,
) -> None:
    silence(filled(engine), but=1)
    for full in (False, False, True):
        (orders, _) = engine.pull(full=full)
        assert (orders.missing, orders.why, orders.gone) == (23, FEWER, 0)
    assert "no longer counts" in orders.told()


def test_orders_that_the_staff_deleted_many_of_are_gone_in_the_same_pull(engine: Engine) -> None:
    filled(engine)
    for number in range(1, DROPPED + 1):
        del engine.shop.held[Ref(adapter=engine.shop.name, kind=Kind.ORDER, id=str(number))]
    (orders, _) = engine.pull()
    assert (orders.complete, orders.gone) == (True, DROPPED)


def test_a_few_deletions_are_no_drop(engine: Engine) -> None:
    filled(engine)
    del engine.shop.held[Ref(adapter=engine.shop.name, kind=Kind.ORDER, id="3")]
    (orders, _) = engine.pull()
    assert (orders.complete, orders.full) == (True, False)


# Called gone, and counted -----------------------------------------------------------------


@pytest.mark.parametrize("word", ["said", "confirmed"])
@pytest.mark.parametrize("full", [False, True])
def test_what_is_counted_and_marked_gone_here_comes_back_in_the_same_pull(
    engine: Engine, word: str, full: bool
) -> None:
    filled(engine)
    refs = [Ref(adapter=engine.shop.name, kind=Kind.ORDER, id=str(number)) for number in (3, 4, 5, 6)]
    with engine.ledger.begin() as connection:
        Presence(engine.ledger).mark_gone(connection, refs, word=word)
    if full:
        engine.shop.hides = {ref.id for ref in refs}
    (orders, _) = engine.pull(full=full)
    assert (orders.complete, orders.missing) == (True, 0)
    with engine.ledger.begin() as connection:
        assert not Presence(engine.ledger).called_gone(connection, engine.shop.name, Kind.ORDER, limit=9)


# Lost permissions -------------------------------------------------------------------------


def lose(engine: Engine) -> None:
    """Every pull's last page says that a permission is lost."""
    pulled = engine.shop.pull

    def without(kind: Kind, *, since: str | None):  # type: ignore[no-untyped-def]
        for page in pulled(kind, since=since):
            lost = kind is Kind.ORDER
            yield replace(page, why=SCOPE_LOST, complete=False, counted=None) if lost else page

    engine.shop.pull = without  # type: ignore[method-assign]


def test_a_lost_permission_leaves_the_kind_incomplete_and_its_readers_out_of_the_plan(engine: Engine) -> None:
    filled(engine)
    silence(engine, but=1)
    lose(engine)
    (orders, _) = engine.pull()
    assert (orders.missing, orders.why, orders.full) == (23, SCOPE_LOST, False)
    assert "permission is lost" in orders.told()
    basis = Basis(adapter="shop", kind=Kind.ORDER, missing=23, why=SCOPE_LOST)
    assert Kind.CUSTOMER in left_out([basis])
    assert engine.plan().withheld == {"customer": 1}


def test_a_lost_permission_is_asked_of_no_record_by_its_id(engine: Engine) -> None:
    filled(engine)
    silence(engine, but=1)
    lose(engine)
    engine.shop.fetch = None  # type: ignore[method-assign, assignment]
    (orders, _) = engine.pull(full=True)
    assert (orders.missing, orders.why) == (23, SCOPE_LOST)


def test_a_named_person_may_vouch_for_what_a_lost_permission_hides() -> None:
    class Word:
        kind, at_most, by, on = Kind.ORDER, 23, "Disa Demo", NOON.date()

    basis = Basis(adapter="shop", kind=Kind.ORDER, missing=23, why=SCOPE_LOST)
    assert with_word(basis, [Word()]).complete
    assert not with_word(replace(basis, missing=24), [Word()]).complete


# Fields that are empty --------------------------------------------------------------------


def strip(engine: Engine) -> dict[Ref, str]:
    """A proxy takes the telephone number out of every order; returns what it took."""
    taken = {}
    for held in engine.shop.held.values():
        if held.ref.kind is Kind.ORDER and Field.PHONE in held.values:
            taken[held.ref] = held.values.pop(Field.PHONE)
            engine.shop.touch(held)
    return taken


def test_a_field_that_every_order_lost_at_once_is_told_and_stays_so_until_it_is_shown(engine: Engine) -> None:
    taken = strip(filled(engine))
    for _ in range(2):
        (orders, _rest) = engine.pull()
        assert (orders.complete, orders.why) == (False, WHY)
    assert "no record shows phone" in orders.told()
    for ref, number in taken.items():
        engine.shop.held[ref].values[Field.PHONE] = number
    (orders, _) = engine.pull()
    assert (orders.complete, why_of(engine)) == (True, "")


def test_a_few_orders_of_a_day_are_enough_where_all_others_hold_the_field(engine: Engine) -> None:
    filled(engine, 40)
    for number in ("1", "2", "3"):
        engine.shop.of(number).values.pop(Field.PHONE)
        engine.shop.touch(engine.shop.of(number))
    (orders, _) = engine.pull()
    assert orders.why == WHY


def test_a_shop_that_no_longer_asks_for_a_number_shows_that_of_its_old_orders(engine: Engine) -> None:
    filled(engine)
    for number in range(50, 80):
        engine.shop.order(str(number), LONG_AGO)
    (orders, _) = engine.pull()
    assert orders.complete  # nothing lost it, though none of what came holds one
    (orders, _) = engine.pull(full=True)
    assert orders.complete


def test_one_order_that_the_staff_emptied_is_no_hidden_field(engine: Engine) -> None:
    filled(engine).shop.of("3").values.pop(Field.PHONE)
    engine.shop.touch(engine.shop.of("3"))
    (orders, _) = engine.pull()
    assert orders.complete


def test_a_field_that_a_step_erased_counts_for_no_untouched_record() -> None:
    shown = Shown()
    shown.lost[PHONE] = 5
    erased = [(0, True, 1_000), (PHONE, False, CARRIERS)]
    assert shown.hidden(erased, "") == WHY
    assert shown.hidden([(0, False, 1_000), (PHONE, False, CARRIERS)], "") == ""


def test_a_reason_names_its_fields() -> None:
    assert fields_of("field_not_shown:phone,email") == (Field.PHONE, Field.EMAIL)
    assert fields_of(SCOPE_LOST) == ()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("why", "missing"), [(SCOPE_LOST, 23), (SCOPE_LOST, 0), (FEWER, 23), (WHY, 0)])
def test_every_reason_has_a_sentence_of_its_own(language: str, why: str, missing: int) -> None:
    words = Words(language)
    view = BasisView(service="shopify", kind=Kind.ORDER, missing=missing, why=why)
    (line,) = each([view], words)
    (plain,) = each([replace(view, why="not_counted")], words)
    assert line.split(".")[1:] != plain.split(".")[1:]
    assert ("23" in line) is bool(missing)
    assert (words.code("field", Field.PHONE) in line) is (why == WHY)


def test_what_our_own_run_took_and_nobody_read_back_is_not_hidden_by_the_service(tmp_path: Path) -> None:
    opened = Opened(tmp_path)
    for number in range(60):
        opened.memory.order(str(number), LAST_YEAR, phone="0701234567")
    opened.planned()
    assert opened.gallra("apply").code == 0
    said = opened.gallra("pull")
    assert said.code == 0, said.err
