"""Data that came back after it was erased: recipients are told of what went, and again of what goes again."""

import pytest

from connector.errors import Rejected
from connector.ports import Act, Receipt
from connector.records import Field, Outcome, Ref
from tests.engine_support import Engine, MemoryRecipient, MemoryShop

BACK = {"email": "person1@kund.example"}


class Remembering(MemoryRecipient):
    """A recipient that remembers the fields it was told of."""

    fields: list[frozenset[Field]]

    def push(self, deliveries):  # type: ignore[no-untyped-def]
        self.fields = [*getattr(self, "fields", []), *(one.fields for one in deliveries)]
        return super().push(deliveries)


@pytest.fixture(name="erased")
def _erased(engine: Engine) -> Engine:
    """Two orders whose e-mail and name went, and a recipient that has not been told yet."""
    for number in ("1", "2"):
        engine.shop.order(number)
    engine.recipients = [Remembering("apps", "SH", fields=frozenset({Field.EMAIL, Field.NAME}))]
    engine.pull()
    engine.plan()
    engine.apply()
    return engine


def comes_back(engine: Engine, **values: str) -> None:
    """A sync fills order 1 in again."""
    held = engine.shop.of("1")
    held.values.update({Field(name): text for name, text in values.items()})
    engine.shop.touch(held)


def again(engine: Engine) -> None:
    """The next night."""
    engine.pull()
    engine.plan()
    engine.apply()
    engine.push()


def told(engine: Engine) -> list[str]:
    return sorted(value for _, value in engine.recipients[0].told)


def test_what_came_back_under_the_same_address_is_told_once_it_went_again(erased: Engine) -> None:
    comes_back(erased, **BACK)
    erased.verify()
    erased.push()
    recipient = erased.recipients[0]
    assert isinstance(recipient, Remembering)
    assert sorted(recipient.fields, key=len) == [{Field.NAME}, {Field.NAME, Field.EMAIL}]
    again(erased)
    assert recipient.fields[2:] == [{Field.EMAIL}]


def test_an_address_that_went_is_told_though_another_has_come_in_its_place(erased: Engine) -> None:
    comes_back(erased, email="other@kund.example")
    erased.verify()
    again(erased)
    assert told(erased) == ["other@kund.example", "person1@kund.example", "person2@kund.example"]


def test_the_address_that_went_is_told_though_the_name_came_back(erased: Engine) -> None:
    comes_back(erased, name="Person 1")
    erased.verify()
    erased.push()
    recipient = erased.recipients[0]
    assert isinstance(recipient, Remembering)
    assert sorted(recipient.fields, key=len)[0] == frozenset({Field.EMAIL})


def only_name(engine: Engine) -> None:
    engine.recipients = [Remembering("apps", "SH", fields=frozenset({Field.NAME}))]
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    comes_back(engine, name="Person 1")
    engine.verify()
    engine.push()


def test_a_delivery_whose_address_nobody_shows_any_more_is_revived_when_the_name_goes_again(
    engine: Engine,
) -> None:
    only_name(engine)
    assert told(engine) == []
    again(engine)
    assert told(engine) == ["person1@kund.example"]


def test_what_is_kept_to_be_told_later_is_destroyed_once_it_is_told(engine: Engine) -> None:
    only_name(engine)
    again(engine)
    engine.verify()
    assert {sealed for _, _, _, sealed in engine.deliveries()} == {False}


def test_a_field_that_never_went_is_told_to_nobody(engine: Engine) -> None:
    engine.shop.keeps = {("1", Field.EMAIL)}
    engine.recipients = [MemoryRecipient()]
    for number in ("0", "1"):
        engine.shop.order(number)
    engine.pull()
    engine.plan()
    engine.apply(only="#0")
    with pytest.raises(Rejected, match="still holds what was erased"):
        engine.apply()
    engine.verify()
    engine.push()
    assert told(engine) == ["person0@kund.example"]
    engine.shop.keeps = set()
    engine.apply()
    again(engine)
    assert told(engine) == ["person0@kund.example", "person1@kund.example"]


def test_a_record_that_is_gone_by_the_read_back_keeps_its_earlier_deviation(engine: Engine) -> None:
    for number in ("1", "2"):
        engine.shop.order(number)
    write = MemoryShop._write

    def other(task):  # type: ignore[no-untyped-def]
        receipt = write(engine.shop, task)
        reason = "deviates:other_total"
        return Receipt(ref=receipt.ref, outcome=Outcome.DONE, done=receipt.done, reason=reason)

    engine.shop._write = other  # type: ignore[method-assign]
    engine.pull()
    engine.plan()
    engine.apply()
    del engine.shop.held[Ref(adapter="shop", kind=engine.shop.of("1").ref.kind, id="1")]
    engine.verify()
    assert engine.reasons()["1"] == {"deviates:other_total,gone_since"}
    engine.verify(again=True)
    assert engine.reasons()["1"] == {"deviates:other_total,gone_since"}


def test_a_letter_by_number_is_taken_back_and_told_again_by_the_same_number(engine: Engine) -> None:
    engine.recipients = [
        MemoryRecipient("desk", "MC", act=Act.NOTIFY, handle="order", outcome=Outcome.NOTIFIED)
    ]
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()
    comes_back(engine, **BACK)
    engine.verify()
    engine.push()
    assert told(engine) == []
    again(engine)
    assert told(engine) == ["1"]
