"""Bulk operations as requests start and read them; each is carried out in a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from graphql import GraphQLSyntaxError

from sandbox.shopify.bulk import rules
from sandbox.shopify.bulk.lines import lines_of, plan_of
from sandbox.shopify.bulk.operations import Broken
from sandbox.shopify.bulk.uploads import UPLOAD_LIMIT
from sandbox.shopify.context import Context
from sandbox.shopify.documents import Prepared, parse_fault, prepare
from sandbox.shopify.fields import mutation
from sandbox.shopify.refusals import Declined, Refusal, declined
from sandbox.shopify.values import gid
from sandbox.wire import Json, encode

AT_ONCE = 5  # of each type, for an app on a shop
_BLOCK = 50
_RUNNING = frozenset({"CREATED", "RUNNING"})
_NO_SUCH_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL "
    "correctly for the stagedUploadPath mutation argument."
)
Work = Callable[[Json, Context], None]


def operation(ctx: Context, number: int) -> Json | None:
    """An operation of the caller's app, by number."""
    row = ctx.bulk.rows.get(number)
    return ctx.bulk.shown(row, ctx.shop.now()) if row and row["app"] == ctx.token.app else None


@mutation("stagedUploadsCreate")
def staged_uploads_create(ctx: Context, args: Json) -> Json:
    """A target for each file."""
    targets = [ctx.bulk.uploads.promise(ctx.shop.next_id(), ctx.url, given) for given in args["input"]]
    return {"stagedTargets": targets}


@mutation("bulkOperationRunQuery")
def run_query(ctx: Context, args: Json) -> Json:
    """Starts a query, unless it breaks a rule or too many run."""
    prepared = _prepared_query(args["query"])
    if fault := rules.query_fault(prepared):
        raise declined(["query"], fault, "INVALID")
    _refuse_when_busy(ctx, "QUERY")
    grouped = args["groupObjects"]
    return _start(ctx, "QUERY", lambda row, own: _query(row, own, prepared, grouped))


@mutation("bulkOperationRunMutation")
def run_mutation(ctx: Context, args: Json) -> Json:
    """Starts a mutation over an uploaded file, unless it breaks a rule or too many run."""
    text = args["mutation"]
    field, fault, code = rules.mutation_fault(_prepared_mutation(text))
    if fault:
        raise declined(field, fault, code)
    path = ctx.bulk.uploads.find(args["stagedUploadPath"])
    if path is None:
        raise declined(None, _NO_SUCH_FILE, "NO_SUCH_FILE")
    _refuse_when_busy(ctx, "MUTATION")
    return _start(ctx, "MUTATION", lambda row, own: _mutation(row, own, text, path))


def _refuse_when_busy(ctx: Context, kind: str) -> None:
    running = [
        row["id"] for row in ctx.bulk.rows.values()
        if row["type"] == kind and row["status"] in _RUNNING and row["app"] == ctx.token.app
    ]  # fmt: skip
    if len(running) >= AT_ONCE:
        said = f"A bulk {kind.lower()} operation for this app and shop is already in progress: "
        raise declined(None, f"{said}{', '.join(running)}.", "OPERATION_IN_PROGRESS")


def _prepared_query(text: str) -> Prepared:
    def wrong(said: str) -> Declined:
        return declined(["query"], said, "INVALID")

    if (size := len(text.encode())) > rules.SIZE_LIMIT:
        raise wrong(f"Query is too large ({size} bytes; maximum is {rules.SIZE_LIMIT} bytes)")
    try:
        prepared = prepare(text)
    except GraphQLSyntaxError as error:
        ended = "unexpected end of file" if "<EOF>" in error.message else error.message
        raise wrong(f"Invalid bulk query: syntax error, {ended}") from None
    if prepared.faults:
        raise wrong(f"Invalid bulk query: {prepared.faults[0]['message']}")
    return prepared


def _prepared_mutation(text: str) -> Prepared:
    if (size := len(text.encode())) > rules.SIZE_LIMIT:
        said = f"is too large ({size} bytes; maximum is {rules.SIZE_LIMIT} bytes)"
        raise declined(["query"], said, "INVALID_MUTATION")
    try:
        prepared = prepare(text)
    except GraphQLSyntaxError as error:
        said = f"Failed to parse the mutation - {parse_fault(error)['message']}"
        raise declined(None, said, "INVALID_MUTATION") from None
    if prepared.faults:
        raise declined(None, prepared.faults[0]["message"], "INVALID_MUTATION")
    return prepared


def _start(ctx: Context, kind: str, work: Work) -> Json:
    number = ctx.shop.next_id()
    row: Json = {
        "__typename": "BulkOperation", "id": gid("BulkOperation", number), "number": number,
        "type": kind, "status": "CREATED", "completedAt": None, "objectCount": "0", "rootObjectCount": "0",
        "app": ctx.token.app,
        "break": ctx.bulk.breaks.pop(0) if ctx.bulk.breaks else None,
    }  # fmt: skip
    ctx.bulk.rows[number] = row
    shown = dict(row)
    own = replace(ctx, refuses_half=False, mutations=0, warnings=[], returned={})
    threading.Thread(target=_run, args=(row, own, work), daemon=True, name=f"bulk-{number}").start()
    return {"bulkOperation": shown}


def _run(row: Json, ctx: Context, work: Work) -> None:
    status, code, bulk = "COMPLETED", None, ctx.bulk
    try:
        row["status"] = "RUNNING"
        work(row, ctx)
        bulk.wait()
    except Broken as error:
        status, code = error.status, error.code
    except Refusal as error:
        denied = error.extensions["code"] == "ACCESS_DENIED"
        status, code = "FAILED", "ACCESS_DENIED" if denied else "INTERNAL_SERVER_ERROR"
    except Exception as error:
        status, code = "FAILED", "INTERNAL_SERVER_ERROR"
        if not bulk.closing:
            bulk.crashes.append(type(error).__name__)
    with ctx.shop.lock:
        bulk.end(row, status, code, ctx.shop.now())


def _query(row: Json, ctx: Context, prepared: Prepared, grouped: bool) -> None:
    part = plan_of(prepared)
    with ctx.shop.lock:
        found: Json = part.reader(None, ctx, part.args)
    assert part.inner is not None
    with ctx.bulk.path_of(row["number"]).open("wb") as file:
        for start in range(0, len(found["keys"]), _BLOCK):
            with ctx.shop.lock:
                block = found["keys"][start : start + _BLOCK]
                rows = [one for _, number in block if (one := _existing(found["read"], number))]
                lines = lines_of(part.inner, rows, ctx, grouped=grouped)
            file.writelines(encode(line) + b"\n" for line in lines)
            ctx.bulk.step(row, len(rows), len(lines))


def _existing(read: Callable[[int], Any], number: int) -> Any:
    try:
        return read(number)
    except KeyError:
        return None


def _mutation(row: Json, ctx: Context, text: str, upload: Path) -> None:
    if upload.stat().st_size > UPLOAD_LIMIT:
        raise Broken("FAILED", "INTERNAL_SERVER_ERROR")
    with upload.open("rb") as given, ctx.bulk.path_of(row["number"]).open("wb") as file:
        for number, line in enumerate(given):
            file.write(encode({**_one_line(ctx, text, line), "__lineNumber": number}) + b"\n")
            ctx.bulk.step(row, 1, 1)


def _one_line(ctx: Context, text: str, line: bytes) -> Json:
    try:
        variables = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return {"errors": [{"message": "Invalid JSON in the uploaded file."}]}
    with ctx.shop.lock:
        return ctx.bulk.execute(ctx, text, variables)
