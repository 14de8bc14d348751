"""The stand-in Klaviyo: profiles by e-mail address, deleted and suppressed by jobs that take no time here."""

import re
from dataclasses import dataclass, field

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request, ServiceError
from sandbox.woocommerce.shop import Shop

_EQUALS = re.compile(r'equals\(email,"([^"\\]*)"\)\Z')
_PAGE = 100


@dataclass(slots=True)
class Account:
    """Profiles by id, the addresses that were deleted, and every call that no recipient may make."""

    profiles: dict[str, Json] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    misuse: list[tuple[str, str]] = field(default_factory=list)
    slow: bool = False  # jobs are taken in and not carried out


def make_account(shop: Shop) -> Account:
    """A profile for each customer of a shop, as its connection would have made it."""
    account = Account()
    for number, customer in enumerate(shop.customers.values(), 1):
        account.profiles[f"01K{number:023d}"] = {
            "email": customer["email"], "first_name": customer["first_name"], "phone_number": None,
            "suppression": [],
        }  # fmt: skip
    return account


class Klaviyo(Router):
    """Answers requests to one account, with its private key and a revision."""

    prefix = "/api"

    def __init__(self, account: Account, key: str) -> None:
        super().__init__()
        self.account, self._key = account, key
        self.serve("GET", "/accounts", self.own)
        self.serve("GET", "/profiles", self.listed)
        self.serve("POST", "/data-privacy-deletion-jobs", self.delete)
        self.serve("POST", "/profile-suppression-bulk-create-jobs", self.suppress)

    def permit(self, request: Request) -> Answer | None:
        """The private key, then a revision."""
        if request.headers.get("authorization") != f"Klaviyo-API-Key {self._key}":
            return _fault(401, "not_authenticated")
        return None if request.headers.get("revision") else _fault(400, "invalid")

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, or 405 for a method that a resource lacks."""
        return _fault(405, "method_not_allowed") if other_method else _fault(404, "not_found")

    def own(self, request: Request) -> Answer:
        """GET the account."""
        return Answer(200, {"data": [{"type": "account", "id": "AbC123", "attributes": {}}]})

    def listed(self, request: Request) -> Answer:
        """GET profiles; by one address where it is asked for."""
        asked = request.query.get("filter", "")
        wanted = _EQUALS.match(asked)
        if asked and not wanted:
            raise ServiceError(_fault(400, "invalid"))
        rows = [
            _shown(id_, one, request)
            for id_, one in self.account.profiles.items()
            if wanted is None or one["email"].lower() == wanted[1].lower()
        ]
        size = int(request.query.get("page[size]", _PAGE))
        return Answer(200, {"data": rows[:size], "links": {"next": None}})

    def delete(self, request: Request) -> Answer:
        """POST a job that deletes one profile by its id."""
        data = request.json()["data"]
        profile = data["attributes"]["profile"]["data"]["id"]
        if data["type"] != "data-privacy-deletion-job" or profile not in self.account.profiles:
            raise ServiceError(_fault(400, "invalid"))
        if not self.account.slow:
            self.account.deleted.append(self.account.profiles.pop(profile)["email"])
        return Answer(202, None)

    def suppress(self, request: Request) -> Answer:
        """POST a job that suppresses profiles by address."""
        for row in request.json()["data"]["attributes"]["profiles"]["data"]:
            for one in self.account.profiles.values():
                if one["email"].lower() == row["attributes"]["email"].lower() and not self.account.slow:
                    one["suppression"] = [{"reason": "USER_SUPPRESSED", "timestamp": "2026-11-30T00:00:00Z"}]
        job = {
            "type": "profile-suppression-bulk-create-job",
            "id": "job1",
            "attributes": {"status": "queued"},
        }
        return Answer(202, {"data": job})


def _shown(id_: str, one: Json, request: Request) -> Json:
    attributes: Json = {"email": one["email"]}
    if request.query.get("additional-fields[profile]") == "subscriptions":
        attributes["subscriptions"] = {"email": {"marketing": {"suppression": one["suppression"]}}}
    return {"type": "profile", "id": id_, "attributes": attributes}


def _fault(status: int, code: str) -> Answer:
    return Answer(status, {"errors": [{"id": "e1", "status": status, "code": code, "title": code}]})
