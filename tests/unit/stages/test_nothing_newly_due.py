"""An apply makes nothing due that was not due before it: what Gallra removed goes on barring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connector.ledger import learned, schema
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.policy import decide
from connector.policy.facts import Lasts
from connector.policy.lasting import LASTS
from connector.ports import Receipt, Task
from connector.records import Action, Facts, Field, Kind, Outcome, Record, Wave
from connector.verdicts import State
from tests.engine_support import LAST_YEAR, NOON, Crash, Engine, Held, MemoryShop, Mortal, make_engine

TODAY = NOON.date()
STARTED_BY_US = {
    # The unsubscription of T-30 and T-33 is ours, and starts the clock of T-34.
    "T-34": "unsubscribed",
    # The account that T-20 and T-25 delete is ours to end, and ends the links to it.
    "T-16": "identity_end",
    "T-55": "identity_end",
}
"""The clocks that the schedule starts with our own act: the only exceptions."""

# Where the shops keep what says that something happened: a field goes, and with it the only trace.
EVIDENCE: Mapping[Field, tuple[str, ...]] = {
    Field.PAYMENT_REFERENCE: ("has_transaction", "paid", "captured", "invoiced"),
    Field.TRACKING_NUMBER: ("shipped",),
    Field.COMPANY: ("company", "business"),
    Field.ORGANISATION_NUMBER: ("vat_number", "business"),
    Field.SHIPPING_ADDRESS: ("ship_to",),
    Field.CUSTOM: (
        "last_login", "completed", "refunded", "undated_refunds", "cancelled", "return_seen",
        "return_closed", "dispute_closed", "subscription_ended", "reminders",
    ),
    Field.PAYMENT_DETAILS: ("payment", "credited", "chargeback", "written_off", "redeemed"),
}  # fmt: skip
_EMPTY = Facts()


@dataclass
class EvidenceShop(MemoryShop):
    """A shop that shows what happened only by the personal data that tells of it."""

    def __init__(self, keyer: object) -> None:
        super().__init__(keyer)  # type: ignore[arg-type]
        self.kinds = (Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER)

    def record(self, held: Held) -> Record:
        """As the shop shows it: without a trace, without the fact."""
        hidden = {
            name: getattr(_EMPTY, name)
            for one, names in EVIDENCE.items()
            if held.ref.kind is not Kind.SUBSCRIBER and not held.values.get(one)
            for name in names
        }
        facts = msgspec.structs.replace(held.facts, **hidden)
        if "has_transaction" in hidden and held.facts.has_transaction:
            facts = msgspec.structs.replace(facts, owed=True)  # no trace of it, so it looks unpaid
        found = super().record(held)
        return msgspec.structs.replace(found, facts=facts)

    def _write(self, task: Task) -> Receipt:
        if task.action is Action.UNSUBSCRIBE:
            held = self.held[task.ref]
            self.touch(held, status="unsubscribed", unsubscribed=TODAY, modified=TODAY)
            return Receipt(ref=task.ref, outcome=Outcome.DONE)
        return super()._write(task)


@dataclass
class World:
    """One shop's records, and what of them is applied and how it ends."""

    orders: list[tuple[Facts, frozenset[Field], int]] = field(default_factory=list)
    accounts: list[Facts] = field(default_factory=list)
    waves: tuple[Wave, ...] = tuple(Wave)
    verified: bool = True


days = st.dates(date(2013, 1, 1), TODAY)
order_facts = st.builds(
    Facts,
    created=days, modified=days, paid=st.none() | days, completed=st.none() | days, shipped=st.none() | days,
    cancelled=st.none() | days, captured=st.just(()) | days.map(lambda d: (d,)),
    status=st.sampled_from(["completed", "processing", "failed", "cancelled", "pending", "refunded"]),
    payment=st.sampled_from(["", "invoice", "card"]), ship_to=st.sampled_from(["SE", "DE", "NO"]),
    business=st.booleans(), company=st.booleans(), vat_number=st.booleans(), has_transaction=st.booleans(),
    invoiced=st.booleans(), undated_refunds=st.booleans(), return_seen=st.none() | days,
    disputed=st.booleans(), running_subscription=st.booleans(), final=st.booleans(), zero_value=st.booleans(),
    return_closed=st.none() | days, dispute_closed=st.none() | days, subscription_ended=st.none() | days,
    reminders=st.just(()) | days.map(lambda d: (d,)),
)  # fmt: skip
account_facts = st.builds(
    Facts, created=days, modified=days, status=st.just("customer"), last_login=st.none() | days,
    closed=st.none() | days, balance=st.booleans(), subscribes=st.booleans(),
)  # fmt: skip
LONG_AGO = date(2013, 1, 1)
OPEN_ORDER = Facts(created=LONG_AGO, modified=LONG_AGO, status="completed", zero_value=True, final=False)
ONLY_A_NUMBER = frozenset(
    (Field.BIRTH_DATE, Field.COMPANY, Field.PERSONAL_NUMBER, Field.CUSTOM, Field.CUSTOMER_NOTE)
)
fields = st.frozensets(st.sampled_from(sorted(Field)), min_size=3)
worlds = st.builds(
    World,
    orders=st.lists(st.tuples(order_facts, fields, st.integers(0, 1)), max_size=6),
    accounts=st.lists(account_facts, max_size=2),
    waves=st.sets(st.sampled_from(list(Wave)), min_size=1).map(tuple),
    verified=st.booleans(),
)


def opened(folder: Path) -> Engine:
    """An engine over a shop that shows what happened only by its traces."""
    engine = make_engine(folder)
    engine.shop = EvidenceShop(engine.keyer)
    return engine


def filled(engine: Engine, world: World) -> None:
    """Puts the world's records into the shop: orders belong to one of two persons."""
    for number, (facts, present, owner) in enumerate(world.orders):
        given = {one: f"{one} of {number}" for one in present}
        if Field.EMAIL in given:
            given[Field.EMAIL] = f"person{owner}@kund.example"
        account = str(90 + owner) if owner < len(world.accounts) else ""
        engine.shop.put(Kind.ORDER, str(number), given, facts, label=f"#{number}", account=account)
    for owner, facts in enumerate(world.accounts):
        address, id = f"person{owner}@kund.example", str(90 + owner)
        given = {Field.NAME: "Egg", Field.EMAIL: address, Field.ACCOUNT: id, Field.CUSTOM: "12"}
        engine.shop.put(Kind.CUSTOMER, id, given, facts, account=id)


Due = dict[tuple[str, str, str, int], str]


def due(engine: Engine) -> Due:
    """All that is due, today and on later days, with the rule that says so."""
    table, found = schema.record, Due()
    with engine.ledger.begin() as connection:
        ids = connection.scalars(select(table.c.id).where(table.c.gone.is_(False))).all()
        rows = Rows(engine.ledger).rows(connection, list(ids)).values()
        holds = Holds(engine.ledger).open(connection)
    for row in rows:
        for later in (0, 40, 400, 1500):
            verdict = decide(holds.on(row), engine.policy, today=engine.today + timedelta(days=later))
            for one in (*verdict.fields, *([verdict.record] if verdict.record else [])):
                if one.state is State.DUE:
                    name = str(one.field or "record")
                    found[str(row.record.ref.kind), row.record.ref.id, name, later] = one.rule
    return found


def planned_due(engine: Engine) -> Due:
    """Pulls and plans, then says what is due."""
    engine.pull()
    engine.plan()
    return due(engine)


# Every example runs a whole shop twice: a tenth of the others' examples.
@settings(max_examples=ceil(settings().max_examples / 10))
@given(world=worlds)
@example(
    world=World(
        # The order's last identifying field goes while it is open: it still holds its person's account.
        orders=[(OPEN_ORDER, ONLY_A_NUMBER, 0)],
        accounts=[Facts(created=LONG_AGO, modified=LONG_AGO, status="customer", closed=LONG_AGO)],
        waves=(Wave.TRACES,),
        verified=False,
    )
)
def test_an_apply_makes_nothing_due_that_was_not_due_before_it(
    tmp_path_factory: pytest.TempPathFactory, world: World
) -> None:
    engine = opened(tmp_path_factory.mktemp("due"))
    filled(engine, world)
    before = planned_due(engine)
    engine.apply(world.waves)
    if world.verified:
        engine.push()
        engine.verify()
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(state="finished"))
    after = planned_due(engine)
    engine.ledger.engine.dispose()
    new = {key: rule for key, rule in after.items() if key not in before}
    assert {key: rule for key, rule in new.items() if rule not in STARTED_BY_US} == {}


def test_the_property_hides_every_fact_of_existence_that_a_rule_reads() -> None:
    hidden = {name for names in EVIDENCE.values() for name in names}
    lasting = {name for name, lasts in LASTS.items() if lasts in (Lasts.EXISTENCE, Lasts.LATER)}
    of_subscribers = {"basis", "consent_changed", "subscribed", "confirmed", "last_click", "last_purchase"}
    assert lasting - hidden - of_subscribers == {"created", "warranty_months"}


def test_an_order_whose_payment_reference_we_blanked_is_never_one_that_was_not_paid(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    facts = Facts(created=date(2014, 1, 7), status="cancelled", has_transaction=True, payment="other")
    given = {Field.PAYMENT_REFERENCE: "k-1", Field.NAME: "Egg", Field.EMAIL: "a@kund.example"}
    engine.shop.put(Kind.ORDER, "1", given, facts)
    engine.pull()
    engine.plan()
    engine.apply([Wave.EMAIL_ADDRESS])
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(state="finished"))
    assert Field.PAYMENT_REFERENCE not in engine.shop.of("1").values
    assert ("order", "1", "record", 0) not in planned_due(engine)


@pytest.mark.parametrize("point", range(1, 14))
def test_the_facts_are_kept_wherever_the_process_ends(tmp_path: Path, point: int) -> None:
    engine = opened(tmp_path)
    facts = Facts(created=date(2014, 1, 7), status="cancelled", has_transaction=True, payment="other")
    engine.shop.put(Kind.ORDER, "1", {Field.PAYMENT_REFERENCE: "k-1", Field.NAME: "Egg"}, facts)
    engine.pull()
    engine.plan()
    engine.watch(Mortal(point))
    try:
        engine.apply([Wave.EMAIL_ADDRESS])
        engine.verify()
    except Crash:
        engine.ledger.engine.dispose()
    engine.shop.mortal.dead, engine.shop.mortal.at = False, None
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(state="finished"))
    assert ("order", "1", "record", 0) not in planned_due(engine)


def test_an_account_whose_owner_was_warned_is_still_warned_when_it_is_touched(tmp_path: Path) -> None:
    engine = make_engine(tmp_path)
    engine.policy = engine.policy.__class__(
        file=engine.policy.file, rules=engine.policy.file.rule, context=engine.policy.context
    )
    engine.shop.customer("9")
    engine.pull()
    engine.plan()
    assert "9" not in engine.planned()
    with engine.ledger.begin() as connection:
        learned.warned(connection, learned.rows_of(connection, engine.ledger, [Kind.CUSTOMER]), LAST_YEAR)
    engine.plan()
    assert "9" in engine.planned()
    engine.apply()
    assert engine.outcome("9", Wave.ACCOUNTS) == Outcome.DONE
