"""Planning over a large index: what a dry run takes when few orders are due, and when all are decided anew.

Run: python -m benchmarks.plan [orders]. The index is filled straight with records; no shop is asked.
Three plans of one shop that keeps to its policy, and one of a shop that has never erased anything. The first
plan is held to a bare read and decode of the same rows with `decide` over them: what it takes beyond that is
people, counts, steps and the ledger's own writes.
"""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import select

from adapters.woocommerce.abilities import capabilities
from benchmarks.clients import NOON, ledger, policy
from benchmarks.machine import Figure, Spent, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY, TODAY, orders
from connector.deciding.terms import Terms
from connector.ledger import schema
from connector.ledger.index import Records
from connector.ledger.index.records import Met
from connector.ledger.index.rows import decode_record, with_subject
from connector.machine.garbage import without_cycle_search
from connector.plan import Limits
from connector.policy import Policy, decide
from connector.records import Kind, Record, to_bits
from connector.stages.plan import make_plan
from connector.verdicts import State

BATCH = 10_000
FEW_SHARE, FIRST_TIMES, MEGABYTES = 0.1, 1.5, 300.0
# A shop that kept to its policy until this many days ago.
BEHIND = timedelta(days=7)


def fill(folder: str, count: int, cleaned: bool) -> int:
    """Fills an index; `cleaned` leaves out what the policy would have taken by last week."""
    kept, source = ledger(folder), orders(count)
    if cleaned:
        source = _cleaned(source, policy("06-30"))
    records = Records(kept)
    while batch := list(islice(source, BATCH)):
        with kept.begin() as connection:
            records.store(connection, batch, Met(1), key=KEY)
    return count


def _cleaned(source: Iterator[Record], rules: Policy) -> Iterator[Record]:
    for record in source:
        verdict = decide(record, rules, today=TODAY - BEHIND)
        gone = to_bits(tuple(v.field for v in verdict.fields if v.field and v.state is State.DUE))
        yield replace(record, present=record.present & ~gone, unread=record.unread & ~gone)


def plan(folder: str, year_end: str, days: int = 0) -> dict[str, Any]:
    """Makes one plan, so many days on; returns its steps and how many records it would touch."""
    can = {("woocommerce", Kind.ORDER): capabilities(Kind.ORDER, {"delete_orders": True})}
    later = timedelta(days=days)
    made = make_plan(ledger(folder), Terms(
        policy=policy(year_end), capabilities=can, recipients=(), limits=Limits(), key=KEY,
        today=TODAY + later, now=NOON + later,
    ))  # fmt: skip
    return {
        "steps": sum(wave.steps for wave in made.waves),
        "touched": sum(t.delete + t.redact for t in made.totals.values()),
        "records": sum(t.records for t in made.totals.values()),
    }


def fill_bare(folder: str, count: int) -> int:
    """The same records in a bare table: a row each, a key on the number, nothing of people or changes."""
    place = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
    place.execute("PRAGMA journal_mode=WAL")
    place.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, remote_id TEXT UNIQUE, body BLOB)")
    source = orders(count)
    while batch := list(islice(source, BATCH)):
        place.execute("BEGIN")
        rows = ((record.ref.id, msgspec.json.encode(record)) for record in batch)
        place.executemany("INSERT INTO record (remote_id, body) VALUES (?, ?)", rows)
        place.execute("COMMIT")
    (found,) = place.execute("SELECT count(*) FROM record").fetchone()
    place.close()
    return int(found)


@without_cycle_search()
def decide_bare(folder: str, year_end: str) -> dict[str, int]:
    """Reads and decodes every row of an index and decides it; keeps nothing."""
    table, people, rules = schema.record, schema.subject, policy(year_end)
    chosen = select(table.c.body, people.c.facts).select_from(
        table.outerjoin(people, people.c.id == table.c.subject)
    )
    records = due = 0
    with ledger(folder).begin() as connection:
        for some in connection.execute(chosen, execution_options={"yield_per": BATCH}).partitions():
            for body, facts in some:
                verdict = decide(with_subject(decode_record(body), facts), rules, today=TODAY)
                due += any(field.state is State.DUE for field in verdict.fields)
                records += 1
    return {"records": records, "due": due}


def measure(count: int) -> list[Figure]:
    """The figures for an index of so many orders; the aims hold for a million."""
    with scratch() as folder:
        bare = apart("benchmarks.plan", "fill_bare", folder=str(folder), count=count)
        premise(bare.result == count, f"{bare.result:,} of {count:,} rows in the bare table")
        filled = apart("benchmarks.plan", "fill", folder=str(folder), count=count, cleaned=True)
        told = f"{filled.seconds:.1f} s, {filled.megabytes:.0f} MB; the bare table {bare.seconds:.1f} s"
        figures = [plain("index filled, against a bare insert", filled.seconds / bare.seconds, "times", told)]
        first = _planned(folder, year_end="06-30")
        bare = apart("benchmarks.plan", "decide_bare", folder=str(folder), year_end="06-30")
        premise(bare.result["records"] == first.result["records"] == count, "a plan left records out")
        spent = f"{bare.seconds:.1f} s, {bare.processor:.1f} s of it processor"
        told = f"{_told(first)}; the bare read and decisions {spent}"
        figures += [
            at_most(
                "first plan, against a bare read and decisions",
                first.seconds / bare.seconds, FIRST_TIMES, "times", told,
            ),
            plain("first plan, the same in processor time", first.processor / bare.processor, "times"),
            at_most("first plan: peak memory", first.megabytes, MEGABYTES, "MB"),
        ]  # fmt: skip
        few = _planned(folder, year_end="06-30", days=1)
        premise(0 < few.result["touched"] < 0.02 * count, f"{few.result['touched']:,} due a day later")
        figures += _beside_first("next day, few due", few, first, FEW_SHARE)
        anew = _planned(folder, year_end="12-31", days=1)
        premise(anew.result["touched"] > few.result["touched"], "another policy makes no more due")
        figures += _beside_first("another policy, all decided anew", anew, first, FIRST_TIMES)
    with scratch() as folder:
        apart("benchmarks.plan", "fill", folder=str(folder), count=count, cleaned=False)
        never = _planned(folder, year_end="12-31")
        premise(never.result["touched"] > 0.5 * count, "of a shop that never erased, most is not due")
        figures += _beside_first("nothing ever erased, most orders due", never, first, None)
    return figures


def _planned(folder: Path, **how: Any) -> Spent:
    return apart("benchmarks.plan", "plan", folder=str(folder), **how)


def _told(spent: Spent) -> str:
    return (
        f"{spent.result['touched']:,} of {spent.result['records']:,} due, {spent.result['steps']:,} steps; "
        f"{spent.seconds:.1f} s, {spent.processor:.1f} s of it processor"
    )


def _beside_first(name: str, spent: Spent, first: Spent, times: float | None) -> list[Figure]:
    """A later plan's time as so many times that of the first, and its memory."""
    memory = at_most(f"{name}: peak memory", spent.megabytes, MEGABYTES, "MB")
    ratio, name = spent.seconds / first.seconds, f"{name}, against the first plan"
    if times is None:
        return [plain(name, ratio, "times", _told(spent)), memory]
    return [at_most(name, ratio, times, "times", _told(spent)), memory]


def main() -> None:
    """Prints the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print("\n".join(about()))
    show(f"plan over {count:,} orders (no shop asked; SQLite)", measure(count))


if __name__ == "__main__":
    main()
