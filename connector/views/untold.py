"""Recipients that cannot be told of a lost record: named by number, until a person has looked there."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from connector.ledger.answers import HANDLE_GONE, KEY_LOST
from connector.ledger.lost_handles import LostHandle
from connector.ports import Channel
from connector.records import Kind, Value
from connector.report.words import Words
from connector.shop import Shop
from connector.views.letters import channel, where


class Untold(Value, frozen=True, kw_only=True):
    """Records of one kind that a recipient cannot be told of; `ids` are the deliveries that `ack` closes."""

    recipient: str
    kind: Kind
    handle: str
    labels: tuple[str, ...]
    ids: tuple[int, ...]
    channel: Channel
    reason: str = HANDLE_GONE

    def line(self) -> str:
        """What a person reads: of which records, what to look for, where, and how to say that it is done."""
        words = Words("en")
        what = words.code("handle", self.handle)
        closing = " ".join(map(str, self.ids))
        why = (
            f"for {what} was sealed under a key that is not at hand"
            if self.reason == KEY_LOST
            else f"gone before its step came, and {what} with it"
        )
        return (
            f"{self.recipient}: not told of {words.code('kind', self.kind)} {', '.join(self.labels)}, {why}. "
            f"Look there by that number, by hand, or write {where(self.channel)}; "
            f"then `gallra ack {closing} --by NAME`"
        )


def untold(shop: Shop, found: Iterable[LostHandle]) -> tuple[Untold, ...]:
    """Whom nobody could tell, in the order of the ledger, each with its channel."""
    return tuple(_groups(shop, found))


def _groups(shop: Shop, found: Iterable[LostHandle]) -> Iterator[Untold]:
    for (recipient, handle, kind, reason), same in groupby(
        found, key=lambda one: (one.recipient, one.handle, one.kind, one.reason)
    ):
        own = list(same)
        yield Untold(
            recipient=recipient,
            kind=kind,
            handle=handle,
            labels=tuple(dict.fromkeys(one.label for one in own)),
            ids=tuple(one.id for one in own),
            channel=channel(shop.settings, recipient),
            reason=reason,
        )


__all__ = ["Untold", "untold"]
