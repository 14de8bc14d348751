"""A cache between this machine and every service, which says of each answer that it kept it."""

import json
from typing import Any

import pytest
import requests


def cache_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every answer is right, and says that it is a day old."""
    send = requests.Session.send

    def kept(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        response = send(session, request, **more)
        response.headers["Age"] = "86400"
        return response

    monkeypatch.setattr(requests.Session, "send", kept)


_LISTS = (
    "/stores", "/orders", "/customers", "/ping", "/Accounts", "/lists", "/members", "/profiles",
    "/stored_cards", "/accounts",
)  # fmt: skip
# What any of the services says of an object that it does not have.
_NOT_FOUND = b'{"title":"Resource Not Found","status":404,"error_code":"NOT_FOUND","code":"NOT_FOUND"}'


def lose_every_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on lists are right, and every object asked for by its id is "not found"."""
    send = requests.Session.send

    def lost(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        response = send(session, request, **more)
        path = (request.path_url or "").partition("?")[0]
        if request.method == "GET" and response.status_code == 200 and not path.endswith(_LISTS):
            response.close()
            response.raw = None  # else the body is read from the wire, and is the object itself
            response.status_code, response._content = 404, _NOT_FOUND
            response.headers["Content-Type"] = "application/json"
        return response

    monkeypatch.setattr(requests.Session, "send", lost)


def answer_everything(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, kind: str, **headers: str
) -> None:
    """From now on something between this machine and every service answers in its place, always the same."""

    def answered(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> Any:
        response = requests.Response()
        response.status_code, response._content, response.request = status, body, request
        response.url = request.url or ""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response.headers.update({"Content-Type": kind, **named})
        return response

    monkeypatch.setattr(requests.Session, "send", answered)


def answer_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on lists are right, and every object asked for by its id is another of its kind.

    What is written is not done, and is answered with another of its kind too.
    """
    send = requests.Session.send
    objects: dict[tuple[str, int], dict[str, bytes]] = {}

    def mixed(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        path = (request.path_url or "").partition("?")[0]
        kind = (path.rpartition("/")[0], path.count("/"))
        if path.endswith("/token"):  # of nobody's object
            return send(session, request, **more)
        said = request.headers.items()
        kept = {name: value for name, value in said if not name.lower().startswith("content-")}
        reading = requests.Request("GET", request.url, headers=kept).prepare()
        response = send(session, request if request.method == "GET" else reading, **more)
        if response.status_code == 200 and not path.endswith(_LISTS):
            known = objects.setdefault(kind, {})
            known[path] = response.content
            other = next((body for name, body in known.items() if name != path), None)
            response.raw = None
            response._content = _renamed(response.content) if other is None else other
        return response

    monkeypatch.setattr(requests.Session, "send", mixed)


_IDS = ("id", "order_id", "contact_id", "shipmentId", "itemId", "email_address")


def _renamed(body: bytes) -> bytes:
    """An object under ids that nobody asked for."""
    try:
        found = json.loads(body)
    except ValueError:
        return body
    if isinstance(found, dict):
        found |= {name: f"other-{found[name]}" for name in _IDS if name in found}
    return json.dumps(found).encode()
