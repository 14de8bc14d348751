"""A look at records by id: present, gone by WooCommerce's own word, or unread.

A list is asked first, a hundred ids at a time. What it leaves out is asked for singly: `include=` is
always empty in some shops, and no list shows what has a status that no plugin registers any more.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adapters.http import CACHED, HTML
from adapters.woocommerce.answers import PER_PAGE, Row, asked_only, listed, row_of
from adapters.woocommerce.client import GONE, Client, says_gone
from adapters.woocommerce.reading import Reader
from connector.errors import AccessDenied, Rejected
from connector.ports import Gone, Live, Look, Unread

Seen = Row | Gone | Unread
NO_CONTROL = "no_control"
_CONTROLS = 10  # records of a list, of which one is asked for by its id


class Looker:
    """Looks at the records of one kind.

    `lists` are the parameters of the lists that show them, tried in turn for what is still missing;
    `explains` says of a row whether no list could have shown it.
    """

    def __init__(
        self, client: Client, route: str, reader: Reader, *, lists: Sequence[Mapping[str, Any]],
        explains: Callable[[Row], bool] = lambda row: False,
    ) -> None:  # fmt: skip
        self._client = client
        self._route = route
        self._reader = reader
        self._lists = lists
        self._explains = explains

    def lives(
        self, ids: Sequence[str], *, fields: str = "", prepare: Callable[[list[Row]], None] | None = None
    ) -> Iterator[Look]:
        """One look per id, in hundreds side by side; `prepare` sees the readable rows of each hundred.

        What it asks for is asked beside the other hundreds: it may be called by several at once.
        """
        chunks = [ids[start : start + PER_PAGE] for start in range(0, len(ids), PER_PAGE)]

        def ready(chunk: Sequence[str]) -> dict[str, Seen]:
            seen = self.seen(chunk, fields=fields)
            if prepare is not None:
                prepare([one for one in seen.values() if not isinstance(one, Gone | Unread)])
            return seen

        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            for seen in pool.map(ready, chunks):
                yield from map(self._look, seen.values())

    def _look(self, seen: Seen) -> Live | Gone | Unread:
        return seen if isinstance(seen, Gone | Unread) else self._reader.live(seen)

    def seen(self, ids: Sequence[str], *, fields: str = "") -> dict[str, Seen]:
        """The plain row of each id, or that it is gone, or why it is unread; a cache's copy is no look."""
        try:
            return self._read_some(ids, fields)
        except Rejected as error:
            if error.code != CACHED:
                raise
        return {id_: self._reader.nameless(id_, CACHED) for id_ in ids}

    def confirmed(self, ids: Sequence[str]) -> dict[str, Seen]:
        """Like `seen`, of what a write called gone: gone only beside a record that its own id finds."""
        looks = self.seen(ids)
        gone = [id_ for id_, look in looks.items() if isinstance(look, Gone)]
        if not gone or self._finds_one(ids):
            return looks
        return looks | {id_: self._reader.nameless(id_, NO_CONTROL) for id_ in gone}

    def _finds_one(self, ids: Sequence[str]) -> bool:
        """Whether a record that a list shows, and nobody called gone, is found by its id."""
        for params in self._lists:
            others = [id_ for id_ in self._read_first(params) if id_ not in ids]
            if others:
                return not isinstance(self._read_one(others[-1], ""), Gone | Unread)
        return False

    def _read_first(self, params: Mapping[str, Any]) -> list[str]:
        """The ids that a list begins with; none of one that this version of WooCommerce does not know."""
        operation = f"read {self._route}"
        asked = {**params, "per_page": _CONTROLS, "_fields": "id"}
        try:
            answer = self._client.get(self._route, asked, operation=operation, fresh=True)
        except Rejected:
            return []
        return [str(row["id"]) for row in listed(answer, operation).rows]

    def _read_some(self, ids: Sequence[str], fields: str) -> dict[str, Seen]:
        found: dict[str, Row] = {}
        for params in self._lists:
            if missing := [id_ for id_ in ids if id_ not in found]:
                found |= self._read_listed(missing, params, fields)
        looks: dict[str, Seen] = {id_: self._reader.usable(row, fields=fields) for id_, row in found.items()}
        missing = [id_ for id_ in ids if id_ not in found]
        return looks | (self._read_singly(missing, fields, believed=bool(found)) if missing else {})

    def _read_listed(self, ids: Collection[str], params: Mapping[str, Any], fields: str) -> dict[str, Row]:
        """The rows of these ids that the list shows; none of an answer that brings rows not asked for."""
        asked = {**params, "include": ",".join(ids), "per_page": PER_PAGE} | _fields(fields)
        operation = f"read {self._route}"
        try:
            answer = self._client.get(self._route, asked, operation=operation, fresh=True)
        except Rejected as error:
            if error.status != 400 or error.code != "rest_invalid_param":
                raise
            return {}  # a status that this version of WooCommerce does not know
        rows = listed(answer, operation).rows
        return {str(row["id"]): row for row in rows} if asked_only(rows, ids) else {}

    def _read_singly(self, ids: Sequence[str], fields: str, *, believed: bool) -> dict[str, Seen]:
        """Each of these by itself; a list that showed none of a batch hides what is there."""
        with ThreadPoolExecutor(max_workers=self._client.http.connections) as pool:
            alone = dict(zip(ids, pool.map(lambda id_: self._read_one(id_, fields), ids), strict=True))
        return {id_: seen if believed else self._doubted(seen) for id_, seen in alone.items()}

    def _doubted(self, seen: Seen) -> Seen:
        if isinstance(seen, Gone | Unread) or self._explains(seen):
            return seen
        return self._reader.unread(seen, "list_leaves_out")

    def _read_one(self, id_: str, fields: str) -> Seen:
        operation = f"read one of {self._route}"
        try:
            row = row_of(
                self._client.get(f"{self._route}/{id_}", _fields(fields), operation=operation, fresh=True)
            ) if id_.isdigit() else None  # fmt: skip
        except (Rejected, AccessDenied) as error:
            if error.status == 404 and says_gone(error, GONE[self._reader.kind]):
                return Gone(ref=self._reader.ref(id_))
            code = "web_page" if error.code == HTML else error.code or f"status_{error.status}"
            return self._reader.nameless(id_, CACHED if code == CACHED else f"rejected:{code}")
        if row is None or str(row["id"]) != id_:
            return self._reader.nameless(id_, "other_answer")
        return self._reader.usable(row, fields=fields)


def _fields(fields: str) -> dict[str, str]:
    return {"_fields": fields} if fields else {}
