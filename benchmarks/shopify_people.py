"""Erasing whole people at Shopify: what a person costs in requests, read-back included.

Run: python -m benchmarks.shopify_people [people …]. The shop's own stages, as the commands call them. Of the
plan only the steps of so many people are left: their account, and each of their orders that is due. What a
run asks however many are in it (the check, the pull, the counts) is seen in a run of the same shop with one
person, and taken off with that person; polling is left out.
"""

import sys
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.clients import NOON
from benchmarks.machine import Figure, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import TODAY
from benchmarks.stand_in import Requests, StandIn, stand_in
from connector.cli.demo.settings import listener_text, shop_text, write_company
from connector.ledger import schema
from connector.ledger.index import Rows
from connector.ledger.plans import Plans
from connector.ledger.states import StepState
from connector.records import Kind
from connector.shop import Shop, open_shop
from connector.stages import flow
from connector.views.lint.refusing import must_be_sound

PEOPLE = (100, 1_000)
AIM = 4.0
# Not everyone's account is due (who takes the newsletter keeps theirs), and each has a few orders.
ORDERS_A_PERSON, CUSTOMERS_A_PERSON = 12, 6


def _opened(folder: str, credentials: dict[str, Any]) -> Shop:
    environ = {"DEMO_SHOPIFY_TOKEN": credentials["token"]}
    shop = open_shop(Path(folder) / "shop" / "shop.toml", environ=environ, clock=lambda: NOON)
    shop.platforms["shopify"].kinds = (Kind.ORDER, Kind.CUSTOMER)
    return shop


def prepare(folder: str, credentials: dict[str, Any], people: int) -> dict[str, int]:
    """Checks, pulls, plans and approves; leaves the steps of so many people in the plan."""
    place = Path(folder)
    write_company(place, TODAY)
    path = place / "shop" / "shop.toml"
    path.parent.mkdir()
    path.write_text(shop_text("shopify", {"shopify": credentials}), encoding="utf-8")
    listeners = _opened(folder, credentials).check()["shopify"].listeners
    with path.open("a", encoding="utf-8") as file:
        file.write(listener_text([{"id": one.id, "active": one.active} for one in listeners], TODAY))
    shop = _opened(folder, credentials)
    flow.pull_shop(shop, full=True)
    plan = flow.plan_shop(shop, must_be_sound(shop))
    word = flow.Word(by="Disa Demo", role="owner", first_run=True)
    flow.approve(shop, must_be_sound(shop), plan.code, word)
    return _leave(shop, people)


def _leave(shop: Shop, people: int) -> dict[str, int]:
    """Closes the steps of all but so many people; returns how many people and records are left."""
    plans = Plans(shop.ledger)
    with shop.ledger.begin() as connection:
        plan_id, _, _ = plans.need(connection)
        steps = list(plans.steps(connection, plan_id))
        rows = Rows(shop.ledger).rows(connection, sorted({step.record for step in steps}))
        accounts = [step.record for step in steps if step.step.ref.kind is Kind.CUSTOMER]
        chosen = list(dict.fromkeys(rows[record].subject for record in accounts))[:people]
        left = {record for record, row in rows.items() if row.subject in set(chosen)}
        gone = [step.seq for step in steps if step.record not in left]
        plans._update(connection, plan_id, gone, state="closed")
    return {"people": len(chosen), "records": len(left)}


def erase(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Applies what is left of the plan and reads it back."""
    shop = _opened(folder, credentials)
    touched = flow.apply_plan(shop, must_be_sound(shop)).touched
    result = flow.verify_shop(_opened(folder, credentials))
    table = schema.step
    under_way = select(func.count(table.c.record.distinct())).where(table.c.state == StepState.ACCEPTED)
    with shop.ledger.begin() as connection:
        accepted = connection.scalar(under_way) or 0
    return {"touched": touched, "clean": result.clean, "left": result.left, "accepted": accepted}


def measure(people: int) -> list[Figure]:
    """So many people, beside one."""
    asked, left, done = _run(people, people)
    one, _, _ = _run(1, people)
    premise(left["people"] == people, f"{left['people']} of {people} people have an account that is due")
    premise(done["touched"] == left["records"], f"{left['records']} records left, {done['touched']} touched")
    back = done["clean"] + done["accepted"]
    premise(done["left"] == 0 and back == left["records"], f"{done} of {left['records']} records")
    beside = one.all - one.polls
    each = (asked.all - asked.polls - beside) / (people - 1)
    told = f"{left['records']} records; {asked.told()}; {beside} requests with one person"
    return [
        at_most("requests a person", each, AIM, "requests", told),
        plain(
            "records read back", back, "records", f"{done['accepted']} accepted by Shopify, to be looked at"
        ),
    ]


def _run(people: int, shop: int) -> tuple[Requests, dict[str, int], dict[str, int]]:
    customers = shop * CUSTOMERS_A_PERSON
    with stand_in(shop * ORDERS_A_PERSON, customers=customers) as running, scratch() as folder:
        return _counted(running, {"folder": str(folder), "credentials": running.credentials}, people)


def _counted(
    running: StandIn, given: dict[str, Any], people: int
) -> tuple[Requests, dict[str, int], dict[str, int]]:
    left = apart("benchmarks.shopify_people", "prepare", **given, people=people).result
    running.requests()
    done = apart("benchmarks.shopify_people", "erase", **given).result
    return running.requests(), left, done


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    for people in [int(word) for word in sys.argv[1:]] or PEOPLE:
        show(f"{people:,} people erased at Shopify (fast)", measure(people))


if __name__ == "__main__":
    main()
