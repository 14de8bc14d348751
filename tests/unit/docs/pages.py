"""The README and the pages under docs as data: their tables by heading, and their marked command blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.support import REPOSITORY

README = REPOSITORY / "README.md"
DOCS = REPOSITORY / "docs"
FIRST_RUN = DOCS / "guide/first-run.md"
READ_ON = (FIRST_RUN, DOCS / "guide/holds.md", DOCS / "reference/commands.md", DOCS / "guide/schedule.md")
"""What a reader of the README follows next, in this order."""

_BLOCK = re.compile(r"^<!-- (run|shop file)(?:: (\w+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A marked block: commands to run, or lines for the shop's file; `with_` says with which key."""

    what: str
    with_: str
    text: str


def text_of(page: str) -> str:
    """A page by its path under docs."""
    return (DOCS / page).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every page under docs, and the README."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def section(page: str, heading: str) -> str:
    """What stands between a heading of a page and the next one of its level or above."""
    text = "\n" + text_of(page)
    level = len(heading) - len(heading.lstrip("#"))
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{level}}} ", text[start:], re.MULTILINE)
    return text[start : start + end.start()] if end else text[start:]


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of every table in a text, heads left out."""
    found: list[tuple[str, ...]] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not head:
            found.append(tuple(cell.strip() for cell in line.strip("|").split(" | ")))
    return found


def blocks() -> Iterator[Block]:
    """The marked blocks in the order a reader meets them; what the README has, the guide has not again."""
    seen: set[tuple[str, str, str]] = set()
    for block in _BLOCK.findall(README.read_text(encoding="utf-8")):
        seen.add(block)
        yield Block(what=block[0], with_=block[1], text=block[2])
    for page in READ_ON:
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            if block not in seen:
                yield Block(what=block[0], with_=block[1], text=block[2])
