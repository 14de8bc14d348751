"""The bulk operations of a shop: started, watched, cancelled, and their results until they expire."""

import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from graphql import DocumentNode, GraphQLSyntaxError

from sandbox.shopify.bulk import rules
from sandbox.shopify.bulk.lines import lines_of, plan_of
from sandbox.shopify.bulk.uploads import UPLOAD_LIMIT, Uploads
from sandbox.shopify.context import Context
from sandbox.shopify.execution import parse_fault, prepare
from sandbox.shopify.pagination import paginate
from sandbox.shopify.refusals import Refusal, user_error
from sandbox.shopify.values import epoch, gid, iso, number_of
from sandbox.wire import Json, encode

AT_ONCE = 5  # of each type, for an app on a shop
LIFE = 7 * 86400  # seconds that a result can be fetched
_BLOCK = 50
_RUNNING = frozenset({"CREATED", "RUNNING", "CANCELING"})


class Broken(Exception):
    """A bulk operation that was ordered to end badly; carries status and error code."""

    def __init__(self, status: str, code: str | None) -> None:
        super().__init__(status)
        self.status, self.code = status, code


class Operations:
    """Runs bulk operations in threads of their own and keeps their results in files.

    `rows_per_second` slows them down; `hold` keeps them running until `release`; `break_next` makes the next
    one fail or be cancelled by Shopify after so many objects.
    """

    def __init__(self, execute: Callable[[Context, str, Json], Json], url: Callable[[], str]) -> None:
        self._execute, self._url = execute, url
        self.folder = Path(tempfile.mkdtemp(prefix="sandbox-shopify-"))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.uploads = Uploads(self.folder)
        self.rows: dict[int, Json] = {}
        self.rows_per_second = 0.0
        self.crashes: list[str] = []
        self._go = threading.Event()
        self._go.set()
        self._breaks: list[tuple[int, str, str | None]] = []
        self._closing = False

    def hold(self) -> None:
        """Keeps every operation running from here on."""
        self._go.clear()

    def release(self) -> None:
        """Lets them end."""
        self._go.set()

    def break_next(
        self, status: str = "FAILED", code: str | None = "INTERNAL_SERVER_ERROR", after: int = 0
    ) -> None:
        """The next operation ends as FAILED or CANCELED after so many objects, with what it has so far."""
        self._breaks.append((after, status, code))

    def close(self) -> None:
        """Stops what runs and deletes every file."""
        self._closing = True
        self._go.set()
        self._finalizer()

    # ---- asked by requests

    def shown(self, row: Json, ctx: Context) -> Json:
        """An operation as it is read: results lapse after a week."""
        if row["status"] != "COMPLETED" or not self.lapsed(row, ctx.shop.now()):
            return row
        return {**row, "status": "EXPIRED", "url": None, "partialDataUrl": None}

    def lapsed(self, row: Json, now: float) -> bool:
        """Whether its results can no longer be fetched."""
        return row["completedAt"] is not None and epoch(row["completedAt"]) + LIFE <= now

    def read(self, ctx: Context, number: int) -> Json | None:
        """An operation by number."""
        row = self.rows.get(number)
        return self.shown(row, ctx) if row and row["app"] == ctx.token.app else None

    def current(self, ctx: Context, kind: str) -> Json | None:
        """The latest operation of a type."""
        own = (row for row in reversed(self.rows.values()) if row["app"] == ctx.token.app)
        found = next((row for row in own if row["type"] == kind), None)
        return found and self.shown(found, ctx)

    def listed(self, ctx: Context, args: Json) -> Json:
        """QueryRoot.bulkOperations; `query` takes status and operation_type."""
        wanted = [term.partition(":")[2].upper() for term in (args.get("query") or "").split() if ":" in term]
        keys = [
            (number, number)
            for number, row in self.rows.items()
            if all(word in (row["status"], row["type"]) for word in wanted)
        ]
        return paginate(keys, args, lambda number: self.shown(self.rows[number], ctx))

    def cancel(self, ctx: Context, operation_id: str) -> Json:
        """bulkOperationCancel."""
        row = self.rows.get(number_of(operation_id, "BulkOperation") or 0)
        if row is None:
            error = user_error(["id"], "Bulk operation does not exist")
            return {"bulkOperation": None, "userErrors": [error]}
        if row["status"] not in _RUNNING:
            said = f"A bulk operation cannot be canceled when it is {row['status'].lower()}"
            return {"bulkOperation": row, "userErrors": [user_error(None, said)]}
        row["status"] = "CANCELING"
        return {"bulkOperation": dict(row), "userErrors": []}

    def _busy(self, ctx: Context, kind: str) -> str:
        running = [
            row["id"] for row in self.rows.values()
            if row["type"] == kind and row["status"] in _RUNNING and row["app"] == ctx.token.app
        ]  # fmt: skip
        if len(running) < AT_ONCE:
            return ""
        named = ", ".join(running)
        return f"A bulk {kind.lower()} operation for this app and shop is already in progress: {named}."

    def run_query(self, ctx: Context, args: Json) -> Json:
        """bulkOperationRunQuery."""
        text = args["query"]
        fault = _query_fault(text) or self._busy(ctx, "QUERY")
        if fault:
            code = "OPERATION_IN_PROGRESS" if "in progress" in fault else "INVALID"
            field = None if code == "OPERATION_IN_PROGRESS" else ["query"]
            return {"bulkOperation": None, "userErrors": [user_error(field, fault, code)]}
        document = prepare(text).document
        grouped = args["groupObjects"]
        row = self._start(ctx, "QUERY", text, lambda row, own: self._query(row, own, document, grouped))
        return {"bulkOperation": row, "userErrors": []}

    def run_mutation(self, ctx: Context, args: Json) -> Json:
        """bulkOperationRunMutation."""
        text = args["mutation"]
        field, fault, code = _mutation_fault(text, args.get("clientIdentifier"))
        path = self.uploads.find(args["stagedUploadPath"])
        if not fault and path is None:
            fault, code = NO_SUCH_FILE, "NO_SUCH_FILE"
        if not fault and (busy := self._busy(ctx, "MUTATION")):
            field, fault, code = None, busy, "OPERATION_IN_PROGRESS"
        if fault or path is None:
            return {"bulkOperation": None, "userErrors": [user_error(field, fault, code)]}
        row = self._start(ctx, "MUTATION", text, lambda row, own: self._mutation(row, own, text, path))
        return {"bulkOperation": row, "userErrors": []}

    # ---- carried out in threads

    def _start(self, ctx: Context, kind: str, text: str, work: Callable[[Json, Context], None]) -> Json:
        number = ctx.shop.next_id()
        row: Json = {
            "__typename": "BulkOperation", "id": gid("BulkOperation", number), "number": number,
            "type": kind, "query": text, "status": "CREATED", "createdAt": iso(ctx.shop.now()),
            "completedAt": None, "errorCode": None, "objectCount": "0", "rootObjectCount": "0",
            "fileSize": None, "url": None, "partialDataUrl": None, "app": ctx.token.app,
        }  # fmt: skip
        self.rows[number] = row
        shown = dict(row)
        own = Context(ctx.shop, ctx.token, self, ctx.url, ctx.versions, ctx.client_id)
        broken = self._breaks.pop(0) if self._breaks else None
        given = (row, own, work, broken)
        threading.Thread(target=self._run, args=given, daemon=True, name=f"bulk-{number}").start()
        return shown

    def _run(self, row: Json, ctx: Context, work: Callable[[Json, Context], None], broken: Any) -> None:
        row["break"] = broken
        status, code = "COMPLETED", None
        try:
            row["status"] = "RUNNING" if row["status"] == "CREATED" else row["status"]
            work(row, ctx)
            self._go.wait()
            if row["status"] == "CANCELING":
                status = "CANCELED"
        except Broken as error:
            status, code = error.status, error.code
        except Refusal as error:
            status = "FAILED"
            code = "ACCESS_DENIED" if error.extensions["code"] == "ACCESS_DENIED" else "INTERNAL_SERVER_ERROR"
        except Exception as error:
            status, code = "FAILED", "INTERNAL_SERVER_ERROR"
            if not self._closing:
                self.crashes.append(type(error).__name__)
        if not self._closing:
            self._finish(row, ctx, status, code)

    def _finish(self, row: Json, ctx: Context, status: str, code: str | None) -> None:
        with ctx.shop.lock:
            path = self.path_of(row["number"])
            size = path.stat().st_size if path.exists() else 0
            number = row["number"]
            address = f"{self._url()}/bulk-results/{number}.jsonl?signature={number:x}" if size else None
            row |= {
                "fileSize": str(size) if size else None, "completedAt": iso(ctx.shop.now()),
                "errorCode": code,
                "url": address if status == "COMPLETED" else None,
                "partialDataUrl": address if status != "COMPLETED" else None, "status": status,
            }  # fmt: skip

    def path_of(self, number: int) -> Path:
        """Where the result of an operation is kept."""
        return self.folder / f"{number}.jsonl"

    def _step(self, row: Json, roots: int, objects: int) -> None:
        """Counts, and stops where that was ordered."""
        row["rootObjectCount"] = str(int(row["rootObjectCount"]) + roots)
        row["objectCount"] = str(int(row["objectCount"]) + objects)
        if row["status"] == "CANCELING":
            raise Broken("CANCELED", None)
        if row["break"] and int(row["objectCount"]) >= row["break"][0]:
            raise Broken(row["break"][1], row["break"][2])
        if self._closing:
            raise Broken("CANCELED", None)
        if self.rows_per_second:
            time.sleep(roots / self.rows_per_second)

    def _query(self, row: Json, ctx: Context, document: DocumentNode, grouped: bool) -> None:
        plan = plan_of(document)
        with ctx.shop.lock:
            keys, read = _keys_of(ctx, plan.part.reader, plan.part.args)
        assert plan.part.inner is not None
        with self.path_of(row["number"]).open("wb") as file:
            for start in range(0, len(keys), _BLOCK):
                with ctx.shop.lock:
                    block = keys[start : start + _BLOCK]
                    rows = [found for _, number in block if (found := _existing(read, number))]
                    lines = lines_of(plan.part.inner, rows, ctx, grouped=grouped)
                for line in lines:
                    file.write(encode(line) + b"\n")
                self._step(row, len(rows), len(lines))

    def _mutation(self, row: Json, ctx: Context, text: str, upload: Path) -> None:
        if upload.stat().st_size > UPLOAD_LIMIT:
            raise Broken("FAILED", "INTERNAL_SERVER_ERROR")
        with upload.open("rb") as given, self.path_of(row["number"]).open("wb") as file:
            for number, line in enumerate(given):
                answer = self._one_line(ctx, text, line)
                file.write(encode({**answer, "__lineNumber": number}) + b"\n")
                self._step(row, 1, 1)

    def _one_line(self, ctx: Context, text: str, line: bytes) -> Json:
        try:
            variables = msgspec.json.decode(line)
        except msgspec.DecodeError:
            return {"errors": [{"message": "Invalid JSON in the uploaded file."}]}
        with ctx.shop.lock:
            return self._execute(ctx, text, variables)


NO_SUCH_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL "
    "correctly for the stagedUploadPath mutation argument."
)


def _existing(read: Callable[[int], Any], number: int) -> Any:
    try:
        return read(number)
    except KeyError:
        return None


def _keys_of(ctx: Context, reader: Any, args: Json) -> tuple[list[tuple[int, int]], Callable[[int], Any]]:
    """The places of a list and how its records are read, from the reader that pages use."""
    found: Json = reader(None, ctx, args)
    return found["keys"], found["read"]


def _query_fault(text: str) -> str:
    if len(text.encode()) > rules.SIZE_LIMIT:
        return f"Query is too large ({len(text.encode())} bytes; maximum is {rules.SIZE_LIMIT} bytes)"
    try:
        prepared = prepare(text)
    except GraphQLSyntaxError as error:
        ended = "unexpected end of file" if "<EOF>" in error.message else error.message
        return f"Invalid bulk query: syntax error, {ended}"
    if prepared.faults:
        return f"Invalid bulk query: {prepared.faults[0]['message']}"
    return rules.query_fault(prepared.document)


def _mutation_fault(text: str, client: str | None) -> tuple[list[str] | None, str, str | None]:
    if client is not None and not 10 <= len(client) <= 255:
        said = "is too short (minimum is 10" if len(client) < 10 else "is too long (maximum is 255"
        return ["clientIdentifier"], f"{said} characters)", "INVALID_MUTATION"
    size = len(text.encode())
    if size > rules.SIZE_LIMIT:
        said = f"is too large ({size} bytes; maximum is {rules.SIZE_LIMIT} bytes)"
        return ["query"], said, "INVALID_MUTATION"
    try:
        prepared = prepare(text)
    except GraphQLSyntaxError as error:
        said = parse_fault(error)["message"]
        return None, f"Failed to parse the mutation - {said}", "INVALID_MUTATION"
    if prepared.faults:
        return None, prepared.faults[0]["message"], "INVALID_MUTATION"
    return rules.mutation_fault(prepared.document)
