"""Batches on kept connections: sent, and settled by a look where an answer leaves something open."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.http import Answer
from adapters.woocommerce.answers import decoded, with_id
from adapters.woocommerce.client import ADAPTER, GONE, Client
from adapters.woocommerce.fetch import Seen
from adapters.woocommerce.readable import plain, why_unreadable
from adapters.woocommerce.receipts import Item
from connector.errors import Rejected, RetryLater
from connector.ports import Gone, Unread
from connector.records import Kind

# The codes of an answer that does not say what came of one item, or of any.
_LEFT_OUT, _NO_ANSWER = "left_out", "not_an_answer"
Refetch = Callable[[Sequence[str]], dict[str, Seen]]
Bodies = Mapping[str, dict[str, Any]]
"""What is to be written, by id."""

Left = Callable[[str, Item], bool]
"""Whether there is still something to write to a record as it is now."""

_ROUNDS = 4


class Batches:
    """Sends items to a batch route and settles what an interruption left open.

    An item that an answer leaves out, or answers without its parts, is not done: it is read again.
    """

    def __init__(self, client: Client, kind: Kind, route: str, refetch: Refetch) -> None:
        self._client = client
        self._kind = kind
        self._route = route
        self._refetch = refetch

    def update(self, bodies: Bodies, left: Left) -> dict[str, Item]:
        """The answer per id; after a cut each item is read again and only what is left is sent again.

        `left` says of a record as it is now whether there is still something to write. Raises RetryLater
        where the shop does not say what came of an item.
        """
        settled: dict[str, Item] = {}
        for round_ in range(_ROUNDS):
            open_ = {id_: body for id_, body in bodies.items() if id_ not in settled}
            try:
                settled |= self._send("update", list(open_.values()))
                error = self._unsaid("update", _LEFT_OUT)
            except RetryLater as cut:
                error = cut
            except Rejected as refused:
                return settled | self._split(open_, left, refused)
            if len(settled) == len(bodies):
                return settled
            open_ = {id_: body for id_, body in open_.items() if id_ not in settled}
            if round_ == _ROUNDS - 1:
                break
            self._wait(error, round_)
            settled |= self._settle(list(open_), left)
            if len(settled) == len(bodies):
                return settled
            if round_ and len(open_) > 1 and error.code != _NO_ANSWER:
                rest = {id_: body for id_, body in open_.items() if id_ not in settled}
                return settled | self._halves(rest, left)
        return settled | self._last(list(open_), left, error)

    def delete(self, ids: Sequence[str]) -> dict[str, Item]:
        """The answer per id; after a cut what is gone by the shop's own word counts as deleted."""
        settled: dict[str, Item] = {}
        for round_ in range(_ROUNDS):
            open_ = [id_ for id_ in ids if id_ not in settled]
            try:
                settled |= self._send("delete", [int(id_) for id_ in open_])
                error = self._unsaid("delete", _LEFT_OUT)
            except RetryLater as cut:
                error = cut
            if len(settled) == len(ids):
                return settled
            if round_ == _ROUNDS - 1:
                break
            self._wait(error, round_)
            looks = self._refetch([id_ for id_ in open_ if id_ not in settled])
            settled |= {id_: {"id": int(id_)} for id_, look in looks.items() if isinstance(look, Gone)}
            if len(settled) == len(ids):
                return settled
        return settled | self._last([id_ for id_ in ids if id_ not in settled], _there, error)

    def _send(self, verb: str, items: list[Any]) -> dict[str, Item]:
        """What the answer says of each item; a row that says nothing of its item is left out."""
        # No `_fields` here: it drops the errors of single items from the answer.
        answer = self._client.write(
            "POST", f"{self._route}/batch", {verb: items}, operation=f"{verb} {self._route}"
        )
        asked = {str(item["id"] if isinstance(item, dict) else item) for item in items}
        found = _rows(answer, verb)
        if found is None:
            raise self._unsaid(verb, _NO_ANSWER)
        rows = map(with_id, found)
        return {
            str(row["id"]): plain(row)
            for row in rows
            if row is not None and str(row["id"]) in asked and self._says(verb, row)
        }

    def _says(self, verb: str, row: Item) -> bool:
        if isinstance(row.get("error"), dict):
            return True
        return verb == "delete" or not why_unreadable(plain(row), self._kind)

    def _unsaid(self, verb: str, code: str) -> RetryLater:
        operation = f"{verb} {self._route}"
        return RetryLater(
            f"{ADAPTER}: {operation}: the shop did not say what came of every record. Run again: each is "
            "read before more is written. Where it stays so, look for a redirect or a program that turns "
            "writes into reads.", adapter=ADAPTER, operation=operation, status=200, code=code,
        )  # fmt: skip

    def _settle(
        self,
        open_: Sequence[str],
        left: Left,
        unread: RetryLater | None = None,
    ) -> dict[str, Item]:
        """Reads the open items again: those with nothing left are settled, those that are gone too.

        Raises `unread` where one cannot be read.
        """
        settled: dict[str, Item] = {}
        for id_, look in self._refetch(open_).items():
            if isinstance(look, Gone):
                settled[id_] = {"id": int(id_), "error": {"code": min(GONE[self._kind])}}
            elif isinstance(look, Unread):
                if unread is not None:
                    raise unread
            elif not left(id_, look):
                settled[id_] = look
        return settled

    def _last(self, open_: Sequence[str], left: Left, error: RetryLater) -> dict[str, Item]:
        """What a last look settles of items that no answer mentions; the others are left as they were."""
        if error.code != _LEFT_OUT:
            raise error
        return self._settle(open_, left, error)

    def _wait(self, error: RetryLater, round_: int) -> None:
        self._client.http.wait_out(error, min(30.0, 2.0**round_))

    def _split(self, open_: Bodies, left: Left, error: Rejected) -> dict[str, Item]:
        """Smaller batches where the server found this one too large."""
        if error.status != 413 or len(open_) < 2:
            raise error
        return self._halves(open_, left)

    def _halves(self, open_: Bodies, left: Left) -> dict[str, Item]:
        """The same in two halves, so that one order that crashes a plugin stops only itself."""
        if len(open_) == 1:
            return self._alone(open_, left)
        ids = list(open_)
        middle = len(ids) // 2
        answers: dict[str, Item] = {}
        for part in (ids[:middle], ids[middle:]):
            half = {id_: open_[id_] for id_ in part}
            answers |= self._alone(half, left) if len(half) == 1 else self.update(half, left)
        return answers

    def _alone(self, single: Bodies, left: Left) -> dict[str, Item]:
        try:
            return self.update(single, left)
        except RetryLater as error:
            if error.status != 500:
                raise
            id_ = next(iter(single))
            return {id_: {"id": int(id_), "error": {"code": error.code}}}


def _there(id_: str, row: Item) -> bool:
    """Something is left of a record that should have gone whole, for as long as it is there."""
    return True


def _rows(answer: Answer, verb: str) -> list[Any] | None:
    """The rows of a batch's answer; None where it is another answer, which says nothing of any item."""
    try:
        body = decoded(answer)
    except Rejected:
        return None
    rows = body.get(verb) if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else None
