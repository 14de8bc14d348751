"""Payson Checkout 2.0, run by Svea Bank AB: an independent controller that is notified by letter.

The API has no deletion and no anonymisation; nothing here writes to it. A PUT on a checkout or a
subscription moves money and is not in this file. Basis: tech.payson.se, payson.se/privacy-and-security.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from adapters.disclosed import Person, by_places, copied_out
from adapters.http import HTML, Http
from adapters.interests import narrowed
from adapters.keys import tried
from adapters.network import Network
from adapters.notice.notifier import Notifier
from adapters.payson.about import ABOUT
from connector.errors import Rejected
from connector.ports import Access, Clock, Delivery, DeliveryReceipt, Finding, Problem, Role
from connector.ports.disclosing import CopiedOut
from connector.records import Field

HOST = "https://api.payson.se"
TITLE = "Svea Bank AB (Payson)"

_ACCOUNT = frozenset({"accountEmail", "merchantId", "status"})  # one of these stands in an account
_SVEA = Problem(
    severity="info",
    code="payson_is_svea",
    en="Payson has been part of Svea Bank AB since 1 June 2022; a privacy policy should name Svea Bank AB.",
    sv="Payson är sedan 1 juni 2022 en del av Svea Bank AB; integritetspolicyn bör nämna Svea Bank AB.",
)


class PaysonService:
    """The two calls that Gallra makes; both read."""

    def __init__(self, settings: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        base = str(settings.get("url") or HOST).rstrip("/")
        self._http = Http(
            adapter="payson",
            base=base if base.endswith("/2.0") else f"{base}/2.0",
            auth=(str(settings["agent"]), str(settings["key"])),
            connections=2,
            network=Network.of(settings),
            sleep=sleep,
        )

    def account_status(self) -> str:
        """The status of the account that the key opens."""
        body = self._http.request("GET", "Accounts", operation="read account", ok=(200,)).json()
        if not isinstance(body, dict) or not body.keys() & _ACCOUNT:
            raise Rejected(
                "payson: what answered `read account` shows no account. Check `url`, and what stands between "
                "this machine and Payson (a proxy, a login page).",
                adapter="payson", operation="read account", code="no_object",
            )  # fmt: skip
        return str(body.get("status", ""))

    def checkout_status(self, checkout_id: str) -> str | None:
        """The status of a checkout by its id; None where Payson shows none. Its customer is not read."""
        path = f"Checkouts/{quote(checkout_id, safe='')}"
        try:
            body = self._http.request("GET", path, operation="read checkout").json()
        except Rejected as error:
            if error.status == 404 and error.code != HTML:
                return None
            raise
        own = isinstance(body, dict) and body.get("id") in (checkout_id, None)
        return str(body.get("status", "")) if own else None


    def checkout(self, checkout_id: str) -> Mapping[str, Any] | None:
        """A checkout as Payson shows it, for the person whom it is about; None where it shows none.

        Raises Rejected for another checkout than the one that was asked for.
        """
        path = f"Checkouts/{quote(checkout_id, safe='')}"
        try:
            body = self._http.request("GET", path, operation="copy checkout").json()
        except Rejected as error:
            if error.status == 404 and error.code != HTML:
                return None
            raise
        if not isinstance(body, dict) or body.get("id") != checkout_id:
            raise Rejected(
                "payson: `copy checkout` was answered with another checkout, so it is not believed. Run "
                "again; if it stays so, see what stands between this machine and the service.",
                adapter="payson", operation="copy checkout", code="other_answer",
            )  # fmt: skip
        return body


class Payson:
    """Told by letter, addressed to Svea Bank AB."""

    name = "payson"
    role = Role.CONTROLLER
    recipient = "PA"
    tells_rectified = True

    def __init__(self, settings: Mapping[str, Any], *, clock: Clock, service: PaysonService | None) -> None:
        self._service = service
        sends = frozenset(Field(name) for name in settings.get("sends") or ())
        self.interests = narrowed(ABOUT.by_letter, sends)
        defaults = {"name": "payson", "code": "PA", "title": TITLE, "role": Role.CONTROLLER}
        self._notifier = Notifier(settings, clock=clock, defaults=defaults)

    def check(self) -> Access:
        """The key, where there is one, and what the letter lacks."""
        problems = (_SVEA, *self._notifier.problems())
        if self._service is None:
            return Access(adapter=self.name, reachable=True, can_read=False, problems=problems)
        return tried(
            Access(adapter=self.name, reachable=True, can_read=True, can_write=False, version="2.0",
                   problems=problems),
            self._service.account_status,
            refused="Payson tar inte emot nyckeln; rätta `agent` och `key`.",
            silent="Payson svarar inte; försök igen om några minuter.",
        )  # fmt: skip

    @property
    def copies_by(self) -> tuple[str, ...]:
        """Asked by its own checkout ids; it has no search by person."""
        return ("payson_checkout",) if self._service else ()

    def copy_out(self, asked: Mapping[str, Sequence[str]]) -> Iterator[CopiedOut]:
        """What Payson shows of each checkout (GET /Checkouts/{id}); writes nothing."""
        if self._service is not None:
            yield from copied_out(
                "payson_checkout", asked.get("payson_checkout", ()), self._service.checkout, _PERSON
            )

    def look_up(self, checkout_id: str) -> str | None:
        """The status of a checkout at Payson; None where it shows none or no key is configured."""
        return self._service.checkout_status(checkout_id) if self._service else None

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Lines for the next letter, or the letter itself where it is due."""
        return self._notifier.push(deliveries)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """What Svea Bank keeps is its own; it cannot be known here."""
        return self._notifier.verify(deliveries)


_PERSON = Person(
    re.compile(r"customer\.email\Z"),
    re.compile(r"customer\.phone\Z"),
    by_places(
        [
            ("customer", Field.BILLING_ADDRESS), ("customer.email", Field.EMAIL),
            ("customer.phone", Field.PHONE), ("customer.firstName", Field.NAME),
            ("customer.lastName", Field.NAME), ("customer.identityNumber", Field.PERSONAL_NUMBER),
        ],
        {},
    ),
)


def build(settings: Mapping[str, Any], *, clock: Clock) -> Payson:
    """Payson; without `agent` and `key` it is told by letter all the same."""
    service = PaysonService(settings) if settings.get("agent") and settings.get("key") else None
    return Payson(settings, clock=clock, service=service)
