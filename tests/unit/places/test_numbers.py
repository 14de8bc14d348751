"""An order number that names a person is kept and shown nowhere; the order is still found by it."""

import string
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connector.errors import Ambiguous
from connector.identity import make_keyer, signer
from connector.ledger import schema
from connector.ledger.drafts import Draft
from connector.ledger.index import Records
from connector.ledger.naming import meant, named
from connector.ledger.unread import Unreads
from connector.places.numbers import compared, is_plain
from connector.ports import Act, Live, Receipt, Task, Unread
from connector.records import Kind, Outcome, Ref
from tests.engine_support import SUBJECT_KEY, Engine, MemoryRecipient, make_engine
from tests.unit.stages.opened import Opened

PERSONAL = (
    "disa.demo@kund.example", "#disa@kund.example", "0701234567", "+46 70-123 45 67", "701234567",
    "46701234567", "811218-9876", "#8112189876", "19811218-9876", "Disa Demo", "disa-demo-2", "Åsa Öberg",
    "Demo, Disa 1042",
    "4111111111111111", "1042\x1b[2J", "10\u202e42", "<b>1042</b>", "DisaDemo", "order 1042",
)  # fmt: skip
PLAIN = ("1042", "#1042", "KB-1042", "2026-0001", "2026/00017", "ORDER1042", "1042-SE", "KVARN_1042", "10.42")


@pytest.mark.parametrize("number", PERSONAL)
def test_a_number_that_could_name_a_person_or_hides_something_is_not_plain(number: str) -> None:
    assert not is_plain(number)


@pytest.mark.parametrize("number", PLAIN)
def test_a_number_that_counts_orders_is_plain(number: str) -> None:
    assert is_plain(number)


def numbered(engine: Engine, *numbers: str) -> None:
    """Old orders under these numbers, pulled."""
    for at, number in enumerate(numbers, 1):
        engine.shop.order(str(at)).label = number
    engine.pull()


def everything(engine: Engine) -> str:
    """All that stands in the ledger, every column of every table."""
    with engine.ledger.begin() as connection:
        rows = [row for table in schema.metadata.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(
        v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for r in rows for v in r
    )


def letters(engine: Engine) -> MemoryRecipient:
    """A recipient who is told by letter, under the order's number."""
    engine.shop.handles = lambda held: {"order_number": (held.label.lstrip("#"),)}  # type: ignore[method-assign]
    told = MemoryRecipient("desk", "MC", act=Act.NOTIFY, handle="order_number", outcome=Outcome.NOTIFIED)
    engine.recipients = [told]
    return told


NAMES = st.text(string.ascii_letters + "åäö", min_size=4, max_size=9)
NUMBERS = st.one_of(
    st.sampled_from(PERSONAL),
    st.builds("{}@{}.example".format, NAMES, NAMES),
    st.builds("{} {}".format, NAMES, NAMES),
    st.builds("07{:08d}".format, st.integers(0, 10**8 - 1)),
    st.builds("{}\x1b[{}m".format, st.integers(1, 10**6), st.integers(0, 99)),
)


@settings(
    max_examples=3, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(numbers=st.lists(NUMBERS, min_size=4, max_size=8, unique_by=compared))
def test_no_number_that_names_a_person_is_stored_or_told_and_each_is_found_by_it(numbers: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(Path(folder))
        told = letters(engine)
        numbered(engine, *numbers)
        engine.plan()
        engine.apply()
        engine.push()
        engine.verify()
        stored = everything(engine)
        for number in numbers:
            assert number.lstrip("#") not in stored
            row = meant(engine.ledger, Kind.ORDER, number)
            assert numbers[int(row.record.ref.id) - 1] == number
        assert {value for _, value in told.told} == {f"id {at}" for at in range(1, len(numbers) + 1)}
        engine.ledger.engine.dispose()


def test_the_order_is_found_with_and_without_its_hash_and_in_other_case(engine: Engine) -> None:
    numbered(engine, "#disa@kund.example", "1042")
    for typed in ("disa@kund.example", "#Disa@Kund.example"):
        assert meant(engine.ledger, Kind.ORDER, typed).record.ref.id == "1"


def test_such_an_order_is_said_by_its_id(engine: Engine) -> None:
    numbered(engine, "Disa Demo")
    row = meant(engine.ledger, Kind.ORDER, "Disa Demo")
    assert (named(row), row.record.label) == ("order (id 1)", "id 1")


def test_two_orders_under_such_a_number_are_asked_about_without_saying_it(engine: Engine) -> None:
    numbered(engine, "Disa Demo", "disa demo")
    with pytest.raises(Ambiguous) as asked:
        meant(engine.ledger, Kind.ORDER, "Disa Demo")
    assert "disa" not in str(asked.value).lower()


def test_another_key_gives_another_sign() -> None:
    one, other = (signer(make_keyer(key)) for key in (SUBJECT_KEY, bytes(32)))
    assert one("disa demo") != other("disa demo")


def test_a_read_back_and_a_message_bring_the_number_into_no_row(engine: Engine) -> None:
    numbered(engine, "1042")
    row = meant(engine.ledger, Kind.ORDER, "1042")
    live = engine.shop.record(engine.shop.of("1"))
    renamed = msgspec.structs.replace(live, label="Disa Demo")
    with engine.ledger.begin() as connection:
        Records(engine.ledger).settle_all(connection, {row.id: renamed})
    assert "Disa" not in everything(engine)


def test_a_record_that_could_not_be_read_is_named_by_its_id_too(engine: Engine) -> None:
    lost = Unread(ref=Ref(adapter="shop", kind=Kind.ORDER, id="9"), reason="malformed:x", label="Disa Demo")
    with engine.ledger.begin() as connection:
        Unreads(engine.ledger).store(connection, [lost], walk=1)
    assert "Disa" not in everything(engine)


def test_an_adapter_that_names_a_live_record_never_meets_such_a_number(engine: Engine) -> None:
    numbered(engine, "Disa Demo")
    write, met = engine.shop._write, []

    def told(task: Task) -> Receipt:
        assert isinstance(task.live, Live)
        met.append(task.live.record.label)
        return write(task)

    engine.shop._write = told  # type: ignore[method-assign]
    engine.plan()
    engine.apply()
    assert met == ["id 1"]


def test_a_service_that_only_knows_the_number_is_not_asked_under_an_id(engine: Engine) -> None:
    """Another order may have that number there."""
    numbered(engine, "Disa Demo")
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    draft = Draft(
        plan=engine.plan_id if engine.plan() else 0, step=0, recipient="mailer", act=Act.ERASE, ref=ref,
        handle="order_number", value="id 1", fields=frozenset(), planned=engine.today,
    )  # fmt: skip
    with engine.ledger.begin() as connection:
        engine.outbox.hold(connection, [draft])
    assert ("mailer", "1", "failed", False) in engine.deliveries()


def test_explain_and_hold_take_the_number_and_say_the_id(tmp_path: Path) -> None:
    opened = Opened(tmp_path)
    opened.memory.order("7").label = "Disa Demo"
    assert opened.gallra("pull").code == 0
    explained = opened.gallra("explain", "Disa Demo")
    review = ("--owner", "Rut Revisor", "--review", "6 months")
    held = opened.gallra("hold", "add", "--order", "Disa Demo", "--reason", "Complaint", *review)
    assert (explained.code, held.code) == (0, 0)
    assert "id 7" in explained.out
    assert "id 7" in held.out + held.err
    assert "Disa" not in explained.out + explained.err + held.out + held.err
