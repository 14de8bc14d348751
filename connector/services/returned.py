"""Who is in the shop again and should not be: persons who were erased, and contacts who objected."""

from collections.abc import Iterator

from sqlalchemy import Connection

from connector.ledger.memory import Memory


def returned_lines(connection: Connection, memory: Memory) -> Iterator[str]:
    """What a person must know of them; nothing where nobody came back against their will."""
    back = [one for one in memory.came_back(connection) if not one.own_will]
    if back:
        since = min(one.erased for one in back)
        yield (
            f"{len(back)} erased persons are in the shop again, without an order or consent of their own: "
            f"a backup or an import. `gallra replay --since {since}` plans to erase them again."
        )
    mailed = memory.mailed_against(connection)
    if mailed:
        yield (
            f"{mailed} contacts who objected to mailings are subscribed and have not asked for it since: not "
            "ended yet, or an import. The next run ends that, or `gallra unsubscribe --carry` now; the "
            "objection stands here."
        )
