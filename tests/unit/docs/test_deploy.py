"""The files under deploy: they are YAML, name only what they declare, and type commands that there are."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.fleet.where import read_fleet
from tests.support import REPOSITORY
from tests.unit.docs.commands import verbs

DEPLOY = REPOSITORY / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CRONJOB = yaml.safe_load((DEPLOY / "cronjob.yaml").read_text(encoding="utf-8"))
POD = CRONJOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]
CONTAINERS = [*POD["initContainers"], *POD["containers"]]


def typed() -> Iterator[tuple[str, ...]]:
    """Every line that a container of ours is started with."""
    for service in COMPOSE["services"].values():
        if "build" in service:
            yield tuple(service["command"])
    for container in CONTAINERS:
        yield tuple(container["args"])


@pytest.mark.parametrize("line", [*typed()], ids=" ".join)
def test_a_container_is_started_with_a_command_that_there_is(line: tuple[str, ...]) -> None:
    command = verbs()[" ".join(line[:2]) if line[0] == "fleet" else line[0]]
    options = {option for one in command.params for option in one.opts}
    assert {word for word in line if word.startswith("-")} <= options


def test_there_are_a_database_workers_and_pages() -> None:
    lines = {line[:2] for line in typed()}
    assert {("fleet", "work"), ("fleet", "add"), ("serve", "--no-run")} <= lines
    assert COMPOSE["services"]["workers"]["deploy"]["replicas"] >= 2
    assert "postgres" in COMPOSE["services"]["database"]["image"]


def _names(service: dict[str, Any], what: str) -> set[str]:
    found = service.get(what, [])
    return {one["source"] if isinstance(one, dict) else one.partition(":")[0] for one in found}


@pytest.mark.parametrize("what", ["configs", "secrets", "volumes"])
def test_whatever_a_service_names_is_declared_and_the_other_way_round(what: str) -> None:
    named = {name for service in COMPOSE["services"].values() for name in _names(service, what)}
    assert named == set(COMPOSE[what])


def test_every_image_is_a_target_of_the_dockerfile_with_the_fleet_s_libraries() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    targets = {line.rpartition(" AS ")[2] for line in lines if line.startswith("FROM ")}
    built = {one["build"]["target"] for one in COMPOSE["services"].values() if "build" in one}
    assert built == {"gallra-fleet"} == {one["image"] for one in CONTAINERS}
    assert built <= targets
    assert "    -r requirements/fleet.txt" in lines


def test_every_file_that_compose_mounts_is_there_or_is_a_secret() -> None:
    files = [one["file"] for what in ("configs", "secrets") for one in COMPOSE[what].values()]
    assert [name for name in files if not (name.endswith(".secret") or (DEPLOY / name).is_file())] == []


def test_the_fleet_s_file_is_one_that_gallra_reads(tmp_path: Path) -> None:
    path = DEPLOY / "fleet.toml"
    made = read_fleet(path)
    table = tomllib.loads(path.read_text(encoding="utf-8"))["fleet"]
    assert made.url is not None
    assert str(made.url.file) == table["url"]["file"]
    mounted = [one["target"] for one in COMPOSE["services"]["workers"]["configs"]]
    assert mounted == [COMPOSE["services"]["workers"]["environment"]["GALLRA_FLEET"]]
    assert Path(table["url"]["file"]).name in COMPOSE["services"]["workers"]["secrets"]


def test_a_cronjob_mounts_only_volumes_that_its_pod_has() -> None:
    has = {one["name"] for one in POD["volumes"]}
    assert {mount["name"] for one in CONTAINERS for mount in one["volumeMounts"]} == has
    assert len(CRONJOB["spec"]["schedule"].split()) == 5


def test_no_secret_stands_in_a_file_that_is_shipped() -> None:
    for path in DEPLOY.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "PASSWORD@" not in text.replace("gallra:PASSWORD@database", "")
