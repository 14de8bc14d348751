"""Somebody who is called by signed webhook: what came, and what is answered, in one process."""

import base64
import json
from collections.abc import Callable
from typing import Any

from connector.ports.posting import Reply, WebRequest
from connector.text.webhook_signature import is_signed, key_of
from tests.engine_support import TurnableClock

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
TAKEN = Reply(status=204)


class Receiver:
    """Stands where `connector.registry.build_alerts` would make what goes out of the machine."""

    def __init__(self, clock: TurnableClock) -> None:
        self.clock = clock
        self.came: list[WebRequest] = []
        self.answer: Callable[[WebRequest], Reply] = lambda _post: TAKEN

    def __call__(self, _settings: object) -> "Receiver":
        return self

    def post(self, request: WebRequest) -> Reply:
        """Takes what is rightly signed."""
        assert is_signed(request.headers, request.body, [key_of(SECRET)], now=self.clock())
        self.came.append(request)
        return self.answer(request)

    @property
    def types(self) -> list[str]:
        """What the messages told of, in the order they came."""
        return [one["type"] for one in self.bodies]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What the messages say."""
        return [json.loads(one.body) for one in self.came]
