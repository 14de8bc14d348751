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
