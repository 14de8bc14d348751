"""Records by their ids: what a write leaves is read here, for the search lags behind."""

from collections.abc import Iterator, Sequence

from adapters.shopify.client import Client
from adapters.shopify.ids import gid
from adapters.shopify.nodes import Node
from adapters.shopify.sources import Source
from connector.errors import Rejected
from connector.ports import Live
from connector.records import Ref

_AT_ONCE = 250
_FEWEST = 2


class Fetcher:
    """Reads records by id, as many at once as the cost of one question allows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._at_once: dict[str, int] = {}

    def lives(self, source: Source, refs: Sequence[Ref]) -> Iterator[Live]:
        """These records as they are now; what the shop no longer has is missing."""
        for node in self.nodes(source, [gid(ref.kind, ref.id) for ref in refs]):
            if source.belongs(node):
                yield source.to_live(node)

    def nodes(self, source: Source, ids: Sequence[str]) -> list[Node]:
        """The answers for these ids, without those the shop no longer has."""
        found: list[Node] = []
        left = list(ids)
        while left:
            size = self._at_once.get(source.operation, _AT_ONCE)
            try:
                answer = self._client.run(f"fetch_{source.operation}", {"ids": left[:size]})
            except Rejected as error:
                if error.code != "MAX_COST_EXCEEDED" or size <= _FEWEST:
                    raise
                self._at_once[source.operation] = max(_FEWEST, size // 2)
                continue
            found += [node for node in answer["nodes"] if node and node.get("createdAt")]
            left = left[size:]
        return found
