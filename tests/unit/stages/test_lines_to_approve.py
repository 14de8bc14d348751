"""Every line that approves, wherever a command or a document shows it, is taken as it stands."""

import html
import re
import shlex
import shutil
from itertools import product
from pathlib import Path

import pytest

from connector.placeholders import NAME, ROLE
from connector.plan import NO_LINE
from tests.engine_support import LAST_YEAR
from tests.unit.stages.opened import Opened

# The folder is quoted where it has a space; what stands behind `--shop` ends the line.
LINE = re.compile(r"gallra approve [0-9a-f]{8} --by .*? --shop (?:'[^']+'|[^\s`'\"<]+)")
MANY = 100.0


def shop_of(folder: Path, *, records: int, ran: bool, percent: float) -> Opened:
    """Six orders to erase, or more after a run that took as many; with these limits from then on."""
    folder.mkdir()
    made = Opened(folder)
    for number in range(6):
        made.memory.order(str(number), *((LAST_YEAR,) if number < 4 else ()))
    if ran:
        made.planned()
        assert made.gallra("apply").code == 0
        shutil.rmtree(made.folder / "reports")  # they show lines under the limits of then
        for number in range(10, 18):
            made.memory.order(str(number))
    text = made.file.read_text("utf-8")
    text = text.replace("records = 10000", f"records = {records}")
    made.file.write_text(text.replace("percent = 100.0", f"percent = {percent}"), "utf-8")
    return made


def shown(shop: Opened, *verbs: tuple[str, ...]) -> str:
    """All that these commands say, and every report they leave."""
    said = [shop.gallra(*words) for words in verbs]
    pages = [path.read_text("utf-8") for path in shop.folder.rglob("reports/*") if path.suffix != ".csv"]
    texts = [text for one in said for text in (one.out, one.err)]
    return "\n".join([*texts, *map(html.unescape, pages)])


def pasted(shop: Opened, line: str) -> tuple[int, str]:
    """What comes of a line with the two words that it leaves open filled in."""
    filled = line.replace(NAME, '"Disa Demo"').replace(ROLE, "owner")
    said = shop.gallra(*shlex.split(filled)[1:])
    return said.code, said.err


@pytest.mark.parametrize(
    ("records", "ran", "part"), list(product((1, 3, 5, 10000), (False, True), (False, True)))
)
def test_every_line_that_is_shown_is_taken(tmp_path: Path, records: int, ran: bool, part: bool) -> None:
    shop = shop_of(tmp_path / "a folder", records=records, ran=ran, percent=MANY)
    assert shop.gallra("pull").code == 0
    text = shown(shop, ("plan",), ("show",), ("show", "--json"), ("run",), ("status",), ("apply",))
    text += shown(shop, ("plan", str(shop.folder)), ("run", str(shop.folder)), ("status", str(shop.folder)))
    if part:
        code = str(shop.gallra("show", "--json").json["digest"])[:8]
        shop.gallra("approve", code, "--by", "Disa Demo", "--role", "owner", "--wave", "email_address")
        text += shown(shop, ("plan",), ("show",), ("apply",), ("status",))
    lines = {line.replace("\\", "") for line in LINE.findall(text)}
    assert lines or NO_LINE[:30] in text
    for line in lines:
        code_, err = pasted(shop, line)
        assert code_ == 0 or "has begun" in err or "replaced" in err, (line, err)


@pytest.mark.parametrize("words", [("run",), ("apply",), ("plan", "."), ("run", ".")])
def test_no_line_is_shown_that_the_limits_refuse(tmp_path: Path, words: tuple[str, ...]) -> None:
    shop = shop_of(tmp_path / "egg", records=1, ran=True, percent=MANY)
    for verb in ("pull", "plan"):
        assert shop.gallra(verb).code == 0
    said = shop.gallra(*(str(shop.folder) if one == "." else one for one in words))
    assert "gallra approve" not in said.out + said.err
    assert "cannot be approved as it stands" in said.out + said.err


def test_no_line_is_shown_of_a_plan_that_is_too_old(tmp_path: Path) -> None:
    shop = shop_of(tmp_path / "egg", records=10000, ran=False, percent=MANY)
    for verb in ("pull", "plan"):
        assert shop.gallra(verb).code == 0
    assert LINE.search(shop.gallra("show", "--full").out)
    shop.clock.turn(days=8)
    assert not LINE.search(shop.gallra("show", "--full").out)
