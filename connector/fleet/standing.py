"""How the fleet stands: what is due, what runs, what failed, what waits for a person, what is overdue."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from connector.errors import Exit
from connector.fleet.shops import Row
from connector.records import Value

OVERDUE = timedelta(days=1)
"""After this a shop that is due is overdue, and `gallra fleet status` ends with 1."""

_FOR_A_PERSON = (Exit.BLOCKED, Exit.STALE, Exit.DATA_LEFT)


class Standing(Value, frozen=True, kw_only=True):
    """The fleet's figures. `oldest` is the shop that has been due longest, `since` since when."""

    shops: int
    paused: int
    due: int
    running: int
    failed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()
    unplanned: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    oldest: str = ""
    since: datetime | None = None
    draining: bool = False


def standing_of(rows: Sequence[Row], *, now: datetime, draining: bool) -> Standing:
    """The figures of these shops at this time. A paused shop is never due."""
    served = [row for row in rows if not row.paused]
    late = sorted((row.next_due, row.id) for row in served if row.next_due and row.next_due <= now)
    running = {row.id for row in rows if row.begun is not None}
    return Standing(
        shops=len(rows),
        paused=len(rows) - len(served),
        due=sum(1 for _, shop in late if shop not in running),
        running=len(running),
        failed=tuple(_ended(rows, Exit.ERROR)),
        waiting=tuple(_ended(rows, *_FOR_A_PERSON)),
        unfinished=tuple(_ended(rows, Exit.PARTIAL)),
        put_off=tuple(_ended(rows, Exit.TRY_LATER)),
        unplanned=tuple(row.id for row in served if row.next_due is None),
        overdue=tuple(shop for due, shop in late if now - due > OVERDUE),
        oldest=late[0][1] if late else "",
        since=late[0][0] if late else None,
        draining=draining,
    )


def _ended(rows: Sequence[Row], *codes: Exit) -> Iterator[str]:
    yield from (row.id for row in rows if row.code in codes)
