"""What it costs to start the command: processor time of `gallra --help`.

Run: python -m benchmarks.start [times]. User and system time of the process; the median of several.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.machine import Figure, about, at_most, premise, show

TIMES = 7


def once(*words: str) -> float:
    """Processor seconds of one command."""
    command = Path(sys.executable).with_name("gallra")
    child = subprocess.Popen([command, *words], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    premise(child.returncode == 0, f"gallra {' '.join(words)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


def measure(times: int) -> list[Figure]:
    """The median of several starts."""
    once("--help")  # byte code is written on the first
    taken = [once("--help") for _ in range(times)]
    told = f"median of {times}, {min(taken):.2f} to {max(taken):.2f}"
    return [at_most("gallra --help", statistics.median(taken), 0.3, "s", told)]


def main() -> None:
    """Prints the figures."""
    print("\n".join(about()))
    show("start of the command (processor time)", measure(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))


if __name__ == "__main__":
    main()
