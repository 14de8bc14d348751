"""A shop with dormant accounts, opened from settings, and a mail server that a test speaks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from connector.errors import RemoteError
from connector.ledger.states import WarningState
from connector.ledger.warnings import WarningRow, Warnings
from connector.ports import CameBack, Mail, Posted
from connector.records import Kind
from connector.shop import Shop
from connector.stages.flow import pull_shop, warn_shop
from connector.stages.warn.lists import all_to_warn, make_list
from connector.stages.warn.sending import Warned as WarnedMails
from tests.sandbox_support import Said
from tests.unit.stages.opened import Opened

DORMANT = date(2024, 12, 1)
"""Last seen so long ago that a warning is due, and the account not yet (the clock stands at 2026-11-22)."""
SMTP = """
[letters.smtp]
host = "smtp.egg.example"
sender = "kund@egg.example"

[warning]
login = "https://egg.example/konto"
"""
IMAP = """
[warning.imap]
host = "imap.egg.example"
user = "kund@egg.example"
password = { env = "EGG_SECRET" }
"""


@dataclass
class Post:
    """Keeps what it is handed, answers as it is told, and lets a test do something at each mail."""

    answers: Callable[[Mail], Posted] = lambda _mail: Posted.SENT
    mails: list[Mail] = field(default_factory=list)
    fault: RemoteError | None = None

    def deliver(self, mail: Mail) -> Posted:
        """As `connector.ports.Post`."""
        if self.fault is not None:
            raise self.fault
        self.mails.append(mail)
        return self.answers(mail)

    def close(self) -> bool:
        """Nothing stands open."""
        return True

    @property
    def to(self) -> list[str]:
        """Whom it was to go to, in order."""
        return [mail.to for mail in self.mails]


@dataclass
class Box:
    """A mailbox with the ids of mails that came back, or one that cannot be read."""

    tokens: list[str] = field(default_factory=list)
    fault: RemoteError | None = None

    def came_back(self, after: str) -> CameBack:
        """As `connector.ports.Mailbox`."""
        if self.fault is not None:
            raise self.fault
        read = int(after or 0)
        return CameBack(tuple(self.tokens[read:]), str(len(self.tokens)))


class Warned(Opened):
    """The shop, its post and its mailbox."""

    def __init__(self, folder: Path, *, settings: str = SMTP) -> None:
        super().__init__(folder)
        text = self.file.read_text("utf-8").replace("waive_warning = true", "")
        self.file.write_text(text + settings, encoding="utf-8")
        self.post, self.box = Post(), Box()
        self.real = False  # whether mails go where the settings say

    def open(self, *args: object, **named: object) -> Shop:
        """The shop, whose mails go to the post of the test."""
        shop = super().open(*args, **named)  # type: ignore[arg-type]
        if self.real:
            return shop
        shop.__dict__["carrier"] = SimpleNamespace(
            mailer=lambda: self.post if shop.settings.letters.smtp else None, mailbox=lambda: self.box
        )
        return shop

    def dormant(self, *ids: str, day: date = DORMANT) -> None:
        """Accounts with a purchase long ago, last used on a day; checked and pulled."""
        for id in ids:
            self.memory.customer(id, day)
            self.memory.touch(self.memory.of(id, Kind.CUSTOMER), last_purchase=day)
        shop = self.open()
        shop.check()
        pull_shop(shop)
        shop.ledger.engine.dispose()

    def listed(self, *words: str) -> str:
        """The code of the list that is shown."""
        return str(self.gallra("warn", "send", "--json", *words).json["list"]["code"])

    def send(self, code: str) -> Said:
        """An approved list, as it is typed."""
        return self.gallra("warn", "send", "--plan", code, "--by", "Disa Demo")

    def sent(self, *again: str, most: int = 0) -> WarnedMails:
        """A list of what the last pull showed, approved."""
        shop = self.open()
        try:
            made = make_list(shop, all_to_warn(shop), again=again, most=most)
            if not made.records:
                return WarnedMails()
            return warn_shop(shop, made.code, by="Disa Demo")
        finally:
            shop.ledger.engine.dispose()

    def row(self, id: str) -> WarningRow | None:
        """The newest try for an account."""
        shop = self.open()
        with shop.ledger.begin() as connection:
            found = [one for one in Warnings(shop.ledger).newest(connection).values() if one.ref.id == id]
        shop.ledger.engine.dispose()
        return found[-1] if found else None

    def state(self, id: str) -> WarningState | None:
        """How the newest try for an account stands."""
        found = self.row(id)
        return found.state if found else None

    def warned(self, id: str) -> date | None:
        """The day that counts as the warning of an account."""
        from connector.ledger.index import Rows

        shop = self.open()
        with shop.ledger.begin() as connection:
            (row,) = Rows(shop.ledger).find(connection, kind=Kind.CUSTOMER, number=id, by_id=True)
        shop.ledger.engine.dispose()
        return row.record.facts.warned


__all__ = ["DORMANT", "IMAP", "SMTP", "Box", "Post", "Warned"]
