"""What a job does is what `gallra run` does: the shop's own reports, exit codes, lock and ledger."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.fleet.database import Connection
from connector.fleet.shops import now_of, rows
from connector.machine.lock import only_run
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A small made-up shop."""
    with Sandbox(seed=7, customers=12, orders=30, today=date.today()) as running:
        yield running


@pytest.fixture
def shop(
    box: Sandbox, tmp_path: Path, url: str, database: Connection, monkeypatch: pytest.MonkeyPatch
) -> SandboxShop:
    """The shop, in the fleet, and due now."""
    monkeypatch.setenv("GALLRA_FLEET_URL", url)
    made = make_shop(box, tmp_path)
    with made.file.open("a") as file:
        file.write('\n[schedule]\ncron = "15 3 * * *"\n')
    assert made.gallra("fleet", "add", str(made.file)).code == 0
    database.execute("UPDATE gallra_fleet_shops SET next_due = now()")
    return made


def test_a_job_runs_the_shop_as_gallra_run_does_and_writes_when_it_is_due_again(
    shop: SandboxShop, database: Connection
) -> None:
    said = shop.gallra("fleet", "work", "--once")
    assert said.code == 0
    [row] = rows(database)
    assert row.code == 4  # a first plan waits for a person
    assert f"(exit code {row.code})" in said.err
    assert list(shop.folder.glob("reports/*.html"))
    assert row.next_due is not None
    assert row.next_due > now_of(database)
    again = shop.gallra("run", "shop.toml")
    assert again.code == row.code
    status = shop.gallra("status", "shop.toml", "--json").json["shops"][0]
    assert status["last_run"]


def test_a_job_that_finds_the_shop_locked_ends_with_75_and_comes_back(
    shop: SandboxShop, database: Connection
) -> None:
    ledger = shop.open().settings.ledger.path
    with only_run(Path(f"{ledger}.lock"), "elsewhere"):
        assert "Another run of shop" in shop.gallra("fleet", "work", "--once").err
    [row] = rows(database)
    assert (row.code, row.tries, row.wants) == (75, 1, "nightly")
    assert row.next_due is not None
    assert timedelta() < row.next_due - now_of(database) <= timedelta(minutes=1)


def _everything(database: Connection) -> str:
    """All that stands in the queue's and the fleet's tables."""
    found = database.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert len(found) >= 6
    return "\n".join(
        str(database.execute(f'SELECT to_jsonb(t) FROM "{name}" t'.encode()).fetchall()) for (name,) in found
    )


def test_no_person_and_no_secret_stands_in_the_database_or_is_said(
    shop: SandboxShop, box: Sandbox, database: Connection
) -> None:
    [row] = rows(database)
    assert shop.gallra("fleet", "run", row.id, "--request", "R-234567").code == 0
    whole = _everything(database)
    assert f"shop:{row.id}/request:R-234567" in whole
    said = shop.gallra("fleet", "work", "--once", "--jobs", "2")
    whole += _everything(database) + said.out + said.err
    people = [one["billing"] for one in box.woocommerce.shop.orders.values()]
    canaries = {str(one[part]) for one in people for part in ("email", "phone", "last_name", "address_1")}
    canaries |= {value for key, value in shop.environ.items() if key != "GALLRA_SHOP"}
    found = {one for one in canaries if len(one) > 3 and one in whole}
    assert len(canaries) > 20
    assert found == set()
