"""Applying: the time beside that of raw batches with the same bodies, and what running again costs.

Run: python -m benchmarks.apply [orders]. In `measured` mode, which waits as long as WooCommerce 10.5 on two
cores was measured to. Orders are fetched again, decided anew, written in batches and read back; each step
stands in the ledger. The raw batches are the very bodies that apply sent, sent anew to an equal shop on as
many connections, and their answers thrown away. Batches go side by side, so that reads are counted by how
long each held its connection, shared out over the connections: the looks before a batch, the looks again,
the controls, the read-back of the first record. The ledger is under a seal key, as `gallra init` sets it up;
its share is how often the apply is found in it. Notes are left out: they have no batch route, so each costs a
request of its own; and with them the orders that go whole, whose notes go first.
"""

import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from sqlalchemy import func, select

from adapters.woocommerce.platform import WooCommerce
from benchmarks.clients import NOON, ledger, policy, shop
from benchmarks.ledger import looked_at
from benchmarks.machine import Figure, about, apart, at_least, at_most, plain, premise, scratch, show
from benchmarks.orders import KEY, TODAY
from benchmarks.services import services
from connector.deciding.terms import Terms
from connector.errors import RetryLater
from connector.ledger import Ledger, Vault, schema
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Plans
from connector.plan import Limits
from connector.records import WAVE_ORDER, Action, Field, Kind, Outcome, Wave, to_bits
from connector.stages.apply import Means, Share
from connector.stages.apply import apply as carry_out
from connector.stages.plan import make_plan
from connector.stages.pull import Reading, pull
from connector.stages.verify import Asked, read_back_and_ask

ORDERS = 1_200
NOTES = to_bits((Field.STAFF_NOTES,))
# Most notes go in this wave; telephone numbers wait with them.
WITHOUT = frozenset({Wave.PHONE_NOTES})
Sent = tuple[str, str, Any]  # method, route, body
AGAINST_WRITES, AGAINST_ALL, AGAIN = 0.9, 0.8, 2.0
LEDGER, LEDGER_SHARE = "connector/ledger", 15.0


def prepare(folder: str, credentials: dict[str, Any]) -> dict[str, int]:
    """Pulls and plans; the orders that go whole are left out."""
    platform, kept = shop(credentials), ledger(folder, sealed=True)
    (came,) = pull(kept, Reading(platforms={platform.name: platform}, key=KEY), kinds=[Kind.ORDER])
    can = {(platform.name, Kind.ORDER): platform.capabilities(Kind.ORDER)}
    make_plan(kept, Terms(
        policy=policy(), capabilities=can, recipients=(), limits=Limits(), key=KEY, today=TODAY, now=NOON,
    ))  # fmt: skip
    plans = Plans(kept)
    with kept.begin() as connection:
        plan_id = plans.need(connection).id
        rows = list(plans.steps(connection, plan_id))
        left_out = {row.seq for row in rows if row.step.action is Action.DELETE or row.step.fields & NOTES}
        plans._update(connection, plan_id, sorted(left_out), state="closed")
    due = {row.record for row in rows if row.seq not in left_out and row.step.wave not in WITHOUT}
    return {"read": came.read, "due": len(due)}


class Timed:
    """A shop's platform that notes how long its reads hold a connection, and the bodies that it sends."""

    def __init__(self, platform: WooCommerce, cut_after: int | None = None) -> None:
        self._platform = platform
        self.side_by_side = platform.side_by_side  # from Python 3.12 on, __getattr__ is not asked
        self._write = platform._client.write
        platform._client.write = self._noted  # type: ignore[method-assign]
        line = platform._client.http._line
        self._exchange = line._exchanged
        line._exchanged = self._exchanged  # type: ignore[method-assign]
        self.bodies: list[Sent] = []
        self.reads: list[float] = []  # seconds each
        self._cut_after = cut_after
        self._calls = count()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def _noted(self, method: str, route: str, body: Any, **how: Any) -> Any:
        if self._cut_after is not None and next(self._calls) >= self._cut_after:  # lanes run side by side
            raise RetryLater("Cut. Run again.", adapter=self.name, operation="apply")
        answer = self._write(method, route, body, **how)
        self.bodies.append((method, route, body))
        return answer

    def _exchanged(self, request: Any) -> Any:
        """One exchange over a connection that is its own: what it waited for one is not counted."""
        began = time.perf_counter()
        response = self._exchange(request)
        if request.method == "GET":
            self.reads.append(time.perf_counter() - began)
        return response

    def read(self) -> float:
        """Seconds spent reading, shared out over the connections."""
        return sum(self.reads) / self._platform._client.http.connections


def apply(
    folder: str, credentials: dict[str, Any], cut_after: int | None = None, pulled: bool = False
) -> dict[str, Any]:
    """Applies what was planned and reads it back, or is cut off after so many batches.

    `pulled` reads what changed first, as `gallra apply` does: its time is not that of the apply.
    """
    platform, kept, rules = Timed(shop(credentials), cut_after), ledger(folder, sealed=True), policy()
    platforms: dict[str, Any] = {platform.name: platform}
    if pulled:
        pull(kept, Reading(platforms=platforms, key=KEY), kinds=[Kind.ORDER])
        platform.reads.clear()
    with kept.begin() as connection:
        row = Plans(kept).need(connection)
    waves = sorted({wave.wave for wave in row.plan.waves} - WITHOUT, key=WAVE_ORDER.__getitem__)
    outbox = Outbox(kept, Vault(bytes(32)))
    means = Means(ledger=kept, outbox=outbox, policy=rules, platforms=platforms, recipients=(), today=TODAY)
    began = time.perf_counter()
    try:
        with looked_at() as looks:
            done = carry_out(means, Share(row.id, tuple(waves)))
    except RetryLater:
        return {"sent": sum(_items(body) for _, _, body in platform.bodies)}
    applied, read = time.perf_counter() - began, platform.read()
    result = _verified(outbox, platforms, row.id)
    return {
        "touched": done.touched, "empty": _empty(kept),
        "sent": sum(_items(body) for _, _, body in platform.bodies),
        "bodies": platform.bodies, "apply": applied, "read": read,
        "looks": looks.all, "ledger": looks.share(LEDGER), "parts": looks.by_part,
        "processor": looks.processor.get(LEDGER, 0.0), **result,
    }  # fmt: skip


def _empty(kept: Ledger) -> int:
    """Records of which nothing was there any more: which have notes shows only when they are asked for."""
    table = schema.step
    gone = table.c.outcome == Outcome.ALREADY_GONE
    with kept.begin() as connection:
        return connection.scalar(select(func.count(table.c.record.distinct())).where(gone)) or 0


def _items(body: Any) -> int:
    return len(body["update"]) if isinstance(body, dict) and "update" in body else 0


def _verified(outbox: Outbox, platforms: dict[str, Any], plan_id: int) -> dict[str, Any]:
    began = time.perf_counter()
    result = read_back_and_ask(outbox, Asked(platforms=platforms), plan_id)
    return {"clean": result.clean, "left": result.left, "verify": time.perf_counter() - began}


def send_bare(credentials: dict[str, Any], bodies: list[Sent]) -> dict[str, float]:
    """Sends these bodies on as many connections, and does nothing with the answers."""
    client = shop(credentials)._client
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=client.http.connections) as pool:
        answers = pool.map(lambda one: client.write(*one, operation="bare"), bodies)
        size = sum(len(answer.content) for answer in answers)
    return {"seconds": time.perf_counter() - began, "bytes": size}


def measure(orders: int) -> list[Figure]:
    """The whole beside the raw batches, and a run that goes on after a cut."""
    with scratch() as folder, services(orders=orders, mode="measured") as running:
        account = running.credentials["woocommerce"]
        due = _prepared(folder, account, orders)
        done = apart("benchmarks.apply", "apply", folder=str(folder), credentials=account, pulled=True).result
    _premises(done, due)
    with services(orders=orders, mode="measured") as running:
        account = running.credentials["woocommerce"]
        bare = apart("benchmarks.apply", "send_bare", credentials=account, bodies=done["bodies"]).result
    told = f"{done['touched']} orders in {len(done['bodies'])} batches, {bare['seconds']:.1f} s bare"
    written = done["apply"] - done["read"]
    return [
        at_least("raw batches, against apply without its reads", bare["seconds"] / written, AGAINST_WRITES,
                 "times", f"{told}; {written:.1f} s, and {done['read']:.1f} s of reads"),
        at_least("raw batches, against apply", bare["seconds"] / done["apply"], AGAINST_ALL, "times"),
        at_most("the ledger's share of the apply", done["ledger"], LEDGER_SHARE, "percent", _parts(done)),
        plain("records read back clean", done["clean"], "records", f"{done['verify']:.1f} s"),
        _resumed(4 * orders),  # what a cut itself costs is the same whatever the size
    ]  # fmt: skip


def _prepared(folder: Any, account: dict[str, Any], orders: int) -> int:
    ready = apart("benchmarks.apply", "prepare", folder=str(folder), credentials=account).result
    premise(ready["read"] == orders, f"{ready['read']:,} of {orders:,} orders came")
    premise(ready["due"] > orders // 10, f"{ready['due']:,} of {orders:,} orders are due")
    return int(ready["due"])


def _premises(done: dict[str, Any], due: int) -> None:
    full, told = due - done["empty"], f"{due} orders were due, {done['empty']} of them empty"
    premise(done["empty"] * 100 <= due, told)
    premise(done["touched"] == full, f"{told}, {done['touched']} were touched")
    premise(done["sent"] == full, f"{told}, {done['sent']} were sent: {_sorts(done['bodies'])}")
    premise((done["clean"], done["left"]) == (due, 0), f"{done['clean']} of {due} read back clean")
    premise(
        done["looks"] >= 50 and 0 < done["ledger"] < 100,
        f"of {done['looks']} looks at the apply {done['ledger']:.0f} % found the ledger",
    )


def _parts(done: dict[str, Any]) -> str:
    """The parts of Gallra that most looks found the apply in, in percent."""
    most = sorted(done["parts"].items(), key=lambda part: -part[1])[:5]
    return f"{done['looks']:,} looks, {done['processor']:.2f} s of processor; " + ", ".join(
        f"{name or 'elsewhere'} {100 * count / done['looks']:.0f}" for name, count in most
    )


def _sorts(bodies: list[Sent]) -> dict[str, int]:
    return dict(Counter(f"{method} {re.sub('[0-9]+', 'ID', route)}" for method, route, _ in bodies))


def _resumed(orders: int) -> Figure:
    """A run that is cut off near its end, then run again: what is asked for what was already written.

    What is left is asked for as in any run, so that a run of that alone is taken off.
    """
    with scratch() as folder, services(orders=orders, mode="fast") as running:
        account = running.credentials["woocommerce"]
        due = _prepared(folder, account, orders)
        running.requests()
        whole = apart("benchmarks.apply", "apply", folder=str(folder), credentials=account)
        asked = sum(running.requests().values())
        due -= whole.result["empty"]
        last = max(at for at, sent in enumerate(whole.result["bodies"]) if _items(sent[2]))
    with scratch() as folder, services(orders=orders, mode="fast") as running:
        account = running.credentials["woocommerce"]
        _prepared(folder, account, orders)
        running.requests()
        cut = apart(
            "benchmarks.apply", "apply", folder=str(folder), credentials=account, cut_after=last
        ).result
        before = sum(running.requests().values())
        rest = apart("benchmarks.apply", "apply", folder=str(folder), credentials=account).result
        after = sum(running.requests().values())
    premise(0 < cut["sent"] < due, f"of {due} orders {cut['sent']} were written before the cut")
    premise(cut["sent"] + rest["sent"] == due, f"{cut['sent']} and {rest['sent']} of {due} were written")
    more = 100 * (before + after - asked) / cut["sent"]
    told = f"{before} and {after} requests, {asked} uninterrupted; {cut['sent']} orders before the cut"
    return at_most("requests for 100 orders already written, resumed", more, AGAIN, "requests", told)


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("apply (measured mode, notes left out)", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))


if __name__ == "__main__":
    main()
