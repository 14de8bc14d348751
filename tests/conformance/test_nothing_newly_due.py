"""An apply makes nothing due that was not due before it: every platform's own adapter over its stand-in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.ledger import schema
from connector.records import Wave
from connector.services.controls import holding
from sandbox import Sandbox
from tests.engine_support import Engine, make_engine
from tests.unit.adapters.shopify import test_flows as shopify
from tests.unit.adapters.woocommerce import conftest as woocommerce
from tests.unit.stages.test_nothing_newly_due import STARTED_BY_US, due, planned_due

PLATFORMS: dict[str, Callable[[Sandbox], Any]] = {
    "woocommerce": lambda box: woocommerce.platform_of(box, delete_orders=True),
    "shopify": lambda box: shopify.platform_of(box.shopify, delete_orders=True),
}
WAVES = [tuple(Wave), (Wave.EMAIL_ADDRESS,)]


@pytest.fixture(params=sorted(PLATFORMS))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine over the adapter of one platform, at the stand-in's own time."""
    with Sandbox(seed=7, orders=18, customers=6) as box:
        made = make_engine(tmp_path)
        made.clock.now = woocommerce.now()
        made.shop = holding(lambda: made.ledger, PLATFORMS[request.param](box))
        yield made
        made.ledger.engine.dispose()


@pytest.mark.parametrize("waves", WAVES, ids=lambda waves: "+".join(waves))
def test_an_apply_through_an_adapter_makes_nothing_due_that_was_not_due_before_it(
    engine: Engine, waves: tuple[Wave, ...]
) -> None:
    before = planned_due(engine)
    assert engine.apply(waves)
    engine.push()
    engine.verify()
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(state="finished"))
    engine.pull(full=True)
    engine.plan()
    new = {key: rule for key, rule in due(engine).items() if key not in before}
    assert {key: rule for key, rule in new.items() if rule not in STARTED_BY_US} == {}
