"""The pages: none is stale, every link leads somewhere, and what the code cites stands in one of them."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.calendar import (
    FinancialYears,
    add_months,
    bookkeeping_floor,
    claims_end,
    deadline,
    last_of_month,
    oss_floor,
    tax_floor,
    to_date,
)
from tests.support import REPOSITORY
from tests.unit.docs.generated import GENERATED, marks, written_anew
from tests.unit.docs.pages import DOCS, README, pages, rows, section, text_of

SITE = tomllib.loads((REPOSITORY / "zensical.toml").read_text(encoding="utf-8"))["project"]
READ = [*pages(), REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "SECURITY.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
LONGEST_README = 160
CODE = [
    path
    for folder in ("connector", "adapters", "sandbox")
    for path in (REPOSITORY / folder).rglob("*")
    if path.suffix in {".py", ".toml"}
]


def name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_page_holds_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert written_anew(text) == text, "stale: run `make reference`"


def test_everything_that_is_generated_stands_in_one_page() -> None:
    found = Counter(one for page in pages() for one in marks(page.read_text(encoding="utf-8")))
    assert found == Counter(GENERATED.keys())


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


def test_the_site_lists_every_page_once() -> None:
    there = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(listed(SITE["nav"])) == sorted(there)


def listed(nav: Any) -> Iterator[str]:
    """The pages of a list of names and pages, at any depth."""
    for entry in nav:
        for below in entry.values():
            yield from [below] if isinstance(below, str) else listed(below)


def test_the_site_takes_nothing_from_another_machine() -> None:
    assert SITE["theme"]["font"] is False
    drawn = re.compile(r"!\[|<(img|script|link|iframe)|mermaid")
    assert not [name(page) for page in pages() if drawn.search(page.read_text(encoding="utf-8"))]
    assert not [path for path in SITE.get("extra_css", []) if not (DOCS / path).is_file()]


@pytest.mark.parametrize("page", READ, ids=name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    links = [one for one in LINK.findall(page.read_text(encoding="utf-8")) if not one.startswith("https:")]
    assert not [one for one in links if not leads_somewhere(page, one)]


def leads_somewhere(page: Path, link: str) -> bool:
    where, _, heading = link.partition("#")
    target = (page.parent / where).resolve() if where else page
    inside = page.is_relative_to(DOCS) <= target.is_relative_to(DOCS)  # the site holds nothing else
    return target.is_file() and inside and (not heading or heading in anchors(target))


def anchors(page: Path) -> set[str]:
    """A page's headings as Python-Markdown names them."""
    text = page.read_text(encoding="utf-8")
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def slug(heading: str) -> str:
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


def test_the_owners_tutorial_is_the_same_in_both_languages() -> None:
    english, swedish = (shape(text_of(page)) for page in ("tutorial.md", "handledning.md"))
    assert english == swedish


def shape(text: str) -> list[str]:
    """What each paragraph of a text is, and its commands, whatever its language."""
    parts = [part for part in text.split("\n\n") if part]
    return [part if part.startswith("    ") else re.match(r"#*|\W*", part)[0][:3] for part in parts]  # type: ignore[index]


CITED = re.compile(r"schedule(?: §(\d+(?:\.\d+)?)| (T-\d\d[a-z]?|H\d))")


def test_what_a_comment_cites_of_the_schedule_stands_under_the_law() -> None:
    law = text_of("law.md")
    numbers = set(re.findall(r"^#+ (\d+(?:\.\d+)?) ", law, re.MULTILINE))
    ids = set(re.findall(r"^\| ([TH]-?\w+) \|", law, re.MULTILINE))
    cited = {one for path in CODE for pair in CITED.findall(path.read_text("utf-8")) for one in pair if one}
    assert len(cited) > 15
    assert cited - numbers - ids == set()


def test_what_a_comment_cites_of_the_rules_and_papers_stands_under_the_law() -> None:
    rules = {row[0] for row in rows(section("law.md", "## Rules"))}
    papers = {row[0] for row in rows(section("law.md", "## Documents"))}
    texts = [path.read_text("utf-8") for path in CODE]
    cited_rules = {one for text in texts for one in re.findall(r"\bR-\d\d\b", text)}
    cited_papers = {one for text in texts for one in re.findall(r"law/documents §(\d+)", text)}
    assert cited_rules
    assert cited_papers
    assert (cited_rules - rules, cited_papers - papers) == (set(), set())


@pytest.mark.parametrize("row", rows(section("law.md", "### Examples")), ids=lambda row: row[0])
def test_an_example_of_the_law_is_what_the_calendar_says(row: tuple[str, str, str]) -> None:
    assert last_day(row[0], to_date(row[1])) == date.fromisoformat(row[2])


def last_day(what: str, day: date) -> date | None:
    if what.startswith("F1"):
        ends = re.search(r"ends (\d\d)-", what)
        return bookkeeping_floor((day,), years(int(ends[1]) if ends else 12))
    if what.startswith("Request"):
        return deadline(day).outer_limit
    count = {"F2": oss_floor, "F3": tax_floor, "Claims": claims_end}
    return count[what](day) if what in count else add_months(day, int(what.split()[0]))


def years(month: int) -> FinancialYears:
    """Regular financial years that end with this month."""
    lasts = [last_of_month(year, month) for year in range(2017, 2030)]
    firsts = [date.fromordinal(last.toordinal() + 1) for last in lasts]
    return FinancialYears(years=tuple(zip(firsts, lasts[1:], strict=False)))
