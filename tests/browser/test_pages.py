"""Every page fits its window, prints with numbers, and the owner's part is two pages."""

from pathlib import Path

import pytest

from connector.report.drawn import html
from connector.report.shared import LANGUAGES, Language
from tests.browser.chromium import Browser, pages_of
from tests.browser.pages import pages
from tests.unit.report.examples import DRY_RUN, PROTOCOL

WIDTHS = (320, 375, 768, 1280)
NO_APPENDIX = "document.querySelectorAll('.appendix, footer').forEach(one => one.remove())"


def test_no_page_scrolls_sideways_in_any_window_or_language(browser: Browser, tmp_path: Path) -> None:
    found = []
    for name, language, page in pages(tmp_path):
        for width in WIDTHS:
            browser.open(page, width=width)
            if browser.scrolled() > 0:
                found.append((name, language, width, browser.scrolled(), browser.wide()))
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", [DRY_RUN, PROTOCOL], ids=["dry run", "protocol"])
def test_the_owner_s_part_of_a_brief_report_is_two_printed_pages(
    browser: Browser, view: object, language: Language
) -> None:
    browser.open(html(view, language, brief=True), width=1280)  # type: ignore[arg-type]
    assert pages_of(browser.printed()) > 2
    browser.value(NO_APPENDIX)
    assert pages_of(browser.printed()) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_are_on_paper_alone_and_lead_to_every_section(
    browser: Browser, language: Language
) -> None:
    browser.open(html(DRY_RUN, language), width=1280)
    shown = "getComputedStyle(document.querySelector('.first .contents')).display"
    assert browser.value(shown) == "none"
    browser.media("print")
    assert browser.value(shown) == "block"
    browser.media("")
    found = "[...document.querySelectorAll('.first .contents a')].map(one => one.getAttribute('href'))"
    there = "[...document.querySelectorAll('.first main > section')].map(one => '#' + one.id)"
    assert browser.value(found) == browser.value(there) != []
