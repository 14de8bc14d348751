"""Metrics: what a monitor reads of each shop, by file and over HTTP, and that it names nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
import responses
from prometheus_client.parser import text_string_to_metric_families

from adapters.http import Http
from connector.cli.common import load
from connector.ledger.run_ends import note_end
from connector.ports.traffic import counting
from connector.serve.metrics import as_text, metrics_text
from connector.serve.web import Application
from connector.views.metrics import Metrics
from tests.unit.serve.made import asked_of
from tests.unit.stages.telling import Telling

Labels = frozenset[tuple[str, str]]


@pytest.fixture
def shop(tmp_path: Path) -> Telling:
    """A shop of two orders that may go."""
    made = Telling(tmp_path)
    for id in ("1", "2"):
        made.memory.order(id)
    return made


def read(text: str) -> dict[tuple[str, str], float]:
    """Every value, by its name and what it is of beside the shop."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            other = [value for label, value in sample.labels.items() if label != "shop"]
            found[sample.name, "".join(other)] = sample.value
    return found


def figures(shop: Telling) -> dict[tuple[str, str], float]:
    """The shop's figures as a monitor reads them."""
    return read(metrics_text([shop.file], shop.open))


def test_a_shop_that_has_never_run_is_up_and_has_no_last_success(tmp_path: Path) -> None:
    found = figures(Telling(tmp_path))
    assert found["gallra_up", ""] == 1
    assert ("gallra_last_success_timestamp_seconds", "") not in found
    assert ("gallra_last_success_age_seconds", "") not in found
    assert not list(tmp_path.glob("*.sqlite"))


def test_after_a_run_the_figures_say_what_is_due_what_waits_and_how_long_it_took(shop: Telling) -> None:
    file = shop.folder / "gallra.prom"
    shop.gallra("run", "--metrics-file", str(file))
    found = read(file.read_text(encoding="utf-8"))
    assert found["gallra_due_records", ""] == 2
    assert found["gallra_held_records", ""] == 0
    assert found["gallra_waiting_approval_steps", ""] == 4
    assert found["gallra_overdue_deliveries", ""] == 0
    stages = {of for name, of in found if name == "gallra_run_stage_seconds"}
    assert stages == {"check", "finish", "pull", "objections", "plan", "apply", "push"}
    assert 0 <= found["gallra_last_success_age_seconds", ""] < 3600


def test_the_age_of_the_last_success_grows(shop: Telling) -> None:
    shop.gallra("run")
    before = figures(shop)
    shop.clock.now += timedelta(days=1)
    after = figures(shop)
    name = "gallra_last_success_timestamp_seconds", ""
    assert before[name] == after[name]
    grown = after["gallra_last_success_age_seconds", ""] - before["gallra_last_success_age_seconds", ""]
    assert grown >= 86_400


def test_a_run_that_failed_leaves_its_seconds_and_is_no_success(
    shop: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("connector.stages.run.plan_shop", broken)
    shop.gallra("run")
    found = figures(shop)
    assert ("gallra_last_success_timestamp_seconds", "") not in found
    assert {"check", "pull", "plan"} <= {of for name, of in found if name == "gallra_run_stage_seconds"}


def test_a_run_that_left_data_is_no_success_though_it_ran_through(shop: Telling) -> None:
    shop.gallra("run")
    before = figures(shop)
    opened = shop.open()
    note_end(opened.ledger, code=6, fault="", said="1 records still hold data")
    opened.ledger.engine.dispose()
    name = "gallra_last_success_timestamp_seconds", ""
    assert figures(shop)[name] == before[name]


def test_rounds_that_nobody_approved_wait_though_another_was(shop: Telling) -> None:
    for words in (("check",), ("pull",), ("plan",)):
        assert shop.gallra(*words).code == 0
    code = str(shop.gallra("show", "--json").json["digest"])[:8]
    said = shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner", "--wave", "traces")
    assert said.code == 0, said.err
    assert figures(shop)["gallra_waiting_approval_steps", ""] == 2


def test_what_a_recipient_was_not_told_in_time_is_overdue(tmp_path: Path) -> None:
    made = Telling(tmp_path)
    made.erased("1", "2")
    made.clock.now += timedelta(days=40)
    assert figures(made)["gallra_overdue_deliveries", ""] == 2


def test_a_shop_that_cannot_be_opened_is_down_and_stops_no_other(shop: Telling, tmp_path: Path) -> None:
    (tmp_path / "hen.toml").write_text("[shop", encoding="utf-8")
    text = metrics_text([tmp_path / "hen.toml", shop.file], lambda path: shop.open(path))
    assert 'gallra_up{shop="hen"} 0.0' in text
    assert 'gallra_up{shop="egg"} 1.0' in text


def test_no_figure_names_a_person(shop: Telling) -> None:
    shop.gallra("run")
    text = metrics_text([shop.file], shop.open)
    assert "@" not in text
    assert "kund.example" not in text


def test_a_file_of_figures_is_whole_and_can_be_read_by_a_monitor_under_another_user(shop: Telling) -> None:
    file = shop.folder / "gallra.prom"
    shop.file.write_text(
        shop.file.read_text(encoding="utf-8") + '\n[metrics]\nfile = "gallra.prom"\n', encoding="utf-8"
    )
    shop.gallra("run")
    assert file.stat().st_mode & 0o777 == 0o644
    assert read(file.read_text(encoding="utf-8"))["gallra_up", ""] == 1


def test_a_file_that_cannot_be_written_changes_nothing_of_the_run(shop: Telling) -> None:
    (shop.folder / "in the way").touch()
    said = shop.gallra("run", "--metrics-file", str(shop.folder / "in the way" / "gallra.prom"))
    assert said.code == shop.gallra("run").code
    assert "Warning: " in said.err
    assert "cannot be written" in said.err


def test_serve_shows_the_figures_at_metrics_to_who_asks_by_get() -> None:
    application = Application({}, figures=lambda: as_text([Metrics(shop="egg", due=3)]))
    status, body = asked_of(application, "/metrics")
    assert status == 200
    assert read(body.decode())["gallra_due_records", ""] == 3
    assert asked_of(application, "/metrics", "POST") == (405, b"")
    assert asked_of(application, "/other")[0] == 404


def test_serve_shows_no_figures_where_no_shop_names_an_address_for_them() -> None:
    assert asked_of(Application({}), "/metrics")[0] == 404


def test_figures_that_cannot_be_read_are_asked_for_again_later() -> None:
    def broken() -> str:
        raise RuntimeError("person1@kund.example")

    assert asked_of(Application({}, figures=broken), "/metrics") == (503, b"")


@responses.activate
def test_every_request_and_every_try_again_is_counted_by_service_and_by_run() -> None:
    responses.get("https://shop.example/a", status=503)
    responses.get("https://shop.example/a", json={})
    with counting() as first:
        http = Http(adapter="shop", base="https://shop.example", sleep=lambda _seconds: None)
    with counting() as second:
        http.request("GET", "a", operation="read")
    assert (dict(first.requests), dict(first.retries)) == ({"shop": 2}, {"shop": 1})
    assert (dict(second.requests), dict(second.retries)) == ({}, {})


def test_the_figures_of_a_shops_own_file_are_read_by_the_command_line_too(tmp_path: Path) -> None:
    assert 'gallra_up{shop="none"} 0.0' in metrics_text([tmp_path / "none.toml"], load)
