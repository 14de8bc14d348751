"""Recipients: `gallra recipient list` and `check`."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.common import DEFAULT, AsJson, ShopFile, as_json, load, load_to_read, out, say, told
from connector.cli.speaking import spoken
from connector.cli.verbs import Verbs
from connector.errors import Exit, GallraError

if TYPE_CHECKING:
    from connector.about.described import Described
    from connector.ports import Access

recipient = Verbs(help="Recipients: what is done at each, and whether a description of one holds.")

_FAILED = re.compile(r"^(?:FAILED|ERROR) \S+::(?:test_)?(\w+(?:\[[^\]]*\])?)", re.MULTILINE)
_PASSED = re.compile(r"(\d+) passed")
_SECONDS = 900
_TEST = """\
from pathlib import Path
from connector.testing.of_file import suite_of
TestRecipient = suite_of(PATHS)
"""


def add_to(app: typer.Typer) -> None:
    """Adds these commands."""
    app.add_typer(recipient, name="recipient")


@recipient.command("list")
def list_recipients(shop: ShopFile = DEFAULT, json: AsJson = False) -> None:
    """List each recipient: what is done there, how it is read back, and what it is only told."""
    from connector.report.recipient_words import line_of, nobody, unpassed, until
    from connector.views.recipients import recipient_lines

    found = recipient_lines(load_to_read(shop))
    if json:
        as_json({"recipients": found})
        return
    for one in found:
        line = line_of((one.name, one.kind, one.handle, one.what, one.read_back), spoken())
        line += until(one.waiting, one.until, spoken()) if one.until else ""
        out(line + ("" if one.passed_on else unpassed(spoken())))
    if not found:
        out(nobody(spoken()))


@recipient.command()
def check(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="The description: a TOML file.")],
    recorded: Annotated[
        Path | None, typer.Option("--recorded", help="A recording of the service to hold it to.")
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option("--shop", "-s", help="A shop's file that names it: its key is tried at the service."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Check a description: what it may not say, a recording of its service, and its key (reads only)."""
    from connector.settings.described import read_file

    one = read_file(to)
    passed, failed = (0, ()) if recorded is None else _held(to, recorded)
    access = None if shop is None else _tried(one, shop)
    wrong = bool(failed) or (access is not None and not access.can_read)
    if access is not None:
        for problem in access.problems:
            say(f"{problem.severity}: {problem.sv if spoken() == 'sv' else problem.en}")
    for name in failed:
        say(f"Error: a fact does not hold: {name.replace('_', ' ')}")
    held = _in_short(recorded, passed, access)
    line = f"Checked: {one.name}, {len(one.does)} acts, {len(one.hosts)} hosts; {held}."
    if json:
        as_json(
            {"name": one.name, "passed": passed, "failed": failed, "service": access},
            exit_code=Exit.ERROR if wrong else Exit.DONE,
        )
    else:
        told(False, line)
    if wrong:
        raise typer.Exit(int(Exit.ERROR))


def _in_short(recorded: Path | None, passed: int, access: "Access | None") -> str:
    """What it was held to."""
    by_suite = f"{passed} facts of the suite hold" if recorded is not None else "held to no recording"
    if access is None:
        return f"{by_suite}, the service was not asked"
    return f"{by_suite}, the key is {'good' if access.can_read else 'not good'}"


def _tried(one: "Described", shop: Path) -> "Access":
    """What the service itself answers to the key of the shop; nothing is written."""
    opened = load(shop)
    found = opened.processors.get(one.name)
    if found is None:
        raise GallraError(f"{shop} names no recipient {one.name}. Add recipients.{one.name} with its keys.")
    return found.check()


def _held(description: Path, recorded: Path) -> tuple[int, tuple[str, ...]]:
    """How many facts of the suite hold, and the names of those that do not."""
    if not recorded.is_file():
        raise GallraError(f"{recorded} cannot be read. Name the file of a recording.")
    paths = f"Path({str(description.resolve())!r}), Path({str(recorded.resolve())!r})"
    with tempfile.TemporaryDirectory(prefix="gallra-") as folder:
        test = Path(folder) / "test_of_file.py"
        test.write_text(_TEST.replace("PATHS", paths), encoding="utf-8")
        ran = _pytest(test, Path(folder))
    failed = tuple(dict.fromkeys(_FAILED.findall(ran)))
    counted = _PASSED.search(ran)
    if counted is None and not failed:
        raise GallraError(
            "The suite did not run. Install `gallra[testing]`, and see that the recording is JSON, line by "
            "line."
        )
    return int(counted[1]) if counted else 0, failed


def _pytest(test: Path, folder: Path) -> str:
    """What pytest prints of one file, run by itself, with no settings of the folder we stand in."""
    alone = ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder), str(test)]
    line = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", *alone]
    try:
        ran = subprocess.run(  # noqa: S603 (our own line: the interpreter that runs, and a file of ours)
            line, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        raise GallraError("The suite did not end. Run it again; a recording answers at once.") from None
    return ran.stdout
