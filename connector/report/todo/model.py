"""The work list: each task with its record, its place and where it stands."""

from datetime import date, datetime

from connector.records import Field, Kind, Value
from connector.report.shared import Shop


class TaskView(Value, frozen=True, kw_only=True):
    """One task: the number it keeps, the record it is on and a link to it in the shop's own admin.

    `kind` is None for a place of the whole shop. `records` is how many records one act does it for, None
    where the task is on one record, or on the shop. `seen` is what reading it back said of one that is done:
    `gone`, `unknown`, or nothing yet; `again` that it was called done and found there after all.
    """

    number: int
    place: str
    adapter: str
    kind: Kind | None = None
    id: str = ""
    label: str = ""
    link: str = ""
    fields: tuple[Field, ...] = ()
    records: int | None = None
    since: date | None = None
    again: date | None = None
    done_by: str = ""
    done_on: date | None = None
    seen: str = ""


class TasksAt(Value, frozen=True, kw_only=True):
    """The tasks that are still to do at a place: how many, and the first of them."""

    place: str
    count: int
    tasks: tuple[TaskView, ...] = ()


class LetterView(Value, frozen=True, kw_only=True):
    """A notice that nobody has sent; `letter` is its name, empty where none could be written."""

    name: str
    letter: str
    count: int
    to: tuple[str, ...] = ()


class Shown(Value, frozen=True, kw_only=True):
    """A record by its number, with a link to it in the shop's own admin."""

    kind: Kind
    label: str
    link: str = ""


class MatterView(Value, frozen=True, kw_only=True):
    """Something to look into, by code, with every record that it was found on; no task to be done."""

    code: str
    count: int
    records: tuple[Shown, ...] = ()


class Todo(Value, frozen=True, kw_only=True):
    """What a person must do in the shop, what waits with it, and what was done since the last run began."""

    shop: Shop
    made_at: datetime
    file: str = ""  # the shop's, as the lines that close tasks name it
    tasks: tuple[TaskView, ...] = ()
    # Tasks of records on hold: nothing is to be done on them while it lasts.
    held: int = 0
    done: tuple[TaskView, ...] = ()
    letters: tuple[LetterView, ...] = ()
    matters: tuple[MatterView, ...] = ()
    # Who is to be warned, by how the last try stands; and the command that shows the list.
    warnings: tuple[tuple[str, int], ...] = ()
    warn_command: str = ""

    @property
    def places(self) -> dict[str, tuple[TaskView, ...]]:
        """The tasks by place, a place's detail apart; the largest number of tasks first."""
        found: dict[str, list[TaskView]] = {}
        for one in self.tasks:
            found.setdefault(one.place.partition(":")[0], []).append(one)
        order = sorted(found.items(), key=lambda item: (item[1][0].kind is None, -len(item[1]), item[0]))
        return {place: tuple(tasks) for place, tasks in order}

    @property
    def records(self) -> int:
        """How many records have a task of their own."""
        return len({(one.adapter, one.kind, one.id) for one in self.tasks if one.id})
