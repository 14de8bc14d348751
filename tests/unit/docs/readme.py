"""The README as data: its tables by heading, and its marked command blocks."""

import re
from collections.abc import Iterator

import msgspec

from tests.support import REPOSITORY

TEXT = (REPOSITORY / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^<!-- (run|shop file)(?:: (\w+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A marked block: commands to run, or lines for the shop's file; `with_` says with which key."""

    what: str
    with_: str
    text: str


def section(heading: str) -> str:
    """What stands between a heading and the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    start = TEXT.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{level}}} ", TEXT[start:], re.MULTILINE)
    return TEXT[start : start + end.start()] if end else TEXT[start:]


def rows(heading: str) -> list[tuple[str, ...]]:
    """The rows of every table under a heading, heads left out."""
    found: list[tuple[str, ...]] = []
    lines = section(heading).splitlines()
    for number, line in enumerate(lines):
        head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not head:
            found.append(tuple(cell.strip() for cell in line.strip("|").split(" | ")))
    return found


def blocks() -> Iterator[Block]:
    """The marked blocks in the order a reader meets them."""
    for what, with_, text in _BLOCK.findall(TEXT):
        yield Block(what=what, with_=with_, text=text)
