"""How far a walk over a platform's records has come, as the ledger keeps it."""

from connector.records import Value


class Cursor(Value, frozen=True, kw_only=True):
    """Where a pull stands: the adapter's own cursor, and the walk it belongs to.

    `full` is set while a walk over all records is under way, so that it is taken up where it was. `uneven`
    is what the service counted beyond a complete walk, where it counts some records twice; `over` says that
    more was known than it counted. `hidden` is the reason of fields that it shows of no record any more.
    """

    walk: int
    value: str
    complete: bool = False
    full: bool = False
    uneven: int = 0
    over: bool = False
    hidden: str = ""
