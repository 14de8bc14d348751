"""Tasks that a person has done are read back: one whose place is still there is open again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from connector.deciding.hands import seen_of
from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.index import Records, Row, Rows
from connector.ledger.tasks import GONE, UNKNOWN, TaskRow, Tasks
from connector.ports import Gone, Live, Look, Platform, looked
from connector.services.witness import Witness

AT_ONCE = 100


def look_at_done(ledger: Ledger, platforms: Iterable[Platform], *, today: date) -> tuple[str, ...]:
    """Reads back what was said to be done; a line for each task that is open again.

    Of a task that one act does for every record some of the records are read, at each pull. A service that
    does not answer is asked by the next one.
    """
    index = Rows(ledger)
    with ledger.begin() as connection:
        wanted = _wanted(ledger, connection, today)
        rows = index.rows(connection, list(wanted))
    again: dict[int, TaskRow] = {}
    for platform in platforms:
        own = [row for row in rows.values() if row.record.ref.adapter == platform.name]
        for start in range(0, len(own), AT_ONCE):
            some = own[start : start + AT_ONCE]
            looks = _looks(ledger, platform, some)
            with ledger.begin() as connection:
                again |= _settled(ledger, connection, {row.id: wanted[row.id] for row in some}, some, looks)
    return tuple(_line(one) for one in again.values())


def _wanted(ledger: Ledger, connection: Connection, today: date) -> dict[int, list[TaskRow]]:
    """The records to read, by row, each with the tasks that were done on it."""
    tasks, found = Tasks(ledger), dict[int, list[TaskRow]]()
    for one in tasks.to_look_at(connection):
        ids = tasks.holding(connection, one, today=today)[:AT_ONCE] if one.every else [one.record]
        for row_id in ids:
            if row_id is not None:
                found.setdefault(row_id, []).append(one)
    return found


def _looks(ledger: Ledger, platform: Platform, rows: Sequence[Row]) -> Mapping[int, Look]:
    """Each record as it is now, by row; none where the service does not answer."""
    refs = [row.record.ref for row in rows]
    try:
        looks = Witness(ledger).held(platform, looked(platform.fetch(refs), refs))
    except RemoteError:
        return {}
    return {row.id: looks[row.record.ref] for row in rows}


def _settled(
    ledger: Ledger,
    connection: Connection,
    wanted: Mapping[int, Sequence[TaskRow]],
    rows: Sequence[Row],
    looks: Mapping[int, Look],
) -> dict[int, TaskRow]:
    """Writes what was seen; the tasks that are open again, by number."""
    tasks, ids = Tasks(ledger), [row.id for row in rows]
    ran = tasks.ran(connection, ids)
    lives = {i: look.record for i, look in looks.items() if isinstance(look, Live)}
    Records(ledger).settle_all(connection, dict(lives))
    words: dict[int, set[str]] = {}
    known: dict[int, TaskRow] = {}
    for row_id, own in wanted.items():
        for one in own:
            known[one.number] = one
            if one.every:  # some of its records are read: that these are clean says nothing of the others
                words.setdefault(one.number, set()).add(UNKNOWN)
            if row_id in lives:
                words.setdefault(one.number, set()).add(seen_of(one, lives[row_id], ran=row_id in ran))
            elif isinstance(looks.get(row_id), Gone):
                words.setdefault(one.number, set()).add(UNKNOWN if one.residue else GONE)
    again = [number for number, seen in words.items() if "" in seen]
    tasks.open_again(connection, again)
    for word in (GONE, UNKNOWN):
        seen_so = [number for number, seen in words.items() if "" not in seen and max(seen) == word]
        tasks.was_seen(connection, seen_so, word)
    return {number: known[number] for number in again}


def _line(task: TaskRow) -> str:
    record = f"{task.kind.replace('_', ' ')} {task.label or task.remote_id}" if task.remote_id else "the shop"
    return (
        f"Task {task.number} ({task.place} of {record}) was done, {task.done_by} said, and its place is "
        "still there: it is open again. See `gallra todo`."
    )
