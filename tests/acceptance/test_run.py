"""Unattended: what cron calls, under a standing approval and without one."""

import re
import shlex
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from connector.errors import Exit
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop
from tests.support import REPOSITORY

STANDING = """
[approval]
by = "Disa Demo"
role = "owner"
on_behalf = "Kvarnbackens Kök AB"
evidence = "Minutes of the board, point 7"
on = {on}
until = {until}
version = "2026.2"
waves = [{waves}]
irreversible = [{irreversible}]
"""
ROOMY = "\n[limits]\nrecords = 100000\npercent = 100\njump = 1000\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SandboxShop]:
    """A small shop whose limits are wide, its listeners marked."""
    with Sandbox(seed=7, customers=12, orders=40) as box:
        made = make_shop(box, tmp_path / "shop")
        _add(made, ROOMY)
        made.mark_listeners()
        yield made


def _add(shop: SandboxShop, text: str) -> None:
    with shop.file.open("a", encoding="utf-8") as file:
        file.write(text)


EVERY_WAVE = '"traces", "phone_notes", "email_address", "accounts", "newsletter"'
EVERY_KIND = '"order", "customer", "subscriber", "review", "coupon", "cart"'


def _standing(
    shop: SandboxShop, *, until: date | None = None, waves: str = '"traces"', kinds: str = ""
) -> None:
    today = date.today()
    _add(
        shop,
        STANDING.format(
            on=today - timedelta(days=30),
            until=until or today + timedelta(days=30),
            waves=waves,
            irreversible=kinds,
        ),
    )


def _writes(shop: SandboxShop) -> dict[tuple[str, str], int]:
    """Every write the shop has answered; a check tries order 0, which cannot exist."""
    counts = shop.box.woocommerce.requests
    return {key: n for key, n in counts.items() if key[0] != "GET" and key != ("PUT", "/wc/v3/orders/<id>")}


def test_without_a_standing_approval_a_run_plans_and_waits(shop: SandboxShop) -> None:
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED
    assert said.out.startswith("Plan: ")
    assert "waits for approval" in said.out
    assert not shop.box.woocommerce.shop.php_log_lines


def test_a_standing_approval_carries_out_the_waves_it_names_and_no_other(shop: SandboxShop) -> None:
    _standing(shop)
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED, said.out + said.err
    assert "Applied: " in said.out
    assert "The standing approval does not cover phone_notes (" in said.out
    orders = shop.box.woocommerce.shop.orders.values()
    assert any(not order["customer_ip_address"] for order in orders)
    assert all(order["billing"]["email"] for order in orders if order["created_via"] != "pos")


def test_a_run_again_does_nothing_and_is_silent_when_asked(shop: SandboxShop) -> None:
    _standing(shop, waves=EVERY_WAVE, kinds=EVERY_KIND)
    # The first run deletes accounts; the names on their reviews follow in the second.
    first, second = (shop.gallra("run") for _ in range(2))
    assert (first.code, second.code) == (Exit.DONE, Exit.DONE)
    assert re.search(r"Applied: \d+ records of plan \w+\. Verified: \d+ read back, .*Written: ", first.out)
    assert re.search(r"protocol-\S+\.html", first.out)
    before = _writes(shop)
    said = shop.gallra("run", "--quiet")
    assert (said.code, said.out, said.err) == (Exit.DONE, "", "")
    assert _writes(shop) == before


def test_a_standing_approval_that_has_ended_does_not_hold(shop: SandboxShop) -> None:
    _standing(shop, until=date.today() - timedelta(days=1))
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED
    assert "it ended" in said.out


def test_records_that_go_whole_need_to_be_named_by_the_standing_approval(shop: SandboxShop) -> None:
    _standing(shop, waves='"accounts"')
    before = len(shop.box.woocommerce.shop.customers)
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED
    assert len(shop.box.woocommerce.shop.customers) == before


def test_a_policy_that_changes_suspends_the_standing_approval(shop: SandboxShop) -> None:
    _standing(shop)
    assert shop.gallra("run").code == Exit.BLOCKED
    _add(shop, '\n[policy.rules."T-09"]\nperiod = "60 days"\n')
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED
    assert "policy has changed" in said.out


def test_two_runs_of_a_shop_never_overlap(shop: SandboxShop) -> None:
    from connector.stages.flow import locked

    with locked(shop.open()):
        said = shop.gallra("run")
    assert said.code == Exit.TRY_LATER


def test_one_failing_shop_never_stops_the_rest_of_a_folder(shop: SandboxShop) -> None:
    (shop.folder / "aaa.toml").write_text('[shop]\nid = "aaa"\nname = "Aaa"\n', encoding="utf-8")
    said = shop.gallra("run", str(shop.folder))
    lines = {line.partition(":")[0]: line for line in said.out.splitlines() if ".toml:" in line}
    assert "platform.name" in lines["aaa.toml"]
    assert "Plan: " in lines["shop.toml"]
    assert said.code == Exit.ERROR


def test_status_says_what_awaits_approval_for_every_shop_of_a_folder(shop: SandboxShop) -> None:
    shop.gallra("run")
    page = shop.folder / "status.html"
    said = shop.gallra("status", str(shop.folder), "--html", str(page))
    assert "awaiting approval" in said.out
    assert "demo" in page.read_text(encoding="utf-8")


class _Heard(BaseHTTPRequestHandler):
    paths: list[str]

    def do_GET(self) -> None:
        """Remembers that it was called."""
        type(self).paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def pings() -> Iterator[tuple[str, list[str]]]:
    """A tiny server that remembers which addresses were called."""
    _Heard.paths = []
    server = HTTPServer(("127.0.0.1", 0), _Heard)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", _Heard.paths
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_run_pings_at_its_start_and_at_its_end(shop: SandboxShop, pings: tuple[str, list[str]]) -> None:
    url, paths = pings
    _add(shop, f'\n[alerts.ping]\nstart = "{url}/start"\nok = "{url}/ok"\nfail = "{url}/fail"\n')
    shop.gallra("run")
    assert paths == ["/start", "/fail"]
    paths.clear()
    _standing(shop, waves=EVERY_WAVE, kinds=EVERY_KIND)
    shop.gallra("run")
    assert paths == ["/start", "/ok"]


def test_a_ping_that_nobody_answers_does_not_fail_the_run(shop: SandboxShop) -> None:
    _add(shop, '\n[alerts.ping]\nstart = "http://127.0.0.1:9/start"\n')
    _standing(shop, waves=EVERY_WAVE, kinds=EVERY_KIND)
    assert shop.gallra("run").code == Exit.DONE


def test_the_approval_line_of_a_run_can_be_pasted_and_then_the_work_is_done(shop: SandboxShop) -> None:
    _standing(shop)
    said = shop.gallra("run")
    line = re.search(r"`gallra (approve [^`]+)`", said.out)
    assert line, said.out
    words = shlex.split(line[1].replace("NAME", "Disa").replace("ROLE", "owner"))
    assert "traces" not in words
    assert shop.gallra(*words).code == Exit.DONE
    assert shop.gallra("apply").code == Exit.DONE
    waiting = shop.gallra("run")
    assert (waiting.code == Exit.DONE) == ("does not cover" not in waiting.out)


def test_a_run_over_the_limits_writes_its_report_and_waits(shop: SandboxShop) -> None:
    text = shop.file.read_text(encoding="utf-8").replace("records = 100000", "records = 1")
    shop.file.write_text(text, encoding="utf-8")
    _standing(shop, waves=EVERY_WAVE, kinds=EVERY_KIND)
    said = shop.gallra("run")
    assert said.code == Exit.BLOCKED
    assert "Over the limits" in said.out
    assert list((shop.folder / "reports").glob("dry-run-*.html"))


def test_nothing_is_planned_approved_applied_or_run_under_a_policy_below_a_floor(shop: SandboxShop) -> None:
    shop.gallra("pull")
    preset = (REPOSITORY / "config" / "policies" / "swedish-webshop.toml").read_text(encoding="utf-8")
    kept = '[[rule.floor]]\nid = "F1"\nwhen = ["shop_is_archive"]\n'
    (shop.folder / "own.toml").write_text(preset.replace(kept, "", 1), encoding="utf-8")
    _add(shop, '\n[policy]\npreset = "own.toml"\n')
    before = _writes(shop)
    approving = ("approve", "K7F2", "--by", "Disa Demo", "--role", "owner")
    for words in (("plan",), approving, ("apply",), ("run",)):
        said = shop.gallra(*words)
        assert said.code == Exit.BLOCKED, words
        assert "GA104 T-01 name" in said.out + said.err
        assert "gallra policy lint" in said.out + said.err
    assert _writes(shop) == before


def test_a_run_that_is_blocked_says_why_on_stderr_beside_the_json(shop: SandboxShop) -> None:
    said = shop.gallra("run", "--json")
    assert said.code == said.json["exit"]["code"] == Exit.BLOCKED
    assert "waits for approval" in said.err
