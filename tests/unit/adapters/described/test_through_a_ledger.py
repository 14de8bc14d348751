"""A described recipient through a whole run: what it was asked for is kept, and never called more."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connector.ledger import schema
from connector.plan import Step, Why, told
from connector.records import Action, Kind, Ref, Wave
from sandbox.box import Sandbox
from tests.engine_support import Engine
from tests.unit.adapters.described.told import built


@pytest.fixture(name="box")
def _box() -> Iterator[Sandbox]:
    with Sandbox(customers=3, orders=3, today=date(2026, 11, 22)) as box:
        yield box


def asked(engine: Engine, box: Sandbox, folder: Path, name: str, *keys: str) -> Engine:
    """An account of the shop is gone, and this recipient is still to be told."""
    running = getattr(box, name.replace("-", "_"))
    own: dict[str, Any] = {key: getattr(running, key) for key in ("url", *keys)}
    engine.recipients = [built(name, folder, clock=engine.clock, **own)]  # type: ignore[list-item]
    engine.shop.customer("7")
    engine.pull()
    engine.plan()
    engine.apply()
    return engine


def states(engine: Engine) -> list[str]:
    return [state for _, _, state, _ in engine.deliveries()]


def test_a_profile_that_goes_in_days_waits_and_is_done_once_it_is_gone(
    engine: Engine, box: Sandbox, tmp_path: Path
) -> None:
    box.klaviyo.shop.profiles["01KX"] = {"email": "person7@kund.example", "suppression": []}
    box.klaviyo.shop.slow = True
    asked(engine, box, tmp_path, "klaviyo", "key").push()
    assert "waiting" in states(engine)
    box.klaviyo.shop.slow = False
    box.klaviyo.shop.profiles.pop("01KX")
    engine.clock.turn(days=1)
    engine.push()
    engine.verify()
    with engine.ledger.begin() as connection:
        table = schema.delivery
        row = connection.execute(select(table).where(table.c.act == "erase")).one()
    assert (row.state, row.outcome, row.seen) == ("closed", "done", "gone")
    assert not engine.breaks()


def mandates(engine: Engine, folder: Path, rule: str) -> list[str]:
    """What a recipient with a mandate is asked to stop by an account that goes under the preset."""
    recipient = built("acme", folder, account="7", key="k")
    step = Step(
        ref=Ref(adapter="shop", kind=Kind.CUSTOMER, id="7"), label="7", wave=Wave.ACCOUNTS,
        action=Action.DELETE, fields=0, copies=("customer",),
        why=(Why(field="record", rule=rule, since=None, clock="", clock_date=None, recipients=("MC",)),),
    )  # fmt: skip
    after = engine.policy.after_contract
    passed = told(step, recipient.interests, "MC", after_contract=after)
    return [str(one.act) for one in passed]


def test_a_mandate_ends_only_by_a_rule_under_which_nothing_goes_while_a_contract_runs(
    engine: Engine, tmp_path: Path
) -> None:
    assert "H7" in engine.policy.rule("T-20").holds
    assert "H7" not in engine.policy.rule("T-25").holds
    assert mandates(engine, tmp_path, "T-20") == ["notify", "stop"]
    assert mandates(engine, tmp_path, "T-25") == ["notify"]
    assert engine.policy.rule("T-20").wave == Wave.ACCOUNTS
