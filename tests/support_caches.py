"""A cache between this machine and every service, which says of each answer that it kept it."""

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


_LISTS = ("/stores", "/orders", "/customers", "/ping", "/Accounts", "/lists", "/members")
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


def answer_everything(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, kind: str) -> None:
    """From now on something between this machine and every service answers in its place, always the same."""

    def answered(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> Any:
        response = requests.Response()
        response.status_code, response._content, response.request = status, body, request
        response.url = request.url or ""
        response.headers["Content-Type"] = kind
        return response

    monkeypatch.setattr(requests.Session, "send", answered)
