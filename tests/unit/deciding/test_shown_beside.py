"""What shows another record's data is read anew with it: the index and the memory know what our write did."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from connector.deciding.proof import gone, went_whole
from connector.identity import make_keyer
from connector.ledger import schema
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.plan import Step
from connector.records import Action, Facts, Field, Kind, Outcome, Record, Ref, Wave, to_bits
from tests.engine_support import JUST_NOW, SUBJECT_KEY, Engine, Held, MemoryShop, make_engine

EMPTIED = "emptied:orders_kept"


class Mirroring(MemoryShop):
    """A shop whose checkouts show the address of their customer, and none of their own."""

    kinds = (Kind.ORDER, Kind.CUSTOMER, Kind.CART)
    shows_others: Mapping[Kind, frozenset[Kind]] = {Kind.CART: frozenset({Kind.CUSTOMER})}

    def record(self, held: Held) -> Record:
        """The record; a checkout whose customer is gone shows nobody."""
        read = super().record(held)
        customer = Ref(adapter=self.name, kind=Kind.CUSTOMER, id=held.account)
        if held.ref.kind is not Kind.CART or customer in self.held:
            return read
        return replace(read, present=0, identifiers=())


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Engine]:
    """A customer whose time is over, with a checkout of last week."""
    engine = make_engine(tmp_path)
    engine.shop = mirroring = Mirroring(make_keyer(SUBJECT_KEY))
    mirroring.customer("90")
    values = {Field.EMAIL: "person90@kund.example"}
    mirroring.put(Kind.CART, "c1", values, Facts(created=JUST_NOW, modified=JUST_NOW), account="90")
    engine.pull()
    engine.plan()
    yield engine
    assert engine.breaks() == []


def erased(engine: Engine) -> None:
    """What was planned is carried out and read back."""
    engine.apply()
    engine.verify()


def cart(engine: Engine) -> tuple[int, bool, bool]:
    """What the index knows of the checkout: its fields, whether it is anybody's, whether it is gone."""
    table = schema.record.c
    with engine.ledger.begin() as connection:
        chosen = select(table.present, table.subject, table.gone).where(table.kind == Kind.CART)
        row = connection.execute(chosen).one()
    return row.present, row.subject is not None, row.gone


def remembered(engine: Engine) -> int:
    """How many are remembered as erased."""
    with engine.ledger.begin() as connection:
        return len(connection.execute(select(schema.erased)).all())


def test_a_checkout_whose_customer_was_deleted_is_known_to_show_nobody(shop: Engine) -> None:
    erased(shop)
    assert cart(shop) == (0, False, False)


def test_its_person_is_remembered_as_erased(shop: Engine) -> None:
    erased(shop)
    assert remembered(shop) == 1


def test_one_that_is_gone_by_now_is_known_to_be_gone(shop: Engine) -> None:
    del shop.shop.held[shop.shop.of("c1", Kind.CART).ref]
    erased(shop)
    assert cart(shop)[2]


def test_one_that_cannot_be_read_stays_as_it_was_known(shop: Engine) -> None:
    shop.shop.unreadable.add("c1")
    erased(shop)
    assert cart(shop) == (to_bits((Field.EMAIL,)), True, False)


def test_a_platform_without_such_records_is_asked_for_nothing_more(engine: Engine) -> None:
    engine.shop.customer("90")
    engine.shop.order("1", JUST_NOW, account="90")
    engine.pull()
    engine.plan()
    engine.apply()
    engine.shop.unreadable.add("1")
    assert engine.verify().unread == 0


# What stays in the shop, emptied -------------------------------------------------------------------------


def begun_deletion() -> StepRow:
    """The step of a customer whose answer was never heard."""
    ref = Ref(adapter="shop", kind=Kind.CUSTOMER, id="90")
    step = Step(ref=ref, label="90", wave=Wave.ACCOUNTS, action=Action.DELETE, fields=to_bits((Field.NAME,)))
    return StepRow(seq=1, record=1, step=step, state=StepState.BEGUN)


def test_a_deletion_that_emptied_its_record_is_not_called_a_deletion_after_a_crash() -> None:
    receipt = gone(begun_deletion(), emptied=EMPTIED)
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, EMPTIED)
    assert not went_whole(begun_deletion(), receipt)


def test_a_deletion_whose_record_is_no_more_went_whole_after_a_crash() -> None:
    assert went_whole(begun_deletion(), gone(begun_deletion()))
