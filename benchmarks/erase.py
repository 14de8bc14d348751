"""A hundred people erased from Mailchimp: planned, deleted for good, read back, each step in the ledger.

Run: python -m benchmarks.erase [people]. In `fast` mode: the service answers at once.
"""

import sys
from http import HTTPStatus
from typing import Any

import requests

from adapters.mailchimp.build import build_platform
from benchmarks.clients import KEYER, NOON, ledger, policy
from benchmarks.machine import Figure, about, apart, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY, TODAY
from benchmarks.services import services
from connector.deciding.terms import Terms
from connector.ledger import Vault
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Plans
from connector.plan import Limits
from connector.records import Action
from connector.stages.apply import Means, Share, apply
from connector.stages.plan import make_plan
from connector.stages.pull import Reading, pull
from connector.stages.verify import Asked, read_back_and_ask

PEOPLE = 100


def read(folder: str, credentials: dict[str, Any]) -> int:
    """Pulls the audience into the ledger of a folder."""
    platform = _platform(credentials)
    came = pull(ledger(folder), Reading(platforms={platform.name: platform}, key=KEY))
    return sum(one.read for one in came)


def _platform(credentials: dict[str, Any]) -> Any:
    settings = {
        "key": credentials["key"], "url": credentials["url"], "lists": [credentials["list_id"]],
        "stores": [],
    }  # fmt: skip
    return build_platform(settings, keyer=KEYER, clock=lambda: NOON)


def erase(folder: str, credentials: dict[str, Any], people: int) -> dict[str, int]:
    """Plans, erases so many people and reads them back."""
    platform, kept, rules = _platform(credentials), ledger(folder), policy()
    platforms = {platform.name: platform}
    table = {(platform.name, kind): platform.capabilities(kind) for kind in platform.kinds}
    plans, outbox = Plans(kept), Outbox(kept, Vault(bytes(32)))
    terms = Terms(
        policy=rules, capabilities=table, recipients=(), limits=Limits(), key=KEY, today=TODAY, now=NOON
    )
    made = make_plan(kept, terms)
    with kept.begin() as connection:
        plan_id = plans.need(connection).id
        deletions = [s.seq for s in plans.steps(connection, plan_id) if s.step.action is Action.DELETE]
        plans._update(connection, plan_id, deletions[people:], state="closed")
    means = Means(ledger=kept, outbox=outbox, policy=rules, platforms=platforms, recipients=(), today=TODAY)
    done = apply(means, Share(plan_id, tuple(wave.wave for wave in made.waves)))
    result = read_back_and_ask(outbox, Asked(platforms=platforms), plan_id)
    return {"touched": done.touched, "clean": result.clean, "left": result.left}


def loop(credentials: dict[str, Any], people: int) -> int:
    """The same calls in a plain loop: of each of so many living people a look, the deletion, a look."""
    base = f"{credentials['url']}/3.0/lists/{credentials['list_id']}/members"
    with requests.Session() as session:
        session.auth = ("loop", credentials["key"])
        asked = {"status": "subscribed", "count": f"{people}", "fields": "members.id"}
        page = session.get(base, params=asked)
        gone = 0
        for member in [f"{base}/{row['id']}" for row in page.json()["members"]]:
            session.get(member, params={"fields": "status"}).raise_for_status()
            session.post(f"{member}/actions/delete-permanent").raise_for_status()
            gone += session.get(member, params={"fields": "status"}).status_code == HTTPStatus.NOT_FOUND
    return gone


def measure(people: int) -> list[Figure]:
    """Time and memory of the whole, and its time beside a plain loop of the calls it cannot do without."""
    with scratch() as folder, services(orders=4_000, customers=4_000, mode="fast") as running:
        account = running.credentials["mailchimp"]
        read_ = apart("benchmarks.erase", "read", folder=str(folder), credentials=account)
        running.requests()
        spent = apart("benchmarks.erase", "erase", folder=str(folder), credentials=account, people=people)
        asked = running.requests()
        bare = apart("benchmarks.erase", "loop", credentials=account, people=people)
    premise(bare.result == people, f"a plain loop was to erase {people} people, and {bare.result} were gone")
    deleted = sum(count for route, count in asked.items() if route.endswith("actions/delete-permanent"))
    clean, left = spent.result["clean"], spent.result["left"]
    premise(deleted == people, f"{people} people were to be erased, {deleted} were")
    premise((clean, left) == (people, 0), f"{clean} of {people} read back clean, {left} with data")
    told = f"{deleted} deleted, {clean} read back clean, {spent.processor:.1f} s of processor"
    return [
        at_most(f"{deleted} people erased and read back", spent.seconds, 3, "s", told),
        at_most("peak memory", spent.megabytes, 150, "MB"),
        plain("planned, erased and read back, beside a plain loop", spent.seconds / bare.seconds, "times",
              f"the loop took {bare.seconds:.2f} s for {3 * people} calls"),
        plain("requests", sum(asked.values()), "requests", f"audience of {read_.result:,}"),
    ]


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("people erased from Mailchimp (fast)", measure(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))


if __name__ == "__main__":
    main()
