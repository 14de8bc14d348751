"""Reading by pages: one walk by id, or of what changed by its change."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapters.shopify.answers import OddAnswer, connection
from adapters.shopify.client import Client
from adapters.shopify.sources import Source
from connector.errors import Rejected

_SMALLEST = 5  # records a page, once a page has turned out too expensive
_AGAIN = 3  # empty pages in a row that say there are more


class Rows(NamedTuple):
    """The nodes of a page, and where the next one begins; None behind the last."""

    nodes: list[Any]
    behind: str | None


class Pages:
    """The pages of one kind; one that costs too much is asked for in halves from then on."""

    def __init__(self, client: Client, source: Source) -> None:
        self._client = client
        self._source = source
        self._size = source.page

    def read(self, search: str, sort: str) -> Iterator[Rows]:
        """Asks for every page. Raises OddAnswer where pages repeat themselves."""
        after: str | None = None
        met: set[str | None] = {None}
        empty = 0
        while True:
            rows = self._read_page(search, sort, after)
            yield rows
            if rows.behind is None:
                return
            empty = 0 if rows.nodes else empty + 1
            if rows.behind in met or empty >= _AGAIN:
                raise OddAnswer(self._source.operation)
            met.add(rows.behind)
            after = rows.behind

    def _read_page(self, search: str, sort: str, after: str | None) -> Rows:
        while True:
            variables = {"first": self._size, "after": after, "query": search or None, "sortKey": sort}
            try:
                answer = self._client.run(self._source.operation, variables)
            except Rejected as error:
                if error.code != "MAX_COST_EXCEEDED" or self._size <= _SMALLEST:
                    raise
                self._size = max(_SMALLEST, self._size // 2)
                continue
            return Rows(*connection(answer, self._source.connection, self._source.operation))
