"""The public form in a real browser: without script, by keyboard, in both languages, clean to axe."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser

from connector.serve.form.app import form_application
from connector.serve.form.home import FormHome
from connector.serve.pages.home import Home
from connector.serve.web import Application, Listening
from tests.browser.test_web import FAULTS, WIDTHS, by_keyboard, chromium, free_port
from tests.unit.serve.form.forms import Asked
from tests.unit.stages.objecting import MINE

__all__ = ["chromium"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Asked]:
    """The form over plain http, on this machine alone."""
    made = Asked(tmp_path)
    listen = f"127.0.0.1:{free_port()}"
    home = FormHome(home=Home(listen=listen, origin=f"http://{listen}"))
    made.site = made.site._replace(home=home)
    made.follow_up._site = made.site
    server = Listening(Application({}, pages=form_application(made.site)), listen)
    yield made
    server.stop()


def link_of(shop: Asked) -> str:
    found = re.search(r"http://\S+", shop.mails.sent[-1].text)
    assert found
    return found[0]


def test_a_request_is_made_by_keyboard_without_script(chromium: Browser, shop: Asked) -> None:
    page = chromium.new_context(locale="sv-SE", java_script_enabled=True).new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{shop.site.home.home.origin}/egg")
    page.keyboard.press("Tab")
    page.locator("input[value=erase]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type(MINE)
    by_keyboard(page, "Skicka")
    page.wait_for_selector("[role=status]")
    assert MINE not in page.url + page.content()
    shop.look()
    page.goto(link_of(shop))
    by_keyboard(page, "Bekräfta")
    page.wait_for_selector("[role=status]")
    shop.look()
    assert [str(row.kind) for row in shop.requests()] == ["erase"]
    assert page.context.cookies() == []


def test_script_may_be_off(chromium: Browser, shop: Asked) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{shop.site.home.home.origin}/egg?language=en")
    page.get_by_label("Be sent no more advertising").check()
    page.locator("input[name=email]").fill(MINE)
    page.get_by_role("button", name="Send").click()
    page.wait_for_selector("[role=status]")
    shop.look()
    assert shop.mails.sent[0].to == MINE


@pytest.mark.parametrize("locale", ["sv-SE", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    chromium: Browser, shop: Asked, locale: str, scheme: str
) -> None:
    context = chromium.new_context(locale=locale, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    origin = shop.site.home.home.origin
    page.goto(f"{origin}/egg")
    page.locator("input[value=access]").check()
    page.locator("input[name=email]").fill(MINE)
    page.locator("form.act button").click()
    shop.look()
    found, wide = [], []
    for address in (f"{origin}/egg", f"{origin}/other", link_of(shop), f"{origin}/egg/confirm"):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            assert page.evaluate("document.documentElement.lang") == locale[:2]
            if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                wide.append((address, width))
            for one in Axe().run(page)["violations"]:
                if one["impact"] in FAULTS:
                    found.append((address, one["id"], [node["html"][:120] for node in one["nodes"][:2]]))
    assert (found, wide) == ([], [])
    context.close()
