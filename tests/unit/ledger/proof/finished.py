"""A finished ledger with a row in every proven table, and what was cut from its chain."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from connector.identity import key_fingerprint
from connector.ledger.bindings import bind
from connector.ledger.expiry import expire
from connector.ledger.holds import Holds, HoldTerms, On
from connector.ledger.inbox import Inbox
from connector.ledger.memory import Memory
from connector.ledger.proof.audit import Break, breaks
from connector.ledger.request_holds import hold_for
from connector.ledger.requests import Contact, Named, NewRequest, Register
from connector.ledger.states import WarningState
from connector.ledger.unread import Unreads
from connector.ledger.warnings import Said, Warnings, Whom
from connector.ports import Unread
from connector.ports.heard import Heard, Topic
from connector.records import Facts, HoldId, Identifier, Kind, Record, Ref
from connector.request import Channel, RequestKind, clock
from tests.engine_support import SUBJECT_KEY, VAULT_KEY, Engine, make_engine, sealed


def finished(folder: Path) -> Engine:
    """Two runs, holds of every kind, keys, a binding; the first run's log is past its time and cut."""
    engine = make_engine(folder)
    engine.shop.order("1")
    _bound(engine)
    _run(engine)
    engine.clock.turn(days=5 * 366)
    with engine.ledger.begin() as connection:
        expire(engine.ledger, connection, today=engine.today)
    engine.shop.order("2")
    engine.shop.order("3")
    _run(engine)
    engine.shop.order("4")
    engine.pull()
    _held(engine)
    _heard(engine)
    _asked(engine)
    return engine


def _bound(engine: Engine) -> None:
    for name, key in (("vault key", VAULT_KEY), ("subject key", SUBJECT_KEY)):
        engine.ledger.bind_key(name, key_fingerprint(key))
    with engine.ledger.begin() as connection:
        bind(engine.ledger, connection, "shop", {"home": "1"}, {"1": date(2026, 1, 1)})
        _warned(engine, connection)


def _run(engine: Engine) -> None:
    engine.pull()
    engine.plan()
    engine.approve()
    engine.apply()
    engine.push()
    engine.verify()


def _held(engine: Engine) -> None:
    holds, terms = Holds(engine.ledger), HoldTerms(HoldId.LEGAL_CLAIM, "a claim", "Disa Demo", engine.today)
    with engine.ledger.begin() as connection:
        known = (
            "SELECT identifier.digest FROM identifier JOIN record ON record.subject = identifier.subject "
            "ORDER BY record.id, identifier.digest LIMIT 1"
        )
        digest = connection.exec_driver_sql(known).scalar_one()
        holds.add(connection, terms, On(record=1))
        holds.add(connection, terms, On(digest=digest, key=engine.key))
        holds.release(connection, 1, by="Disa Demo")
        ref = Ref(adapter="shop", kind=Kind.SUBSCRIBER, id="s1")
        left = Record(
            ref=ref, version="1", facts=Facts(unsubscribed=engine.today), present=0,
            identifiers=(Identifier(type="email", digest=digest),),
        )  # fmt: skip
        Memory(engine.ledger).remember_objections(connection, [left], key=engine.key)
        _warned(engine, connection)
        engine.ledger.event(connection, "protocol", number="egg-2026-001", digest="d", of="d", head="")


def _warned(engine: Engine, connection: Connection) -> None:
    whom = Whom(record=1, ref=Ref(adapter="shop", kind=Kind.CUSTOMER, id="31"), code="account_to_warn")
    warnings = Warnings(engine.ledger)
    row = warnings.begin(connection, whom, Said(on=engine.today, by="Disa Demo", plan="1f0c9a2b77ab"))
    warnings.close(connection, row.id, WarningState.SENT, engine.today)


def _heard(engine: Engine) -> None:
    """A record that nobody could read and a person settled; a request that waits for a person."""
    unreads, lost = Unreads(engine.ledger), Ref(adapter="shop", kind=Kind.ORDER, id="9")
    with engine.ledger.begin() as connection:
        unreads.store(connection, [Unread(ref=lost, reason="unreadable", identifiers=())], walk=1)
        unreads.settle(connection, [1], by="Disa Demo")
    inbox = Inbox(engine.ledger, engine.outbox.vault)
    inbox.receive("shop", Heard(id="w-1", topic=Topic.DATA_REQUEST))
    with engine.ledger.begin() as connection:
        inbox.ask(connection, 1, "77")


def _asked(engine: Engine) -> None:
    """A person has asked to see what is kept; nothing of them is on record."""
    register = Register(engine.ledger, key=engine.key, vault=engine.outbox.vault)
    named = (Named(type="email", digest=b"d" * 32), Named(type="order", digest=b"e" * 32, record=4))
    new = NewRequest(
        kind=RequestKind.ACCESS, channel=Channel.EMAIL, received=engine.today, by="Disa Demo",
        clock=clock(engine.today), named=named, contact=Contact(email="someone@kund.example"),
    )  # fmt: skip
    with engine.ledger.begin() as connection:
        hold_for(register, connection, register.open(connection, new), by="Disa Demo")


def found(engine: Engine, connection: Connection) -> list[Break]:
    """Every break, as the holder of the seal key sees it."""
    return list(breaks(connection, engine.ledger.shop, sealed()))


@contextmanager
def by_hand(engine: Engine) -> Iterator[Connection]:
    """What somebody does to the file with a tool of their own; it is undone afterwards."""
    with engine.ledger.engine.connect() as connection:
        for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.rollback()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def texts(connection: Connection) -> str:
    """All that stands in the chain itself."""
    rows = connection.exec_driver_sql("SELECT type, detail FROM event").all()
    return json.dumps([list(row) for row in rows])
