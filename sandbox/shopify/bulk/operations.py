"""The bulk operations of a shop as they are kept: rows, files, what slows, holds or breaks them."""

import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from sandbox.shopify.bulk.uploads import Uploads
from sandbox.shopify.values import epoch, iso
from sandbox.wire import Json

LIFE = 7 * 86400  # seconds that a result can be fetched


class Broken(Exception):
    """A bulk operation that ends badly; carries status and error code."""

    def __init__(self, status: str, code: str | None) -> None:
        super().__init__(status)
        self.status, self.code = status, code


class Operations:
    """`rows_per_second` slows them down; `hold` keeps them running until `release`."""

    def __init__(self, execute: Callable[..., Json], url: Callable[[], str]) -> None:
        self.execute, self.url = execute, url
        self.folder = Path(tempfile.mkdtemp(prefix="sandbox-shopify-"))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.uploads = Uploads(self.folder)
        self.rows: dict[int, Json] = {}
        self.rows_per_second = 0.0
        self.crashes: list[str] = []
        self.breaks: list[tuple[int, str, str | None]] = []
        self.closing = False
        self._ending = threading.Lock()  # an operation ends before the files go, or is left as it stands
        self._go = threading.Event()
        self._go.set()
        self.hold, self.release, self.wait = self._go.clear, self._go.set, self._go.wait

    def break_next(
        self, status: str = "FAILED", code: str | None = "INTERNAL_SERVER_ERROR", after: int = 0
    ) -> None:
        """The next operation ends as FAILED or CANCELED after so many objects, with what it has so far."""
        self.breaks.append((after, status, code))

    def close(self) -> None:
        """Stops what runs and deletes every file."""
        with self._ending:
            self.closing = True
        self.release()
        self._finalizer()

    def path_of(self, number: int) -> Path:
        """Where the result of an operation is kept."""
        return self.folder / f"{number}.jsonl"

    def lapsed(self, row: Json, now: float) -> bool:
        """Whether its results can no longer be fetched."""
        return row["completedAt"] is not None and epoch(row["completedAt"]) + LIFE <= now

    def shown(self, row: Json, now: float) -> Json:
        """An operation as it is read: results lapse after a week."""
        if row["status"] != "COMPLETED" or not self.lapsed(row, now):
            return row
        return {**row, "status": "EXPIRED", "url": None, "partialDataUrl": None}

    def step(self, row: Json, roots: int, objects: int) -> None:
        """Counts what has been done. Raises Broken where the operation is to stop."""
        row["rootObjectCount"] = str(int(row["rootObjectCount"]) + roots)
        row["objectCount"] = str(int(row["objectCount"]) + objects)
        if self.closing:
            raise Broken("CANCELED", None)
        if row["break"] and int(row["objectCount"]) >= row["break"][0]:
            raise Broken(*row["break"][1:])
        if self.rows_per_second:
            time.sleep(roots / self.rows_per_second)

    def end(self, row: Json, status: str, code: str | None, now: float) -> None:
        """Writes down how an operation ended and where its result is fetched; nothing once all is closing."""
        with self._ending:
            if not self.closing:
                self._note_end(row, status, code, now)

    def _note_end(self, row: Json, status: str, code: str | None, now: float) -> None:
        number, path = row["number"], self.path_of(row["number"])
        size = path.stat().st_size if path.exists() else 0
        address = f"{self.url()}/bulk-results/{number}.jsonl?signature={number:x}" if size else None
        row |= {
            "completedAt": iso(now), "errorCode": code,
            "url": address if status == "COMPLETED" else None,
            "partialDataUrl": address if status != "COMPLETED" else None, "status": status,
        }  # fmt: skip
