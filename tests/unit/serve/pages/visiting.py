"""Somebody in front of the pages: asks for one, reads its form, and sends it back."""

import asyncio
import json
import re
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from connector.serve.pages.app import application
from connector.serve.pages.asking import ShopFiles, Site
from connector.serve.pages.drawing import Drawer
from connector.serve.pages.home import Home, home_of
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import People, Role
from connector.serve.pages.rule_index import Indexes
from connector.serve.pages.tokens import Tokens
from connector.settings.serving import Web
from tests.passkey_support import Authenticator


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class _Forms(HTMLParser):
    """The forms of a page: where each goes, its passkey's question, and the fields that are filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.found.append({"action": told["action"], "question": told.get("data-passkey"), "fields": {}})
        elif tag == "input" and self.found and told.get("type") == "hidden":
            self.found[-1]["fields"][told["name"]] = told.get("value") or ""


def forms(page: Response) -> list[dict[str, Any]]:
    """Every form of a page."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.found


def form_to(page: Response, action: str) -> dict[str, Any]:
    """The form of a page that goes there."""
    return next(one for one in forms(page) if one["action"] == action)


def said(page: Response) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


class Visitor:
    """One browser."""

    def __init__(self, site: Site) -> None:
        self.site = site
        transport = ASGITransport(application(site), client=("127.0.0.1", 4711))
        self.client = AsyncClient(transport=transport, base_url=site.home.origin)
        self.client.headers["accept-language"] = "en"
        self.key = Authenticator(site.home.origin)

    def get(self, path: str) -> Response:
        """Asks for a page."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, **more: Any) -> Response:
        """One request, as it is; nothing is followed."""
        return asyncio.run(self.client.request(method, path, **more))

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> Response:
        """Sends a form from a page of ours, unless a header says otherwise."""
        own = {"origin": self.site.home.origin, "sec-fetch-site": "same-origin"}
        others = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, data=fields, headers=own | others)

    def send(self, page: Response, action: str, **more: Any) -> Response:
        """Fills in a form of a page and sends it; one with a question is signed."""
        form = form_to(page, action)
        fields = {**form["fields"], **more}
        if form["question"]:
            question = json.loads(form["question"])
            fields["answer"] = self.key.make(question) if "user" in question else self.key.sign(question)
        return self.post(action, fields)

    def enrol(self, name: str = "Disa Demo", *roles: Role) -> Response:
        """Takes an invitation up, and is signed in."""
        page = self.get(f"/enrol/{self.site.people.invite(name, roles)}")
        assert page.status_code == 200, page.text
        return self.send(page, "/enrol")


def site_at(folder: Path, clock: Any, *, home: Home | None = None, **parts: Any) -> Site:
    """The pages of a folder, put together as `gallra web` does."""
    people = People(folder, clock)
    return Site(
        home=home or home_of(Web()), people=people, tokens=Tokens(people.key), clock=clock, drawer=Drawer(),
        indexes=Indexes(), files=ShopFiles(),
        **{"jobs": Jobs(), **parts},
    )  # fmt: skip
