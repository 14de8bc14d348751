"""The wheel, installed alone in a clean environment and run from an empty folder; and the Dockerfile."""

import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
FACTS = {
    "kind": "order",
    "shop": {"financial_years": {"ends": "12-31"}, "oss": []},
    "facts": {
        "created": "2019-03-01",
        "paid": "2019-03-01",
        "delivered": "2019-03-05",
        "status": "completed",
    },
    "fields": ["phone", "payment_reference"],
}
SHOP = """\
[shop]
id = "served"
name = "Served"

[schedule]
cron = "15 3 * * mon"

[ledger]
key = { env = "GALLRA_LEDGER_KEY" }
subject_key = { env = "GALLRA_SUBJECT_KEY" }
"""


def instructions(name: str) -> list[str]:
    """Every instruction of this name in the Dockerfile, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.split(None, 1)[1].strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """What the Dockerfile copies out of the repository."""
    given = [shlex.split(line) for line in instructions("COPY")]
    return [source for words in given if not words[0].startswith("--") for source in words[:-1]]


def build_steps() -> list[list[str]]:
    """The build stage's Python commands, as words."""
    return [shlex.split(line) for line in instructions("RUN") if "python -m" in line]


def _clean() -> dict[str, str]:
    """The environment without anything that points at the repository or this Python."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "GALLRA")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def _run(words: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, env=_clean() | environ, capture_output=True, text=True, check=False, timeout=600
    )


def _install(root: Path) -> None:
    """Does what the Dockerfile's first stage does, with this machine's Python and its paths."""
    source, opt = root / "src", root / "gallra"
    source.mkdir()
    for name in copied():
        place = REPOSITORY / name
        if place.is_dir():
            shutil.copytree(place, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, source / name)
    for words in build_steps():
        if words[1:] == ["-m", "pip", "install", "--no-cache-dir", "build"]:
            continue  # the test environment has it
        _step([str(source / "dist" / "*.whl") if w == "dist/*.whl" else w for w in words], source, opt)


def _step(words: list[str], source: Path, opt: Path) -> None:
    words = [word.replace("/opt/gallra", str(opt)) for word in words]
    if words[0] == "python":
        words[0] = sys.executable
    if words[-1].endswith("*.whl"):
        words[-1:] = [str(path) for path in (source / "dist").glob("*.whl")]
    done = _run([word for word in words if word != "--no-cache-dir"], source)
    assert done.returncode == 0, f"{' '.join(words[1:4])}: {done.stdout[-1500:]}{done.stderr[-1500:]}"


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Which parallel worker this is; `master` where there is only one."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that stands for /opt/gallra; made once, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "wheel"
    with (root.parent / "wheel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "done").exists():
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir()
            _install(root)
            (root / "done").touch()
    return root / "gallra"


@pytest.fixture
def gallra(installed: Path) -> str:
    """The installed command."""
    return str(installed / "bin" / "gallra")


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """A folder of one shop that has a schedule."""
    folder = tmp_path / "shops"
    folder.mkdir()
    (folder / "served.toml").write_text(SHOP)
    return folder


def test_the_installed_package_is_not_the_repository(installed: Path, tmp_path: Path) -> None:
    asked = "import connector, pathlib; print(pathlib.Path(connector.__file__).parent)"
    done = _run([str(installed / "bin" / "python"), "-c", asked], tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed)


def test_the_wheel_lists_the_rules_of_its_own_preset(gallra: str, tmp_path: Path) -> None:
    done = _run([gallra, "policy", "list"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^swedish-webshop@\S+: \d+ rules\.$", done.stdout, re.MULTILINE)


def test_the_wheel_calculates_when_a_field_is_due(gallra: str, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    words = [gallra, "policy", "due", "--facts", "facts.json", "--today", "2026-11-22"]
    done = _run(words, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2026-12-31" in done.stdout  # the seventh year after the one that ended 2019-12-31


def test_the_wheel_runs_the_demo_from_an_empty_folder(gallra: str, tmp_path: Path) -> None:
    done = _run([gallra, "demo", "--orders", "200", "--customers", "80"], tmp_path)
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    *_, plan, verified = done.stdout.strip().splitlines()
    assert plan.startswith("Plan: ")
    assert verified.startswith("Verified: ")
    assert list((tmp_path / "demo-output" / "reports").glob("*.html"))


def test_everything_the_dockerfile_copies_is_there() -> None:
    assert copied()
    assert [name for name in copied() if not (REPOSITORY / name).exists()] == []


def test_everything_the_dockerfile_copies_passes_the_dockerignore() -> None:
    kept = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {name.removeprefix("./") for name in copied()} == kept


def test_the_dockerfile_builds_a_wheel_and_installs_that_and_nothing_else() -> None:
    assert [words[1:3] + words[-1:] for words in build_steps()] == [
        ["-m", "pip", "build"],
        ["-m", "build", "--wheel"],
        ["-m", "venv", "/opt/gallra"],
        ["-m", "pip", "dist/*.whl"],
    ]


def test_the_image_runs_as_a_fixed_user_that_is_not_root() -> None:
    (user,) = instructions("USER")
    number = user.split(":")[0]
    assert int(number) > 0
    assert f"--uid {number}" in DOCKERFILE


def test_the_image_starts_a_command_that_gallra_has(gallra: str, tmp_path: Path) -> None:
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["gallra"]
    verb, folder = json.loads(instructions("CMD")[0])
    assert folder.startswith(f"{instructions('VOLUME')[0]}/")
    assert _run([gallra, verb, "--help"], tmp_path).returncode == 0


def _healthy(installed: Path, shops: Path) -> int:
    (check,) = instructions("HEALTHCHECK")
    command = check.partition(" CMD ")[2].replace("/data/shops", str(shops))
    path = f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return _run(["/bin/sh", "-c", command], shops, PATH=path).returncode


def test_the_health_check_passes_where_every_shop_opens(installed: Path, shops: Path) -> None:
    assert _healthy(installed, shops) == 0


def test_the_health_check_fails_where_a_shops_file_has_a_fault(installed: Path, shops: Path) -> None:
    (shops / "broken.toml").write_text("[shop]\nid = 1\n")
    assert _healthy(installed, shops) != 0


def test_the_health_check_fails_where_there_is_no_shop(installed: Path, tmp_path: Path) -> None:
    assert _healthy(installed, tmp_path) != 0


def _hear_interrupts() -> None:
    """A parent may have told its children to ignore SIGINT; a container's first process has not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_serve_ends_in_good_order_on_the_signal_that_stops_the_image(gallra: str, shops: Path) -> None:
    number = signal.Signals[instructions("STOPSIGNAL")[0]]
    serving = subprocess.Popen(
        [gallra, "serve", str(shops)],
        env=_clean() | {"PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_interrupts,
    )
    assert serving.stderr is not None
    try:
        assert serving.stderr.readline() == "Serving 1 shops.\n"
        time.sleep(1)  # the line comes just before the scheduler starts
        serving.send_signal(number)
        assert serving.wait(timeout=30) == 0
    finally:
        serving.kill()
        serving.stderr.close()
        serving.wait()


def test_the_readme_names_what_could_not_be_tested_of_the_image() -> None:
    assert "no container engine was at hand" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_environment_holds_no_test_tools(installed: Path, tmp_path: Path) -> None:
    done = _run([str(installed / "bin" / "python"), "-m", "pip", "list", "--format", "json"], tmp_path)
    names = {row["name"].lower() for row in json.loads(done.stdout)}
    assert names.isdisjoint({"pytest", "hypothesis", "mypy", "ruff", "build", "responses"})
