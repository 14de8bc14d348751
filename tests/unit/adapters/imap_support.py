"""A mailbox against the stand-in mail server, and messages made up for one test."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from adapters.imap.platform import Mailbox
from connector.identity import make_keyer
from connector.ports import Live, Look, Receipt, Task, Unread
from connector.records import Action, Kind, Record, Ref
from sandbox.imap.mailbox import OWN, Folder, Letter
from sandbox.imap.mailbox import Mailbox as Box
from sandbox.imap.server import Server
from tests.unit.adapters.told import no_wait

KEYER = make_keyer(b"k" * 32)
LONG_AGO = datetime(2021, 3, 1, 10, tzinfo=UTC)
FOLDERS = {"support": "INBOX/Kundtjänst", "info": "INBOX/Info"}
WIRE = {"support": "INBOX/Kundtj&AOQ-nst", "info": "INBOX/Info", "trash": "Trash"}


class Made:
    """A mail server with three folders, and the adapter's own view of it."""

    def __init__(self, **settings: Any) -> None:
        self.box = Box()
        for number, name in enumerate(WIRE.values(), 1):
            self.box.folders[name] = Folder(validity=number * 1000, use="\\Trash" if name == "Trash" else "")
        self.server = Server(self.box, OWN, "secret")
        self.settings: dict[str, Any] = {
            "host": "127.0.0.1", "port": self.server.port, "user": OWN, "password": "secret",
            "security": "none", "folders": FOLDERS, "customers_only": ["support"], **settings,
        }  # fmt: skip

    @property
    def faults(self) -> Any:
        """What the server is told to do wrong."""
        return self.server.faults

    def folder(self, label: str = "support") -> Folder:
        """A folder as the server has it."""
        return self.box.folders[WIRE[label]]

    def add(
        self, sender: str = "Anna <anna@kund.example>", *, folder: str = "support", flags: Sequence[str] = (),
        arrived: datetime | None = None, sent: datetime = LONG_AGO, **letter: Any,
    ) -> int:  # fmt: skip
        """Takes a message in; its UID."""
        number = letter.pop("number", f"m{len(self.folder(folder).mails)}")
        raw = Letter(sender=sender, sent=sent, number=number, **letter).written()
        return self.folder(folder).add(raw, arrived or sent, flags).uid

    def put(self, raw: bytes, *, folder: str = "support", arrived: datetime = LONG_AGO) -> int:
        """Takes these bytes in as a message."""
        return self.folder(folder).add(raw, arrived).uid

    def platform(self) -> Mailbox:
        """The adapter."""
        return Mailbox(self.settings, keyer=KEYER, sleep=no_wait)

    def records(self, since: str | None = None) -> list[Record]:
        """Every message, pulled."""
        pages = self.platform().pull(Kind.SUPPORT_MESSAGE, since=since)
        return [one for page in pages for one in page.records]

    def looks(self, refs: Sequence[Ref] | None = None) -> Mapping[Ref, Look]:
        """A look at each of these, at all where none is named."""
        wanted = [one.ref for one in self.records()] if refs is None else refs
        return {
            (look.record.ref if isinstance(look, Live) else look.ref): look
            for look in self.platform().fetch(wanted)
        }

    def tasks(self) -> list[Task]:
        """The removal of every message."""
        lives = [look for look in self.looks().values() if isinstance(look, Live)]
        return [Task(live=one, action=Action.DELETE, fields=frozenset()) for one in lives]

    def apply(self, tasks: Sequence[Task] | None = None) -> dict[Ref, Receipt]:
        """What came of it."""
        given = self.tasks() if tasks is None else tasks
        return {receipt.ref: receipt for receipt in self.platform().apply(given)}


@contextmanager
def mail_server(**settings: Any) -> Iterator[Made]:
    """A mail server, running."""
    made = Made(**settings)
    made.server.start()
    try:
        yield made
    finally:
        made.server.stop()


def reasons(looks: Mapping[Ref, Look]) -> set[str]:
    """Why those are unread that are."""
    return {look.reason for look in looks.values() if isinstance(look, Unread)}
