"""What is to be done to one record, and what came of it."""

from collections.abc import Mapping
from datetime import date

from connector.ports.looks import Live
from connector.records import Action, Field, Outcome, Ref, Value

EMPTIED = "emptied"
"""Begins the reason of a person who is not erased: the profile was emptied, the orders stay."""


DEVIATES = "deviates"
"""Begins the reason of a record whose answer showed another `status`, `total` or `person` than its fetch."""


WENT = "gone"
"""The reason of a receipt whose record was itself gone when its write came, by the service's own word."""


class Task:
    """What to do to one live record: the fields that are due and still planned.

    `channels` are those by which mailings are to end; every one where none is named.
    """

    __slots__ = ("action", "channels", "fields", "live", "token")

    def __init__(
        self,
        *,
        live: Live,
        action: Action,
        fields: frozenset[Field],
        token: str = "",
        channels: frozenset[str] = frozenset(),
    ) -> None:
        self.live = live
        self.action = action
        self.fields = fields
        self.token = token
        self.channels = channels

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.live.record.ref


class Receipt(Value, frozen=True, kw_only=True):
    """What came of one task; `done`, `by_hand` and `refused` name fields, each of them one only.

    `done` was written and is seen to be gone; `by_hand` no call reaches, and `places` says where a hand is
    needed; `refused` the service was asked for and kept, each with its reason. A field of the task that
    stands in none of them counts as refused. `places` and reasons are codes that the reports have texts
    for, with a detail behind a colon where there is one: `wordpress_user:17`, `rejected:status_404`.
    Never a text of the service.
    `still_given` are channels that an unsubscription did not end, where it ended others.
    `token` and `due` come with `accepted`: the ledger keeps them and hands them back.
    """

    ref: Ref
    outcome: Outcome
    done: frozenset[Field] = frozenset()
    by_hand: frozenset[Field] = frozenset()
    refused: Mapping[Field, str] = {}
    places: tuple[str, ...] = ()
    reason: str = ""
    token: str = ""
    due: date | None = None
    still_given: Mapping[str, str] = {}


def went(task: Task) -> Receipt:
    """The receipt of a task whose record was gone when its write came, by the service's own word."""
    return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason=WENT, done=task.fields)
