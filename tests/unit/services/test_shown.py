"""A field that a service shows of nobody any more was not read: nothing is gone, and nothing clean, by it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.errors import RemoteError
from connector.ports import Gone, Live, Look, Unread
from connector.records import FIELD_BITS, Facts, Field, Kind, Record, Ref
from connector.services.shown import MOST, Shown, as_shown
from tests.engine_support import JUST_NOW, Engine, Held, MemoryShop, make_engine

EMAIL, PHONE = FIELD_BITS[Field.EMAIL], FIELD_BITS[Field.PHONE]
LEAVES_OUT = [Field.EMAIL, Field.NAME, Field.BILLING_ADDRESS, Field.IP_ADDRESS]


class Strips(MemoryShop):
    """A shop behind something that takes one field out of every answer."""

    stripped: Field | None = None

    def record(self, held: Held) -> Record:
        """The record without that field, whether it is there or not."""
        found = super().record(held)
        bit = FIELD_BITS[self.stripped] if self.stripped else 0
        return replace(found, present=found.present & ~bit)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Two old orders that go, and two new ones that stay whole."""
    made = make_engine(tmp_path)
    made.shop = Strips(made.keyer)
    for number in ("1", "2"):
        made.shop.order(number)
    for number in ("8", "9"):
        made.shop.order(number, JUST_NOW)
    made.pull()
    made.plan()
    return made


def strips(engine: Engine, field: Field | None) -> None:
    """From now on, or no more."""
    assert isinstance(engine.shop, Strips)
    engine.shop.stripped = field


@pytest.mark.parametrize("field", LEAVES_OUT)
def test_a_read_back_that_shows_a_field_of_nobody_is_not_clean(engine: Engine, field: Field) -> None:
    engine.apply()
    for number in ("1", "2"):
        engine.shop.of(number).values[field] = "back@kund.example"
    strips(engine, field)
    result = engine.verify(again=True)
    assert (result.clean, result.unread) == (0, 2)
    strips(engine, None)
    assert engine.verify(again=True).left == 2


@pytest.mark.parametrize("field", LEAVES_OUT)
def test_no_field_counts_as_gone_before_a_write_where_it_is_shown_of_nobody(
    engine: Engine, field: Field
) -> None:
    strips(engine, field)
    with pytest.raises(RemoteError, match="field_not_shown"):
        engine.apply()
    assert engine.shop.written == []


def test_an_honest_shop_is_read_back_clean_beside_the_same_controls(engine: Engine) -> None:
    engine.apply()
    assert engine.verify(again=True).clean == 2


def test_controls_are_few_hold_what_is_wanted_and_are_in_no_step(engine: Engine) -> None:
    wanted = {engine.shop.of("1").ref: EMAIL | PHONE}
    found = Shown(engine.ledger).controls(wanted)
    assert {ref.id for ref in found} == {"8", "9"}
    assert all(bits & EMAIL for bits in found.values())
    assert len(found) <= MOST
    assert Shown(engine.ledger).controls({}) == {}


def looks(**present: int) -> dict[Ref, Look]:
    """Records that show these fields."""
    refs = {name: Ref(adapter="shop", kind=Kind.ORDER, id=name) for name in present}
    return {
        refs[name]: Live(
            record=Record(ref=refs[name], version="1", facts=Facts(), present=bits), handles={}, raw=None
        )
        for name, bits in present.items()
    }


def test_a_field_that_one_record_shows_is_read_of_all() -> None:
    shown = looks(a=0, b=EMAIL, c=0)
    a, b, c = shown
    assert isinstance(as_shown(shown, {a: EMAIL, b: EMAIL}, {c: EMAIL})[a], Live)


def test_a_control_that_does_not_answer_says_nothing() -> None:
    shown = looks(a=0)
    (a,) = shown
    control = replace(a, id="c")
    for answer in (Gone(ref=control), Unread(ref=control, reason="malformed")):
        assert isinstance(as_shown({**shown, control: answer}, {a: EMAIL}, {control: EMAIL})[a], Live)


def test_only_a_record_that_was_to_lose_the_field_is_unread_for_it() -> None:
    shown = looks(a=0, b=PHONE, c=PHONE)
    a, b, c = shown
    found = as_shown(shown, {a: EMAIL, b: PHONE}, {c: EMAIL | PHONE})
    assert isinstance(found[a], Unread)
    assert isinstance(found[b], Live)
