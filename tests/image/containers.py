"""Containers of the two images, each on a read-only root with one volume; what was started is removed."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

ENGINE = tuple(os.environ["GALLRA_ENGINE"].split())
BASE = os.environ["GALLRA_BASE"]
ALONE, DEMO = "localhost/gallra", "localhost/gallra-demo"
# As docs/guide/schedule.md has it; the host's network, so that one container answers another on loopback.
HOUSE = ("--pull=never", "--read-only", "--tmpfs=/tmp", "--network=host")
# What an unprivileged machine lets podman set.
LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=4096:4096")
Done = subprocess.CompletedProcess[str]


def engine(*words: str, check: bool = True) -> Done:
    """One command of the engine; its own words where it fails."""
    done = subprocess.run([*ENGINE, *words], capture_output=True, text=True, check=False, timeout=900)
    assert not check or done.returncode == 0, f"{words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done


class Volume(NamedTuple):
    """A named volume, and where its files lie on this machine."""

    name: str
    place: Path

    @property
    def mounted(self) -> str:
        return f"--volume={self.name}:/data"


@contextmanager
def new_volume() -> Iterator[Volume]:
    name = f"gallra-test-{uuid4().hex[:12]}"
    engine("volume", "create", name)
    try:
        yield Volume(name, Path(engine("volume", "inspect", "--format={{.Mountpoint}}", name).stdout.strip()))
    finally:
        engine("volume", "rm", "--force", name)


def run(image: str, *words: str, volume: Volume) -> Done:
    """Types one command in a container of its own."""
    return engine("run", "--rm", *HOUSE, *LIMITS, volume.mounted, image, *words, check=False)


def shell(image: str, script: str, *, volume: Volume) -> Done:
    words = ("--entrypoint=/bin/sh", image, "-c", script)
    return engine("run", "--rm", *HOUSE, *LIMITS, volume.mounted, *words, check=False)


class Container(NamedTuple):
    """A container that runs beside the test."""

    name: str

    def said(self) -> str:
        """Everything it wrote so far."""
        done = engine("logs", self.name)
        return done.stdout + done.stderr

    def stop(self) -> int:
        """Sends what the image stops on, and waits; the exit code."""
        engine("stop", "--time=300", self.name)
        return int(engine("inspect", "--format={{.State.ExitCode}}", self.name).stdout)

    def is_well(self) -> bool:
        return engine("healthcheck", "run", self.name, check=False).returncode == 0


@contextmanager
def running(image: str, *words: str, volume: Volume, keys: str = "") -> Iterator[Container]:
    """A container in the background; `keys` is a file of variables that a shell reads first."""
    name = f"gallra-test-{uuid4().hex[:12]}"
    typed = (image, *words)
    if keys:
        typed = ("--entrypoint=/bin/sh", image, "-c", f'. {keys} && exec gallra "$@"', "gallra", *words)
    engine("run", "--detach", f"--name={name}", *HOUSE, *LIMITS, volume.mounted, *typed)
    try:
        yield Container(name)
    finally:
        engine("rm", "--force", "--time=30", name)


def wait_until(true: Callable[[], object], *, what: str, seconds: float = 600, pause: float = 0.2) -> None:
    """Raises AssertionError where it does not come true; the time only ends a test that hangs."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"Waited in vain for {what}."
        time.sleep(pause)
