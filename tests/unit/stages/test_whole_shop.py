"""The commands of one shop on the stand-in services: what is refused, and with which exit code."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from adapters.mailchimp.processor import MailchimpProcessor
from adapters.mailchimp.service import Mailchimp
from adapters.woocommerce.client import connect
from connector.errors import Exit
from connector.ledger import new_key
from connector.ledger.plans import Plans
from connector.ports import Access
from connector.records import from_bits
from connector.shop import system_clock
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop
from tests.unit.adapters.told import no_wait

WHO = ("--by", "Disa Demo", "--role", "owner")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, customers=12, orders=40) as running:
        yield running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of such a shop, pulled and planned: the same seed gives the same shop on other ports."""
    folder = tmp_path_factory.mktemp("template") / "shop"
    with Sandbox(seed=7, customers=12, orders=40) as running:
        made = make_shop(running, folder)
        for word in ("check", "pull", "plan"):
            assert made.gallra(word).code == Exit.DONE
    return folder


@pytest.fixture
def shop(box: Sandbox, tmp_path: Path, template: Path) -> SandboxShop:
    """A shop that has a plan which nobody has approved."""
    made = make_shop(box, tmp_path / "shop")
    for file in (*template.glob("gallra.sqlite*"), *template.glob("*.key")):
        shutil.copy2(file, made.folder)
    return made


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries."""
    for built in (Mailchimp.__init__, connect):
        monkeypatch.setitem(built.__kwdefaults__, "sleep", no_wait)


def later(**forward: float) -> Callable[[], datetime]:
    return lambda: system_clock() + timedelta(**forward)


def ready(shop: SandboxShop) -> SandboxShop:
    """Approved by a person, every listener marked."""
    assert shop.approve("--first-run").code == Exit.DONE
    shop.mark_listeners()
    return shop


def held(shop: SandboxShop) -> bytes:
    """Everything that the stand-in shop holds of anybody, letter by letter."""
    kept = shop.box.woocommerce.shop
    return msgspec.json.encode([kept.orders, kept.customers, kept.reviews, kept.coupons, kept.notes])


def test_a_first_run_over_the_limits_is_refused_until_a_person_says_that_it_is_one(
    shop: SandboxShop,
) -> None:
    refused = shop.approve()
    assert refused.code == Exit.BLOCKED
    assert "--first-run" in refused.err
    assert shop.approve("--first-run").code == Exit.DONE


def test_a_later_run_over_the_limits_is_refused_even_as_a_first_one(shop: SandboxShop) -> None:
    ready(shop)
    assert shop.gallra("apply").code == Exit.DONE
    shop.gallra("verify")
    for order in shop.box.woocommerce.shop.orders.values():
        order["billing"] |= {"phone": "+46701740605", "email": "back@kund.example", "first_name": "Eva"}
        shop.box.woocommerce.shop.touch(order)
    assert shop.gallra("pull").code == Exit.DONE
    assert shop.gallra("plan").code == Exit.DONE
    refused = shop.approve("--first-run")
    assert refused.code == Exit.BLOCKED
    assert "--first-run" not in refused.err


def test_nothing_runs_without_an_approval(shop: SandboxShop) -> None:
    before = held(shop)
    assert shop.gallra("apply").code == Exit.BLOCKED
    assert held(shop) == before


def test_only_approved_waves_run(shop: SandboxShop) -> None:
    shop.mark_listeners()
    shop.approve("--first-run", "--wave", "traces")
    assert shop.gallra("apply").code == Exit.DONE
    steps = shop.gallra("apply", "--json").json["steps"]
    assert steps["done"] > 0
    assert steps["planned"] > 0


def test_the_approval_of_another_plan_does_not_count(shop: SandboxShop) -> None:
    shop.approve("--first-run")
    shop.gallra("plan")
    assert shop.gallra("apply").code == Exit.BLOCKED


def test_a_code_that_names_no_plan_approves_nothing(shop: SandboxShop) -> None:
    for code in ("00000000", "%", shop.code[:4], ""):
        assert shop.gallra("approve", code, *WHO, "--first-run").code == Exit.BLOCKED


def test_a_plan_older_than_seven_days_is_refused(shop: SandboxShop) -> None:
    before = held(shop)
    shop.mark_listeners()
    shop.approve("--first-run")
    assert shop.gallra("apply", clock=later(days=7, minutes=5)).code == Exit.STALE
    assert held(shop) == before


def test_of_a_plan_past_its_days_only_what_had_begun_is_finished(shop: SandboxShop) -> None:
    ready(shop)
    shop.box.woocommerce.faults.add("500", "POST orders/batch", after=1, times=-1)
    assert shop.gallra("apply").code != Exit.DONE
    shop.box.woocommerce.faults.clear()
    shop.box.turn(days=9)
    assert shop.gallra("apply", clock=later(days=9)).code == Exit.STALE
    with sqlite3.connect(shop.folder / "gallra.sqlite") as connection:
        states = dict(connection.execute("select state, count(*) from step group by state"))
    connection.close()
    assert states["planned"] > 0
    assert "begun" not in states
    assert shop.gallra("plan", clock=later(days=9)).code == Exit.DONE


def alter(shop: SandboxShop, statement: str) -> None:
    with sqlite3.connect(shop.folder / "gallra.sqlite") as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


@pytest.mark.parametrize("statement", [
    "update step set fields = ~fields & 1048575 where seq = 0",
    "update step set remote_id = '77' where seq = 1",
    "delete from step where seq = 0",
    "update step set action = 'delete' where seq = 2",
    "update plan set header = replace(header, '\"demo\"', '\"demi\"')",
])  # fmt: skip
def test_an_altered_plan_is_refused(shop: SandboxShop, statement: str) -> None:
    before = held(shop)
    shop.approve("--first-run")
    shop.mark_listeners()
    alter(shop, statement)
    assert shop.gallra("apply").code == Exit.STALE
    assert held(shop) == before


def test_an_altered_approval_approves_nothing(shop: SandboxShop) -> None:
    shop.approve("--first-run")
    shop.mark_listeners()
    alter(shop, "update approval set digest = 'ff' || substr(digest, 3)")
    assert shop.gallra("apply").code == Exit.STALE


@pytest.mark.parametrize("name", ["subject.key", "vault.key", "seal.key"])
def test_another_key_stops_every_run(shop: SandboxShop, name: str) -> None:
    before = held(shop)
    ready(shop)
    (shop.folder / name).write_text(new_key(), encoding="utf-8")
    for word in ("pull", "plan", "apply", "push", "verify"):
        said = shop.gallra(word)
        if word == "plan" and name == "vault.key":
            continue
        assert said.code != Exit.DONE, word
        assert "Restore the old key" in said.err
    assert held(shop) == before


def test_another_key_ends_with_the_exit_code_of_a_block(shop: SandboxShop) -> None:
    (shop.folder / "subject.key").write_text(new_key(), encoding="utf-8")
    assert shop.gallra("pull").code == Exit.BLOCKED


def test_an_unmarked_listener_stops_names_and_addresses_but_not_traces_alone(shop: SandboxShop) -> None:
    before = held(shop)
    shop.approve("--first-run")
    refused = shop.gallra("apply")
    assert refused.code == Exit.BLOCKED
    assert "listener" in refused.err
    assert held(shop) == before


def test_traces_alone_go_past_an_unmarked_listener(shop: SandboxShop) -> None:
    before = held(shop)
    shop.approve("--first-run", "--wave", "traces")
    assert shop.gallra("apply").code == Exit.DONE
    assert held(shop) != before


def test_one_order_is_tried_past_an_unmarked_listener_and_no_other(shop: SandboxShop) -> None:
    shop.approve("--first-run")
    before = {id: order["date_modified_gmt"] for id, order in shop.box.woocommerce.shop.orders.items()}
    sample = shop.gallra("show", "--json").json
    label = next(s["label"] for w in sample["waves"] for s in w["samples"] if s["kind"] == "order")
    assert shop.gallra("apply", "--only", label).code == Exit.DONE
    after = shop.box.woocommerce.shop.orders
    moved = [id for id, at in before.items() if id not in after or after[id]["date_modified_gmt"] != at]
    assert [str(id) for id in moved] == [label]


def test_a_recipient_that_is_only_told_by_letter_never_stops_a_run(shop: SandboxShop) -> None:
    ready(shop)
    shop.box.payson.server.stop()
    assert shop.gallra("apply").code == Exit.DONE


def test_a_newsletter_service_whose_subscribers_cannot_be_read_stops_nothing_of_the_shop(
    shop: SandboxShop,
) -> None:
    ready(shop)
    before = held(shop)
    shop.box.mailchimp.server.stop()
    said = shop.gallra("apply")
    assert (said.code, "mailchimp was left aside" in said.err) == (Exit.PARTIAL, True)
    assert held(shop) != before


def answers(monkeypatch: pytest.MonkeyPatch, *, reachable: bool) -> None:
    """Mailchimp as a recipient: down, or refusing the key; its subscribers can be read as ever."""
    access = Access(adapter="mailchimp", reachable=reachable, can_read=False)
    monkeypatch.setattr(MailchimpProcessor, "check", lambda _self: access)


def test_a_recipient_that_is_down_is_warned_of_and_told_once_it_answers(
    shop: SandboxShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(shop)
    before = held(shop)
    answers(monkeypatch, reachable=False)
    applied = shop.gallra("apply")
    assert (applied.code, "mailchimp does not answer" in applied.err) == (Exit.DONE, True)
    assert held(shop) != before
    shop.box.mailchimp.faults.add("503_html", times=-1)
    pushed = shop.gallra("push")
    assert (pushed.code, "mailchimp asks for patience" in pushed.err) == (Exit.PARTIAL, True)
    shop.box.mailchimp.faults.clear()
    assert shop.gallra("push").code == Exit.DONE


def test_a_recipient_that_refuses_the_key_stops_the_waves_that_need_it_and_no_other(
    shop: SandboxShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(shop)
    answers(monkeypatch, reachable=True)
    applied = shop.gallra("apply")
    assert (applied.code, "mailchimp refuses the credentials" in applied.err) == (Exit.PARTIAL, True)
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plan_id, plan, _ = Plans(opened.ledger).need(connection)
        left = {row.step.wave for row in Plans(opened.ledger).steps(connection, plan_id, states=["planned"])}
    opened.ledger.engine.dispose()
    assert left == {one.wave for one in plan.outlook if one.recipient == "mailchimp"}
    due = shop.gallra("plan", "--json").json
    assert due["totals"]


def test_a_letter_is_notified_when_a_named_person_says_that_it_left(shop: SandboxShop) -> None:
    assert ready(shop).gallra("apply").code == Exit.DONE
    assert shop.gallra("push").code == Exit.DONE
    status = shop.gallra("status").out
    assert "is not sent (letter_to_send)" in status
    assert "dataprotectionofficer@postnord.com" in status
    listed = shop.gallra("letters", "list", "--json").json["letters"]
    name = next(one["letter"] for one in listed if one["recipient"] == "klarna")
    assert "notified" not in shop.gallra("push").out
    sent = shop.gallra("letters", "sent", name, "--by", "Disa Demo", "--how", "by post")
    assert (sent.code, sent.out.startswith("Notified: ")) == (Exit.DONE, True)
    assert "klarna: notify notified (sent_by_hand)" in shop.gallra("push").out
    assert shop.gallra("letters", "sent", name, "--by", "Disa Demo", "--how", "by post").code == Exit.ERROR


def test_a_shop_that_does_not_answer_is_to_be_tried_later(shop: SandboxShop) -> None:
    ready(shop)
    shop.box.woocommerce.server.stop()
    assert shop.gallra("apply").code == Exit.TRY_LATER


def test_the_whole_path_ends_clean_and_a_second_time_does_nothing(shop: SandboxShop) -> None:
    ready(shop)
    for word in ("apply", "push", "verify", "report", "status"):
        said = shop.gallra(word)
        assert said.code == Exit.DONE, (word, said.err)
    assert " 0 with data left" in shop.gallra("verify").out
    before = held(shop)
    assert shop.gallra("pull").code == Exit.DONE
    assert shop.gallra("plan").code == Exit.DONE
    assert shop.gallra("push").code == Exit.DONE
    assert held(shop) == before
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plans = Plans(opened.ledger)
        newest = plans.need(connection)[0]
        done = {(r.record, f) for r in plans.steps(connection, newest - 1) for f in from_bits(r.done)}
        now = {(r.record, f) for r in plans.steps(connection, newest) for f in from_bits(r.step.fields)}
    assert done
    assert not done & now


def test_something_due_is_exit_two_where_it_is_asked_for(shop: SandboxShop) -> None:
    assert shop.gallra("plan", "--detailed-exitcode").code == Exit.CHANGES


def test_data_left_at_the_read_back_is_exit_six(shop: SandboxShop) -> None:
    ready(shop)
    shop.gallra("apply")
    for order in shop.box.woocommerce.shop.orders.values():
        order["customer_ip_address"] = "203.0.113.9"
    assert shop.gallra("verify", "--again").code == Exit.DATA_LEFT


def test_a_plan_left_begun_after_its_last_step_is_finished_by_the_next_apply(shop: SandboxShop) -> None:
    ready(shop)
    assert shop.gallra("apply").code == Exit.DONE
    alter(shop, "update plan set state = 'begun' where state = 'finished'")
    assert shop.gallra("ledger", "seal", "--by", "Disa Demo", "--as-it-stands").code == Exit.DONE
    assert shop.gallra("plan").code == Exit.BLOCKED
    assert shop.gallra("apply").code == Exit.DONE
    assert shop.gallra("plan").code == Exit.DONE


def test_a_plan_that_has_begun_takes_no_new_approval_once_it_is_older_than_seven_days(
    shop: SandboxShop,
) -> None:
    assert shop.approve("--first-run", "--wave", "traces").code == Exit.DONE
    shop.box.woocommerce.faults.add("503_html", "POST orders/batch", after=1, times=-1)
    assert shop.gallra("apply").code == Exit.TRY_LATER
    shop.box.woocommerce.faults.clear()
    words = ("approve", shop.code, *WHO, "--first-run", "--wave", "email_address")
    assert shop.gallra(*words, clock=later(days=9)).code == Exit.STALE


def test_an_apply_whose_steps_the_shop_refused_is_partial(shop: SandboxShop) -> None:
    ready(shop)
    shop.box.woocommerce.faults.add("half_batch", "POST orders/batch", after=1, times=-1)
    said = shop.gallra("apply")
    assert "refused" in said.out
    assert said.code == Exit.PARTIAL
