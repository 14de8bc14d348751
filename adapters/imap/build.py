"""Builds what settings name of a mailbox."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.imap.line import NAME
from adapters.imap.platform import Mailbox
from connector.ports import Access, Clock, Delivery, DeliveryReceipt, Finding, Interest, Keyer, Role


def build_platform(settings: Mapping[str, Any], *, keyer: Keyer, clock: Clock) -> Mailbox:
    """The messages of the folders that `folders` names; opens no connection."""
    return Mailbox(settings, keyer=keyer)


def build_processor(settings: Mapping[str, Any], *, clock: Clock) -> "Host":
    """The mail host, as it stands in the register of recipients."""
    return Host()


class Host:
    """The host of the mailbox: told nothing, for what goes there is deleted in the mailbox itself."""

    name = NAME
    role = Role.PROCESSOR
    recipient = "HD"
    interests: tuple[Interest, ...] = ()

    def check(self) -> Access:
        """Nothing beside the mailbox, which is checked by itself."""
        return Access(adapter=self.name, reachable=True, can_read=True)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """None: there is no interest that a delivery could be of."""
        return iter(())

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """None."""
        return iter(())
