"""The pages of `gallra web` in a real browser, with a virtual passkey: by keyboard, and against forgeries."""

import logging
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from connector.cli.folder import files
from connector.ledger.plans import Plans
from connector.serve.pages.app import application
from connector.serve.pages.home import home_of
from connector.serve.pages.people import Role
from connector.serve.web import Application, Listening
from connector.settings.serving import Web
from connector.shop import Shop, system_clock
from sandbox.box import Sandbox
from tests.browser.chromium import FOUND
from tests.sandbox_support import SandboxShop, make_shop
from tests.unit.serve.pages.visiting import site_at

EVIL = "<img src=x onerror=\"document.title='taken'\">"
WIDTHS = (320, 768, 1280)
FAULTS = ("critical", "serious", "moderate", "minor")
PASSKEYS = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
ASIDE = ("", "/holds", "/todo", "/letters", "/requests", "/promises", "/reports", "/settings")
ANSWERS = ("/requests/new", "/mailings")


class Stand:
    """The pages over a made-up shop, on a port of their own, and how to get there again after a stop."""

    def __init__(self, shop: SandboxShop) -> None:
        self.shop = shop
        self.home = home_of(Web(listen=f"127.0.0.1:{free_port()}"))

        def loaded(_path: Path) -> Shop:
            return shop.open()

        find = partial(files, shop.file)
        self.site = site_at(shop.folder, system_clock, home=self.home, load=loaded, look=loaded, find=find)
        self.server = self._started()
        self.asked: dict[str, str] = {}  # a request of each kind, once it was taken in

    def _started(self) -> Listening:
        return Listening(Application({}, pages=application(self.site)), self.home.listen)

    def again(self) -> None:
        """Ends the server, and starts another on the same address."""
        self.server.stop()
        self.server = self._started()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A shop with a plan that nobody has approved, all of its customers called something evil."""
    with Sandbox(customers=40, orders=120) as box:
        for order in box.woocommerce.shop.orders.values():
            order["billing"]["first_name"] = EVIL
        shop = make_shop(box, tmp_path_factory.mktemp("web"))
        for words in (("check",), ("pull",), ("plan",)):
            assert shop.gallra(*words).code == 0
        made = Stand(shop)
        yield made
        made.server.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skipped where there is none."""
    if FOUND is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=FOUND, args=["--no-sandbox"])
        yield found
        found.close()


@contextmanager
def entered(chromium: Browser, stand: Stand, name: str, *roles: Role, **more: Any) -> Iterator[Page]:
    """Somebody's browser, with a passkey that was made by an invitation, signed in."""
    context = chromium.new_context(**{"locale": "en-GB", **more})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
    page.goto(f"{stand.home.origin}/enrol/{stand.site.people.invite(name, roles)}")
    by_keyboard(page, "passkey")
    page.wait_for_url(f"{stand.home.origin}/")
    yield page
    context.close()


def by_keyboard(page: Page, text: str) -> None:
    """Goes with the tab key to what says so, and presses Enter."""
    for _ in range(200):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
        )
        if text in str(told):
            shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none", f"{text} has the focus and does not show it"
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no key leads to {text!r} on {page.url}")


def plan_page(page: Page, stand: Stand) -> str:
    """Opens the newest plan; its address without what the last form did."""
    page.goto(f"{stand.home.origin}/shop/demo/plan")
    return page.url.partition("?")[0]


def approvals(stand: Stand, path: str) -> list[tuple[str, str, str]]:
    opened = stand.shop.open()
    with opened.ledger.begin() as connection:
        row = Plans(opened.ledger).need(connection, path[-64:])
        return [
            (one.person, str(one.wave), one.digest)
            for one in Plans(opened.ledger).approvals(connection, row.id)
        ]


def to_approve(page: Page, *, round_: int = 0) -> None:
    """From a plan's page to the one that asks for the passkey, for one round."""
    page.locator("input[name=wave]").nth(round_).check()
    by_keyboard(page, "Look and approve")
    page.wait_for_url(re.compile(r"/approve\?waves="))
    for box in page.locator("input[name=first_run]").all():
        box.check()


def take_out(page: Page) -> None:
    """From a plan's page the first record of its first rule."""
    page.locator("tbody a").first.click()
    page.locator("tbody a").first.click()
    page.locator("select[name=hold]").select_option("H0")
    page.locator("input[name=reason]").fill("Claim 7")
    page.get_by_role("button", name="Take the record out").click()
    page.wait_for_url(re.compile(r"held=1"))


def test_an_owner_signs_in_and_out_by_keyboard_alone(chromium: Browser, stand: Stand) -> None:
    with entered(chromium, stand, "Disa Demo", Role.APPROVER) as page:
        by_keyboard(page, "Sign out")
        page.wait_for_url(re.compile("/sign-in"))
        by_keyboard(page, "Sign in with a passkey")
        page.wait_for_url(f"{stand.home.origin}/")
        assert page.get_by_text("Disa Demo").count() == 1


def test_127_0_0_1_leads_to_the_name_that_passkeys_are_of(chromium: Browser, stand: Stand) -> None:
    with entered(chromium, stand, "Rut Reader") as page:
        page.goto(f"http://{stand.home.listen}/")
        assert page.url == f"{stand.home.origin}/"


def test_taking_a_record_out_makes_another_plan_and_a_tab_left_open_is_refused(
    chromium: Browser, stand: Stand
) -> None:
    with entered(chromium, stand, "Disa Demo", Role.APPROVER) as page:
        before = plan_page(page, stand)
        to_approve(page)
        other = page.context.new_page()
        plan_page(other, stand)
        take_out(other)
        after = other.url.partition("?")[0]
        assert after != before
        by_keyboard(page, "Approve with a passkey")
        page.wait_for_selector("p.fault[role=alert]")
        assert "replaced by a newer one" in page.inner_text("main")
        assert approvals(stand, after) == []


def test_the_digest_that_was_looked_at_is_the_one_approved_also_after_the_server_was_ended(
    chromium: Browser, stand: Stand
) -> None:
    with entered(chromium, stand, "Disa Demo", Role.APPROVER) as page:
        path = plan_page(page, stand)
        digest = page.inner_text("dd.digest")
        assert path.endswith(digest)
        to_approve(page)
        assert "This cannot be undone" in page.inner_text("form.act")
        stand.again()
        by_keyboard(page, "Approve with a passkey")
        page.wait_for_url(re.compile("approved=1"))
        [(person, wave, given)] = approvals(stand, path)
        opened = stand.shop.open()
        with opened.ledger.begin() as connection:
            plan = Plans(opened.ledger).need(connection, digest).plan
        assert person == "Disa Demo"
        assert given == next(one.digest for one in plan.waves if str(one.wave) == wave)


def test_a_form_of_another_site_signs_nobody_out_and_approves_nothing(
    chromium: Browser, stand: Stand
) -> None:
    with entered(chromium, stand, "Disa Demo", Role.APPROVER) as page:
        path = plan_page(page, stand)
        before = approvals(stand, path)
        token = page.locator("input[name=token]").first.get_attribute("value")
        for target in ("/sign-out", f"{path.removeprefix(stand.home.origin)}/approve"):
            html = (
                f'<form method="post" action="{stand.home.origin}{target}">'
                f'<input name="token" value="{token}"></form><script>document.forms[0].submit()</script>'
            )
            with (
                elsewhere(html) as address,
                page.expect_response(lambda one: one.request.method == "POST") as told,
            ):
                page.goto(address, wait_until="commit")
            assert told.value.status == 403
        page.goto(f"{stand.home.origin}/")
        assert page.get_by_role("button", name="Sign out").count() == 1
        assert approvals(stand, path) == before


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """A page of somebody else's, on this machine."""

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Evil)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_reader_sees_no_form_that_acts(chromium: Browser, stand: Stand) -> None:
    with entered(chromium, stand, "Rut Reader") as page:
        plan_page(page, stand)
        assert page.locator("form.act").count() == 0
        page.locator("tbody a").first.click()
        page.locator("tbody a").first.click()
        assert page.locator("form.act").count() == 0
        for name in ASIDE:
            page.goto(f"{stand.home.origin}/shop/demo{name}")
            assert page.locator("main form").count() == 0 or page.locator("main form button").count() == 0


def test_a_customer_s_name_is_inert_and_stays_in_no_address_title_cache_or_log(
    chromium: Browser, stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with entered(chromium, stand, "Disa Demo", Role.APPROVER) as page:
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        plan_page(page, stand)
        for link in [one.get_attribute("href") for one in page.locator("section tbody a").all()]:
            page.goto(f"{stand.home.origin}{link}")
            orders = page.locator("tbody th a", has_text="rder")
            if orders.count():
                break
        orders.first.click()
        number = page.inner_text("h1").split()[-1]
        page.get_by_role("button", name="Show whose the record is").click()
        page.wait_for_selector("#whose")
        shown = page.inner_text("section[aria-labelledby=whose]")
        assert EVIL in shown
        assert page.title() != "taken"
        assert page.locator("main img").count() == 0
        [address] = re.findall(r"[\w.+-]+@[\w.-]+", shown)
        page.goto(f"{stand.home.origin}/shop/demo/plan")
        page.locator("input[name=number]").fill(number)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/search$"))
        assert page.locator("main li a").count() > 0
        kept = page.evaluate("caches.keys()")
        assert kept == []
        for told in (*asked, page.title(), *(str(one.getMessage()) for one in caplog.records)):
            assert address not in told
            assert f"={number}" not in told


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", ["en-GB", "sv-SE"])
def test_every_page_fits_its_window_and_has_no_fault_that_axe_finds(
    chromium: Browser, stand: Stand, width: int, locale: str
) -> None:
    viewport = {"width": width, "height": 900}
    wide, faults = [], []
    name = f"Disa {width} {locale[:2]}"
    both = (Role.APPROVER, Role.ANSWERER)
    with entered_in(chromium, stand, name, both, locale=locale, viewport=viewport) as page:
        for address in pages_of(page, stand):
            page.goto(address)
            assert page.evaluate("document.documentElement.lang") == locale[:2]
            if over := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
                wide.append((address, over))
            for one in Axe().run(page)["violations"]:
                if one["impact"] in FAULTS:
                    faults.append((address, one["id"], [node["html"][:120] for node in one["nodes"][:2]]))
    assert wide == []
    assert faults == []


def test_axe_finds_a_fault_where_there_is_one(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<html lang=en><title>x</title><main><img src=x></main></html>")
    assert "image-alt" in {one["id"] for one in Axe().run(page)["violations"]}
    page.close()


def entered_in(chromium: Browser, stand: Stand, name: str, roles: tuple[Role, ...], **more: Any) -> Any:
    return entered(chromium, stand, name, *roles, **more)


def asked_of(page: Page, stand: Stand, kind: str) -> str:
    """A request that is taken in, known and decided on the pages, the first time: its page."""
    if kind in stand.asked:
        return stand.asked[kind]
    order = next(iter(stand.shop.box.woocommerce.shop.orders.values()))
    page.goto(f"{stand.home.origin}/shop/demo/requests/new")
    page.locator("select[name=kind]").select_option(kind)
    page.locator("input[name=email]").fill(order["billing"]["email"])
    page.locator("form.act button").click()
    page.wait_for_url(re.compile("did=opened"))
    link = page.url.partition("?")[0]
    assert order["billing"]["email"] not in page.content()
    for box in page.locator("main details").all():
        box.locator("summary").click() if box.get_attribute("open") is None else None
    page.locator("input[name=elsewhere]").fill("ok")
    page.locator("form", has=page.locator("input[name=elsewhere]")).locator("button").click()
    page.wait_for_url(re.compile("did=identified"))
    what = {"erase": "decide", "access": "copy"}.get(kind)
    if what:
        page.locator(f"form[action$='/{what}'] button").first.click()
        page.wait_for_url(link)
        while page.locator("main p.told[role=status]").count():
            page.reload()
    stand.asked[kind] = link
    return link


def pages_of(page: Page, stand: Stand) -> list[str]:
    """Every kind of page: the shops, a plan, a rule, a record, what is asked before an approval, the rest."""
    path = plan_page(page, stand)
    rule = page.locator("section tbody a").first.get_attribute("href")
    page.goto(f"{stand.home.origin}{rule}")
    step = page.locator("tbody th a").first.get_attribute("href")
    page.goto(path)
    wave = page.locator("input[name=wave]").first.get_attribute("value")
    own = [
        f"{stand.home.origin}{one}"
        for one in ("/", rule, step, *(f"/shop/demo{name}" for name in (*ASIDE, *ANSWERS)))
    ]
    report = f"{stand.home.origin}/shop/demo/reports/plan/{path[-64:][:8]}"
    own += [asked_of(page, stand, kind) for kind in ("erase", "access", "object")]
    return [*own, path, f"{path}/approve?waves={wave}", report, f"{stand.home.origin}/nowhere"]
