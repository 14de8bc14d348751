"""The canonical form of what is proven: which fields of which row, by name and version.

Not the stored row: a column more changes no form, and a form that changes has another version.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, select, true

from connector.ledger import schema
from connector.ledger.proof.commitments import canonical
from connector.ports.heard import Topic

_encode = msgspec.json.Encoder().encode


class Form(NamedTuple):
    """Which columns of a table are proven; `key` says which row it is, `only` which rows are."""

    table: Table
    key: tuple[str, ...]
    fields: tuple[str, ...]
    version: int = 1
    only: ColumnElement[bool] = true()


STEPS = "steps"
"""The steps of a plan as they were planned: proven together, for none may be added or taken away."""
UNREAD, INBOX = "unread", "inbox"
"""Unread records that a person has settled, which bar nobody any more; messages of a platform."""
LATER = (UNREAD, INBOX)
"""Forms that ledgers of before have no words on, until a run has said how their rows stand (`widening`)."""
PASSING = (Topic.CHANGED, Topic.DELETED)
"""Messages that only say where to look, one for each change in a shop: a pull sees the same."""
STANDING: Mapping[str, Form] = {
    "plan": Form(
        schema.plan, ("id",), ("shop", "digest", "code", "created", "expires", "state", "header", "scope")
    ),
    STEPS: Form(
        schema.step,
        ("plan",),
        (
            "seq", "record", "adapter", "kind", "remote_id", "label", "wave", "action", "fields", "why",
            "by_hand",
        ),
    ),
    "approval": Form(
        schema.approval,
        ("plan", "wave"),
        ("digest", "person", "role", "on_behalf", "evidence", "standing", "first_run", "at"),
    ),
    "hold": Form(
        schema.hold,
        ("id",),
        (
            "shop", "hold", "record", "subject_digest", "key", "reason", "owner", "review", "created",
            "released", "released_by", "query",
        ),
    ),
    "objection": Form(schema.objection, ("shop", "digest"), ("key", "since")),
    "binding": Form(schema.binding, ("shop", "adapter"), ("ids", "sample", "at")),
    "meta": Form(schema.meta, ("name",), ("value",)),
    "warning": Form(
        schema.warning,
        ("id",),
        ("shop", "record", "adapter", "kind", "remote_id", "code", "state", "on", "person", "plan", "token"),
    ),
    "request": Form(
        schema.request,
        ("id",),
        (
            "shop", "code", "kind", "state", "channel", "received", "due", "limit", "promised", "extended",
            "extended_why", "opened_by", "message", "level", "proven_how", "proven_by", "proven_at", "scope",
            "answer", "ground", "kept_until", "answered", "answer_channel", "answered_by", "at",
        ),
    ),
    "request_identifier": Form(
        schema.request_identifier,
        ("id",),
        ("shop", "request", "type", "digest", "key", "record", "proven"),
    ),
    "request_hold": Form(schema.request_hold, ("hold",), ("shop", "request")),
    UNREAD: Form(
        schema.unread,
        ("id",),
        ("shop", "adapter", "kind", "remote_id", "settled_by", "settled_at"),
        only=schema.unread.c.settled_by != "",
    ),
    INBOX: Form(
        schema.inbox,
        ("id",),
        (
            "shop", "adapter", "key", "topic", "at", "remote_id", "state", "outcome", "plan", "closed",
            "closed_by", "refused",
        ),
        only=schema.inbox.c.topic.not_in(PASSING),
    ),
}  # fmt: skip
"""What must stand as the chain's newest word on it says."""
RECEIPTS: Mapping[str, Form] = {
    "step": Form(
        schema.step,
        ("plan", "seq"),
        ("state", "outcome", "done", "left", "places", "reason", "token", "due", "read_back"),
    ),
    "delivery": Form(
        schema.delivery,
        ("id",),
        (
            "shop", "plan", "step", "recipient", "act", "adapter", "kind", "remote_id", "handle",
            "handle_digest", "fields", "concerns", "planned", "copy_gone_by", "state", "outcome", "reason",
            "token", "due", "tries", "not_before", "seen", "closed_by", "sent_on", "sent_how",
        ),
    ),
}  # fmt: skip
"""What came of steps and deliveries: each plan's rows summed under the seal key."""
KEY = " key"
"""What the names of keys end in, among all that the ledger says of itself."""
UNTOUCHED = ("planned", "", 0, 0, "", "", "", None, "")
"""The fields of a step of which nothing came yet: it adds nothing to the sum."""

Row = tuple[str, bytes]
"""A row's key as canonical JSON, and its canonical form."""


def key_of(*key: Any) -> str:
    """A row's key as the chain names it."""
    return canonical(list(key))


def rows(connection: Connection, of: str, shop: str, *, key: tuple[Any, ...] = ()) -> Iterator[Row]:
    """The canonical forms of a shop's rows, or of the one with this key."""
    if of == STEPS:
        yield from _steps(connection, shop, key)
        return
    form = STANDING[of]
    bound = _records(connection, key) if of == "hold" else {}
    width = len(form.key)
    for row in connection.execute(_chosen(form, shop, key)):
        more = [bound.get(row[0], [])] if of == "hold" else []
        yield key_of(*row[:width]), _encode([form.version, of, *row, *more])


def _chosen(form: Form, shop: str, key: tuple[Any, ...]) -> Select[Any]:
    column = form.table.c
    chosen = select(*(column[name] for name in (*form.key, *form.fields)))
    named = [column[name] == value for name, value in zip(form.key, key, strict=False)]
    return chosen.where(of_shop(form.table, shop), form.only, *named).order_by(
        *(column[name] for name in form.key)
    )


def of_shop(table: Table, shop: str) -> ColumnElement[bool]:
    """Which rows are a shop's: by its name, or by its plans; the names of keys are every shop's."""
    if "shop" in table.c:
        return table.c.shop == shop
    if "plan" in table.c:
        return table.c.plan.in_(select(schema.plan.c.id).where(schema.plan.c.shop == shop))
    return table.c.name.endswith(KEY) if "name" in table.c else true()


def _records(connection: Connection, key: tuple[Any, ...]) -> dict[int, list[int]]:
    """The records that holds on persons stay on."""
    table, bound = schema.hold_record, defaultdict[int, list[int]](list)
    named = [table.c.hold == key[0]] if key else []
    chosen = select(table.c.hold, table.c.record).where(*named).order_by(table.c.hold, table.c.record)
    for hold, record in connection.execute(chosen):
        bound[hold].append(record)
    return bound


def _steps(connection: Connection, shop: str, key: tuple[Any, ...]) -> Iterator[Row]:
    form = STANDING[STEPS]
    chosen = _chosen(form, shop, key).order_by(None).order_by(form.table.c.plan, form.table.c.seq)
    for plan, steps in groupby(connection.execute(_streamed(chosen)), key=itemgetter(0)):
        digest = hashlib.sha256()
        for step in steps:
            digest.update(_encode(list(step)) + b"\n")
        yield key_of(plan), _encode([form.version, STEPS, digest.hexdigest()])


def _streamed(chosen: Select[Any]) -> Select[Any]:
    return chosen.execution_options(yield_per=1000)


def receipts(
    connection: Connection, of: str, shop: str, *where: ColumnElement[bool]
) -> Iterator[tuple[int, bytes]]:
    """The plan and the canonical form of each step or delivery that something came of."""
    form = RECEIPTS[of]
    column, width = form.table.c, len(form.key)
    names = (*form.key, *form.fields)
    plan = names.index("plan")
    chosen = select(*(column[name] for name in names)).where(of_shop(form.table, shop), *where)
    for row in connection.execute(_streamed(chosen)):
        if of == "delivery" or tuple(row[width:]) != UNTOUCHED:
            yield row[plan], _encode([form.version, of, *row])
