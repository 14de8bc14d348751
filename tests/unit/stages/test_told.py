"""Shop done: every concerned recipient is told, or named; nothing is told that was not done."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connector.errors import GallraError, RemoteError, RetryLater
from connector.ledger import schema
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.plans import Plans
from connector.ledger.states import DELIVERY_ARROWS, UNTOLD, DeliveryState
from connector.ports import Act, Delivery, DeliveryReceipt, Live, Receipt, Seen, Task
from connector.records import Action, Field, HoldId, Kind, Outcome, Ref, from_bits
from connector.stages.apply.groups import OPEN
from tests.engine_support import Engine, Held, MemoryRecipient, MemoryShop, busy, make_engine

ORDERS = ("1", "2", "3")
COMMON = frozenset({Field.NAME, Field.EMAIL, Field.BILLING_ADDRESS, Field.IP_ADDRESS})


class WaywardShop(MemoryShop):
    """Writes field by field, and may be cut between two, or refuse one; knows what it has erased."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.keyer)
        self.engine = engine
        self.cut_at: int | None = None  # fields from now on, over all records
        self.refuses_field: set[tuple[str, Field]] = set()
        self.ends_as = Outcome.REFUSED
        self.erased: dict[Ref, set[Field]] = {}  # by Gallra, or by hand where a step of it was open
        self.lost: set[Ref] = set()
        self.hides: set[str] = set()

    def handles(self, held: Held) -> dict[str, tuple[str, ...]]:
        return {name: values for name, values in super().handles(held).items() if name not in self.hides}

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Live]:
        """What a person has deleted in the shop by hand counts as done where an apply finds it gone.

        What no step asked for any more (a hold had closed it) is the person's own act, and tells nobody.
        """
        for ref in self.lost.intersection(refs):
            self.erased.setdefault(ref, set()).update(still_open(self.engine, ref))
        yield from super().fetch(refs)

    def _write(self, task: Task) -> Receipt:
        held = self.held.get(task.ref)
        if held is None or task.action is Action.DELETE:
            if held is not None:
                self.erased.setdefault(task.ref, set()).update(held.values)
            return super()._write(task)
        done: set[Field] = set()
        for one in sorted(task.fields):
            if (task.ref.id, one) in self.refuses_field:
                continue
            if self.cut_at is not None:
                self.cut_at -= 1
                if self.cut_at < 0:
                    self.cut_at = None
                    self.touch(held)
                    raise RetryLater("Cut. Run again.", adapter=self.name, operation="apply")
            if (task.ref.id, one) not in self.keeps and held.values.pop(one, None) is not None:
                self.erased.setdefault(task.ref, set()).add(one)
            done.add(one)
        self.touch(held)
        well = done == task.fields
        return Receipt(ref=task.ref, outcome=Outcome.DONE if well else self.ends_as, done=frozenset(done))


class Hearing(MemoryRecipient):
    """A recipient that remembers which fields it was told of, by record."""

    heard: list[tuple[Ref, frozenset[Field]]]

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        before = len(self.told)
        waiting = iter(deliveries)
        for receipt in super().push(deliveries):
            one = next(waiting)
            if receipt.outcome in (Outcome.DONE, Outcome.NOTIFIED):
                self.heard.append((one.ref, one.fields))
            yield receipt
        assert len(self.told) >= before


def hearing(name: str, code: str, act: Act, handle: str, fields: frozenset[Field]) -> Hearing:
    one = Hearing(name, code, act=act, handle=handle, fields=fields)
    one.heard = []
    one.outcome = Outcome.NOTIFIED if act is Act.NOTIFY else Outcome.DONE
    return one


@pytest.fixture(name="wayward")
def _wayward(tmp_path: Path) -> Iterator[Engine]:
    engine = wayward_engine(tmp_path)
    yield engine
    engine.ledger.engine.dispose()


@cache
def planned_ledger() -> bytes:
    """A ledger with the shop's first plan in it, made once: each history begins with a copy."""
    with tempfile.TemporaryDirectory() as folder:
        engine = with_shop(make_engine(Path(folder)))
        engine.pull()
        engine.plan()
        engine.ledger.engine.dispose()
        return (Path(folder) / "ledger.sqlite").read_bytes()


def wayward_engine(folder: Path) -> Engine:
    (folder / "ledger.sqlite").write_bytes(planned_ledger())
    return with_shop(make_engine(folder))


def with_shop(engine: Engine) -> Engine:
    engine.shop = WaywardShop(engine)
    engine.recipients = [
        hearing("mailer", "MC", Act.ERASE, "email", frozenset({Field.EMAIL})),
        hearing("apps", "SH", Act.NOTIFY, "order", frozenset(Field) - {Field.ACCOUNT}),
    ]
    for number in ORDERS:
        engine.shop.order(number)
    return engine


def place(engine: Engine, number: str, hold: HoldId = HoldId.LEGAL_CLAIM) -> None:
    """A hold on one order; which fields it binds is the schedule's."""
    with engine.ledger.begin() as connection:
        record = connection.scalar(
            select(schema.record.c.id).where(
                schema.record.c.remote_id == number, schema.record.c.kind == Kind.ORDER
            )
        )
        assert record is not None
        Holds(engine.ledger).add(
            connection,
            HoldTerms(
                hold=hold,
                reason="claim",
                owner="Disa Demo",
                review=engine.today.replace(year=engine.today.year + 1),
            ),
            On(record=record),
        )


def release_all(engine: Engine) -> None:
    with engine.ledger.begin() as connection:
        for hold in Holds(engine.ledger).list(connection):
            Holds(engine.ledger).release(connection, hold.id, by="Disa Demo")


# What the two promises say, after any history ------------------------------------------------


def planned_for(engine: Engine, code: str) -> dict[Ref, set[Field]]:
    """The fields that rules pass on to a recipient, by record, over every plan."""
    found: dict[Ref, set[Field]] = {}
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        for plan_id in connection.scalars(select(schema.plan.c.id)).all():
            for row in plans.steps(connection, plan_id):
                named = {Field(w.field) for w in row.step.why if code in w.recipients and w.field != "record"}
                found.setdefault(row.step.ref, set()).update(named)
    return found


def still_open(engine: Engine, ref: Ref) -> set[Field]:
    """The fields that open steps of a record name, over every plan."""
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        return {
            Field(why.field)
            for plan_id in connection.scalars(select(schema.plan.c.id)).all()
            for row in plans.steps(connection, plan_id)
            if row.step.ref == ref and row.state in OPEN
            for why in row.step.why
            if why.field != "record"
        }


def named_in(engine: Engine, recipient: str) -> dict[Ref, set[Field]]:
    """What stands open in the outbox, for a later push or a hand."""
    table = schema.delivery
    found: dict[Ref, set[Field]] = {}
    with engine.ledger.begin() as connection:
        for row in connection.execute(
            select(table).where(table.c.recipient == recipient, table.c.state.in_(UNTOLD))
        ):
            ref = Ref(adapter=row.adapter, kind=Kind(row.kind), id=row.remote_id)
            found.setdefault(ref, set()).update(from_bits(row.fields))
    return found


def untold(engine: Engine) -> list[str]:
    """What was erased in the shop, and a recipient was neither told of nor named for."""
    shop = engine.shop
    assert isinstance(shop, WaywardShop)
    found = []
    for one in engine.recipients:
        assert isinstance(one, Hearing)
        (fields,) = {i.fields for i in one.interests}
        planned, named = planned_for(engine, one.recipient), named_in(engine, one.name)
        for ref, erased in shop.erased.items():
            heard = {f for where, told in one.heard if where == ref for f in told}
            due = erased & fields & planned.get(ref, set())
            found += [f"{one.name} {ref.id} {f}" for f in due - heard - named.get(ref, set())]
    return found


def told_falsely(engine: Engine) -> list[str]:
    """What a recipient was told of, and the shop still has."""
    shop = engine.shop
    assert isinstance(shop, WaywardShop)
    return [
        f"{one.name} {ref.id} {f}"
        for one in engine.recipients
        if isinstance(one, Hearing)
        for ref, told in one.heard
        for f in told - (set(Field) if ref in shop.lost else shop.erased.get(ref, set()))
    ]


def apply(engine: Engine) -> None:
    with suppress(RemoteError):
        engine.apply()


def test_a_delivery_that_was_cancelled_is_revived_when_its_step_is_sealed_again(wayward: Engine) -> None:
    shop = wayward.shop
    shop.fault, shop.fails_after = busy("shop"), 0
    apply(wayward)
    place(wayward, "1", HoldId.UNPAID)
    shop.fault, shop.fails_after = busy("shop"), 0
    apply(wayward)
    release_all(wayward)
    apply(wayward)
    wayward.push()
    assert untold(wayward) == []
    assert told_falsely(wayward) == []


def test_what_was_done_before_a_hold_stopped_the_rest_is_told(wayward: Engine) -> None:
    assert isinstance(wayward.shop, WaywardShop)
    wayward.shop.cut_at = 2
    apply(wayward)
    for number in ORDERS:
        place(wayward, number)
    apply(wayward)
    wayward.push()
    assert wayward.shop.erased
    assert untold(wayward) == []
    assert told_falsely(wayward) == []


@pytest.mark.parametrize("ends_as", [Outcome.REFUSED, Outcome.BY_HAND, Outcome.STALE])
def test_the_part_of_a_step_that_was_done_is_told_and_no_other(wayward: Engine, ends_as: Outcome) -> None:
    shop = wayward.shop
    assert isinstance(shop, WaywardShop)
    shop.refuses_field = {("1", Field.EMAIL), ("2", Field.NAME)}
    shop.ends_as = ends_as
    apply(wayward)
    wayward.push()
    assert untold(wayward) == []
    assert told_falsely(wayward) == []
    mailer = wayward.recipients[0]
    assert sorted(who for who, _ in mailer.told) == ["2", "3"]


def test_a_record_that_was_gone_before_its_step_is_told_by_number_and_else_named(wayward: Engine) -> None:
    _lose("1")(wayward)
    apply(wayward)
    wayward.push()
    mailer, apps = wayward.recipients
    assert ("1", "1") in apps.told
    assert "1" not in {who for who, _ in mailer.told}
    assert ("mailer", "1", "failed", False) in wayward.deliveries()
    assert untold(wayward) == []


def test_what_an_earlier_try_sealed_is_told_though_the_record_is_gone_by_now(wayward: Engine) -> None:
    wayward.shop.fault, wayward.shop.fails_after = busy("shop"), 0
    apply(wayward)
    for number in ORDERS:
        _lose(number)(wayward)
    apply(wayward)
    wayward.push()
    assert untold(wayward) == []


def test_a_recipient_that_an_interrupted_try_had_no_handle_for_is_named_when_the_record_is_gone(
    wayward: Engine,
) -> None:
    shop = wayward.shop
    assert isinstance(shop, WaywardShop)
    shop.cut_at = 0
    shop.hides = {"email"}
    apply(wayward)
    shop.hides = set()
    assert "mailer" not in {name for name, *_ in wayward.deliveries()}
    _lose("1")(wayward)
    apply(wayward)
    wayward.push()
    assert ("mailer", "1", "failed", False) in wayward.deliveries()
    assert untold(wayward) == []
    assert told_falsely(wayward) == []


def test_what_the_read_back_finds_undone_is_taken_back_before_anybody_is_told(wayward: Engine) -> None:
    wayward.shop.keeps = {("1", Field.EMAIL)}
    with pytest.raises(RemoteError, match="still holds what was erased"):
        wayward.apply()
    wayward.push()
    mailer, apps = wayward.recipients
    assert isinstance(apps, Hearing)
    assert mailer.told == []
    assert all(Field.EMAIL not in fields for _, fields in apps.heard)


Event = Callable[[Engine], None]


def _cut(after: int) -> Event:
    def event(engine: Engine) -> None:
        assert isinstance(engine.shop, WaywardShop)
        engine.shop.cut_at = after

    return event


def _refuse(number: str, field: Field, ends_as: Outcome) -> Event:
    def event(engine: Engine) -> None:
        assert isinstance(engine.shop, WaywardShop)
        engine.shop.refuses_field ^= {(number, field)}
        engine.shop.ends_as = ends_as

    return event


def _hold(number: str, hold: HoldId) -> Event:
    return lambda engine: place(engine, number, hold)


def _lose(number: str) -> Event:
    def event(engine: Engine) -> None:
        shop = engine.shop
        assert isinstance(shop, WaywardShop)
        ref = Ref(adapter=shop.name, kind=Kind.ORDER, id=number)
        if shop.held.pop(ref, None) is not None:
            shop.lost.add(ref)

    return event


def _recipient(at: int, mood: str) -> Event:
    def event(engine: Engine) -> None:
        one = engine.recipients[at]
        one.fault = busy(one.name) if mood == "down" else None
        one.retries = set(ORDERS) if mood == "patience" else set()
        usual = Outcome.NOTIFIED if at else Outcome.DONE
        one.outcome = {"refuses": Outcome.REFUSED, "by_hand": Outcome.BY_HAND}.get(mood, usual)

    return event


def _seen(seen: Seen) -> Event:
    def event(engine: Engine) -> None:
        engine.recipients[0].seen = seen

    return event


def _plan(engine: Engine) -> None:
    engine.pull()
    with suppress(GallraError):  # what has begun is finished first
        engine.plan()


def _verify(engine: Engine) -> None:
    with suppress(GallraError):
        engine.verify()


def _later(engine: Engine) -> None:
    engine.clock.turn(hours=13)


HOLDS = (HoldId.LEGAL_CLAIM, HoldId.UNPAID, HoldId.RETURN)
MOODS = ("well", "down", "patience", "refuses", "by_hand")
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(_cut, st.integers(0, 9)),
    st.builds(
        _refuse, st.sampled_from(ORDERS), st.sampled_from(sorted(COMMON)),
        st.sampled_from([Outcome.REFUSED, Outcome.BY_HAND]),
    ),
    st.builds(_lose, st.sampled_from(ORDERS)),
    st.builds(_hold, st.sampled_from(ORDERS), st.sampled_from(HOLDS)),
    st.builds(_recipient, st.integers(0, 1), st.sampled_from(MOODS)),
    st.builds(_seen, st.sampled_from(list(Seen))),
    st.sampled_from([release_all, apply, apply, Engine.push, _verify, _plan, _later]),
)  # fmt: skip


def states(engine: Engine) -> dict[int, DeliveryState]:
    """Where every delivery stands."""
    table = schema.delivery
    with engine.ledger.begin() as connection:
        return {row.id: DeliveryState(row.state) for row in connection.execute(select(table))}


@cache
def within_reach(state: DeliveryState) -> frozenset[DeliveryState]:
    """The states that arrows lead to, one after the other; one stage may take several."""
    found, new = frozenset({state}), frozenset({state})
    while new:
        new = frozenset(after for one in new for after in DELIVERY_ARROWS[one]) - found
        found |= new
    return found


def moved_otherwise(
    before: dict[int, DeliveryState], after: dict[int, DeliveryState]
) -> list[tuple[DeliveryState, DeliveryState]]:
    """Moves that no arrows make."""
    return [(state, after[id]) for id, state in before.items() if after[id] not in within_reach(state)]


def make_good(engine: Engine) -> None:
    """Every fault is over, and what was begun is finished."""
    assert isinstance(engine.shop, WaywardShop)
    engine.shop.cut_at, engine.shop.refuses_field = None, set()
    apply(engine)
    for at in range(2):
        _recipient(at, "well")(engine)
    engine.clock.turn(days=3)
    engine.push()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(history=st.lists(EVENTS, max_size=14))
def test_after_any_history_what_the_shop_did_is_told_or_named_and_nothing_else(history: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = wayward_engine(Path(folder))
        try:
            for event in history:
                before = states(engine)
                event(engine)
                assert moved_otherwise(before, states(engine)) == []
                assert told_falsely(engine) == []
            make_good(engine)
            assert untold(engine) == []
            assert told_falsely(engine) == []
        finally:
            engine.ledger.engine.dispose()
