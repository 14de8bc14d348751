"""A worker in a process of its own, with runs that note what they do: `python -m tests.fleet_worker`.

Arguments: the database's address, a folder, how many shops at a time, seconds that a run takes, and `once` or
`always`. Each run adds a line to the folder's `began` and, when it is over, one to `ended`; while it runs it
holds a file of its shop's, and says so in `twice` where another does.
"""

import os
import sys
import time
from pathlib import Path

from connector.errors import Exit, GallraError
from connector.fleet.ending import Ran
from connector.fleet.work import Work, work


def noted(folder: Path, name: str, line: str) -> None:
    """Adds one line, whole, whoever else adds another."""
    number = os.open(folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(number, f"{line}\n".encode())
    os.close(number)


def lines(folder: Path, name: str) -> list[str]:
    """What stands there."""
    path = folder / name
    return path.read_text().split() if path.exists() else []


def _alive(path: Path) -> bool:
    try:
        os.kill(int(path.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def main(url: str, folder: Path, jobs: int, seconds: float, once: bool) -> None:
    """Works."""

    def run(path: Path) -> Ran:
        shop, held = path.stem, folder / "held" / path.stem
        noted(folder, "began", shop)
        if held.exists() and _alive(held):
            noted(folder, "twice", shop)
        held.write_text(str(os.getpid()))
        time.sleep(seconds)
        held.unlink()
        noted(folder, "ended", shop)
        return Ran(code=Exit.DONE, line="Done.")

    (folder / "held").mkdir(exist_ok=True)
    given = Work(
        url=url, folder=folder, run=run, say=lambda line: noted(folder, "said", line), jobs=jobs, once=once
    )
    try:
        work(given)
    except GallraError as fault:
        sys.exit(int(fault.exit))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5] == "once")
