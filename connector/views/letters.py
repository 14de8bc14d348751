"""Notices that are written and have not left: which, to whom they go, and on whose word they were sent."""

from collections.abc import Iterable, Sequence
from datetime import date

from connector.about.described import channel_of as channel_of_description
from connector.errors import GallraError
from connector.ledger.answers import Notice, Sent
from connector.ledger.answers import unsent as lines_unsent
from connector.ports import Channel
from connector.records import Value
from connector.registry import channel_of
from connector.settings import Settings
from connector.shop import Shop

OWN_FILE = "the shop's file"


class Unsent(Value, frozen=True, kw_only=True):
    """One notice that nobody has sent; `letter` is empty where none could be written."""

    recipient: str
    letter: str
    count: int
    oldest: date
    reason: str
    channel: Channel

    def line(self) -> str:
        """What a person reads: what lies there, where it goes, and how to say that it left."""
        what = f"letter {self.letter}" if self.letter else "a notice that no letter could hold"
        then = f"then `gallra letters sent {self.letter} --by NAME --how HOW`" if self.letter else "see `ack`"
        told = (
            f"{self.recipient}: {what} is not sent ({self.reason}), {self.count} lines, oldest {self.oldest}"
        )
        return f"  {told}; {where(self.channel)}; {then}"


def where(channel: Channel) -> str:
    """A recipient's channel in words: the address or form, on whose word, and when it was read."""
    places = [place for place in (channel.address, channel.form) if place]
    if not places:
        return "to an address that you must find: fill in the recipient's `email` or `address`"
    read = f", read {channel.read}" if channel.read else ""
    return f"to {' or '.join(places)} ({channel.source}{read})"


def unsent(shop: Shop) -> tuple[Unsent, ...]:
    """Every notice that is written, or should be, and has not left; the recipients in their order."""
    with shop.ledger.begin() as connection:
        return unsent_of(shop, lines_unsent(connection, shop.ledger.shop))


def unsent_of(shop: Shop, lines: Iterable[Notice]) -> tuple[Unsent, ...]:
    """The notices that these lines stand in, each with where it goes."""
    groups: dict[tuple[str, str], list[Notice]] = {}
    for line in lines:
        groups.setdefault((line.recipient, line.letter), []).append(line)
    return tuple(
        Unsent(
            recipient=recipient,
            letter=letter,
            count=len(own),
            oldest=min(line.planned for line in own),
            reason=own[-1].reason,
            channel=channel(shop.settings, recipient),
        )
        for (recipient, letter), own in sorted(groups.items())
    )


def channel(settings: Settings, recipient: str) -> Channel:
    """Where a recipient takes in a notice: as the shop's file says, else as its adapter ships it."""
    own = settings.recipients.named().get(recipient)
    places = [place for place in (own.email, own.address) if place] if own else []
    if places:
        return Channel(address=" or ".join(places), source=OWN_FILE)
    if recipient in settings.described:
        return channel_of_description(settings.described[recipient])
    return shipped(recipient) if recipient in settings.recipients.named() else Channel()


def shipped(recipient: str) -> Channel:
    """What a recipient's own adapter ships, also where it is told by letter for want of a key."""
    return channel_of(recipient)


def record_sent(shop: Shop, letters: Sequence[str], sent: Sent) -> int:
    """A named person says that letters left: their lines are notified, their handles destroyed.

    Returns how many lines. Raises GallraError where a letter holds no open line; then none is recorded.
    """
    outbox = shop.outbox
    with shop.ledger.begin() as connection:
        lines = {letter: outbox.answers.in_letter(connection, letter) for letter in letters}
        unknown = [letter for letter, ids in lines.items() if not ids]
        if unknown:
            raise GallraError(
                f"{len(unknown)} of these are no letters that wait to be sent. Nothing was done. "
                "`gallra letters list` has their names."
            )
        ids = [one for own in lines.values() for one in own]
        count = outbox.answers.acknowledge(connection, ids, by=sent.by, sent=sent)
        shop.ledger.event(
            connection,
            "letters_sent",
            letters=sorted(lines),
            by=sent.by,
            on=sent.on.isoformat(),
            how=sent.how,
            count=count,
        )
    return count
