"""The table of shops: who is served, when each is due, which run is under way and how the last one ended."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from connector.errors import Exit, GallraError
from connector.fleet.database import Connection, no_answer
from connector.fleet.ending import Next
from connector.fleet.entering import Entry
from connector.settings.cron import runs_after

_COLUMNS = "id, file, settings, paused, cron, next_due, wants, tries, begun, ended, code"


class Row(NamedTuple):
    """One shop, as the table has it."""

    id: str
    file: str | None
    settings: str | None
    paused: bool
    cron: str | None
    next_due: datetime | None
    wants: str
    tries: int
    begun: datetime | None
    ended: datetime | None
    code: int | None


class Begun(NamedTuple):
    """A run that may begin: its shop, job and number, the database's time, and what it needs of the shop."""

    shop: str
    job: int
    token: int
    now: datetime
    file: str | None
    settings: str | None
    cron: str | None
    tries: int


def rows(connection: Connection) -> list[Row]:
    """Every shop, by its id."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM gallra_fleet_shops ORDER BY id")  # noqa: S608
    return [Row(*one) for one in found.fetchall()]


def now_of(connection: Connection) -> datetime:
    """The database's time, which every worker goes by."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None:
        raise no_answer()
    found: datetime = row[0]
    return found


def enter(connection: Connection, entry: Entry) -> str:
    """Takes a shop in, or what its file says now; `added`, `changed` or `unchanged`.

    It is due when its cron line says so; one that is known keeps its day, unless the line is another.
    Raises GallraError where another file that is still there has the same shop id.
    """
    with connection.transaction():
        known = connection.execute(
            "SELECT file, settings, cron FROM gallra_fleet_shops WHERE id = %s FOR UPDATE", [entry.id]
        ).fetchone()
        if known == (entry.file, entry.settings, entry.cron):
            return "unchanged"
        if known and known[0] and known[0] != entry.file and entry.file and Path(known[0]).is_file():
            raise GallraError(
                f"shop.id {entry.id} is that of {known[0]} too. Give each shop an id of its own."
            )
        due = runs_after(entry.cron, now_of(connection))
        connection.execute(
            "INSERT INTO gallra_fleet_shops AS s (id, file, settings, cron, next_due) "
            "VALUES (%(id)s, %(file)s, %(settings)s, %(cron)s, %(due)s) ON CONFLICT (id) DO UPDATE SET "
            "file = excluded.file, settings = excluded.settings, cron = excluded.cron, next_due = "
            "CASE WHEN s.cron = excluded.cron THEN s.next_due ELSE excluded.next_due END",
            {**entry._asdict(), "due": due},
        )
    return "changed" if known else "added"


def must_be_known(connection: Connection, ids: Sequence[str]) -> None:
    """Raises GallraError naming the shops that the fleet does not have."""
    found = connection.execute("SELECT id FROM gallra_fleet_shops WHERE id = ANY (%s)", [list(ids)])
    unknown = sorted(set(ids) - {str(row[0]) for row in found.fetchall()})
    if unknown:
        raise GallraError(f"The fleet has no shop {', '.join(unknown)}. See `gallra fleet list`.")


def pause(connection: Connection, ids: Sequence[str], *, paused: bool) -> None:
    """Nothing of these shops begins from now on, or it does again; what is under way goes to its end."""
    must_be_known(connection, ids)
    connection.execute(
        "UPDATE gallra_fleet_shops SET paused = %s WHERE id = ANY (%s)", [paused, list(ids)]
    )


def drain(connection: Connection, *, draining: bool) -> None:
    """Nothing of any shop begins from now on, or it does again."""
    connection.execute("UPDATE gallra_fleet SET draining = %s", [draining])


def is_draining(connection: Connection) -> bool:
    """Whether nothing begins."""
    return connection.execute("SELECT draining FROM gallra_fleet").fetchone() == (True,)


def under_way(connection: Connection, ids: Sequence[str] = ()) -> list[str]:
    """The shops that run now, of these or of all."""
    found = connection.execute(
        "SELECT id FROM gallra_fleet_shops WHERE begun IS NOT NULL AND (%(all)s OR id = ANY (%(ids)s)) "
        "ORDER BY id",
        {"all": not ids, "ids": list(ids)},
    )
    return [str(row[0]) for row in found.fetchall()]


def remove(connection: Connection, ids: Sequence[str]) -> None:
    """Takes shops out; files, ledgers and reports stay where they are. A run under way goes to its end."""
    must_be_known(connection, ids)
    connection.execute("DELETE FROM gallra_fleet_shops WHERE id = ANY (%s)", [list(ids)])


def due_now(connection: Connection, shop: str, purpose: str) -> None:
    """Makes a shop due at a person's word: what lies in the queue may be lost, and this is not."""
    connection.execute(
        "UPDATE gallra_fleet_shops SET next_due = least(next_due, now()), wants = %s, asked = now() "
        "WHERE id = %s",
        [purpose, shop],
    )


def begin(connection: Connection, shop: str, *, job: int, nightly: bool) -> Begun | None:
    """Marks that a job runs the shop; None where nothing is to be run.

    That is so where the shop is not due any more, where this job has ended already and its worker died before
    it could say so, where the shop is paused or gone, and where the fleet is drained. What somebody asked for
    is not lost by a pause: the shop stays due for it.
    """
    row = connection.execute(
        "UPDATE gallra_fleet_shops SET begun = now(), token = nextval('gallra_fleet_runs'), job = %(job)s "
        "WHERE id = %(shop)s AND NOT paused AND last_job IS DISTINCT FROM %(job)s "
        "AND (next_due <= now() OR NOT %(nightly)s) AND NOT (SELECT draining FROM gallra_fleet) "
        "RETURNING id, job, token, now(), file, settings, cron, tries",
        {"shop": shop, "job": job, "nightly": nightly},
    ).fetchone()
    if row is not None:
        return Begun(*row)
    connection.execute(
        "UPDATE gallra_fleet_shops SET begun = NULL, token = NULL, job = NULL "
        "WHERE id = %s AND job = %s AND begun IS NOT NULL",
        [shop, job],
    )
    return None


def end(connection: Connection, begun: Begun, code: Exit, *, cron: str | None, then: Next) -> bool:
    """Writes how a run ended and when the shop is due again; False where a newer run has begun meanwhile.

    What a person asked for while it ran is due still.
    """
    done = connection.execute(
        "UPDATE gallra_fleet_shops SET begun = NULL, token = NULL, job = NULL, ended = now(), "
        "code = %(code)s, cron = %(cron)s, tries = %(tries)s, "
        "next_due = CASE WHEN asked > begun THEN next_due ELSE %(due)s END, "
        "wants = CASE WHEN asked > begun THEN wants ELSE %(wants)s END, "
        "last_job = %(job)s WHERE id = %(shop)s AND token = %(token)s",
        {
            "shop": begun.shop, "token": begun.token, "job": begun.job, "code": int(code), "cron": cron,
            "due": then.due, "wants": then.wants, "tries": then.tries,
        },
    )  # fmt: skip
    return done.rowcount == 1
