"""Who may import whom: no arrow runs up, the engine knows no vendor and no HTTP, what decides no world."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from connector.registry import ADAPTERS as ADAPTERS_THAT_DESCRIBE

REPOSITORY = Path(__file__).resolve().parents[2]
VENDORS = {"requests", "woocommerce", "shopify", "tenacity", "urllib3", "httpx"}
WORLD = {
    "requests", "sqlalchemy", "socket", "subprocess", "random", "secrets", "time", "os", "sys", "shutil",
    "sqlite3", "http", "tempfile", "threading", "asyncio", "logging", "typer", "uuid", "urllib.request",
}  # fmt: skip

# The words of the engine stand at its top; so do what opens a shop and what finds its adapters. Every other
# room is a folder.
WORDS = (
    "", "records", "verdicts", "plan", "basis", "ports", "errors", "calendar", "identity", "placeholders",
    "request",
)  # fmt: skip
ASSEMBLY = ("shop", "keys", "outgoing")
# Which room may import from which, from the ground up. A row names only rooms above it, so no arrow runs up.
BELOW: dict[str, str] = {
    "text": "",
    "words": "text",
    "machine": "text words",
    "detect": "text words",
    "places": "text words machine detect",
    "about": "text words machine places",
    "registry": "words machine about",
    "policy": "text words machine detect places",
    "report": "text words about registry policy",
    "settings": "text words machine about registry places policy",
    "ledger": "text words machine places policy",
    "services": "text words policy ledger",
    "deciding": "text words machine places policy settings ledger services",
    "assembly": "text words machine about registry policy settings ledger services deciding",
    "stages": "text words machine places policy settings ledger services deciding assembly",
    "views": "text words machine about registry policy report settings ledger services deciding assembly",
    "setup": "text words machine about registry report settings ledger assembly",
    "serve": "text words machine about registry policy report settings ledger assembly stages views setup",
    "fleet": "text words machine about settings",
    "cli": "text words machine detect about registry policy report settings ledger services deciding "
    "assembly stages views setup serve fleet",
    "testing": "words machine about registry",
}
ADAPTERS = "text words machine registry detect places about policy"
# Inside `report`: the pieces that every document is made of, then the documents, then what draws any of them.
PIECES = 0
DOCUMENTS = {"paper": 1, "todo": 1} | dict.fromkeys(
    ("dry_run", "overview", "protocol", "explanation", "promises", "processing", "policy_text"), 2
)
DRAWN = 3
# They put the stages in order; every other file of `stages` is one stage.
IN_ORDER = {"flow", "run"}
# Arrows that still run up, each until its value or its work has moved; none may be added.
NOT_YET: set[tuple[str, str]] = set()

PURE = (
    "records.py", "verdicts.py", "calendar.py", "basis.py", "identity.py", "request.py",
    "plan", "text", "detect", "places", "policy", "report",
)  # fmt: skip
# Files that may read what lies in the wheel; the policy loader also a shop's own policy file.
READS_PACKAGE_DATA = {"connector/policy/read_file.py"}
SQL = {
    "connector/cli/holds.py", "connector/cli/policy.py",
    "connector/deciding/copies.py", "connector/deciding/drawing.py", "connector/deciding/guards.py",
    "connector/deciding/limits.py", "connector/deciding/reading_back.py", "connector/shop.py",
    "connector/deciding/request_scope.py", "connector/stages/flow/answering.py",
    "connector/stages/flow/following.py", "connector/deciding/request_verdicts.py",
    "connector/deciding/recount_person.py",
    "connector/stages/flow/taking_in.py",
    "connector/views/request_erased.py",
    "connector/services/controls.py", "connector/services/returned.py",
    "connector/stages/undo.py", "connector/stages/apply/restore.py",
    "connector/stages/abandon.py", "connector/stages/apply/decide.py", "connector/stages/apply/receipts.py",
    "connector/stages/apply/seal.py", "connector/stages/flow/applying.py",
    "connector/stages/flow/approving.py", "connector/stages/flow/common.py",
    "connector/stages/accepted_requests.py", "connector/stages/rectify.py", "connector/stages/plan.py",
    "connector/stages/probe.py",
    "connector/stages/pull/intake.py", "connector/stages/messages/__init__.py",
    "connector/stages/messages/merges.py", "connector/stages/messages/whom.py",
    "connector/stages/warn/told.py",
    "connector/stages/tasks_done.py", "connector/views/todo/__init__.py", "connector/views/todo/matters.py",
    "connector/views/call_estimate.py", "connector/views/offer.py", "connector/views/metrics.py",
    "connector/views/dry_run/build.py", "connector/views/dry_run/heads.py",
    "connector/views/dry_run/standing.py", "connector/views/dry_run/waiting.py",
    "connector/views/dry_run/unanswered.py",
    "connector/views/promises/reading.py", "connector/views/proof.py",
    "connector/views/protocol/__init__.py",
    "connector/views/protocol/read_back_figures.py",
    "connector/views/protocol/recipients.py", "connector/views/protocol/tasks.py",
    "connector/views/status/__init__.py",
}  # fmt: skip
# rich draws the terminal report into a string: its own print, on a console without a screen.
DRAWS = {"connector/report/drawn/screen.py", "connector/report/drawn/sheet.py"}
CLOCK_CALLS = {"now", "today", "utcnow", "fromtimestamp", "open", "print", "input", "urandom"}


def files(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = REPOSITORY / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def named(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, also inside a function; whole dotted names."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports by a relative path"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if is_module(whole) else node.module or "")
    return frozenset(found)


def is_module(name: str) -> bool:
    place = REPOSITORY.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def module(path: Path) -> str:
    return named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def room(name: str) -> str:
    """The room of the engine in which a module stands."""
    first = [*name.split("."), ""][1]
    return "words" if first in WORDS else "assembly" if first in ASSEMBLY else first


def arrows() -> Iterator[tuple[str, str]]:
    """Every import of one of the engine's own modules by another."""
    for path in files("connector"):
        for name in imports(path):
            if name.partition(".")[0] == "connector":
                yield module(path), name


def offenders(places: list[Path], forbidden: set[str]) -> dict[str, set[str]]:
    return {named(p): found for p in places if (found := (roots(p) | set(imports(p))) & forbidden)}


def test_the_walk_sees_files_and_imports() -> None:
    assert len(files("connector")) > 60
    assert "connector" in roots(REPOSITORY / "adapters" / "klarna" / "processor.py")
    assert ("connector.stages.flow.reading", "connector.stages.pull") in set(arrows())


def test_every_room_of_the_engine_stands_in_the_table() -> None:
    assert {room(module(path)) for path in files("connector")} - {"__main__"} == set(BELOW)


def test_the_table_has_no_arrow_up() -> None:
    rooms = list(BELOW)
    for at, below in enumerate(BELOW.values()):
        assert set(below.split()) <= set(rooms[:at])


def runs_up(importer: str, imported: str) -> bool:
    """Whether an import breaks the order of the rooms, of the stages or of the documents."""
    above, below = room(importer), room(imported)
    if above != below:
        return above != "__main__" and below not in BELOW[above].split()
    if above == "report":
        return level(imported) > level(importer) or is_other_document(importer, imported)
    return above == "stages" and is_other_stage(importer, imported)


def part(name: str) -> str:
    """What a module is part of inside its room: a stage, a document."""
    return [*name.split("."), "", ""][2]


def level(name: str) -> int:
    return DRAWN if part(name) == "drawn" else DOCUMENTS.get(part(name), PIECES)


def is_other_document(importer: str, imported: str) -> bool:
    return part(importer) != part(imported) and level(importer) == level(imported) == 2


def is_other_stage(importer: str, imported: str) -> bool:
    return part(importer) not in IN_ORDER | {part(imported)}


def test_no_arrow_runs_up_and_no_stage_imports_a_stage() -> None:
    assert {arrow for arrow in arrows() if runs_up(*arrow)} == NOT_YET


def test_adapters_know_what_lies_below_the_settings_and_nothing_above() -> None:
    known = {
        named(path): {room(name) for name in imports(path) if name.partition(".")[0] == "connector"}
        for path in files("adapters")
    }
    assert {path: found for path, rooms in known.items() if (found := rooms - set(ADAPTERS.split()))} == {}


def test_the_engine_imports_no_vendor_no_http_no_adapter_and_no_stand_in() -> None:
    assert offenders(files("connector"), VENDORS | {"adapters", "sandbox"}) == {}


VENDOR_NAMES = "woocommerce|shopify|mailchimp|klarna|kustom|payson|svea|postnord"
NAMES = re.compile(rf"(?i)(?<![a-z])({VENDOR_NAMES})(?![a-z])")
ANYWHERE = re.compile(VENDOR_NAMES, re.IGNORECASE)
WRITTEN = {".toml", ".j2", ".txt", ".css", ".js", ".html", ".json"}
# The demo shows these services; its own files may name them. The other two hold words of people: a given
# name, and what customers call a code that opens no door.
NAMING = (
    "connector/cli/demo/", "connector/places/suspected/given_names.txt", "connector/detect/door_words.py",
)  # fmt: skip


def said_in(path: Path) -> Iterator[str]:
    """Every string and name of a file; of code not its docstrings, which may give a measured source."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py" or not ANYWHERE.search(text):
        yield text
        return
    yield path.stem
    tree = tree_of(path)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for word in ("id", "attr", "name", "arg", "value", "module"):
            said = getattr(node, word, None)
            if isinstance(said, str) and id(node) not in prose:
                yield re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", said)


def test_the_engine_names_no_vendor() -> None:
    texts = [path for path in (REPOSITORY / "connector").rglob("*") if path.suffix in {".py", *WRITTEN}]
    named_in = {
        named(path): found
        for path in texts
        if not named(path).startswith(NAMING) and (found := {*NAMES.findall("\n".join(said_in(path)))})
    }
    assert len(texts) > 300
    assert named_in == {}


def test_a_vendor_s_name_is_found_in_a_string_an_identifier_and_a_text_file(tmp_path: Path) -> None:
    code = 'class MyKlarnaOrder:\n    """At Payson."""\n    # At Svea.\n    key = "mailchimp_key"\n'
    (tmp_path / "a.py").write_text(code, encoding="utf-8")
    (tmp_path / "b.toml").write_text('a = "Shopify"', encoding="utf-8")
    found = {name for path in tmp_path.iterdir() for text in said_in(path) for name in NAMES.findall(text)}
    assert found == {"Klarna", "mailchimp", "Shopify"}


def imported_by(names: Iterable[str]) -> set[str]:
    """Every module that runs before these have been imported, packages around them included."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        place = REPOSITORY.joinpath(*name.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        around = name.rpartition(".")[0]
        waiting += [*([around] if around else []), *(at_once(path) if path.is_file() else ())]
    return found


def at_once(path: Path) -> set[str]:
    """What a file imports as it is loaded: not inside a function, and not for the types alone."""
    bodies = [node for node in tree_of(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    found = {alias.name for node in bodies if isinstance(node, ast.Import) for alias in node.names}
    for node in bodies:
        if isinstance(node, ast.ImportFrom):
            wholes = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {whole for whole in wholes if is_module(whole)} | {node.module or ""}
    return found


def test_a_description_is_loaded_without_the_code_that_calls_its_service() -> None:
    points = entry_points(group=ADAPTERS_THAT_DESCRIBE)
    modules = {point.module for point in points if point.module.partition(".")[0] == "adapters"}
    assert len(modules) >= 6
    loaded = imported_by(modules)
    roots_of = {name.partition(".")[0] for name in loaded}
    assert roots_of & (VENDORS | {"jinja2", "sqlalchemy", "cryptography", "sandbox", "apscheduler"}) == set()
    own = {name for name in loaded if name.partition(".")[0] == "adapters"}
    assert {name for name in own if name.count(".") > 1 and not name.endswith(".about")} == set()


def test_only_the_suites_for_adapters_import_pytest() -> None:
    users = {module(path) for path in files("connector", "adapters", "sandbox") if "pytest" in roots(path)}
    assert {user for user in users if not user.startswith("connector.testing")} == set()


def test_adapters_import_no_stand_in() -> None:
    assert offenders(files("adapters"), {"sandbox"}) == {}


def test_naming_the_stand_ins_loads_none_of_them() -> None:
    loaded = {
        node.module for node in tree_of(REPOSITORY / "sandbox" / "__init__.py").body
        if isinstance(node, ast.ImportFrom)
    }  # fmt: skip
    assert loaded == {"importlib", "typing"}


def test_the_stand_ins_import_neither_engine_nor_adapters() -> None:
    assert offenders(files("sandbox"), {"connector", "adapters"}) == {}


def test_no_file_of_the_engine_or_an_adapter_is_longer_than_400_lines() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in files("connector", "adapters")}
    del lengths["connector/ledger/schema.py"]  # every table and column, one under the other
    assert {name: length for name, length in lengths.items() if length > 400} == {}


@pytest.mark.parametrize("package", ["connector", "adapters", "sandbox"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    walk = {module(p): {n for n in imports(p) if n.partition(".")[0] == package} for p in files(package)}
    assert set(TopologicalSorter(walk).static_order()) >= set(walk)  # it raises CycleError, which names them


def test_what_decides_and_reports_imports_nothing_of_the_world() -> None:
    assert offenders(files(*(f"connector/{place}" for place in PURE)), WORLD) == {}


def calls(path: Path) -> set[str]:
    """The names of everything that a file calls."""
    found = set()
    for node in ast.walk(tree_of(path)):
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
    assert users == ["connector/serve/schedule.py"]


def test_three_files_know_the_fleet_s_queue_and_only_its_room_the_database_s_driver() -> None:
    queue = {named(p) for p in files("connector", "adapters", "sandbox") if "procrastinate" in roots(p)}
    assert queue == {f"connector/fleet/{name}.py" for name in ("queue", "work", "database")}
    driver = {
        named(p) for p in files("connector", "adapters", "sandbox") if roots(p) & {"psycopg", "psycopg_pool"}
    }
    assert {path for path in driver if not path.startswith("connector/ledger/")} == {
        f"connector/fleet/{name}.py" for name in ("database", "slots", "work")
    }


def test_no_command_but_the_fleet_s_own_loads_its_libraries() -> None:
    loaded = imported_by(["connector.cli.fleet", "connector.cli.running", "connector.fleet.where"])
    assert {name.partition(".")[0] for name in loaded} & {"procrastinate", "psycopg", "psycopg_pool"} == set()


def test_sql_stands_in_the_ledger_and_in_a_few_named_readers() -> None:
    users = {named(p) for p in files("connector") if "sqlalchemy" in roots(p)}
    assert {user for user in users if not user.startswith("connector/ledger/")} <= SQL
    assert offenders(files("adapters", "sandbox"), {"sqlalchemy"}) == {}


@pytest.mark.parametrize("table", ["insert", "delete"])
def test_no_file_outside_the_ledger_inserts_or_deletes_rows(table: str) -> None:
    for path in files("connector"):
        if named(path).startswith("connector/ledger/"):
            continue
        taken = {
            alias.name
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
            for alias in node.names
        }
        assert table not in taken, named(path)
