"""Some steps of a plan at a time, for whoever looks at it: by number, and where those of each rule lie."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from connector.ledger import schema
from connector.ledger.plans.rows import StepRow, rules_of, step_row
from connector.ledger.store import Ledger, in_chunks
from connector.records import Wave

_TOGETHER = 5_000
FOUND_MOST = 50
"""Steps of one order's number that are shown."""


class OfRules(NamedTuple):
    """One step: its number, its round, and the rules that it rests on."""

    seq: int
    wave: Wave
    rules: tuple[str, ...]


class StepPages:
    """The steps of one shop's plans, some at a time; nothing is ever held whole."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def rules(self, plan_id: int) -> Iterator[OfRules]:
        """Every step's round and rules, in order; streamed."""
        table, after = schema.step, -1
        chosen = select(table.c.seq, table.c.wave, table.c.why).where(table.c.plan == plan_id)
        while True:
            with self._ledger.begin() as connection:
                here = chosen.where(table.c.seq > after).order_by(table.c.seq).limit(_TOGETHER)
                rows = connection.execute(here).all()
            if not rows:
                return
            after = rows[-1].seq
            for seq, wave, why in rows:
                yield OfRules(seq, Wave(wave), rules_of(why))

    def some(self, connection: Connection, plan_id: int, seqs: Sequence[int]) -> list[StepRow]:
        """The steps of these numbers, in order."""
        table, found = schema.step, list[StepRow]()
        for few in in_chunks(sorted(seqs)):
            here = select(table).where(table.c.plan == plan_id, table.c.seq.in_(few)).order_by(table.c.seq)
            found += map(step_row, connection.execute(here))
        return found

    def of_number(self, connection: Connection, plan_id: int, number: str) -> list[StepRow]:
        """The steps of the records that the merchant knows by this number, or that have it as their id."""
        table = schema.step
        named = (table.c.label == number) | (table.c.remote_id == number)
        here = select(table).where(table.c.plan == plan_id, named).order_by(table.c.seq).limit(FOUND_MOST)
        return [step_row(row) for row in connection.execute(here)]

    def records(self, connection: Connection, plan_id: int, seqs: Sequence[int]) -> list[int]:
        """The records' rows of these steps, each once."""
        table, found = schema.step, dict[int, None]()
        for few in in_chunks(sorted(seqs)):
            here = select(table.c.record).where(table.c.plan == plan_id, table.c.seq.in_(few))
            found.update(dict.fromkeys(connection.scalars(here)))
        return list(found)
