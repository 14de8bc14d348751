"""The demo's stand-in services, as a process of their own on loopback."""

import json
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connector.errors import GallraError

START_SECONDS = 60
STOP_SECONDS = 5


class Sandbox:
    """The services of one made-up shop, from start to end of a `with` block.

    Raises GallraError where they do not answer within START_SECONDS.
    """

    def __init__(
        self, folder: Path, *, seed: int, orders: int, customers: int, everywhere: bool = False
    ) -> None:
        self._port_file = folder / "sandbox.json"
        self._arguments = [f"--seed={seed}", f"--orders={orders}", f"--customers={customers}"]
        self._arguments += ["--everywhere"] if everywhere else []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "sandbox", f"--port-file={self._port_file}", *self._arguments]
        # In a session of its own: Ctrl-C is for Gallra, which then closes the services' stdin.
        self._started = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        try:
            self.services = self._found()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def wait(self) -> None:
        """Waits while the services answer. Raises GallraError where they end by themselves."""
        self._started.wait()
        raise GallraError("The made-up shop ended by itself. Start it again.")

    def _found(self) -> dict[str, Any]:
        """Every address and credential; the file that held them is removed."""
        deadline = time.monotonic() + START_SECONDS
        while not self._port_file.exists():
            if self._started.poll() is not None or time.monotonic() > deadline:
                raise GallraError("The sandbox did not start. Run `python -m sandbox --help` to see why.")
            time.sleep(0.05)
        found: dict[str, Any] = json.loads(self._port_file.read_text(encoding="utf-8"))
        self._port_file.unlink()
        return found

    def _stop(self) -> None:
        """Ends the process by closing its stdin, and waits for its end."""
        if self._started.stdin:
            self._started.stdin.close()
        try:
            self._started.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._started.terminate()
            self._started.wait(timeout=STOP_SECONDS)
