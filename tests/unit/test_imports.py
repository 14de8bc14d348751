"""Who may import whom: the engine knows no vendor and no HTTP, and what decides touches no world."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
VENDORS = {"requests", "woocommerce", "shopify", "tenacity", "urllib3", "httpx"}
WORLD = {
    "requests", "sqlalchemy", "socket", "subprocess", "random", "secrets", "time", "os", "sys", "shutil",
    "sqlite3", "http", "tempfile", "threading", "asyncio", "logging", "typer", "uuid", "urllib.request",
}  # fmt: skip
PURE = ("records.py", "verdicts.py", "calendar.py", "policy", "detect", "plan.py", "hold_query.py", "report")
# Files that may read what lies in the wheel; the policy loader also a shop's own policy file.
READS_PACKAGE_DATA = {"connector/policy/load.py"}
SQL = {
    "connector/apply.py", "connector/dry_run/build.py", "connector/dry_run/waiting.py",
    "connector/drawing.py", "connector/guards.py", "connector/pending.py",
    "connector/planning.py", "connector/protocol.py", "connector/status.py", "connector/warn.py",
    "connector/abandon.py", "connector/chain.py", "connector/controls.py", "connector/pull.py",
    "connector/stages.py",
    "connector/cli/holds.py", "connector/cli/policy.py", "connector/promises/reading.py",
    "connector/webhooks/copies.py", "connector/webhooks/merges.py", "connector/webhooks/probe.py",
    "connector/webhooks/settle.py", "connector/webhooks/whom.py",
}  # fmt: skip
# rich draws the terminal report into a string: its own print, on a console without a screen.
DRAWS = {"connector/report/screen.py", "connector/report/sheet.py"}
# The stages, what they build on, and what calls them.
STAGES = {
    "ledger", "apply", "push", "pull", "verify", "planning", "drawing", "stages", "run", "shop", "cli",
}  # fmt: skip
CLOCK_CALLS = {"now", "today", "utcnow", "fromtimestamp", "open", "print", "input", "urandom"}


def files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = REPOSITORY / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside a function; whole dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports by a relative path"
            yield node.module or ""


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def offenders(places: list[Path], forbidden: set[str]) -> dict[str, set[str]]:
    return {named(p): found for p in places if (found := (roots(p) | set(imports(p))) & forbidden)}


def test_the_walk_sees_files_and_imports() -> None:
    assert len(files("connector")) > 60
    assert "connector" in roots(REPOSITORY / "adapters" / "klarna.py")


def test_the_engine_imports_no_vendor_no_http_no_adapter_and_no_stand_in() -> None:
    assert offenders(files("connector"), VENDORS | {"adapters", "sandbox"}) == {}


def test_adapters_import_no_stand_in() -> None:
    assert offenders(files("adapters"), {"sandbox"}) == {}


def test_adapters_know_neither_the_ledger_nor_the_stages() -> None:
    stages = STAGES | {"guards"}
    found = {
        named(path): stages & {name.split(".")[1] for name in imports(path) if name.startswith("connector.")}
        for path in files("adapters")
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_the_stand_ins_import_neither_engine_nor_adapters() -> None:
    assert offenders(files("sandbox"), {"connector", "adapters"}) == {}


def test_what_decides_and_reports_imports_nothing_of_the_world() -> None:
    assert offenders(files(*(f"connector/{place}" for place in PURE)), WORLD) == {}


def test_what_decides_imports_no_stage_and_no_ledger() -> None:
    stages = STAGES | {"settings"}
    for path in files(*(f"connector/{place}" for place in PURE)):
        own = {name.split(".")[1] for name in imports(path) if name.startswith("connector.")}
        assert not own & stages, named(path)


def calls(path: Path) -> set[str]:
    """The names of everything that a file calls."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            callee = node.func
            found.add(callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", ""))
    return found


def test_what_decides_and_reports_asks_no_clock_and_opens_nothing() -> None:
    pure = [p for p in files(*(f"connector/{place}" for place in PURE)) if named(p) not in READS_PACKAGE_DATA]
    asked = {named(p): calls(p) & CLOCK_CALLS - ({"print"} if named(p) in DRAWS else set()) for p in pure}
    assert {name: found for name, found in asked.items() if found} == {}


def test_only_one_file_imports_the_scheduler() -> None:
    users = [named(p) for p in files("connector", "adapters", "sandbox") if "apscheduler" in roots(p)]
    assert users == ["connector/schedule.py"]


def test_sql_stands_in_the_ledger_and_in_a_few_named_readers() -> None:
    users = {named(p) for p in files("connector") if "sqlalchemy" in roots(p)}
    assert {user for user in users if not user.startswith("connector/ledger/")} <= SQL
    assert offenders(files("adapters", "sandbox"), {"sqlalchemy"}) == {}


@pytest.mark.parametrize("table", ["insert", "delete"])
def test_no_file_outside_the_ledger_inserts_or_deletes_rows(table: str) -> None:
    for path in files("connector"):
        if named(path).startswith("connector/ledger/"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        taken = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
            for alias in node.names
        }
        assert table not in taken, named(path)
