"""A shop with a public form, a mail server in memory, and somebody in front of the form."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from connector.errors import RemoteError
from connector.ledger.requests import Register, RequestRow
from connector.ports import Mail, Posted
from connector.records import Kind
from connector.serve.form.app import FormSite, form_application
from connector.serve.form.following_up import FollowUp
from connector.serve.form.serving import FormPlace, form_at, site_of
from connector.serve.pages.serving import Loads
from connector.shop import Shop
from tests.engine_support import LAST_YEAR
from tests.unit.stages.objecting import MINE, Mailed, yes

ORIGIN = "https://ask.egg.example"
PROXY = "127.0.0.1"
TABLES = f"""
[form]
url = "{ORIGIN}"
proxies = ["{PROXY}"]

[letters.smtp]
host = "smtp.egg.example"
sender = "Egg <shop@egg.example>"
"""
STRANGER = "nobody@elsewhere.example"


class Mails:
    """A mail server in memory; `answer` is what it says next, `fault` what it ends with."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.answer = Posted.SENT
        self.fault: RemoteError | None = None

    def mailer(self) -> "Mails":
        return self

    def deliver(self, mail: Mail) -> Posted:
        if self.fault is not None:
            raise self.fault
        if self.answer in (Posted.SENT, Posted.UNKNOWN):
            self.sent.append(mail)
        return self.answer

    def close(self) -> bool:
        return True

    def link(self, position: int = -1) -> str:
        """The path of the link in a mail."""
        found = re.search(rf"{ORIGIN}(/\S+)", self.sent[position].text)
        assert found
        return found[1]


class Asked(Mailed):
    """The shop, its form, and what is behind it, without a thread: a test looks when it wants to."""

    def __init__(self, folder: Path, *, standing: bool = True) -> None:
        super().__init__(folder, standing=standing)
        self.file.write_text(self.file.read_text("utf-8") + TABLES, encoding="utf-8")
        self.shop.order("10", LAST_YEAR, email=MINE, name="Ylva Alm")
        self.shop.said(Kind.CUSTOMER, "1", MINE, yes("email"))
        self.list.said(Kind.SUBSCRIBER, "a:1", MINE, yes("email"))
        self.mails = Mails()
        self.lines: list[str] = []
        self.ready()
        home = form_at([self.file], self.open)
        assert home is not None
        self.site = site_of(
            home, FormPlace(self.file, lambda: [self.file], Loads(self.open, self.open)), lambda: None,
            self.clock,
        )  # fmt: skip
        self.follow_up = FollowUp(self.site, self.lines.append)

    def open(self, path: Path | None = None, **more: Any) -> Shop:
        shop = super().open(path, **more)
        if hasattr(self, "mails"):
            shop.__dict__["carrier"] = self.mails
        return shop

    def look(self) -> None:
        """What the thread does."""
        self.follow_up.look()

    def later(self, **much: float) -> None:
        """Time goes by."""
        self.clock.now += timedelta(**much)

    def requests(self) -> list[RequestRow]:
        """The register."""
        opened = self.open()
        with opened.ledger.begin() as connection:
            return Register(opened.ledger).list(connection, every=True)

    def bytes_of_form(self) -> bytes:
        """All that the form's file holds."""
        return b"".join(one.read_bytes() for one in self.folder.glob("gallra-form*"))


class Visitor:
    """Somebody's browser, behind the proxy that the shop's file names."""

    def __init__(self, site: FormSite, address: str = "203.0.113.7", *, peer: str = PROXY) -> None:
        transport = ASGITransport(form_application(site), client=(peer, 4711))
        self.client = AsyncClient(transport=transport, base_url=ORIGIN)
        self.address = address
        self.client.headers["accept-language"] = "en"

    def ask(self, method: str, path: str, **more: Any) -> Response:
        headers = {"x-forwarded-for": self.address, **more.pop("headers", {})}
        return asyncio.run(self.client.request(method, path, headers=headers, **more))

    def get(self, path: str = "/egg", **headers: str) -> Response:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str], *, origin: str = ORIGIN) -> Response:
        return self.ask("POST", path, data=fields, headers={"origin": origin})

    def sends(self, kind: str = "access", email: str = MINE, **more: str) -> Response:
        """Fills the form in."""
        return self.post("/egg", {"kind": kind, "email": email, "language": "en", **more})

    def confirms(self, link: str) -> Response:
        """Opens the link, and presses the button that is there."""
        page = self.get(link)
        found = re.search(r'name="secret" value="([^"]+)"', page.text)
        assert found, page.text
        return self.post("/egg/confirm", {"secret": found[1], "language": "en"})


def said(page: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def kinds_of(rows: Sequence[RequestRow]) -> list[str]:
    return [str(one.kind) for one in rows]
