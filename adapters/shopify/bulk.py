"""Bulk operations: started, waited for, and their JSON lines put together in flat memory.

A query gives one line per record and, right behind it (`groupObjects: true`), one per child with
`__parentId`; a mutation gives one line per line of input (shopify.dev/docs/api/usage/bulk-operations).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from adapters.shopify.answers import OddAnswer
from adapters.shopify.client import Client
from adapters.shopify.faults import ADAPTER
from adapters.shopify.files import GONE, Files
from adapters.stray import NOT_JSON
from connector.errors import AccessDenied, Rejected, RemoteError, RetryLater
from connector.ports.waiting import tell

_POLLS = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0)
_PLACES = (5.0, 15.0, 30.0, 60.0, 120.0)  # seconds between two tries to get a place
_SLOWEST = 15.0  # seconds between two looks at an operation
_PATIENCE = 4 * 3600.0  # seconds; then another run goes on
RUNS = 3
"""Runs of one operation before it is given up."""
MOST_AT_ONCE = 5
"""Operations of a kind that one app may run in a shop (since 2026-01)."""

MOST_OF_A_LINE = 64 * 2**20
"""Bytes of one record in a file of results."""

MOST_BYTES = 95_000_000
"""Bytes of one mutation file; Shopify takes 100 MB."""

# The connections that the children of a line belong to, by the type in their id.
_CHILDREN = {
    "LineItem": "lineItems",
    "Return": "returns",
    "Metafield": "metafields",
    "MailingAddress": "addressesV2",
    "StoreCreditAccount": "storeCreditAccounts",
    "CustomerPaymentMethod": "paymentMethods",
}
_NO_ID = "localizedFields"  # the one kind of child that has no id
_FILE = "variables.jsonl"


class Ended(NamedTuple):
    """How an operation ended: where its file is (empty: no results), and what Shopify put into it."""

    url: str
    objects: int
    roots: int


@dataclass(slots=True)
class Tally:
    """The lines read of a file, and how many of them are records."""

    lines: int = 0
    roots: int = 0

    def hold_against(self, ended: Ended) -> None:
        """Raises RunAnew where a file holds another number of lines than Shopify counted."""
        if (self.lines, self.roots) != (ended.objects, ended.roots):
            raise RunAnew(ended.url)


class RunAnew(Exception):
    """The operation or its file is no longer there or not whole, or Shopify ended it."""


def start_query(client: Client, operation: str, *, search: str) -> str:
    """Starts a bulk query and returns its id; waits while five are under way."""
    text = client.text(operation, search=search)
    return _start(client, "bulk_run_query", {"query": text}, "bulkOperationRunQuery")


def _start(client: Client, name: str, variables: Mapping[str, Any], field: str) -> str:
    for wait in (0.0, *(one for one in _PLACES if one <= client.http.patience.seconds)):
        if wait:
            tell(ADAPTER, "a place for its bulk operation: five are under way", wait)
            client.pause(wait)
        answer = client.run(name, variables, write=True, repeatable=False)[field] or {}
        errors = answer.get("userErrors") or ()
        if not errors and answer.get("bulkOperation"):
            return str(answer["bulkOperation"]["id"])
        codes = {str(error.get("code") or "") for error in errors}
        if not codes & {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}:
            raise Rejected(
                f"{ADAPTER}: {name.replace('_', ' ')} was refused. Update Gallra; its operation is not "
                "allowed in bulk.", adapter=ADAPTER, operation=name, status=200,
                code=next((code for code in sorted(codes) if code), "refused"),
            )  # fmt: skip
    raise RetryLater(
        f"{ADAPTER}: five bulk operations are under way already. Run again when they have ended.",
        adapter=ADAPTER, operation=name, status=200, code="OPERATION_IN_PROGRESS",
    )  # fmt: skip


def wait_for(client: Client, id_: str) -> Ended:
    """Waits until an operation has ended. Raises RunAnew where it is to be run anew."""
    waited, looks = 0.0, 0
    while waited < _PATIENCE:
        found = client.run("bulk_operation", {"id": id_}).get("bulkOperation")
        if not isinstance(found, Mapping):
            raise RunAnew(id_)
        status = found.get("status")
        if status in ("EXPIRED", "CANCELED", "CANCELING"):
            raise RunAnew(id_)
        if status == "COMPLETED":
            return _ended(found)
        if status == "FAILED":
            raise _failed(str(found.get("errorCode") or ""), id_)
        pause = _POLLS[looks] if looks < len(_POLLS) else _SLOWEST
        tell(ADAPTER, "its bulk operation, which goes on at Shopify", pause)
        client.pause(pause)
        waited, looks = waited + pause, looks + 1
    raise RetryLater(
        f"{ADAPTER}: a bulk operation has run for hours. Run again later; it is taken up where it is.",
        adapter=ADAPTER, operation="bulk operation", status=200, code="still_running",
    )  # fmt: skip


def _ended(found: Mapping[str, Any]) -> Ended:
    try:
        counts = int(found["objectCount"]), int(found["rootObjectCount"])
    except (KeyError, TypeError, ValueError):
        raise OddAnswer("bulk_operation") from None
    return Ended(str(found.get("url") or ""), *counts)


def _failed(code: str, id_: str) -> Exception:
    if code == "ACCESS_DENIED":
        return AccessDenied(
            f"{ADAPTER}: a bulk operation may not read all it asks for. Run `gallra check`, which names the "
            "missing permissions.", adapter=ADAPTER, operation="bulk operation", status=200, code=code,
        )  # fmt: skip
    return RunAnew(id_)  # a timeout or a failure of Shopify's own


def lines(pieces: Iterable[bytes], *, start: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Each line decoded, with the byte it begins at. Raises RunAnew where one is no record's."""
    rest, at = b"", start
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > MOST_OF_A_LINE:
            raise _endless()
        for line in whole:
            if line:
                yield _decoded(line), at
            at += len(line) + 1
    if rest.strip():
        yield _decoded(rest), at


def _endless() -> RemoteError:
    return RemoteError(
        f"{ADAPTER}: a bulk file has a record of more than {MOST_OF_A_LINE // 2**20} MB, which no shop has. "
        "Run again; if it stays so, report it.",
        adapter=ADAPTER, operation="read a bulk file", status=200, code="large",
    )  # fmt: skip


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        row = msgspec.json.decode(line)
    except NOT_JSON:
        row = None
    if not isinstance(row, dict):
        raise RunAnew(GONE)  # a file that was cut, or is another's
    return row


def assemble(
    rows: Iterable[tuple[dict[str, Any], int]],
    *,
    strays: set[str] | None = None,
    tally: Tally | None = None,
) -> Iterator[tuple[dict[str, Any], int]]:
    """Each record with its children, and the byte behind its last line.

    A child that does not stand behind its parent is not guessed: the parent's id goes to `strays`,
    to be read again by id. `tally` counts what stands before the byte that is given.
    """
    tally = tally if tally is not None else Tally()
    current: dict[str, Any] | None = None
    for row, at in rows:
        parent = row.get("__parentId")
        if parent is None:
            if current is not None:
                yield current, at
            current = row
            tally.roots += 1
        elif current is not None and current.get("id") == parent:
            current.setdefault(_connection(row), []).append(row)
        elif strays is not None:
            strays.add(str(parent))
        tally.lines += 1
    if current is not None:
        yield current, -1


def _connection(child: Mapping[str, Any]) -> str:
    kind = str(child.get("id") or "").removeprefix("gid://shopify/").partition("/")[0]
    return _CHILDREN.get(kind, _NO_ID)


class Mutations:
    """Bulk mutations: the variables uploaded as a file, the answers read by line number."""

    def __init__(self, client: Client, files: Files) -> None:
        self._client = client
        self._files = files

    def run(
        self, operation: str, variables: list[Mapping[str, Any]], field: str
    ) -> dict[int, dict[str, Any]]:
        """The answer to each set of variables, by its position; what has no answer is missing."""
        answers: dict[int, dict[str, Any]] = {}
        for first, some in _files_of(variables):
            answers |= {first + line: found for line, found in self._file(operation, some, field)}
        return answers

    def _file(self, operation: str, rows: list[bytes], field: str) -> Iterator[tuple[int, dict[str, Any]]]:
        path = self._upload(b"\n".join(rows) + b"\n")
        for _ in range(RUNS):
            document = self._client.text(operation)
            id_ = _start(
                self._client,
                "bulk_run_mutation",
                {"mutation": document, "path": path},
                "bulkOperationRunMutation",
            )
            try:
                yield from self._answers(id_, field)
                return
            except RunAnew:
                continue  # every mutation here may be repeated
        raise given_up("mutation")

    def _upload(self, body: bytes) -> str:
        """Sends the variables, which may hold what stays of a record: never by way of the disk."""
        asked = {"filename": _FILE, "size": str(len(body))}
        answer = self._client.run("staged_upload", asked, write=True)
        created = answer["stagedUploadsCreate"] or {}
        target = next(iter(created.get("stagedTargets") or ()), None)
        if target is None or created.get("userErrors"):
            raise Rejected(
                f"{ADAPTER}: staged upload was refused. Run again; if it stays so, report it.",
                adapter=ADAPTER, operation="staged upload", status=200,
            )  # fmt: skip
        parameters = {row["name"]: row["value"] for row in target["parameters"]}
        self._files.upload(str(target["url"]), parameters, _FILE, body)
        return str(parameters["key"])

    def _answers(self, id_: str, field: str) -> Iterator[tuple[int, dict[str, Any]]]:
        ended = wait_for(self._client, id_)
        if not ended.url:
            return
        for row, _ in lines(read(self._files, ended.url)):
            number = row.get("__lineNumber")
            if isinstance(number, int):
                yield number, ((row.get("data") or {}).get(field) or {}) | _top_errors(row)


def _top_errors(row: Mapping[str, Any]) -> dict[str, Any]:
    """Errors of a whole line, as GraphQL gives them, told apart from its userErrors."""
    return {"errors": row["errors"]} if row.get("errors") else {}


def read(files: Files, url: str, *, start: int = 0) -> Iterator[bytes]:
    """The pieces of a result file. Raises RunAnew where its address has expired."""
    try:
        yield from files.read(url, start=start)
    except Rejected as error:
        if error.code != GONE:
            raise
        raise RunAnew(GONE) from None


def _files_of(variables: list[Mapping[str, Any]]) -> Iterator[tuple[int, list[bytes]]]:
    """The variables as lines, in files of at most MOST_BYTES, each with the position of its first."""
    first, size, rows = 0, 0, list[bytes]()
    for position, one in enumerate(variables):
        line = msgspec.json.encode(one)
        if rows and size + len(line) > MOST_BYTES:
            yield first, rows
            first, size, rows = position, 0, []
        rows.append(line)
        size += len(line) + 1
    if rows:
        yield first, rows


def given_up(what: str) -> RetryLater:
    """What is raised once the runs of an operation are used up."""
    return RetryLater(
        f"{ADAPTER}: Shopify ended a bulk {what} early, or its file was not whole, three times. "
        "Run again in an hour.",
        adapter=ADAPTER, operation=f"bulk {what}", status=200, code="ended_early",
    )  # fmt: skip
