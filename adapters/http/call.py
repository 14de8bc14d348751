"""One request, as an adapter asks for it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Required, TypedDict

import msgspec
import requests

_GOOD = (200, 201, 202, 204)


class Asked(TypedDict, total=False):
    """What a request may say beside its method and path.

    `operation` names it in messages. A `write` is repeated only where `idempotent`. `ok` are the good
    statuses. `error_code` reads the service's own code from a refusal, where it is not the usual one.
    `json` or `data` is sent. `fresh` is for a read that counts as evidence: no cache may answer it.
    """

    operation: Required[str]
    params: Mapping[str, Any] | None
    json: Any
    data: bytes | Mapping[str, str] | None
    headers: Mapping[str, str] | None
    write: bool
    idempotent: bool
    ok: Collection[int]
    error_code: Callable[[requests.Response], str] | None
    fresh: bool


class Call(NamedTuple):
    """A request, and what its answer is judged by."""

    method: str
    path: str
    asked: Asked

    @property
    def operation(self) -> str:
        """Its name in messages."""
        return self.asked["operation"]

    @property
    def write(self) -> bool:
        """Whether it changes something at the service."""
        return self.asked.get("write", False)

    @property
    def safe(self) -> bool:
        """Whether it may be sent again where nobody knows what came of it."""
        return not self.write or self.asked.get("idempotent", False)

    @property
    def ok(self) -> Collection[int]:
        """The good statuses."""
        return self.asked.get("ok", _GOOD)

    @property
    def fresh(self) -> bool:
        """Whether no cache may answer."""
        return self.asked.get("fresh", False)

    @property
    def body(self) -> Any:
        """What is sent: the JSON of `json`, else `data` as it is."""
        json = self.asked.get("json")
        return self.asked.get("data") if json is None else msgspec.json.encode(json)

    @property
    def headers(self) -> dict[str, str]:
        """The headers beside those of the session."""
        extra = {**({"Cache-Control": "no-cache"} if self.fresh else {}), **(self.asked.get("headers") or {})}
        if self.asked.get("json") is not None:
            extra.setdefault("Content-Type", "application/json; charset=utf-8")
        return extra
