"""The demo in small, from the installed wheel: the whole job as a newcomer sees it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.wheel import run_alone

PLAN = re.compile(
    r"Plan: (\d+) to delete, (\d+) to redact, (\d+) on hold, (\d+) kept by law, (\d+) nothing due, "
    r"of (\d+) records; \d+ by hand\."
)
VERIFIED = re.compile(
    r"Verified: (\d+) read back, (\d+) clean, 0 with data left, \d+ accepted, \d+ notified, \d+ by hand\."
)


def run_demo(
    installed: Path, demo_parts: Path, folder: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    """`gallra demo` with a small shop, from a folder that holds nothing of Gallra's."""
    command = [str(installed / "bin" / "gallra"), "demo", "--folder", str(folder / "demo"), *words]
    return run_alone(command, folder, PYTHONPATH=str(demo_parts))


@pytest.fixture(scope="module")
def shown(
    installed: Path, demo_parts: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One demo of 60 orders, and its folder."""
    folder = tmp_path_factory.mktemp("demo")
    size = ("--orders", "60", "--customers", "30", "--language", "en")
    return folder, run_demo(installed, demo_parts, folder, *size)


Shown = tuple[Path, subprocess.CompletedProcess[str]]


def test_the_demo_ends_with_exit_code_0(shown: Shown) -> None:
    assert shown[1].returncode == 0, shown[1].stdout[-2000:] + shown[1].stderr[-2000:]


def test_the_demo_closes_with_the_two_sentences(shown: Shown) -> None:
    *_, plan, verified = shown[1].stdout.strip().splitlines()
    assert PLAN.fullmatch(plan)
    assert VERIFIED.fullmatch(verified)


def test_the_numbers_of_the_plan_sum_to_all_records(shown: Shown) -> None:
    found = PLAN.fullmatch(shown[1].stdout.strip().splitlines()[-2])
    assert found is not None
    *parts, total = (int(number) for number in found.groups())
    assert sum(parts) == total


def test_all_that_was_planned_is_read_back_clean(shown: Shown) -> None:
    *_, plan, verified = shown[1].stdout.strip().splitlines()
    planned, read = PLAN.fullmatch(plan), VERIFIED.fullmatch(verified)
    assert planned is not None
    assert read is not None
    assert int(planned[1]) + int(planned[2]) == int(read[1]) == int(read[2]) > 0


def test_the_demo_shows_the_two_refusals_with_their_exit_code(shown: Shown) -> None:
    # The third is a run whose own plan waits for its approval beside the request's.
    assert shown[1].stdout.count("(exit code 4, as it should be)") == 3
    assert "approve with --first-run" in shown[1].stderr + shown[1].stdout
    assert "nobody has marked them" in shown[1].stderr + shown[1].stdout


def test_the_demo_types_every_stage_in_order(shown: Shown) -> None:
    typed = re.findall(r"^\$ gallra (\w+)", shown[1].stdout, re.MULTILINE)
    assert typed == [
        "check", "pull", "plan", "approve", "approve", "apply", "apply", "push", "verify", "report",
        "check", "pull", "plan", "approve", "apply", "push", "verify", "report",
        "check", "request", "request", "approve", "run", "letters", "request", "request",
    ]  # fmt: skip


def test_the_demo_says_what_came_of_a_person_at_every_recipient(shown: Shown) -> None:
    table = shown[1].stdout.partition("at each recipient:\n")[2].partition("\n\n")[0].splitlines()
    assert len(table) == 11
    assert all(re.search(r"(confirmed|stopped|accepted|notified) [1-9]", line) for line in table), table


def test_the_demo_leaves_a_dry_run_and_a_protocol_to_open(shown: Shown) -> None:
    reports = shown[0] / "demo" / "reports"
    assert len(list(reports.glob("dry-run-*.html"))) == 1
    assert len(list(reports.glob("protocol-*.html"))) == 1


def test_the_demo_leaves_a_folder_alone_that_holds_other_files(
    installed: Path, demo_parts: Path, tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("mine")
    ended = run_demo(installed, demo_parts, tmp_path)
    assert ended.returncode == 1
    assert "holds other files" in ended.stderr
    assert (tmp_path / "demo" / "mine.txt").read_text() == "mine"
