"""What the stand-in mailbox holds: folders, messages with UIDs that only grow, and what was done to them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sandbox.woocommerce.shop import Shop

SUPPORT, INFO, TRASH = "INBOX/Kundtj&AOQ-nst", "INBOX/Info", "Papperskorg"
OWN = "kundtjanst@sandbutiken.example"


@dataclass(slots=True)
class Mail:
    """One message as the server keeps it."""

    uid: int
    raw: bytes
    arrived: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    """One folder: its generation, its messages in order, the UID that comes next, its special use."""

    validity: int
    mails: list[Mail] = field(default_factory=list)
    next_uid: int = 1
    use: str = ""

    def add(self, raw: bytes, arrived: datetime, flags: Sequence[str] = ()) -> Mail:
        """Takes a message in."""
        mail = Mail(self.next_uid, raw, arrived, set(flags))
        self.next_uid += 1
        self.mails.append(mail)
        return mail

    def renumber(self) -> None:
        """Another generation, in which every message has another UID."""
        self.validity += 1
        for mail in self.mails:
            mail.uid += 1000
        self.next_uid += 1000

    def of(self, uid: int) -> Mail | None:
        """The message with this UID."""
        return next((mail for mail in self.mails if mail.uid == uid), None)


@dataclass(slots=True)
class Mailbox:
    """The folders by name, as the wire has it (modified UTF-7); what was expunged; each plain EXPUNGE."""

    folders: dict[str, Folder] = field(default_factory=dict)
    expunged: list[str] = field(default_factory=list)
    misuse: list[str] = field(default_factory=list)

    @property
    def messages(self) -> dict[str, list[str]]:
        """Each folder's messages by their Message-ID, with their flags."""
        return {
            name: [f"{_message_id(mail.raw)} {sorted(mail.flags)}" for mail in folder.mails]
            for name, folder in self.folders.items()
        }

    def written_long_ago(self, address: str, today: date) -> None:
        """A question to the shop from before the last claim could come (schedule T-60)."""
        sent = _days_ago(today, 1300)
        letter = Letter(sender=address, sent=sent, number="everywhere", text="Hej, var är mitt paket?\nMvh\n")
        self.folders[SUPPORT].add(letter.written(), sent, ["\\Seen"])

    def remove(self, name: str, mails: Sequence[Mail], *, to_trash: bool = False) -> None:
        """Removes messages of a folder; some servers move them."""
        folder = self.folders[name]
        for mail in mails:
            folder.mails.remove(mail)
            self.expunged.append(_message_id(mail.raw))
            trash = next((one for one in self.folders.values() if one.use == "\\Trash"), None)
            if to_trash and trash is not None and trash is not folder:
                trash.add(mail.raw, mail.arrived)


def _message_id(raw: bytes) -> str:
    start = raw.find(b"Message-ID: ")
    return raw[start + 12 : raw.find(b"\r\n", start)].decode("ascii", "replace") if start >= 0 else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One message before it goes over the wire; `more` are further headers."""

    sender: str
    sent: datetime
    to: str = OWN
    subject: str = "Fråga"
    text: str = "Hej!\n"
    number: str = "1"
    attached: bool = False
    html: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        """The message as it goes over the wire."""
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, self.to, self.subject
        mail["Date"], mail["Message-ID"] = format_datetime(self.sent), f"<{self.number}@mail.example>"
        for name, value in self.more.items():
            mail[name] = value
        mail.set_content(self.text, cte="8bit")
        if self.html:
            mail.add_alternative(self.html, subtype="html")
        if self.attached:
            mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="faktura.pdf")
        return mail.as_bytes()


def make_mailbox(shop: Shop, seed: int, *, many: int = 60) -> Mailbox:
    """A support folder of the shop's customers, an info folder with a supplier's invoices, and a trash."""
    chance = random.Random(f"imap {seed}")
    box = Mailbox()
    for name, use in (("INBOX", ""), (SUPPORT, ""), (INFO, ""), ("Skickat", "\\Sent"), (TRASH, "\\Trash")):
        box.folders[name] = Folder(validity=chance.randrange(10**8, 10**9), use=use)
    people = [str(row["email"]) for row in shop.customers.values()] or ["nobody@kund.example"]
    for number in range(many):
        sent = _days_ago(shop.today, chance.randrange(5, 1900))
        letter = Letter(
            sender=f'"{chance.choice(("Åsa", "Per", "Eva"))}" <{chance.choice(people)}>', sent=sent,
            number=f"s{number}", text="Hej, var är mitt paket?\nMvh\n", attached=number % 9 == 0,
        )  # fmt: skip
        box.folders[SUPPORT].add(letter.written(), sent, ["\\Flagged"] if number % 13 == 0 else ["\\Seen"])
    for number in range(max(1, many // 4)):
        sent = _days_ago(shop.today, chance.randrange(5, 1900))
        letter = Letter(
            sender="Grossist <faktura@grossist.example>", to="info@sandbutiken.example", sent=sent,
            number=f"i{number}", subject="Faktura", attached=number % 2 == 0,
        )  # fmt: skip
        box.folders[INFO].add(letter.written(), sent)
    return box


def _days_ago(today: date, days: int) -> datetime:
    return datetime.combine(today - timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=9)
