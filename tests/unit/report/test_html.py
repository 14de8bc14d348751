"""The HTML file: whole, self-contained, readable by a screen reader."""

import re
from collections import Counter
from html.parser import HTMLParser

import msgspec
import pytest

from connector.report.drawn import html
from connector.report.drawn.page import safe_link
from connector.report.dry_run.model import DryRun, SampleView
from connector.report.protocol.model import Protocol
from tests.unit.report.examples import DRY_RUN, PROTOCOL

VOID = {"meta", "input", "br", "link", "img", "hr"}
VIEWS = [pytest.param(DRY_RUN, id="dry_run"), pytest.param(PROTOCOL, id="protocol")]


class Reader(HTMLParser):
    """Reads tags and attributes, and holds that each tag is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_tag_is_closed_in_its_turn(view: DryRun | Protocol, language: str) -> None:
    assert Reader(html(view, language)).open == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_fetched_or_run(view: DryRun | Protocol) -> None:
    text = html(view)
    reader = Reader(text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in reader.tags}
    assert not re.search(r"url\(|@import|\bon[a-z]+=|javascript:", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("view", VIEWS)
def test_the_only_addresses_are_links_to_the_shops_admin(view: DryRun | Protocol) -> None:
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>]+", html(view))
    assert all(address.startswith("https://kallans.example/wp-admin/") for address in addresses)


@pytest.mark.parametrize("view", VIEWS)
def test_ids_are_unique_and_every_reference_finds_its_id(view: DryRun | Protocol) -> None:
    reader = Reader(html(view))
    counted = Counter(reader.values("id"))
    assert all(times == 1 for times in counted.values())
    references = {each for value in reader.values("aria-labelledby") for each in value.split()}
    assert references <= set(counted)


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_has_a_title(view: DryRun | Protocol) -> None:
    pictures = re.findall(r"<svg.*?</svg>", html(view), flags=re.DOTALL)
    assert pictures
    assert all(re.search(r"<title[^>]*>\s*\S", picture) for picture in pictures)


def test_the_file_opens_in_the_asked_language_and_holds_the_other() -> None:
    text = html(DRY_RUN, "en")
    assert '<html lang="en">' in text
    assert '<article lang="en" class="first">' in text
    assert '<article lang="sv" class="second">' in text
    assert re.search(r'id="in-en" checked', text)


def test_swedish_is_the_language_unless_asked() -> None:
    assert '<html lang="sv">' in html(DRY_RUN)


def test_a_shop_name_cannot_bring_markup_in() -> None:
    shop = msgspec.structs.replace(DRY_RUN.shop, name="<script>alert(1)</script>")
    text = html(msgspec.structs.replace(DRY_RUN, shop=shop))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_markup_in_a_cell_is_escaped_though_dates_are_marked() -> None:
    listener = msgspec.structs.replace(DRY_RUN.listeners[0], name="<b>2026-01-01</b>")
    text = html(msgspec.structs.replace(DRY_RUN, listeners=(listener,)))
    assert '&lt;b&gt;<span class="date">2026-01-01</span>&lt;/b&gt;' in text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//elsewhere.example", ""])
def test_only_an_http_address_becomes_a_link(link: str) -> None:
    sample = SampleView(label="1", link=link, kind=DRY_RUN.kinds[0].kind, fields=PHONE.samples[0].fields)
    wave = msgspec.structs.replace(PHONE, samples=(sample,))
    text = html(msgspec.structs.replace(DRY_RUN, waves=(wave,)))
    assert safe_link(link) == ""
    assert all(address.startswith("#") for address in Reader(text).values("href"))


PHONE = DRY_RUN.waves[1]


@pytest.mark.parametrize("view", VIEWS)
def test_no_address_of_a_person_is_in_the_file(view: DryRun | Protocol) -> None:
    assert not re.search(r"[\w.]+@[\w.]+\.\w+", html(view))


def test_a_link_to_the_admin_tells_the_shop_nothing_of_the_report() -> None:
    text = html(DRY_RUN)
    assert 'content="no-referrer"' in text
    assert 'rel="noreferrer noopener"' in text


def test_the_same_view_gives_the_same_file() -> None:
    assert html(DRY_RUN) == html(DRY_RUN)
