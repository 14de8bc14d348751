"""How many records a second `decide` judges on one core, with the whole preset.

Run: python -m benchmarks.decide [records]. Orders, customers and subscribers with dates spread
over twelve years, refunds, holds, OSS sales and broken financial years; made up, seeded.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from benchmarks.machine import Figure, about, apart, at_most, plain, premise, show
from connector.calendar import FinancialYears
from connector.machine.garbage import without_cycle_search
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, SubjectFacts, from_bits, to_bits

TODAY = date(2026, 11, 22)
BATCH = 20_000
TIMES, MILLION = 20.0, 1_000_000
FIRST_DAY = date(2014, 9, 1)
ORDER_FIELDS = to_bits(tuple(field for field in Field if field is not Field.BIRTH_DATE))
PERSON_FIELDS = to_bits((Field.NAME, Field.EMAIL, Field.PHONE, Field.BILLING_ADDRESS, Field.TAGS))


def preset() -> Policy:
    """The preset bound to a shop with a financial year that ends on 31 August."""
    years = FinancialYears.ending("08-31", 2014, 2028)
    context = ShopContext(financial_years=years, oss=((date(2021, 7, 1), None),))
    return load_policy("swedish-webshop", context=context)


def records(count: int, seed: int = 1) -> Iterator[Record]:
    """Made-up records: eight orders to one customer and one subscriber."""
    rng = random.Random(seed)
    for number in range(count):
        kind = (Kind.CUSTOMER, Kind.SUBSCRIBER)[number % 10] if number % 10 < 2 else Kind.ORDER
        facts = _order(rng) if kind is Kind.ORDER else _person(rng)
        present = ORDER_FIELDS if kind is Kind.ORDER else PERSON_FIELDS
        yield Record(
            ref=Ref(adapter="shop", kind=kind, id=str(number)),
            version=str(number),
            facts=facts,
            present=present & ~(1 << rng.randrange(20)),
        )


def _day(rng: random.Random, after: date = FIRST_DAY, within: int = 4450) -> date:
    return after + timedelta(days=rng.randrange(within))


def _order(rng: random.Random) -> Facts:
    created = _day(rng)
    paid = _day(rng, created, 40)
    sent = _day(rng, paid, 12)
    odds = rng.random
    return Facts(
        created=created,
        modified=_day(rng, sent, 300),
        status="completed",
        paid=paid,
        captured=(_day(rng, paid, 5),) if odds() < 0.5 else (),
        refunded=(_day(rng, sent, 700),) if odds() < 0.1 else (),
        shipped=sent if odds() < 0.6 else None,
        delivered=_day(rng, sent, 20) if odds() < 0.5 else None,
        completed=sent if odds() < 0.8 else None,
        payment=rng.choice(("invoice", "card", "other")),
        ship_to=rng.choice(("SE", "SE", "SE", "DE", "NO")),
        business=odds() < 0.1,
        company=odds() < 0.08,
        final=odds() < 0.985,
        owed=odds() < 0.01,
        return_open=odds() < 0.01,
        disputed=odds() < 0.003,
        holds=(HoldId.LEGAL_CLAIM,) if odds() < 0.002 else (),
        subject=SubjectFacts(has_account=odds() < 0.5, last_purchase=created),
    )


def _person(rng: random.Random) -> Facts:
    created = _day(rng)
    return Facts(
        created=created,
        subscribed=created,
        last_login=_day(rng, created, 400) if rng.random() < 0.5 else None,
        last_purchase=_day(rng, created, 400),
        last_click=_day(rng, created, 500),
        basis=rng.choice(("consent", "soft_optin")),
        unsubscribed=_day(rng, created, 900) if rng.random() < 0.1 else None,
        balance=rng.random() < 0.02,
        subject=SubjectFacts(last_purchase=created, open_orders=int(rng.random() < 0.05)),
    )


@without_cycle_search()
def measure(count: int) -> tuple[float, int, int]:
    """Seconds of processor time spent deciding as planning does, fields judged and fields due."""
    policy = preset()
    source = records(count)
    seconds, fields, due = 0.0, 0, 0
    while batch := list(islice(source, BATCH)):
        started = time.process_time()
        verdicts = [decide(record, policy, today=TODAY) for record in batch]
        seconds += time.process_time() - started
        fields += sum(len(verdict.fields) for verdict in verdicts)
        due += sum(field.state == "due" for verdict in verdicts for field in verdict.fields)
    return seconds, fields, due


def _looped(count: int) -> float:
    """Processor seconds of a plain loop over the same records: one comparison of dates a field."""
    seconds, past = 0.0, 0
    source = records(count)
    while batch := list(islice(source, BATCH)):
        started = time.process_time()
        for record in batch:
            for _ in from_bits(record.present):
                past += record.facts.created is not None and record.facts.created < TODAY
        seconds += time.process_time() - started
    premise(past > 0, "no field of any record is of the past")
    return seconds


def figures(count: int) -> list[Figure]:
    """The pace of deciding, and as so many times a plain loop over the same fields."""
    seconds, fields, due = apart("benchmarks.decide", "measure", count=count).result
    looped = apart("benchmarks.decide", "_looped", count=count).result
    premise(0 < due < fields, f"of {fields:,} fields judged {due:,} are due")
    told, name = f"{fields:,} fields judged, {due:,} due", "against a plain loop over the same fields"
    ratio = seconds / looped
    return [
        plain("records judged", count / seconds, "records/s", told),
        # What was judged once is remembered, so that few records cost more each.
        at_most(name, ratio, TIMES, "times") if count >= MILLION else plain(name, ratio, "times"),
    ]


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    show(f"decide {count:,} records (preset swedish-webshop)", figures(count))


if __name__ == "__main__":
    main()
