"""What a run works out once: the policy, what the lint says of it, and each transaction by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from connector import policy
from connector.errors import LedgerError, PolicyUnsound
from connector.ledger.plans import Plans
from connector.ledger.states import StepState
from connector.shop import Sound
from connector.stages.flow import plan_shop
from connector.views.lint import refusing
from connector.views.lint.refusing import must_be_sound
from tests.engine_support import Engine, make_engine
from tests.unit.stages.opened import Opened


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    made = Opened(tmp_path)
    made.memory.order("1")
    return made


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return make_engine(tmp_path)


def counted(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> list[str]:
    """Every call of a function of a module from now on."""
    calls: list[str] = []
    real: Callable[..., Any] = getattr(where, name)

    def noted(*args: Any, **words: Any) -> Any:
        calls.append(name)
        return real(*args, **words)

    monkeypatch.setattr(where, name, noted)
    return calls


def test_a_run_reads_the_policy_once_and_lints_it_once(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted(monkeypatch, policy, "read_policy")
    held = counted(monkeypatch, policy, "shortfalls")
    linted = counted(monkeypatch, refusing, "blockers")
    opened.gallra("run")
    assert opened.memory.batches == []  # it waits for an approval, so all of it was asked for
    assert (len(read), len(held), len(linted)) == (1, 1, 1)


def test_a_plan_is_made_under_no_other_policy_than_the_lint_has_read(opened: Opened) -> None:
    shop = opened.open()
    with pytest.raises(PolicyUnsound, match="another"):
        plan_shop(shop, Sound(digest="of another"))
    shop.ledger.engine.dispose()


def test_the_policy_is_bound_anew_once_a_check_says_what_it_could_not_read(tmp_path: Path) -> None:
    shop = Opened(tmp_path, attested=False).open()
    before = shop.policy
    shop.check_platforms()
    assert shop.policy is not before
    assert shop.policy is shop.policy
    assert must_be_sound(shop).digest == shop.policy.digest
    shop.ledger.engine.dispose()


def test_no_transaction_begins_inside_another(engine: Engine) -> None:
    with (
        engine.ledger.begin(),
        pytest.raises(LedgerError, match="inside another"),
        engine.ledger.begin(),
    ):
        pass


def test_a_transaction_may_begin_after_one_that_failed(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), engine.ledger.begin():
        raise ZeroDivisionError
    with engine.ledger.begin() as connection:
        assert engine.ledger.events(connection, "planned") == []


def test_another_thread_has_its_own_transaction(engine: Engine) -> None:
    def reads() -> list[Any]:
        with engine.ledger.begin() as connection:
            return list(engine.ledger.events(connection, "planned"))

    with engine.ledger.begin(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(reads).result() == []


def test_what_is_streamed_leaves_the_ledger_free_in_between(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    rows = Plans(engine.ledger).stream(engine.plan_id, states=(StepState.PLANNED,))
    assert next(rows).step.ref.id == "1"
    with engine.ledger.begin() as connection:
        assert len(engine.ledger.events(connection, "planned")) == 1
    assert {row.step.ref.id for row in rows} == {"1"}
