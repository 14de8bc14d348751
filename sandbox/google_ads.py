"""The stand-in Data Manager API of Google Ads, with its tokens: hashed addresses leave an audience."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.routing import Router
from sandbox.wire import Answer, Json, Request, ServiceError
from sandbox.woocommerce.shop import Shop

TOKEN, SCOPE = "/token", "https://www.googleapis.com/auth/datamanager"
ACCOUNT, AUDIENCE = "1234567890", "555001"


@dataclass(slots=True)
class Audience:
    """The hashed addresses of one list, the requests that were taken in, and what none may ask."""

    hashed: set[str] = field(default_factory=set)
    requests: dict[str, str] = field(default_factory=dict)
    misuse: list[tuple[str, str]] = field(default_factory=list)
    state: str = "SUCCESS"  # of every request that is asked about


def make_audience(shop: Shop) -> Audience:
    """Every customer of a shop is in the list."""
    return Audience(hashed={_hash(customer["email"]) for customer in shop.customers.values()})


def _hash(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


@cache
def _key() -> rsa.RSAPrivateKey:
    """The one key of every stand-in account of this process: making one takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class ServiceAccount:
    """A service account and its key, made when they are first asked for."""

    email = "gallra@made-up.iam.example"

    def __init__(self, scope: str = SCOPE) -> None:
        self._scope = scope

    @cached_property
    def file(self) -> str:
        """The JSON file that Google gives out, as far as it is read; it names another token endpoint too."""
        pem = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        elsewhere = "https://evil.test/token"
        return json.dumps({"client_email": self.email, "private_key": pem, "token_uri": elsewhere})

    def signed(self, assertion: str) -> Json | None:
        """The claims of an assertion that this account signed; None of any other."""
        head, _, signature = assertion.rpartition(".")
        try:
            _key().public_key().verify(
                _decoded(signature), head.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            claims: Json = json.loads(_decoded(head.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return None
        return claims if claims.get("iss") == self.email and claims.get("scope") == self._scope else None


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class GoogleAds(Router):
    """Answers requests to one account's audience, for whoever shows a token."""

    prefix = "/v1"

    def __init__(self, audience: Audience, account: ServiceAccount) -> None:
        super().__init__()
        self.audience, self._account = audience, account
        self.serve("POST", TOKEN, self.token)
        self.serve("GET", "/accountTypes/GOOGLE_ADS/accounts/<id>/userLists/<id>", self.user_list)
        self.serve("POST", "/audienceMembers:remove", self.remove)
        self.serve("GET", "/requestStatus:retrieve", self.status)

    def permit(self, request: Request) -> Answer | None:
        """The bearer of a token; whoever asks for one shows an assertion."""
        bearer = request.headers.get("authorization") == "Bearer ya29-made-up"
        return None if bearer or request.path == TOKEN else _fault(401, "UNAUTHENTICATED")

    def unknown(self, request: Request, *, other_method: bool) -> Answer:
        """404, as Google words it."""
        return _fault(404, "NOT_FOUND")

    def token(self, request: Request) -> Answer:
        """POST an assertion for a token."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        if self._account.signed(form.get("assertion", "")) is None:
            raise ServiceError(Answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT"}))
        return Answer(200, {"access_token": "ya29-made-up", "expires_in": 3599, "token_type": "Bearer"})

    def user_list(self, request: Request, account: str, audience: str) -> Answer:
        """GET the list of customers."""
        if (account, audience) != (ACCOUNT, AUDIENCE):
            raise ServiceError(_fault(404, "NOT_FOUND"))
        return Answer(
            200, {"name": request.path.removeprefix("/v1/"), "id": AUDIENCE, "displayName": "Kunder"}
        )

    def remove(self, request: Request) -> Answer:
        """POST hashed addresses that leave the list; one that was not there is not told."""
        body = request.json()
        to = {row["productDestinationId"] for row in body["destinations"]}
        if to != {AUDIENCE} or body["encoding"] != "HEX":
            raise ServiceError(_fault(400, "INVALID_ARGUMENT"))
        number = f"req-{len(self.audience.requests) + 1}"
        for member in body["audienceMembers"]:
            for identifier in member["userData"]["userIdentifiers"]:
                self.audience.hashed.discard(identifier["emailAddress"])
        self.audience.requests[number] = AUDIENCE
        return Answer(200, {"requestId": number})

    def status(self, request: Request) -> Answer:
        """GET how a request stands."""
        if request.query.get("requestId") not in self.audience.requests:
            raise ServiceError(_fault(404, "NOT_FOUND"))
        done = {"userDataRemovalStatus": {"recordCount": "1", "userIdentifierCount": "1"}}
        row = {"requestStatus": self.audience.state, "audienceMembersRemovalStatus": done}
        return Answer(200, {"requestStatusPerDestination": [row]})


def _fault(status: int, name: str) -> Answer:
    return Answer(status, {"error": {"code": status, "message": name, "status": name}})
