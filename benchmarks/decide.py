"""How many records a second `decide` judges on one core, with the whole preset.

Run: python -m benchmarks.decide [records]. Orders, customers and subscribers with dates spread
over twelve years, refunds, holds, OSS sales and broken financial years; made up, seeded.
"""

import os
import platform
import random
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from connector.calendar import FinancialYears
from connector.garbage import without_cycle_search
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, SubjectFacts, to_bits

TODAY = date(2026, 11, 22)
BATCH = 20_000
TARGET = 40_000
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


def main() -> None:
    """Prints the figures and what they were measured on."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seconds, fields, due = measure(count)
    rate = f"{count / seconds:,.0f} records/s"
    print(f"decide: {rate} ({count:,} records, {seconds:.1f} s of processor time; aim {TARGET:,})")
    print(f"        {fields:,} fields judged, {due:,} due; one core, preset swedish-webshop, {TODAY}")
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"        load of the machine meanwhile: {load} on {os.cpu_count()} cores")
    print(f"        Python {platform.python_version()}, {platform.machine()}, {platform.system()}")


if __name__ == "__main__":
    main()
