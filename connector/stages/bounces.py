"""What came back: read from the mailbox where there is one, so that no warning counts that nobody got."""

from connector.errors import RemoteError
from connector.ledger import Ledger
from connector.ledger.warnings import Warnings
from connector.ports import Mailbox
from connector.records import Value

READ = "bounces_read"


class BouncesRead(Value, frozen=True, kw_only=True):
    """How many warnings were taken back, and what kept the mailbox from being read."""

    back: int = 0
    fault: str = ""


def read_bounces(ledger: Ledger, mailbox: Mailbox | None) -> BouncesRead:
    """Reads on where the last reading ended; a mailbox that cannot be read ends nothing."""
    if mailbox is None:
        return BouncesRead()
    stood = _stood(ledger)
    try:
        found = mailbox.came_back(stood)
    except RemoteError as fault:
        with ledger.begin() as connection:
            ledger.event(connection, READ, after=stood, count=0, failed=type(fault).__name__)
        return BouncesRead(fault=str(fault))
    warnings = Warnings(ledger)
    with ledger.begin() as connection:
        back = warnings.takes_back(connection, warnings.of_tokens(connection, found.tokens))
        ledger.event(connection, READ, after=found.read, count=back)
    return BouncesRead(back=back)


def _stood(ledger: Ledger) -> str:
    with ledger.begin() as connection:
        read = ledger.events(connection, READ)
    return str(read[-1].detail["after"]) if read else ""


def are_unread(ledger: Ledger) -> bool:
    """Whether the last reading failed, or there was none: then no warning is known to have arrived."""
    with ledger.begin() as connection:
        read = ledger.events(connection, READ)
    return not read or bool(read[-1].detail.get("failed"))


__all__ = ["BouncesRead", "are_unread", "read_bounces"]
