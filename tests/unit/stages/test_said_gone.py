"""A record said to be gone and found alive: its data is left, whoever said so, and nobody is told."""

from collections.abc import Iterator, Sequence

import pytest

from connector.ledger.plans import Plans
from connector.ports import Act, Gone, Look, Receipt, Task, went
from connector.records import Field, Outcome, Ref
from tests.engine_support import Engine, MemoryRecipient, MemoryShop


class Liar(MemoryShop):
    """Says of some records that they are gone: to a write, to a read, or to both."""

    write_hides: frozenset[str] = frozenset()
    read_hides: frozenset[str] = frozenset()
    unread_after: bool = False

    def _write(self, task: Task) -> Receipt:
        if task.ref.id not in self.write_hides:
            return super()._write(task)
        self.unreadable |= {task.ref.id} if self.unread_after else set()
        return went(task)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """Hides what it is told to hide."""
        for look in super().fetch(refs):
            yield Gone(ref=look.ref) if look.ref.id in self.read_hides else look


@pytest.fixture(name="liar")
def _liar(engine: Engine) -> Liar:
    """Three old orders and an account, planned, and a recipient that is told by the order's number."""
    engine.shop = shop = Liar(engine.keyer)
    told = MemoryRecipient("desk", "MC", act=Act.NOTIFY, handle="order", outcome=Outcome.NOTIFIED)
    engine.recipients = [told]
    for number in ("1", "2", "3"):
        shop.order(number)
    shop.customer("9")
    engine.pull()
    engine.plan()
    return shop


def outcomes(engine: Engine, id: str) -> set[tuple[str, str]]:
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        rows = list(plans.steps(connection, engine.plan_id))
    return {(str(row.outcome), row.reason) for row in rows if row.step.ref.id == id}


@pytest.mark.parametrize("id", ["1", "2", "9"])  # the first of all, one of a batch, one that goes whole
def test_a_write_that_calls_a_living_record_gone_did_nothing(engine: Engine, liar: Liar, id: str) -> None:
    liar.write_hides = frozenset({id})
    engine.apply()
    engine.push()
    assert outcomes(engine, id) == {("refused", "still_there")}
    assert id not in {told for told, _ in engine.recipients[0].told}
    assert engine.verify(again=True).clean == 3


def test_what_a_write_called_gone_and_is_there_is_planned_again(engine: Engine, liar: Liar) -> None:
    liar.write_hides = frozenset({"2"})
    engine.apply()
    liar.write_hides = frozenset()
    engine.pull()
    engine.plan()
    engine.apply()
    assert Field.EMAIL not in liar.of("2").values
    engine.push()
    assert "2" in {told for told, _ in engine.recipients[0].told}


def test_what_a_write_called_gone_and_cannot_be_read_stays_begun(engine: Engine, liar: Liar) -> None:
    liar.write_hides, liar.unread_after = frozenset({"2"}), True
    engine.apply()
    assert outcomes(engine, "2") == {("", "")}
    liar.write_hides, liar.unreadable = frozenset(), set()
    engine.apply()
    assert {outcome for outcome, _ in outcomes(engine, "2")} == {"done"}


@pytest.mark.parametrize("again", [False, True])
def test_a_record_that_was_hidden_from_an_apply_and_lives_is_left(
    engine: Engine, liar: Liar, again: bool
) -> None:
    liar.read_hides = frozenset({"2"})
    engine.apply()
    assert outcomes(engine, "2") == {("already_gone", "record_gone")}
    liar.read_hides = frozenset()
    result = engine.verify(again=again)
    assert (result.clean, result.left_labels) == (3, ("order:#2",))


def test_one_that_was_called_clean_while_hidden_is_left_at_the_next_look(engine: Engine, liar: Liar) -> None:
    liar.read_hides = frozenset({"2"})
    engine.apply()
    assert engine.verify().left == 0
    liar.read_hides = frozenset()
    assert engine.verify(again=True).left_labels == ("order:#2",)


def test_what_was_freed_on_the_word_gone_is_taken_back_unsent(engine: Engine, liar: Liar) -> None:
    liar.read_hides = frozenset({"2"})
    engine.apply()
    liar.read_hides = frozenset()
    engine.verify()
    engine.push()
    assert "2" not in {told for told, _ in engine.recipients[0].told}
    engine.plan()
    engine.apply()
    engine.push()
    assert [told for told, _ in engine.recipients[0].told].count("2") == 1


def test_a_record_that_was_hidden_and_has_lost_its_fields_is_clean(engine: Engine, liar: Liar) -> None:
    liar.read_hides = frozenset({"2"})
    engine.apply()
    liar.read_hides = frozenset()
    liar.of("2").values.clear()
    assert engine.verify().left == 0


def test_notes_of_a_record_that_was_hidden_are_read_before_it_is_clean(engine: Engine, liar: Liar) -> None:
    held = liar.order("4", staff_notes="rang om paketet")
    held.unread = frozenset({Field.STAFF_NOTES})
    engine.pull()
    engine.plan()
    assert Field.STAFF_NOTES in engine.planned()["4"]
    liar.read_hides = frozenset({"4"})
    engine.apply()
    liar.read_hides = frozenset()
    held.values = {Field.STAFF_NOTES: "rang om paketet"}
    assert engine.verify().left_labels == ("order:#4",)
