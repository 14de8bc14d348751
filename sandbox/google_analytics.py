"""The stand-in Google Analytics Admin API: how long a property keeps its data."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from sandbox.google_ads import TOKEN, ServiceAccount
from sandbox.routing import Router
from sandbox.wire import Answer, Request, ServiceError

SCOPE = "https://www.googleapis.com/auth/analytics.edit"
PROPERTY = "412345678"


@dataclass(slots=True)
class Property:
    """One property's setting, and what none may ask."""

    events: str = "FOURTEEN_MONTHS"
    users: str = "TWO_MONTHS"
    anew: bool = False
    deleted: list[str] = field(default_factory=list)
    misuse: list[tuple[str, str]] = field(default_factory=list)


class GoogleAnalytics(Router):
    """Answers requests about one property, for whoever shows a token."""

    prefix = ""

    def __init__(self, own: Property, account: ServiceAccount) -> None:
        super().__init__()
        self.own, self._account = own, account
        self.serve("POST", TOKEN, self.token)
        self.serve("GET", "/v1beta/properties/<id>/dataRetentionSettings", self.retention)
        self.serve("POST", "/v1alpha/properties/<id>:submitUserDeletion", self.delete)

    def permit(self, request: Request) -> Answer | None:
        """The bearer of a token; whoever asks for one shows an assertion."""
        bearer = request.headers.get("authorization") == "Bearer ya29-analytics"
        return None if bearer or request.path == TOKEN else _fault(401, "UNAUTHENTICATED")

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, as Google words it."""
        return _fault(404, "NOT_FOUND")

    def token(self, request: Request) -> Answer:
        """POST an assertion for a token."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if self._account.signed(form.get("assertion", "")) is None:
            raise ServiceError(Answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT"}))
        return Answer(200, {"access_token": "ya29-analytics", "expires_in": 3599, "token_type": "Bearer"})

    def delete(self, request: Request, own: str) -> Answer:
        """POST one user's deletion: taken in, also of a user that nobody knows."""
        body = request.json()
        if own != PROPERTY or set(body) != {"userId"}:
            raise ServiceError(_fault(400, "INVALID_ARGUMENT"))
        self.own.deleted.append(body["userId"])
        return Answer(200, {"deletionRequestTime": "2026-11-22T12:00:00Z"})

    def retention(self, request: Request, own: str) -> Answer:
        """GET how long it keeps events and users. What is false stands nowhere in an answer of Google's."""
        if own != PROPERTY:
            raise ServiceError(_fault(403, "PERMISSION_DENIED"))
        anew = {"resetUserDataOnNewActivity": True} if self.own.anew else {}
        name = f"properties/{PROPERTY}/dataRetentionSettings"
        said = {"eventDataRetention": self.own.events, "userDataRetention": self.own.users}
        return Answer(200, {"name": name, **said, **anew})


def _fault(status: int, name: str) -> Answer:
    return Answer(status, {"error": {"code": status, "message": name, "status": name}})
