"""The process is killed at moments nobody chose; run again, the same end is reached."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings

from connector.errors import Exit
from connector.ledger.plans import Plans
from connector.records import Outcome
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop

SEED = 7
KILLS = 4 if settings().max_examples > 1000 else 2  # more at night
SETTLED = {Outcome.DONE, Outcome.ALREADY_GONE, Outcome.STOPPED}


def start() -> Sandbox:
    return Sandbox(seed=SEED, customers=30, orders=150)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with start() as running:
        yield running


def left_in_the_shop(box: Sandbox) -> dict[str, object]:
    """What the shop holds, without the moments at which it was written."""
    kept = box.woocommerce.shop
    rows = {f"order {n}": o for n, o in kept.orders.items()} | {
        f"account {n}": c for n, c in kept.customers.items()
    }
    # Each order's placeholder address is drawn at random.
    text = re.sub(rb"order-[0-9a-f]{16}@", b"order@", msgspec.json.encode(rows))
    plain = msgspec.json.decode(text)
    for row in plain.values():
        for name in [n for n in row if n.startswith("date_modified")]:
            del row[name]
    return {**plain, "notes": sorted((n, len(found)) for n, found in kept.notes.items() if found)}


def outcomes(shop: SandboxShop) -> dict[tuple[str, str, str], bool]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plans = Plans(opened.ledger)
        rows = plans.steps(connection, plans.need(connection)[0])
        return {(r.step.ref.kind, r.step.ref.id, r.step.wave): r.outcome in SETTLED for r in rows}


def deliveries(shop: SandboxShop) -> list[tuple[object, ...]]:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        rows = opened.outbox.counts(connection)
    return sorted((r[0], r[1], r[2] in ("held", "ready"), r[6]) for r in rows)


def finish(shop: SandboxShop) -> None:
    for word in ("apply", "push", "verify"):
        said = shop.gallra(word)
        assert said.code == Exit.DONE, (word, said.err)


def killed_after(shop: SandboxShop, served: int) -> bool:
    """Starts an apply and kills it once the shop has answered so often; whether it was still running."""
    requests = shop.box.woocommerce.requests
    enough = sum(requests.values()) + served
    running = subprocess.Popen(
        [sys.executable, "-m", "connector", "apply", str(shop.file)],
        env=os.environ | shop.environ, cwd=shop.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while running.poll() is None and sum(requests.values()) < enough:
        time.sleep(0.002)
    if running.poll() is not None:
        return False
    running.send_signal(signal.SIGKILL)
    running.wait()
    return True


def test_an_apply_that_is_killed_again_and_again_ends_as_one_that_never_was(
    box: Sandbox, tmp_path: Path
) -> None:
    with start() as calm:
        unharmed = make_shop(calm, tmp_path / "calm")
        unharmed.ready()
        before = sum(calm.woocommerce.requests.values())
        finish(unharmed)
        whole = sum(calm.woocommerce.requests.values()) - before
        expected = left_in_the_shop(calm), outcomes(unharmed), deliveries(unharmed)
    shop = make_shop(box, tmp_path / "killed")
    shop.ready()
    chance = random.Random(SEED)
    killed = sum(killed_after(shop, chance.randint(20, whole // 4)) for _ in range(KILLS))
    assert killed
    finish(shop)
    assert left_in_the_shop(box) == expected[0]
    assert outcomes(shop) == expected[1]
    assert [d for d in deliveries(shop) if d[2]] == [d for d in expected[2] if d[2]] == []
    assert shop.gallra("plan").code == Exit.DONE
