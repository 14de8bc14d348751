"""The wheel, installed alone in a clean environment and run from an empty folder; and the Dockerfile."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.acceptance.wheel import (
    DOCKERFILE,
    build_steps,
    clean_environment,
    copied,
    instructions,
    run_alone,
)
from tests.support import REPOSITORY

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


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """A folder of one shop that has a schedule."""
    folder = tmp_path / "shops"
    folder.mkdir()
    (folder / "served.toml").write_text(SHOP)
    return folder


def test_the_installed_package_is_not_the_repository(installed: Path, tmp_path: Path) -> None:
    asked = "import connector, pathlib; print(pathlib.Path(connector.__file__).parent)"
    done = run_alone([str(installed / "bin" / "python"), "-c", asked], tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed)


def test_the_wheel_lists_the_rules_of_its_own_preset(gallra: str, tmp_path: Path) -> None:
    done = run_alone([gallra, "policy", "list"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^swedish-webshop@\S+: \d+ rules\.$", done.stdout, re.MULTILINE)


def test_the_wheel_calculates_when_a_field_is_due(gallra: str, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    words = [gallra, "policy", "due", "--facts", "facts.json", "--today", "2026-11-22"]
    done = run_alone(words, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2026-12-31" in done.stdout  # the seventh year after the one that ended 2019-12-31


def test_everything_the_dockerfile_copies_is_there() -> None:
    assert copied()
    assert [name for name in copied() if not (REPOSITORY / name).exists()] == []


def test_everything_the_dockerfile_copies_passes_the_dockerignore() -> None:
    kept = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {name.removeprefix("./") for name in copied()} == kept


def test_the_dockerfile_builds_a_wheel_and_installs_that_and_nothing_else() -> None:
    assert [words[1:3] + words[-1:] for words in build_steps()] == [
        ["-m", "pip", "requirements/build.txt"],
        ["-m", "build", "--no-isolation"],
        ["-m", "venv", "/opt/gallra"],
        ["-m", "pip", "requirements/run.txt"],
        ["-m", "pip", "dist/*.whl"],
        ["-m", "pip", "requirements/demo.txt"],
        ["-m", "pip", "requirements/fleet.txt"],
    ]


def test_the_image_that_is_built_where_none_is_named_is_the_one_that_serves() -> None:
    last = instructions("FROM")[-1].split()
    assert last[-1] == "gallra"


def test_the_image_runs_as_a_fixed_user_that_is_not_root() -> None:
    (user,) = instructions("USER")
    number = user.split(":")[0]
    assert int(number) > 0
    assert f"--uid {number}" in DOCKERFILE


def test_the_image_starts_a_command_that_gallra_has(gallra: str, tmp_path: Path) -> None:
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["gallra"]
    *_, (verb, folder) = map(json.loads, instructions("CMD"))
    assert folder.startswith(f"{instructions('VOLUME')[0]}/")
    assert run_alone([gallra, verb, "--help"], tmp_path).returncode == 0


def _healthy(gallra: str, shops: Path) -> int:
    (check,) = instructions("HEALTHCHECK")
    name, *words = json.loads(check.partition(" CMD ")[2])
    assert name == "gallra"
    words = [str(shops) if word == "/data/shops" else word for word in words]
    return run_alone([gallra, *words], shops).returncode


def test_the_health_check_passes_until_a_shops_file_has_a_fault(gallra: str, shops: Path) -> None:
    assert _healthy(gallra, shops) == 0
    (shops / "broken.toml").write_text("[shop]\nid = 1\n")
    assert _healthy(gallra, shops) == 1


def test_serve_ends_in_good_order_on_the_signal_that_stops_the_image(gallra: str, shops: Path) -> None:
    assert instructions("STOPSIGNAL") == []  # what is sent without one is SIGTERM
    serving = subprocess.Popen(
        [gallra, "serve", str(shops)],
        env=clean_environment() | {"PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert serving.stderr is not None
    try:
        assert serving.stderr.readline() == "Serving 1 shops.\n"
        time.sleep(1)  # the line comes just before the scheduler starts
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(timeout=30) == 0
    finally:
        serving.kill()
        serving.stderr.close()
        serving.wait()


def test_the_guide_says_on_what_base_the_images_were_run() -> None:
    guide = REPOSITORY / "docs" / "guide" / "schedule.md"
    assert "not on the official image" in guide.read_text(encoding="utf-8")


def test_without_its_extra_the_demo_says_in_one_sentence_what_to_install(gallra: str, tmp_path: Path) -> None:
    for verb in ("demo", "sandbox"):
        done = run_alone([gallra, verb], tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            "Error: The made-up shop is an extra. Install it: python3 -m pip install 'gallra[demo]'.\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_ships_the_settings_schema_with_every_meaning(gallra: str, tmp_path: Path) -> None:
    done = run_alone([gallra, "settings", "schema"], tmp_path)
    schema = json.loads(done.stdout)
    assert schema["properties"]["shop"]["properties"]["id"]["description"]
    assert schema["properties"]["recipients"]["properties"]["klarna"]["properties"]["look_up"]["description"]


def test_the_wheel_says_that_its_packages_are_typed_and_under_which_licence(installed: Path) -> None:
    (site,) = (installed / "lib").glob("python*/site-packages")
    assert [(site / name / "py.typed").is_file() for name in ("connector", "adapters")] == [True, True]
    (licence,) = site.glob("gallra-*.dist-info/licenses/LICENSE")
    assert "the Gallra authors" in licence.read_text(encoding="utf-8")
    assert not (site / "benchmarks").exists()


def test_the_environment_holds_no_tools_for_tests_or_installing(installed: Path, tmp_path: Path) -> None:
    asked = "from importlib.metadata import distributions as all; print(*{one.name.lower() for one in all()})"
    names = run_alone([str(installed / "bin" / "python"), "-c", asked], tmp_path).stdout.split()
    assert "gallra" in names
    assert {"pytest", "hypothesis", "mypy", "ruff", "build", "responses", "pip"}.isdisjoint(names)
