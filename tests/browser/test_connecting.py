"""A shop is connected in a real browser: from the one-time link to its plan, timed and counted."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from connector.cli.common import load, load_to_read
from connector.cli.folder import found
from connector.serve.pages.app import application
from connector.serve.pages.home import Home, home_of
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import Role
from connector.serve.pages.serving import Loads, site_of
from connector.serve.web import Application, Listening
from connector.settings.serving import Web
from sandbox.box import Sandbox
from tests.browser.test_web import FAULTS, PASSKEYS, WIDTHS, by_keyboard, chromium, free_port  # noqa: F401

FIELDS, PRESSES = 4, 5
"""What a person must fill in and press at the least, from the link to the plan."""

SECONDS_A_FIELD, SECONDS_A_PRESS, SECONDS_FOR_A_KEY = 30, 10, 180
"""What a person is given: to find out and type an answer, to read and press on, to make a key in the shop."""

TEN_MINUTES = 600


class Place:
    """A folder without a shop, its pages, and the made-up shop that is to be connected."""

    def __init__(self, folder: Path, box: Sandbox, **parts: Any) -> None:
        self.folder, self.box = folder, box
        folder.mkdir(exist_ok=True)
        home = home_of(Web(listen=f"127.0.0.1:{free_port()}"))
        self.home: Home = home
        self.site = site_of(folder, partial(found, folder), Loads(load, load_to_read))
        self.site = self.site._replace(home=home, **parts)
        self.server = Listening(Application({}, pages=application(self.site)), home.listen)

    def invitation(self, name: str) -> str:
        return f"{self.home.origin}/enrol/{self.site.people.invite(name, [Role.APPROVER])}"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(customers=40, orders=120) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, box: Sandbox) -> Iterator[Place]:
    made = Place(tmp_path / "shops", box)
    yield made
    made.server.stop()


@contextmanager
def a_browser(chromium: Browser, **more: Any) -> Iterator[Page]:  # noqa: F811
    """A browser with a virtual passkey."""
    context = chromium.new_context(**{"locale": "en-GB", **more})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
    yield page
    context.close()


class Walker:
    """Somebody who fills in and presses by keyboard; what it takes is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.fields, self.presses = page, 0, 0

    def fill(self, name: str, text: str) -> None:
        self.page.locator(f"[name={name}]").focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        self.fields += 1

    def press(self, text: str, to: str) -> None:
        by_keyboard(self.page, text)
        self.presses += 1
        self.page.wait_for_url(re.compile(to), timeout=60_000)


def keys_of(box: Sandbox) -> tuple[str, str, str]:
    own = box.credentials()["woocommerce"]
    return own["url"], own["read_key"], own["read_secret"]


def walked(page: Page, place: Place, look: Any = lambda _what: None) -> Walker:
    """From the one-time link to the plan's page."""
    url, key, secret = keys_of(place.box)
    walker = Walker(page)
    page.goto(place.invitation("Disa Demo"))
    walker.press("Make a passkey", "/$")
    look("none")
    walker.press("Connect a shop", "/connect$")
    look("questions")
    walker.fill("shop_name", "Kvarnbackens Kök")
    walker.press("On to the keys", "/connect/keys$")
    look("keys")
    for name, text in (("url", url), ("secret_key", key), ("secret_secret", secret)):
        walker.fill(name, text)
    walker.press("Try the keys", "/connect/shop/")
    page.get_by_role("heading", name="What the key may do").wait_for(timeout=60_000)
    look("connected")
    walker.press("Read the shop and make the dry run", "/plan/[0-9a-f]{64}$")
    look("plan")
    return walker


def test_a_shop_is_connected_within_ten_minutes_by_keyboard_and_without_a_terminal(
    chromium: Browser,  # noqa: F811
    place: Place,
) -> None:
    with a_browser(chromium) as page:
        begun = time.monotonic()
        walker = walked(page, place)
        machine = time.monotonic() - begun
        assert page.locator("dd.digest").count() == 1
    assert (walker.fields, walker.presses) == (FIELDS, PRESSES)
    person = SECONDS_A_FIELD * walker.fields + SECONDS_A_PRESS * walker.presses + SECONDS_FOR_A_KEY
    assert machine < 60
    assert machine + person < TEN_MINUTES
    assert (place.folder / "kvarnbackens-kok.toml").exists()


@pytest.mark.parametrize("locale", ["en-GB", "sv-SE"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_it_fits_its_window_and_has_no_fault_that_axe_finds(
    chromium: Browser,  # noqa: F811
    place: Place,
    width: int,
    locale: str,
) -> None:
    wide, faults = [], []
    url, key, secret = keys_of(place.box)
    with a_browser(chromium, locale=locale, viewport={"width": width, "height": 900}) as page:

        def look(what: str) -> None:
            assert page.evaluate("document.documentElement.lang") == locale[:2]
            if over := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
                wide.append((what, over))
            faults.extend(
                (what, one["id"], [node["html"][:120] for node in one["nodes"][:2]])
                for one in Axe().run(page)["violations"]
                if one["impact"] in FAULTS
            )

        def pressed(what: str) -> None:
            with page.expect_navigation():
                page.locator(what).click()

        page.goto(place.invitation("Disa Demo"))
        page.locator("main button").click()
        page.wait_for_url(f"{place.home.origin}/")
        look("none")
        pressed("main a")
        look("questions")
        pressed("form.act button")
        look("questions with faults")
        page.locator("[name=shop_name]").fill("Kvarnbackens Kök")
        pressed("form.act button")
        look("keys")
        for name, text in (("url", url), ("secret_key", key), ("secret_secret", "cs_wrong")):
            page.locator(f"[name={name}]").fill(text)
        pressed("form.act button")
        page.wait_for_selector("#fault-refused")
        assert page.locator("[name=url]").input_value() == url
        assert page.locator("[type=password]").first.input_value() == ""
        look("keys refused")
        for name, text in (("secret_key", key), ("secret_secret", secret)):
            page.locator(f"[name={name}]").fill(text)
        pressed("form.act button")
        page.wait_for_selector("ul.needs")
        look("connected")
    assert wide == []
    assert faults == []


@pytest.mark.parametrize("locale", ["en-GB", "sv-SE"])
def test_the_page_that_waits_fits_its_window_may_be_stopped_and_has_no_fault_that_axe_finds(
    chromium: Browser,  # noqa: F811
    tmp_path: Path,
    box: Sandbox,
    locale: str,
) -> None:
    place = Place(tmp_path / "shops", box, jobs=Jobs(patience=0.0))
    url, key, secret = keys_of(box)
    box.woocommerce.faults.add("latency", times=-1, seconds=0.5)
    try:
        with a_browser(chromium, locale=locale, viewport={"width": 320, "height": 900}) as page:
            page.goto(place.invitation("Disa Demo"))
            page.locator("main button").click()
            page.wait_for_url(f"{place.home.origin}/")
            page.goto(f"{place.home.origin}/connect")
            page.locator("[name=shop_name]").fill("Kvarnbackens Kök")
            page.locator("form.act button").click()
            for name, text in (("url", url), ("secret_key", key), ("secret_secret", secret)):
                page.locator(f"[name={name}]").fill(text)
            page.locator("form.act button").click()
            page.wait_for_url(re.compile("/connect/shop/"))
            page.locator("main a").click()
            page.wait_for_url(re.compile("still=1"))
            assert page.locator("[role=status]").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
            assert [one["id"] for one in Axe().run(page)["violations"]] == []
    finally:
        box.woocommerce.faults.clear()
        place.server.stop()


def test_it_works_without_script(chromium: Browser, place: Place) -> None:  # noqa: F811
    url, key, secret = keys_of(place.box)
    with a_browser(chromium) as page:
        page.goto(place.invitation("Disa Demo"))
        by_keyboard(page, "Make a passkey")
        page.wait_for_url(f"{place.home.origin}/")
        kept = page.context.storage_state()
    context = chromium.new_context(locale="en-GB", java_script_enabled=False, storage_state=kept)
    page = context.new_page()
    page.goto(f"{place.home.origin}/connect")
    page.locator("[name=shop_name]").fill("Kvarnbackens Kök")
    page.locator("form.act button").click()
    for name, text in (("url", url), ("secret_key", key), ("secret_secret", secret)):
        page.locator(f"[name={name}]").fill(text)
    page.locator("form.act button").click()
    page.get_by_role("button", name="Read the shop").click(timeout=60_000)
    page.wait_for_url(re.compile("/plan/[0-9a-f]{64}$"), timeout=60_000)
    context.close()
