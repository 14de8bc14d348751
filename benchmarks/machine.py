"""How a figure is taken: work in a process of its own, its time, its processor time, its peak memory."""

import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

_CHILD = "--in-a-process-of-its-own"
_LIBRARIES = ("requests", "sqlalchemy", "msgspec", "woocommerce")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured figure, with its aim; `met` is None where there is none."""

    name: str
    value: float
    unit: str
    aim: str = ""
    met: bool | None = None
    beside: str = ""  # what it is compared with, and the figures it came from


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What a process gave back, and what it took: seconds, processor seconds, peak memory in MB."""

    result: Any
    seconds: float
    processor: float
    megabytes: float


def at_most(name: str, value: float, limit: float, unit: str, beside: str = "") -> Figure:
    """A figure that should not be above a limit."""
    return Figure(name=name, value=value, unit=unit, aim=f"≤ {limit:g}", met=value <= limit, beside=beside)


def at_least(name: str, value: float, limit: float, unit: str, beside: str = "") -> Figure:
    """A figure that should not be below a limit."""
    return Figure(name=name, value=value, unit=unit, aim=f"≥ {limit:g}", met=value >= limit, beside=beside)


def plain(name: str, value: float, unit: str, beside: str = "") -> Figure:
    """A figure without an aim."""
    return Figure(name=name, value=value, unit=unit, beside=beside)


def premise(holds: bool, told: str) -> None:
    """Ends the run where what a benchmark rests on does not hold: its figures would measure something else.

    Not an `assert`, which `python -O` leaves out.
    """
    if not holds:
        raise SystemExit(f"This benchmark measures nothing: {told}.")


def apart(module: str, function: str, **arguments: Any) -> Spent:
    """Runs `module.function(**arguments)` in a process of its own; both ways as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        answer, given = Path(folder) / "answer.json", Path(folder) / "arguments.json"
        given.write_text(json.dumps(arguments))  # a command line of bodies would be too long
        command = [sys.executable, "-m", "benchmarks.machine", _CHILD, str(answer), module, function]
        child = subprocess.Popen([*command, str(given)])
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{module}.{function} ended with exit code {child.returncode}")
        told = json.loads(answer.read_text())
    return Spent(
        result=told["result"],
        seconds=told["seconds"],
        processor=used.ru_utime + used.ru_stime,
        megabytes=told["megabytes"],
    )


def _child(answer: str, module: str, function: str, arguments: str) -> None:
    work = getattr(importlib.import_module(module), function)
    started = time.perf_counter()
    result = work(**json.loads(Path(arguments).read_text()))
    seconds = time.perf_counter() - started
    Path(answer).write_text(json.dumps({"result": result, "seconds": seconds, "megabytes": peak()}))


def peak() -> float:
    """This process's own peak memory in MB; ru_maxrss would hold that of the process it came from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="gallra-benchmark-") as folder:
        yield Path(folder)


def yardstick(steps: int = 1_000_000) -> float:
    """Million steps a second of a plain Python loop on this machine: what absolute figures are held to."""
    started, found = time.process_time(), 0
    for number in range(steps):
        if number % 3:
            found += number
    return steps / (time.process_time() - started) / 1_000_000


def about() -> list[str]:
    """The machine, Python and the versions that the figures hold for."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return [
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}; load {load}",
        f"a plain loop runs {yardstick():.0f} million steps/s of processor time",
        f"Python {platform.python_version()}; gallra {version('gallra')}, {libraries}",
    ]


def show(title: str, figures: Sequence[Figure], *, judged: bool = True) -> None:
    """Prints figures as a table, with their aims where they are `judged`."""
    print(f"\n{title}")
    for figure in figures:
        if not judged:
            figure = msgspec.structs.replace(figure, aim="", met=None)
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
        value = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:,.2f}"
        print(
            f"  {figure.name:<58} {value:>10} {figure.unit:<10} {figure.aim:<9} {verdict:<8} {figure.beside}"
        )


def keep(name: str, figures: Sequence[Figure], folder: Path) -> None:
    """Writes figures as JSON, with what they hold for."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"about": about(), "figures": msgspec.to_builtins(figures)}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__" and sys.argv[1:2] == [_CHILD]:
    _child(*sys.argv[2:6])
