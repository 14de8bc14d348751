"""The wheel as the Dockerfile builds it, installed alone in a clean environment, once for all tests."""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
PROJECT = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")


_OF_THE_IMAGE = ("--no-cache-dir", "--no-isolation")
"""What only the image needs: the wheel's builder is not among what the tests have."""


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


def clean_environment() -> dict[str, str]:
    """The environment without anything that points at the repository or this Python."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "GALLRA")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return kept | {"GALLRA_LANGUAGE": "en"}


def run_alone(words: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=folder,
        env=clean_environment() | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
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
        if words[-1] in ("requirements/build.txt", "requirements/demo.txt"):
            continue  # the test environment has the one; the other is the second image's
        _step([str(source / "dist" / "*.whl") if w == "dist/*.whl" else w for w in words], source, opt)


def _step(words: list[str], source: Path, opt: Path) -> None:
    words = [word.replace("/opt/gallra", str(opt)) for word in words]
    if words[0] == "python":
        words[0] = sys.executable
    if words[-1].endswith("*.whl"):
        words[-1:] = [str(path) for path in (source / "dist").glob("*.whl")]
    done = run_alone([word for word in words if word not in _OF_THE_IMAGE], source)
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


@pytest.fixture(scope="session")
def demo_parts(installed: Path) -> Path:
    """A folder with what the extra `demo` brings, beside the environment that has none of it."""
    folder = installed.parent / "demo-parts"
    wanted = tomllib.loads(PROJECT)["project"]["optional-dependencies"]["demo"]
    with (installed.parent / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *wanted]
            done = run_alone(pip, installed.parent)
            assert done.returncode == 0, done.stderr[-1500:]
    return folder


@pytest.fixture
def gallra(installed: Path) -> str:
    """The installed command."""
    return str(installed / "bin" / "gallra")
