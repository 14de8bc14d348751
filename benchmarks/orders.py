"""Made-up orders as the index keeps them: twelve years, three to a person, seeded."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from connector.records import Facts, Field, Identifier, Kind, Record, Ref, to_bits

TODAY = date(2026, 11, 22)
KEY = "benchmark"
_DAYS = 12 * 365
_ALWAYS = (
    Field.NAME, Field.EMAIL, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS, Field.IP_ADDRESS,
    Field.USER_AGENT, Field.PAYMENT_REFERENCE,
)  # fmt: skip
_SOMETIMES = (
    (Field.PHONE, 0.9),
    (Field.CUSTOMER_NOTE, 0.2),
    (Field.TRACKING_NUMBER, 0.5),
    (Field.DOOR_CODE, 0.05),
)


def orders(count: int, seed: int = 1) -> Iterator[Record]:
    """Made-up orders in the order of their numbers, which is that of their dates."""
    rng = random.Random(seed)
    people = max(1, count // 3)
    for number in range(count):
        created = TODAY - timedelta(days=_DAYS - number * _DAYS // count)
        person = rng.randrange(people)
        yield Record(
            ref=Ref(adapter="woocommerce", kind=Kind.ORDER, id=str(5000 + number)),
            version=f"{created}T12:00:00",
            facts=_facts(rng, created),
            present=_present(rng),
            label=str(5000 + number),
            identifiers=(
                Identifier(type="email", digest=person.to_bytes(32, "big")),
                Identifier(type="phone", digest=(person + 2**64).to_bytes(32, "big")),
            ),
            copies=("email", "order", "order_number", "phone"),
            unread=to_bits((Field.STAFF_NOTES,)),
        )


def _present(rng: random.Random) -> int:
    return to_bits((*_ALWAYS, *(field for field, odds in _SOMETIMES if rng.random() < odds)))


def _facts(rng: random.Random, created: date) -> Facts:
    done = min(TODAY, created + timedelta(days=rng.randrange(1, 7)))
    odds = rng.random
    return Facts(
        created=created,
        modified=done,
        status="completed" if done < TODAY else "processing",
        paid=created,
        refunded=(min(TODAY, done + timedelta(days=rng.randrange(40))),) if odds() < 0.05 else (),
        completed=done if done < TODAY else None,
        payment=rng.choice(("invoice", "card", "other")),
        ship_to=rng.choice(("SE", "SE", "SE", "SE", "DE", "NO")),
        business=odds() < 0.1,
        has_transaction=True,
        final=done < TODAY,
        disputed=odds() < 0.005,
    )
