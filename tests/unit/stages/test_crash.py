"""The process ends at any commit and any remote call; run again, the same end is reached."""

import itertools
from pathlib import Path

import pytest
from hypothesis import settings

from connector.errors import PlanError
from connector.ports import Act
from connector.records import Field, Kind, Outcome, Wave
from connector.stages.abandon import abandon
from tests.engine_support import (
    LAST_YEAR,
    Crash,
    Engine,
    MemoryRecipient,
    Mortal,
    make_engine,
    reopen,
)

SHARDS = 2
# Every point at night, a sample else: `make crash` kills real processes at every one.
EVERY = 1 if settings().max_examples > 1000 else 6
SETTLED = ("done", "already_gone")


def prepared(folder: Path) -> Engine:
    """Orders, an account and two recipients, pulled and planned."""
    engine = make_engine(folder)
    engine.recipients.append(
        MemoryRecipient("letter", "SH", act=Act.NOTIFY, handle="order", fields=frozenset({Field.PHONE}),
                        outcome=Outcome.NOTIFIED)
    )  # fmt: skip
    for number in range(2):
        engine.shop.order(str(number), phone=f"070123456{number}")
    engine.shop.order("4", LAST_YEAR, phone="0701234569")
    engine.shop.customer("90")
    engine.pull()
    engine.plan()
    return engine


def finish(engine: Engine) -> None:
    """What an operator, or cron, runs after a crash."""
    engine.pull()
    engine.apply()
    engine.push()
    engine.verify()


def the_end(engine: Engine) -> tuple[object, ...]:
    """What must not depend on where a process ended."""
    steps = {key: outcome in SETTLED for key, (_, outcome) in engine.steps().items()}
    left = {(h.ref.id, f) for h in engine.shop.held.values() for f, text in h.values.items() if text}
    told = {(r.name, *one) for r in engine.recipients for one in r.told}
    return steps, left, told, sorted((name, ref, state) for name, ref, state, _ in engine.deliveries())


def crashed_at(folder: Path, point: int) -> tuple[bool, Engine]:
    """Prepares, dies at a point, runs again: whether there was such a point, and the second process."""
    engine = prepared(folder)
    engine.watch(Mortal(point))
    struck = False
    try:
        engine.apply()
        engine.push()
        engine.verify()
    except Crash:
        struck = True
    again = reopen(engine, folder)
    assert again.breaks() == [], f"died at point {point}"
    finish(again)
    return struck, again


@pytest.fixture
def unharmed(tmp_path: Path) -> tuple[object, ...]:
    """The end of a run that nothing disturbed."""
    folder = tmp_path / "unharmed"
    folder.mkdir()
    engine = prepared(folder)
    finish(engine)
    return the_end(engine)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_process_that_ends_anywhere_and_runs_again_reaches_the_same_end(
    tmp_path: Path, unharmed: tuple[object, ...], shard: int
) -> None:
    for point in itertools.count(shard + 1, SHARDS * EVERY):
        folder = tmp_path / str(point)
        folder.mkdir()
        struck, engine = crashed_at(folder, point)
        assert the_end(engine) == unharmed, f"died at point {point}"
        assert not [d for d in engine.deliveries() if d[3]], f"a handle was left sealed after {point}"
        before = [list(r.told) for r in engine.recipients], len(engine.shop.written)
        finish(engine)
        assert ([list(r.told) for r in engine.recipients], len(engine.shop.written)) == before
        assert engine.breaks() == [], f"died at point {point}, and ran again"
        engine.ledger.engine.dispose()
        if not struck:
            assert point > 30
            return


def test_a_handle_is_on_disk_and_sealed_before_its_record_is_touched(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    seen: list[list[tuple[str, str, str, bool]]] = []
    engine.shop.before_apply = lambda _tasks: seen.append(engine.deliveries())
    engine.apply()
    assert ("mailer", "1", "held", True) in seen[0]
    assert not any(state != "held" for _, ref, state, _ in seen[1] if ref == "2")
    assert ("mailer", "2", "held", True) in seen[1]


def test_half_an_apply_that_is_abandoned_leaves_no_unused_handle(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    engine.shop.mortal = Mortal(2)  # dies before the first write
    with pytest.raises(Crash):
        engine.apply()
    assert any(sealed for *_, sealed in engine.deliveries())
    engine.shop.mortal = Mortal()
    abandon(engine.ledger, engine.outbox, {engine.shop.name: engine.shop})
    assert not any(sealed for *_, sealed in engine.deliveries())
    assert engine.plan().waves


def test_trying_one_order_of_a_begun_plan_does_not_end_it_with_handles_still_sealed(engine: Engine) -> None:
    engine.shop.order("1")
    engine.shop.order("2")
    engine.pull()
    engine.plan()
    engine.shop.mortal = Mortal(2)  # dies before the first write, its handle sealed
    with pytest.raises(Crash):
        engine.apply()
    engine.shop.mortal = Mortal()
    engine.apply(only="#2")
    assert ("mailer", "1", "held", True) in engine.deliveries()
    with pytest.raises(PlanError, match="has begun"):
        engine.plan()


def test_a_wave_that_is_not_approved_is_not_touched(engine: Engine) -> None:
    engine.shop.order("1", phone="0701234567")
    engine.pull()
    engine.plan()
    engine.apply([Wave.TRACES])
    held = engine.shop.of("1").values
    assert Field.IP_ADDRESS not in held
    assert {Field.NAME, Field.EMAIL, Field.PHONE} <= held.keys()
    assert engine.outcome("1", Wave.EMAIL_ADDRESS) == "planned"
    assert engine.shop.of("1", Kind.ORDER).money == "100.00"
