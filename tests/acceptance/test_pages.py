"""The pages over a made-up shop: what is looked at is what is approved, and nothing personal stays behind."""

import json
import os
import re
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from connector.cli.folder import files
from connector.ledger.plans import Plans
from connector.serve.pages.app import ways
from connector.serve.pages.people import Role
from connector.shop import Shop, system_clock
from connector.views.offer import offer_of
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop, make_shop, typed
from tests.unit.serve.pages.visiting import Visitor, form_to, said, site_at

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxShop]:
    """A shop with a plan, which nobody has approved."""
    with Sandbox(customers=60, orders=160) as box:
        made = make_shop(box, tmp_path_factory.mktemp("pages"))
        for words in (("check",), ("pull",), ("plan",)):
            assert made.gallra(*words).code == 0
        made.mark_listeners()
        yield made


@pytest.fixture(scope="module")
def site(shop: SandboxShop) -> Any:
    def loaded(path: Path) -> Shop:
        return shop.open()

    return site_at(shop.folder, system_clock, load=loaded, look=loaded, find=partial(files, shop.file))


@pytest.fixture
def approver(site: Any) -> Visitor:
    """Somebody who approves, signed in."""
    return entered(site, "Disa Demo", Role.APPROVER)


def entered(site: Any, name: str, *roles: Role) -> Visitor:
    visitor = Visitor(site)
    visitor.enrol(name, *roles)
    return visitor


def newest(visitor: Visitor) -> str:
    """The path of the newest plan."""
    return str(visitor.get("/shop/demo/plan").headers["location"])


def rule_links(page: Any) -> list[str]:
    return re.findall(r'href="(/shop/[^"]*/rule/[^"]+)"', page.text)


def step_links(page: Any) -> list[str]:
    return re.findall(r'href="(/shop/[^"]*/step/\d+)"', page.text)


def digest_of(path: str) -> str:
    return path.rpartition("/")[2]


def plan_of(shop: SandboxShop, digest: str) -> Any:
    opened = shop.open()
    with opened.ledger.begin() as connection:
        row = Plans(opened.ledger).need(connection, digest)
        return row.plan, Plans(opened.ledger).approvals(connection, row.id)


def chosen_round(visitor: Visitor, path: str, wave: str) -> Any:
    """The page that asks for the passkey, for one round of a plan."""
    sent = visitor.send(visitor.get(path), f"{path}/rounds", wave=wave)
    assert sent.status_code == 303, said(sent)
    return visitor.get(sent.headers["location"])


def held(visitor: Visitor, where: str, path: str, **more: str) -> Any:
    """Takes out what the form of a page names."""
    page = visitor.get(where)
    day = re.search(r'name="review" value="([^"]+)"', page.text)
    assert day
    form = form_to(page, f"{path}/hold")["fields"]
    return visitor.post(
        f"{path}/hold", {**form, "hold": "H0", "reason": "Claim 7", "review": day[1], **more}
    )


def test_every_page_of_a_shop_can_be_read_by_a_reader_in_both_languages(site: Any) -> None:
    reader = entered(site, "Rut Reader")
    path = newest(reader)
    rule = rule_links(reader.get(path))[0]
    step = step_links(reader.get(rule))[0]
    names = ("", "/plan", "/holds", "/todo", "/letters", "/requests", "/promises", "/reports", "/settings")
    pages = ["/", path, rule, step, f"/shop/demo/reports/plan/{digest_of(path)[:8]}"]
    for language in ("en", "sv"):
        reader.client.headers["accept-language"] = language
        for one in (*pages, *(f"/shop/demo{name}" for name in names)):
            answer = reader.get(one)
            if answer.status_code == 303:
                assert one == "/shop/demo/plan"
                continue
            assert answer.status_code == 200, (one, said(answer)[:300])
            assert f'<html lang="{language}">' in answer.text
            assert " style=" not in answer.text
            assert answer.headers["cache-control"] == "no-store"


def test_a_plan_shows_its_rounds_rules_and_records_with_law_clock_and_a_link_to_the_shop(
    approver: Visitor, shop: SandboxShop
) -> None:
    page = approver.get(newest(approver))
    plan, _ = plan_of(shop, digest_of(newest(approver)))
    assert len(plan.waves) == page.text.count("<section ")
    rule = approver.get(rule_links(page)[0])
    step = approver.get(step_links(rule)[0])
    assert "Open in the shop" in said(step)
    assert re.search(r"T-\d\d", said(step))
    assert "wp-admin" in step.text


def test_the_records_of_a_rule_are_all_there_page_by_page(approver: Visitor, shop: SandboxShop) -> None:
    page = approver.get(newest(approver))
    opened = shop.open()
    offer = offer_of(opened)
    links = rule_links(page)
    seen = 0
    for link in links:
        pages, found = 1, list[str]()
        at = 1
        while at <= pages:
            one = approver.get(f"{link}?page={at}")
            numbers = re.search(r"Page \d+ of (\d+)", said(one))
            pages = int(numbers[1]) if numbers else 1
            found += step_links(one)
            at += 1
        assert len(set(found)) == len(found)
        seen += len(found)
    with opened.ledger.begin() as connection:
        steps = Plans(opened.ledger).steps(connection, offer.row_id)
        assert seen == sum(len({why.rule for why in row.step.why}) for row in steps)


def test_a_number_is_found_and_stands_in_no_address(approver: Visitor) -> None:
    path = newest(approver)
    rule = approver.get(rule_links(approver.get(path))[0])
    number = re.search(r"/step/\d+\">\w+ (\d+)<", rule.text)
    assert number
    found = approver.send(approver.get(path), f"{path}/search", number=number[1])
    assert step_links(found)
    assert number[1] not in str(found.url)
    none = approver.send(approver.get(path), f"{path}/search", number="999999999")
    assert "no record with that number" in said(none)


def test_taking_a_record_out_makes_another_digest_without_it(approver: Visitor, shop: SandboxShop) -> None:
    path = newest(approver)
    rule = next(one for one in rule_links(approver.get(path)) if "T-01" in one)
    step = step_links(approver.get(rule))[0]
    sent = held(approver, step, path)
    assert sent.status_code == 303, said(sent)
    after = sent.headers["location"].partition("?")[0]
    assert digest_of(after) != digest_of(path)
    assert "1 records are held" in said(approver.get(sent.headers["location"]))
    opened = shop.open()
    with opened.ledger.begin() as connection:
        records = connection.exec_driver_sql("select record from hold_record").scalars().all()
        owner = connection.exec_driver_sql("select owner from hold").scalars().all()
        row = Plans(opened.ledger).need(connection, digest_of(after))
        there = {one.record for one in Plans(opened.ledger).steps(connection, row.id)}
    assert owner == ["Disa Demo"]
    assert len(records) == 1
    assert not set(records) & there
    old = approver.get(path)
    assert old.status_code == 409
    assert "replaced by a newer one" in said(old)


def test_a_whole_rule_is_taken_out_by_one_hold(approver: Visitor, shop: SandboxShop) -> None:
    path = newest(approver)
    links = rule_links(approver.get(path))
    link = links[-1]
    opened = shop.open()
    with opened.ledger.begin() as connection:
        before = connection.exec_driver_sql("select count(*) from hold").scalar_one()
    sent = held(approver, link, path, whole="1")
    assert sent.status_code == 303, said(sent)
    after = approver.get(sent.headers["location"])
    assert link.partition("/rule/")[2] not in after.text
    with opened.ledger.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from hold").scalar_one() == before + 1
        number = connection.exec_driver_sql("select max(id) from hold").scalar_one()
    holds = approver.get("/shop/demo/holds")
    released = approver.post(
        "/shop/demo/holds", {**form_to(holds, "/shop/demo/holds")["fields"], "hold": str(number)}
    )
    assert released.status_code == 303
    assert shop.gallra("audit", "verify").code in (0, 3)


def test_what_was_looked_at_is_what_is_approved_by_name_and_passkey(site: Any, shop: SandboxShop) -> None:
    shop.gallra("plan")
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    plan, _ = plan_of(shop, digest_of(path))
    wave = str(plan.waves[0].wave)
    page = chosen_round(approver, path, wave)
    assert "This cannot be undone" in said(page)
    sent = approver.send(page, f"{path}/approve", first_run="1")
    assert sent.status_code == 303, said(sent)
    plan, approvals = plan_of(shop, digest_of(path))
    [given] = approvals
    assert (given.person, str(given.wave), given.digest) == ("Disa Demo", wave, plan.waves[0].digest)
    assert given.evidence.startswith("passkey ")
    opened = shop.open()
    with opened.ledger.begin() as connection:
        told = opened.ledger.events(connection, "approved")[-1].detail
    assert (told["by"], told["code"], told["waves"]) == ("Disa Demo", plan.code, [wave])
    assert "Approved by Disa Demo" in said(approver.get(path))


def test_a_stale_tab_is_refused_and_approves_nothing(site: Any, shop: SandboxShop) -> None:
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    plan, _ = plan_of(shop, digest_of(path))
    tab = chosen_round(approver, path, str(plan.waves[-1].wave))
    step = step_links(approver.get(rule_links(approver.get(path))[0]))[0]
    assert held(approver, step, path).status_code == 303
    refused = approver.send(tab, f"{path}/approve", first_run="1")
    assert refused.status_code == 409
    _, approvals = plan_of(shop, digest_of(newest(approver)))
    assert approvals == ()


@pytest.mark.parametrize("change", ["waves", "digest", "session", "first_run", "nonce", "another's passkey"])
def test_a_passkey_s_word_is_of_one_plan_some_rounds_and_one_session(
    site: Any, shop: SandboxShop, change: str
) -> None:
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    plan, before = plan_of(shop, digest_of(path))
    page = chosen_round(approver, path, str(plan.waves[-1].wave))
    form = form_to(page, f"{path}/approve")
    fields = {**form["fields"], "first_run": "1", "answer": approver.key.sign(json.loads(form["question"]))}
    sender = approver
    if change == "waves":
        fields["waves"] = str(plan.waves[0].wave)
    if change == "nonce":
        fields["nonce"] = form_to(chosen_round(approver, path, str(plan.waves[0].wave)), f"{path}/approve")[
            "fields"
        ]["nonce"]
    if change == "first_run":
        fields["first_run"] = ""
    if change == "session":
        sender = Visitor(site)
        sender.key = approver.key
        sender.send(sender.get("/sign-in"), "/sign-in")
        fields["token"] = form_to(sender.get("/"), "/sign-out")["fields"]["token"]
    if change == "another's passkey":
        sam = entered(site, "Sam Sund", Role.APPROVER)
        fields["answer"] = sam.key.sign(json.loads(form["question"]))
    target = path
    if change == "digest":
        target = f"{path[:-64]}{'0' * 64}"
    assert sender.post(f"{target}/approve", fields).status_code in (404, 409)
    assert plan_of(shop, digest_of(path))[1] == before


def test_an_approval_that_is_sent_twice_counts_once(site: Any, shop: SandboxShop) -> None:
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    plan, _ = plan_of(shop, digest_of(path))
    form = form_to(chosen_round(approver, path, str(plan.waves[-1].wave)), f"{path}/approve")
    fields = {**form["fields"], "first_run": "1", "answer": approver.key.sign(json.loads(form["question"]))}
    assert approver.post(f"{path}/approve", fields).status_code == 303
    assert approver.post(f"{path}/approve", fields).status_code == 409


def test_no_form_that_is_anothers_role_acts(site: Any, shop: SandboxShop) -> None:
    reader, path = entered(site, "Rut Reader"), newest(entered(site, "Disa Demo", Role.APPROVER))
    token = form_to(reader.get("/"), "/sign-out")["fields"]["token"]
    before = shop.ledger_bytes()
    acting = [way for way in ways() if way.role in (Role.APPROVER, Role.ANSWERER)]
    assert len(acting) > 7
    for way in acting:
        where = way.path.format(shop="demo", digest=digest_of(path), seq="0", code="R-222222", mark="0")
        answer = reader.post(where, {"token": token}) if way.method == "POST" else reader.get(where)
        assert answer.status_code == 403, way.path
    assert shop.ledger_bytes() == before


def test_looking_at_every_page_writes_nothing_to_the_ledger(site: Any, shop: SandboxShop) -> None:
    reader = entered(site, "Rut Reader")
    path = newest(reader)
    step = step_links(reader.get(rule_links(reader.get(path))[0]))[0]
    shop.open().ledger.engine.dispose()
    opened = shop.open()
    with opened.ledger.begin() as connection:
        before = connection.exec_driver_sql("select count(*), max(seq) from event").one()
    names = ("", "/holds", "/todo", "/letters", "/requests", "/promises", "/reports", "/settings")
    for one in ("/", path, step, *(f"/shop/demo{name}" for name in names)):
        assert reader.get(one).status_code == 200, one
    with opened.ledger.begin() as connection:
        assert connection.exec_driver_sql("select count(*), max(seq) from event").one() == before


def test_whose_a_record_is_is_fetched_live_shown_once_and_kept_nowhere(
    site: Any, shop: SandboxShop, caplog: pytest.LogCaptureFixture
) -> None:
    for order in shop.box.woocommerce.shop.orders.values():
        order["billing"]["first_name"] = EVIL
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    link = next(
        one
        for rule in rule_links(approver.get(path))
        for one in step_links(approver.get(rule))
        if "order" in said(approver.get(one)).lower()
    )
    before = approver.get(link)
    assert "@" not in said(before)
    shown = approver.send(before, f"{link}/reveal")
    assert shown.status_code == 200, said(shown)
    assert shown.headers["cache-control"] == "no-store"
    addresses = re.findall(r"[\w.+-]+@[\w.-]+", said(shown))
    assert addresses
    assert EVIL in said(shown)
    assert "<img" not in shown.text
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert opened.ledger.events(connection, "revealed")[-1].detail["by"] == "Disa Demo"
    title = re.search(r"<title>(.*?)</title>", shown.text)
    assert title
    kept = b"".join(one.read_bytes() for one in shop.folder.rglob("*") if one.is_file())
    for address in addresses:
        assert address not in str(shown.url) + title[1] + caplog.text
        assert address.encode() not in kept
    assert "@" not in said(approver.get(link))


def test_tasks_are_ticked_off_in_the_person_s_name(site: Any, shop: SandboxShop) -> None:
    answerer = entered(site, "Ann Answerer", Role.ANSWERER)
    page = answerer.get("/shop/demo/todo")
    numbers = re.findall(r'name="task" value="(\d+)"', page.text)
    assert numbers
    form = form_to(page, "/shop/demo/todo")["fields"]
    assert answerer.post("/shop/demo/todo", {**form, "task": numbers[0]}).status_code == 303
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert opened.ledger.events(connection, "tasks_done")[-1].detail["by"] == "Ann Answerer"
    assert answerer.post("/shop/demo/todo", form).status_code == 409


def test_a_request_stands_with_its_clock_and_without_name_or_address(site: Any, shop: SandboxShop) -> None:
    day = (shop.open().today - timedelta(days=100)).isoformat()
    address = "nobody.known@kund.example"
    words = ("request", "open", "object", "--person", "--by", "Disa Demo", "--on", day)
    with (
        chdir(shop.folder),
        mock.patch.dict(os.environ, shop.environ),
    ):
        assert typed(*words, stdin=f"{address}\n").code == 0
    page = entered(site, "Rut Reader").get("/shop/demo/requests")
    assert "objection" in said(page)
    assert "past: answer now" in said(page)
    assert address not in page.text


@contextmanager
def grown(shop: SandboxShop, digest: str, to: int) -> Iterator[None]:
    """Gives a plan as many steps as this, copies of its own, for as long as the block runs."""
    opened = shop.open()
    with opened.ledger.begin() as connection:
        plan = connection.exec_driver_sql("select id from plan where digest = ?", (digest,)).scalar_one()
        table = connection.exec_driver_sql("pragma table_info(step)").all()
        names = [one[1] for one in table if one[1] not in ("plan", "seq")]
        last = "select max(seq) + 1 from step where plan = ?"
        there = first = connection.exec_driver_sql(last, (plan,)).scalar_one()
        while there < to:
            columns = ", ".join(names)
            connection.exec_driver_sql(
                f"insert into step (plan, seq, {columns}) select plan, seq + {there}, {columns} from step "
                f"where plan = {plan} and seq + {there} < {to}"
            )
            there = min(2 * there, to)
    yield
    with opened.ledger.begin() as connection:
        connection.exec_driver_sql("delete from step where plan = ? and seq >= ?", (plan, first))


def test_a_plan_of_a_hundred_thousand_opens_as_one_of_a_hundred(site: Any, shop: SandboxShop) -> None:
    approver = entered(site, "Disa Demo", Role.APPROVER)
    path = newest(approver)
    rule = max(rule_links(approver.get(path)), key=lambda one: len(step_links(approver.get(one))))
    small = {one: spent(approver, one) for one in (path, rule)}
    with grown(shop, digest_of(path), 100_000):
        site.indexes.forget()
        tracemalloc.start()
        approver.get(path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 50 * 1024 * 1024
        pages = re.findall(r"Page 1 of ([0-9,]+)", said(approver.get(rule)))[0].replace(",", "")
        assert int(pages) > 100
        for page, before in ((path, small[path]), (rule, small[rule]), (f"{rule}?page={pages}", small[rule])):
            assert spent(approver, page) < 3 * before + 0.05
    site.indexes.forget()


def spent(visitor: Visitor, path: str) -> float:
    """Seconds of the quickest of some openings of a page."""
    found = []
    for _ in range(5):
        at = time.perf_counter()
        assert visitor.get(path).status_code == 200
        found.append(time.perf_counter() - at)
    return min(found)


def test_after_a_run_its_protocol_and_letters_are_there_and_a_letter_is_marked_as_sent(
    site: Any, shop: SandboxShop
) -> None:
    assert shop.gallra("plan").code == 0
    assert shop.approve("--first-run").code == 0
    for words in (("apply",), ("push",), ("verify",), ("report",)):
        assert shop.gallra(*words).code in (0, 3), shop.heard[-1].err
    answerer = entered(site, "Ann Answerer", Role.ANSWERER)
    reports = answerer.get("/shop/demo/reports")
    links = re.findall(r'href="(/shop/demo/reports/[^"]+)"', reports.text)
    assert any("/run/" in one for one in links)
    for link in links:
        assert answerer.get(link).status_code == 200, link
    page = answerer.get("/shop/demo/letters")
    letters = re.findall(r'name="letter" value="([^"]+)"', page.text)
    assert letters
    form = form_to(page, "/shop/demo/letters")["fields"]
    today = shop.open().today.isoformat()
    for wrong in ({"how": ""}, {"on": "2199-01-01"}, {"on": "x"}, {"letter": "none"}):
        fields = {**form, "letter": letters[0], "how": "by post", "on": today, **wrong}
        assert answerer.post("/shop/demo/letters", fields).status_code == 409, wrong
    fields = {**form, "letter": letters[0], "how": "by post", "on": today}
    assert answerer.post("/shop/demo/letters", fields).status_code == 303
    assert letters[0] not in answerer.get("/shop/demo/letters").text
    opened = shop.open()
    with opened.ledger.begin() as connection:
        assert opened.ledger.events(connection, "letters_sent")[-1].detail["by"] == "Ann Answerer"
