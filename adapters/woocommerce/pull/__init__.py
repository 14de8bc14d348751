"""Pulling orders: every record, each in its newest version, while the shop is in use.

First pull: two walks, from the oldest and from the newest order, meet in the middle; then the
trash and drafts, which no list shows unless they are named; then what changed since the start, until
nothing more comes. Later pulls begin with the last. A walk over all is held against the shop's own count
of the orders created before it began, a pull of changes against the count in its answer, and all that is
known after it against the shop's totals report.
"""

from collections.abc import Callable, Iterator, Mapping

from adapters.ahead import one_ahead
from adapters.woocommerce.answers import Row
from adapters.woocommerce.client import Client
from adapters.woocommerce.counting import count_orders
from adapters.woocommerce.orders import PULL_FIELDS
from adapters.woocommerce.pull.all_orders import read_all
from adapters.woocommerce.pull.aside import read_aside
from adapters.woocommerce.pull.asking import Asking
from adapters.woocommerce.pull.begin import begin
from adapters.woocommerce.pull.changes import CHANGED, CHANGED_ASIDE, read_changes
from adapters.woocommerce.pull.cursor import decoded, encoded
from adapters.woocommerce.pull.steps import Phase, Step, Steps, cursor_after
from adapters.woocommerce.reading import Read
from connector.ports import Page

ToRecords = Callable[[list[Row]], Read]

PHASES: Mapping[str, Phase] = {
    "first": read_all,
    "trash": read_aside,
    "changed": lambda asking, progress: read_changes(asking, progress, CHANGED),
    "changed_trash": lambda asking, progress: read_changes(asking, progress, CHANGED_ASIDE),
}
"""In their order; each takes the progress so far and returns its own, and names the one that follows."""


def pull_orders(
    client: Client, to_records: ToRecords, since: str | None, *, fields: str = PULL_FIELDS
) -> Iterator[Page]:
    """The pages of one pull; raises Rejected for a cursor that is not its own.

    While a page is made into records, the next one is asked for.
    """
    with one_ahead(_read(Asking(client, fields), since)) as steps:
        for step in steps:
            yield _page(client, to_records, step)


def _read(asking: Asking, since: str | None) -> Steps:
    """Asks the shop, one phase after the other."""
    progress = begin(asking, decoded(since), first=since is None)
    while progress.cursor.phase != "done":
        progress = yield from PHASES[progress.cursor.phase](asking, progress)
    return progress


def _page(client: Client, to_records: ToRecords, step: Step) -> Page:
    """What the engine is given of a step; at the end it asks what stands in the shop."""
    cursor = step.progress.cursor
    read = to_records(step.rows)
    done = cursor.phase == "done"
    complete = done and cursor.full
    return Page(
        records=read.records,
        unread=read.unread,
        cursor=encoded(cursor_after(step.progress)),
        total=step.progress.total,
        complete=complete,
        counted=cursor.counted if complete and not cursor.uncounted else None,
        newer=step.newer,
        missing=(cursor.hidden if cursor.full else cursor.missing) if done else 0,
        standing=count_orders(client) if done and not cursor.full else (),
    )
