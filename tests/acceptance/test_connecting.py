"""A shop is connected on the pages: what it takes, what its faults say, and where its secrets are and are not."""

import logging
import os
import socket
import stat
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from connector.cli.folder import found
from connector.serve.pages.jobs import Jobs
from connector.serve.pages.people import Role
from connector.settings import load_settings
from connector.shop import Shop, open_shop, system_clock
from sandbox.box import Sandbox
from tests.sandbox_support import typed
from tests.unit.serve.pages.visiting import Visitor, form_to, said, site_at

ANSWERS = {"shop_name": "Äggboden", "platform": "woocommerce", "by": "Disa Demo, ägare"}
SHOP = "/connect/shop/aggboden"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(customers=20, orders=40) as made:
        yield made


@pytest.fixture
def keys(box: Sandbox) -> dict[str, str]:
    """The address and keys that the shop gave out, as the form has them."""
    own = box.credentials()["woocommerce"]
    return {"url": own["url"], "secret_key": own["key"], "secret_secret": own["secret"]}


def opened(path: Path) -> Shop:
    return open_shop(path, environ=os.environ)


def site_of(folder: Path) -> Any:
    """The pages of a folder, as `gallra web` makes them."""
    find = partial(found, folder)
    jobs = Jobs(patience=30.0)
    return site_at(folder, system_clock, load=opened, look=opened, find=find, jobs=jobs)._replace(folder=folder)


def entered(site: Any, *roles: Role, name: str = "Disa Demo") -> Visitor:
    visitor = Visitor(site)
    visitor.enrol(name, *roles)
    return visitor


@pytest.fixture
def site(tmp_path: Path) -> Any:
    return site_of(tmp_path)


@pytest.fixture
def approver(site: Any) -> Visitor:
    return entered(site, Role.APPROVER)


def to_keys(visitor: Visitor, **more: str) -> Response:
    """From the questions to the page of the keys."""
    sent = visitor.send(visitor.get("/connect"), "/connect", **(ANSWERS | more))
    assert sent.headers.get("location") == "/connect/keys", said(sent)
    return visitor.get("/connect/keys")


def tried(visitor: Visitor, page: Response, **keys: str) -> Response:
    """Sends the keys; the page that says what came of it."""
    sent = visitor.send(page, "/connect/keys", **keys)
    return visitor.get(sent.headers["location"]) if sent.status_code == 303 else sent


def to_plan(visitor: Visitor) -> Response:
    """The first dry run of a connected shop: its plan's page."""
    sent = visitor.send(visitor.get(SHOP), SHOP)
    answer = visitor.get(sent.headers["location"])
    while answer.status_code == 303:
        answer = visitor.get(answer.headers["location"])
    return answer


def files_of(folder: Path) -> set[str]:
    """What a shop's set-up left in the folder, the people's file aside."""
    return {path.name for path in folder.iterdir() if not path.name.startswith("gallra-people")}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_from_an_empty_folder_to_the_plan_without_a_terminal(
    approver: Visitor, keys: dict[str, str], tmp_path: Path, language: str
) -> None:
    approver.client.headers["accept-language"] = language
    first = approver.get("/")
    assert ("Anslut din första butik" if language == "sv" else "Connect your first shop") in said(first)
    assert 'href="/connect"' in first.text
    connected = tried(approver, to_keys(approver), **keys)
    assert connected.status_code == 200, said(connected)
    assert ("Vad nyckeln får göra" if language == "sv" else "What the key may do") in said(connected)
    plan = to_plan(approver)
    assert plan.status_code == 200
    assert 'class="digest"' in plan.text
    settings = load_settings(tmp_path / "aggboden.toml", environ={})
    assert (settings.shop.id, settings.shop.language) == ("aggboden", language)
    assert typed("check", str(tmp_path / "aggboden.toml")).code == 0
