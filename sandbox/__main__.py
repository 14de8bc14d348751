"""`python -m sandbox`: the stand-in services as a process of their own, until stdin closes or SIGTERM."""

import argparse
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path
from types import FrameType

from sandbox.box import Sandbox
from sandbox.data.everywhere import ADDRESS


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--port-file", type=Path, required=True, help="where addresses and credentials are written"
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--mode", choices=("fast", "measured"), default="fast")
    parser.add_argument("--today", type=date.fromisoformat, default=None)
    parser.add_argument("--everywhere", action="store_true", help="add a person whom every recipient knows")
    parser.add_argument("--store", type=Path, default=None, help="a folder of a real shop's answers")
    return parser.parse_args(given)


SHOWN = 9
"""How many made-up persons the port file names, for whoever tries what a person may ask for."""


def build(options: argparse.Namespace) -> Sandbox:
    """The sandbox that the command line asks for."""
    if options.store:
        return Sandbox.load_store(options.store, today=options.today, seed=options.seed, mode=options.mode)
    return Sandbox(
        seed=options.seed,
        customers=options.customers,
        orders=options.orders,
        today=options.today,
        mode=options.mode,
        everywhere=options.everywhere,
    )


def write_atomically(path: Path, content: str) -> None:
    """Writes a file that is either absent or whole, readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    draft.replace(path)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Starts the services, says where they are, and waits."""
    options = arguments()
    signal.signal(signal.SIGTERM, _leave)
    with build(options) as box:
        people = dict(enumerate(box.people()[:SHOWN], 1))
        told = {**box.credentials(), "people": people, "everywhere": {"address": ADDRESS}}
        write_atomically(options.port_file, json.dumps(told, indent=1))
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
