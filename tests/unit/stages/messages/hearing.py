"""An engine with an inbox: what a platform told it, and what a run makes of that."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from connector.deciding.copies import Copies
from connector.ledger import Vault, schema
from connector.ledger.inbox import Inbox, copies_waiting
from connector.plan import Plan
from connector.ports.heard import Heard, Topic
from connector.records import Kind, Ref
from connector.stages.messages import settle, settle_at_once
from connector.stages.plan import make_plan
from tests.engine_support import JUST_NOW, LAST_YEAR, VAULT_KEY, Engine, MemoryRecipient, make_engine

CANARY = "person7@kund.example"


class Told:
    """An engine with an inbox."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.inbox = Inbox(engine.ledger, Vault(VAULT_KEY))
        self.copies = Copies(engine.ledger, self.inbox, engine.outbox)
        self.number = 0

    def hear(self, topic: Topic, *refs: Ref, **handles: str) -> None:
        """A message comes in."""
        self.number += 1
        given = {name: (value,) for name, value in handles.items()}
        self.inbox.receive("shop", Heard(topic=topic, id=f"w-{self.number}", refs=refs, handles=given))

    def settle(self) -> None:
        """What a run does before it plans."""
        settle_at_once(self.engine.ledger, self.inbox, self.engine.keyer)
        engine = self.engine
        settle(engine.ledger, self.inbox, {"shop": engine.shop}, engine.keyer, today=engine.today)

    def plan(self) -> Plan:
        """The plan stage, with what the messages add."""
        engine = self.engine
        engine.clock.turn(seconds=1)
        return make_plan(engine.ledger, engine.terms(), also=self.copies.draw, rests_on=engine.bases)

    def carry_out(self) -> None:
        """Apply, push and verify, and what a run does after."""
        self.engine.apply()
        self.engine.push()
        self.engine.verify()
        self.look()

    def look(self) -> None:
        """Lets go of what was told."""
        with self.engine.ledger.begin() as connection:
            self.copies.close_told(connection)

    def rows(self) -> list[tuple[str, str, bool]]:
        """Every message: its state, its outcome, and whether it is still sealed."""
        table = schema.inbox
        with self.engine.ledger.begin() as connection:
            found = connection.execute(select(table).order_by(table.c.id)).all()
        return [(row.state, row.outcome, row.sealed is not None) for row in found]

    @property
    def waiting(self) -> list[tuple[int, date]]:
        """What `status` counts as copies to erase."""
        with self.engine.ledger.begin() as connection:
            return copies_waiting(connection, self.engine.ledger.shop)

    def told(self) -> list[tuple[str, str]]:
        """What the recipient was told."""
        return self.engine.recipients[0].told


def customer(id: str) -> Ref:
    """An account of the shop."""
    return Ref(adapter="shop", kind=Kind.CUSTOMER, id=id)


def order(id: str) -> Ref:
    """An order of the shop."""
    return Ref(adapter="shop", kind=Kind.ORDER, id=id)


def make_told(folder: Path) -> Told:
    """A shop with a customer of this week, and last year's order of theirs."""
    engine = make_engine(folder)
    engine.recipients[:] = [MemoryRecipient(code="SH", handle="email")]
    engine.shop.customer("7", JUST_NOW)
    engine.shop.order("501", LAST_YEAR, account="7", email=CANARY, ip_address="")
    engine.pull()
    return Told(engine)
