"""The wire to one Mailchimp account: what every call of it is made of."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import requests

from adapters.http import HTML, Http, Row, Statuses
from adapters.http.answer import json_object
from adapters.mailchimp.service.answers import body_of, listed, missing, other_answer
from adapters.mailchimp.slots import Slots
from adapters.network import Network
from connector.errors import Rejected, RetryLater, SettingsError

CONNECTIONS = 4  # of the 10 at once that one account is allowed
EVERYWHERE = 8  # two are left to the shop's own plugin
PAGE = 1000  # the most rows an answer holds

_CROWDED = Row(
    error=RetryLater,
    advice="Mailchimp is shedding load; run again in a few minutes, what is done stays done.",
)
# At high load the service answers 403 without a JSON body; a refused key has one.
_STATUSES: Statuses = {(403, ""): _CROWDED, (403, HTML): _CROWDED}


class Wire:
    """One account."""

    def __init__(self, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.http = Http(
            adapter="mailchimp",
            base=base_url(settings),
            auth=("gallra", str(settings["key"])),
            connections=CONNECTIONS,
            account=str(settings["key"]),
            everywhere=EVERYWHERE,
            beside=Slots(str(settings["key"]), sleep=sleep).take,
            statuses=_STATUSES,
            error_code=title_code,
            network=Network.of(settings),
            sleep=sleep,
        )

    def rows(
        self, path: str, name: str, fields: Sequence[str], operation: str, query: Mapping[str, Any] = {}
    ) -> Iterator[dict[str, Any]]:
        """Asks for every row of a list, page by page."""
        wanted = ",".join(["total_items", *(f"{name}.{field}" for field in fields)])
        offset = 0
        while True:
            params = {"fields": wanted, "count": PAGE, "offset": offset, **query}
            answer = self.http.request("GET", path, operation=operation, params=params, fresh=True)
            rows, total = listed(answer, name, operation)
            yield from rows
            offset += len(rows)
            if total is None or (not rows and offset < total):
                raise other_answer(operation)
            if offset >= total:
                return

    def get(self, path: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Asks for one object; None where Mailchimp says that it has none."""
        try:
            return body_of(self.http.request("GET", path, operation=operation, params=params, fresh=True))
        except Rejected as error:
            if missing(error):
                return None
            raise

    def delete(self, path: str, operation: str, *, method: str = "DELETE") -> bool:
        """Deletes; False where Mailchimp says that it had none."""
        try:
            # A deletion is answered 204; another success is a page of something in between.
            self.http.request(method, path, operation=operation, write=True, idempotent=True, ok=(204,))
        except Rejected as error:
            if missing(error):
                return False
            raise
        return True


def title_code(response: requests.Response) -> str:
    """The title of a problem document as a code; `detail`, which holds addresses, is not read."""
    title = json_object(response).get("title")
    return "_".join(title.lower().split()) if isinstance(title, str) else ""


def base_url(settings: Mapping[str, Any]) -> str:
    """The address of the account's data centre, which stands last in the key."""
    url = str(settings.get("url") or "").rstrip("/")
    if not url:
        centre = str(settings["key"]).rpartition("-")[2]
        if centre == settings["key"] or not centre.isalnum():
            raise SettingsError(
                ["mailchimp.key: the data centre (such as -us19) is missing last in the key; copy it whole"]
            )
        url = f"https://{centre}.api.mailchimp.com"
    return url if url.endswith("/3.0") else f"{url}/3.0"


def part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")
