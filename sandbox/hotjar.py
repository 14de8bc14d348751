"""The stand-in Hotjar: a token, and a user look-up that also deletes; what it answers is a guess."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs

from sandbox.routing import Router
from sandbox.wire import Answer, Request, ServiceError
from sandbox.woocommerce.shop import Shop


@dataclass(slots=True)
class Organization:
    """The addresses that survey answers are tied to, and every call that no recipient may make."""

    addresses: set[str] = field(default_factory=set)
    misuse: list[tuple[str, str]] = field(default_factory=list)
    plan: bool = True  # whether the look-up is part of it


def make_organization(shop: Shop) -> Organization:
    """Every tenth customer has answered a survey."""
    emails = [customer["email"].lower() for customer in shop.customers.values()]
    return Organization(addresses=set(emails[::10]))


class Hotjar(Router):
    """Answers requests to one organization."""

    prefix = "/v1"

    def __init__(self, organization: Organization, client: str, key: str) -> None:
        super().__init__()
        self.organization, self._client, self._key = organization, client, key
        self._token = f"hj-{key[-12:]}"
        self.serve("POST", "/oauth/token", self.token)
        self.serve("POST", "/organizations/<id>/user-lookup", self.look_up)

    def permit(self, request: Request) -> Answer | None:
        """The bearer of a token; whoever asks for one shows the key in the form."""
        if request.path.endswith("/oauth/token"):
            return None
        bearer = request.headers.get("authorization") == f"Bearer {self._token}"
        return None if bearer else Answer(401, {"error": "unauthorized", "message": "Unauthorized"})

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, with a code of its own."""
        return Answer(404, {"error": "not_found", "message": "Not found"})

    def token(self, request: Request) -> Answer:
        """POST the client's credentials for a token."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        wanted = {"grant_type": "client_credentials", "client_id": self._client, "client_secret": self._key}
        if form != wanted:
            raise ServiceError(Answer(401, {"error": "invalid_client", "message": "Invalid client"}))
        return Answer(200, {"access_token": self._token, "token_type": "bearer", "expires_in": 3600})

    def look_up(self, request: Request, organization: str) -> Answer:
        """POST a look-up, which deletes where it says so."""
        if not self.organization.plan:
            raise ServiceError(Answer(403, {"error": "forbidden", "message": "Upgrade your plan"}))
        body = request.json()
        if body.get("delete_all_hits"):
            self.organization.addresses.discard(str(body.get("data_subject_email", "")).lower())
        return Answer(200, {"status": "ok", "message": "Request received"})
