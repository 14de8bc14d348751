"""Klarna, and Kustom on the same API: independent controllers that are notified, never instructed.

The one thing that can be stopped is a customer token. No call here erases a person at Klarna, and
none moves money: cancel, refund, release and customer-details are not in this file.
Basis: docs.klarna.com (order management, customer token).
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.deliveries import Patience, reason_of
from adapters.disclosed import Person, by_places, copied_out
from adapters.http import Http, Row, Statuses
from adapters.interests import narrowed
from adapters.keys import tried
from adapters.klarna.about import ABOUT, CLEAN, STOP
from adapters.network import Network
from adapters.notice.notifier import Notifier
from connector.calendar import to_date
from connector.detect import holds_person
from connector.errors import AccessDenied, Rejected, RetryLater
from connector.ports import (
    NEVER_THERE,
    Access,
    Act,
    Clock,
    Delivery,
    DeliveryReceipt,
    Finding,
    Interest,
    Problem,
    Role,
    Seen,
)
from connector.ports.disclosing import CopiedOut
from connector.records import Field, Outcome, Value

HOSTS = {"klarna": "https://api.klarna.com", "kustom": "https://api.kustom.co"}
TITLES = {"klarna": "Klarna Bank AB (publ)", "kustom": "Kustom AB"}
_ASK_AGAIN_AFTER = 3  # days; an accepted cancellation that shows nothing by then is sent anew
BEGUN = "begun"  # the token of a delivery whose write is under way: a try after a lost answer finds it done
_GONE = ("NO_SUCH_ORDER", "INVALID_ORDER_ID", "NOT_FOUND")  # a 404 with another code, or none, is an error
_REFERENCES = ("merchant_reference1", "merchant_reference2")
# With this code a 403 speaks of one order or token; without it, of the login.
_STATUSES: Statuses = {
    (403, "NOT_ALLOWED"): Row(
        error=Rejected, advice="It does not allow this in the state it is in; it was left as it was."
    )
}


_KUSTOM = Problem(
    severity="warning",
    code="klarna_is_kustom",
    en="These keys are Kustom's, which runs what was Klarna Checkout: name recipients.kustom with them, and "
    "let the privacy policy name Kustom AB beside Klarna Bank AB.",
    sv="Nycklarna är Kustoms, som driver det som var Klarna Checkout: ange recipients.kustom med dem och låt "
    "integritetspolicyn nämna Kustom AB vid sidan av Klarna Bank AB.",
)


def keys_are_kustom_s(settings: Mapping[str, Any]) -> bool:
    """Whether keys or host are those of Kustom, by the rule of its own plugin for WooCommerce (2.20).

    Its secrets begin with kco_, its merchants with M or PM and a digit.
    """
    host = urlsplit(str(settings.get("url") or "")).hostname or ""
    user, password = str(settings.get("user") or ""), str(settings.get("password") or "")
    return (
        host == "kustom.co"
        or host.endswith(".kustom.co")
        or password.startswith("kco_")
        or re.match(r"P?M\d", user) is not None
    )


class KlarnaOrder(Value, frozen=True, kw_only=True):
    """What Gallra reads of an order at Klarna: its references, and nothing of the person."""

    klarna_reference: str = ""
    merchant_reference1: str = ""
    merchant_reference2: str = ""


class KlarnaService:
    """The four calls that Gallra makes."""

    def __init__(
        self, settings: Mapping[str, Any], *, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._name = name
        self._http = Http(
            adapter=name,
            base=str(settings.get("url") or HOSTS[name]),
            auth=(str(settings["user"]), str(settings["password"])),
            connections=2,
            statuses=_STATUSES,
            network=Network.of(settings),
            sleep=sleep,
        )

    def order(self, order_id: str) -> KlarnaOrder | None:
        """The references of an order; None where Klarna has it no more (it forgets after three years)."""
        body = self._get(f"ordermanagement/v1/orders/{_path(order_id)}", "read order")
        if body is None:
            return None
        if body.get("order_id", order_id) != order_id:
            raise Rejected(
                f"{self._name}: `read order` was answered with another order, so it is not believed. Run "
                "again; if it stays so, see what stands between this machine and the service.",
                adapter=self._name, operation="read order", code="other_answer",
            )  # fmt: skip
        return KlarnaOrder(**{name: str(body.get(name) or "") for name in KlarnaOrder.__struct_fields__})

    def whole_order(self, order_id: str) -> Mapping[str, Any] | None:
        """An order as Klarna shows it, for the person whom it is about; None where it has it no more.

        Raises Rejected for another order than the one that was asked for.
        """
        body = self._get(f"ordermanagement/v1/orders/{_path(order_id)}", "copy order")
        if body is not None and body.get("order_id") != order_id:
            raise Rejected(
                f"{self._name}: `copy order` was answered with another order, so it is not believed. Run "
                "again; if it stays so, see what stands between this machine and the service.",
                adapter=self._name, operation="copy order", code="other_answer",
            )  # fmt: skip
        return body

    def token_status(self, token: str) -> str | None:
        """The status of a customer token; None where Klarna knows of none."""
        body = self._get(f"customer-token/v1/tokens/{_path(token)}", "read token")
        return None if body is None else str(body.get("status", ""))

    def cancel_token(self, token: str) -> None:
        """Asks for a token to be cancelled: answered 202, done later, cannot be undone."""
        self._http.request(
            "PATCH", f"customer-token/v1/tokens/{_path(token)}/status", operation="cancel token",
            json={"status": "CANCELLED"}, write=True, idempotent=True, ok=(202, 204),
        )  # fmt: skip

    def write_references(self, order_id: str, references: Mapping[str, str], *, key: str) -> None:
        """Writes the shop's own references of an order; nothing else of it changes."""
        self._http.request(
            "PATCH", f"ordermanagement/v1/orders/{_path(order_id)}/merchant-references",
            operation="write references", json=dict(references), write=True, idempotent=True, ok=(204,),
            headers={"Klarna-Idempotency-Key": key},
        )  # fmt: skip

    def probe(self) -> None:
        """Returns where the credentials are good: an order that cannot exist answers 404 then."""
        self.order("00000000-0000-0000-0000-000000000000")

    def _get(self, path: str, operation: str) -> dict[str, Any] | None:
        try:
            body = self._http.request("GET", path, operation=operation, fresh=True).json()
        except Rejected as error:
            if error.status == 404 and error.code in _GONE:
                return None
            raise
        if not isinstance(body, dict) or not body:
            raise Rejected(
                f"{self._name}: the answer to `{operation}` is empty, so it is not believed. Run again; if "
                "it stays so, see what stands between this machine and the service (a proxy, a cache).",
                adapter=self._name, operation=operation, code="no_object",
            )  # fmt: skip
        return body


class Klarna:
    """Told by letter of every order; its customer tokens are cancelled where a key is configured."""

    role = Role.CONTROLLER
    recipient = "KL"
    tells_rectified = True
    calls_each = 1  # of a delivery, most of the time: one look for what a letter is to name

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        name: str,
        clock: Clock,
        service: KlarnaService | None,
    ) -> None:
        self.name = name
        self._clock = clock
        self._service = service
        self._look_up = bool(settings.get("look_up", True))
        self._is_kustom = name == "klarna" and keys_are_kustom_s(settings)
        defaults = {"name": name, "code": "KL", "title": TITLES[name], "role": Role.CONTROLLER}
        self._notifier = Notifier(settings, clock=clock, defaults=defaults)
        notices = narrowed(ABOUT.by_letter, frozenset(Field(name) for name in settings.get("sends") or ()))
        cleaning = (CLEAN,) if service and settings.get("clean_references", False) else ()
        self.interests: tuple[Interest, ...] = notices + ((STOP,) if service else ()) + cleaning

    @property
    def copies_by(self) -> tuple[str, ...]:
        """Asked by its own order ids, for the three years that it shows an order."""
        return ("klarna_order",) if self._service else ()

    def copy_out(self, asked: Mapping[str, Sequence[str]]) -> Iterator[CopiedOut]:
        """What Klarna shows of each order (GET /ordermanagement/v1/orders/{id}); writes nothing."""
        if self._service is not None:
            yield from copied_out(
                "klarna_order", asked.get("klarna_order", ()), self._service.whole_order, _PERSON
            )

    def check(self) -> Access:
        """The key, where there is one, and what the letter lacks."""
        problems = (*((_KUSTOM,) if self._is_kustom else ()), *self._notifier.problems())
        if self._service is None:
            return Access(adapter=self.name, reachable=True, can_read=False, problems=problems)
        return tried(
            Access(adapter=self.name, reachable=True, can_read=True, problems=problems),
            self._service.probe,
            refused="Tjänsten tar inte emot inloggningen; rätta `user` och `password`.",
            silent="Tjänsten svarar inte; försök igen om några minuter.",
        )

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """The letter first, for it needs no key; then tokens are stopped and references cleaned."""
        letters = [delivery for delivery in deliveries if delivery.act.is_notice]
        yield from self._notifier.push(letters, self._further() if self._look_up else None)
        patience = Patience()
        for delivery in deliveries:
            if not delivery.act.is_notice:
                yield patience.attempt(delivery, self._act)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """Reads tokens and references back; what Klarna did on a letter cannot be known."""
        for delivery in deliveries:
            if not delivery.act.is_notice:
                yield self._find(delivery)
        yield from self._notifier.verify([d for d in deliveries if d.act.is_notice])

    def _act(self, delivery: Delivery) -> DeliveryReceipt:
        if self._service is None:
            return _receipt(delivery, Outcome.BY_HAND, "no_key")
        if delivery.act is Act.STOP and delivery.handle == "klarna_token":
            return self._stop(delivery, self._service)
        if delivery.act is Act.ERASE and delivery.handle == "klarna_order":
            return _clean(delivery, self._service)
        return _receipt(delivery, Outcome.REFUSED, "not_understood")

    def _stop(self, delivery: Delivery, service: KlarnaService) -> DeliveryReceipt:
        status = service.token_status(delivery.value)
        asked = _asked_on(delivery.token)
        today = to_date(self._clock())
        if status == "CANCELLED" and delivery.token == BEGUN:  # an earlier try cancelled it, unheard
            return _asked(delivery, today, today)
        if status is None:
            return _receipt(delivery, Outcome.ALREADY_GONE, NEVER_THERE)
        if status == "CANCELLED":
            return _receipt(delivery, *((Outcome.STOPPED, "") if asked else (Outcome.ALREADY_GONE, "gone")))
        if asked is None or today > asked + timedelta(days=_ASK_AGAIN_AFTER):
            delivery.about_to(BEGUN)
            service.cancel_token(delivery.value)
            asked = today
        return _asked(delivery, asked, today)

    def _find(self, delivery: Delivery) -> Finding:
        if self._service is None:
            return Finding(id=delivery.id, seen=Seen.UNREAD, reason="no_key")
        try:
            left = _left(delivery, self._service)
        except Rejected as error:
            return Finding(id=delivery.id, seen=Seen.UNREAD, reason=reason_of(error))
        if left is None:
            return Finding(id=delivery.id, seen=Seen.CANNOT_BE_KNOWN, reason="not_readable_there")
        return Finding(id=delivery.id, seen=Seen.STILL_THERE if left else Seen.GONE)

    def _further(self) -> Callable[[str], str] | None:
        """Looks up the reference that Klarna's own staff know an order by: once per order, never edits.

        The letter is as good without it, so no failure stops the letter; after one the rest are not asked.
        """
        service, asking = self._service, True
        if service is None:
            return None

        def further(order_id: str) -> str:
            nonlocal asking
            if not asking:
                return ""
            try:
                order = service.order(order_id)
            except (RetryLater, AccessDenied):
                asking = False
                return ""
            except Rejected:
                return ""
            return order.klarna_reference if order else ""

        return further


def build(settings: Mapping[str, Any], *, clock: Clock) -> Klarna:
    """Klarna; without `user` and `password` it is told by letter only."""
    return _build(settings, name="klarna", clock=clock)


def build_kustom(settings: Mapping[str, Any], *, clock: Clock) -> Klarna:
    """Kustom, which runs what was Klarna Checkout, on its own host."""
    return _build(settings, name="kustom", clock=clock)


def _build(settings: Mapping[str, Any], *, name: str, clock: Clock) -> Klarna:
    keyed = settings.get("user") and settings.get("password")
    service = KlarnaService(settings, name=name) if keyed else None
    return Klarna(settings, name=name, clock=clock, service=service)


def _left(delivery: Delivery, service: KlarnaService) -> bool | None:
    """Whether what was to be stopped or cleaned is still there, by Klarna's own answer now.

    None where Klarna shows no such token or order: no list of its API can vouch for an absence, and it
    forgets by itself after three years.
    """
    if delivery.act is Act.STOP:
        status = service.token_status(delivery.value)
        return None if status is None else status != "CANCELLED"
    order = service.order(delivery.value)
    if order is None:
        return None
    return any(_personal(str(getattr(order, name)), delivery) for name in _REFERENCES)


def _clean(delivery: Delivery, service: KlarnaService) -> DeliveryReceipt:
    """Takes a person out of the shop's own references; an order number stays."""
    order = service.order(delivery.value)
    if order is None:
        return _receipt(delivery, Outcome.ALREADY_GONE, "not_readable_there")
    references = {name: str(getattr(order, name)) for name in _REFERENCES}
    cleaned = {name: "" if _personal(text, delivery) else text for name, text in references.items()}
    if cleaned == references and delivery.token == BEGUN:  # an earlier try cleaned them, unheard
        return _receipt(delivery, Outcome.DONE, "")
    if cleaned == references:
        return _receipt(delivery, Outcome.ALREADY_GONE, "no_person_in_reference")
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"gallra:{delivery.id}:{delivery.value}"))
    delivery.about_to(BEGUN)
    service.write_references(delivery.value, cleaned, key=key)
    left = _left(delivery, service)
    return _receipt(delivery, *((Outcome.DONE, "") if left is False else (Outcome.REFUSED, "still_there")))


def _asked(delivery: Delivery, asked: date, today: date) -> DeliveryReceipt:
    """A token's cancellation was asked for on this day; whether it was carried out is seen tomorrow."""
    return DeliveryReceipt(
        id=delivery.id, outcome=Outcome.ACCEPTED, token=f"cancel:{asked.isoformat()}",
        due=today + timedelta(days=1),
    )  # fmt: skip


def _personal(reference: str, delivery: Delivery) -> bool:
    return reference.lstrip("#") != delivery.ref.id and holds_person(reference, key="merchant_reference")


def _asked_on(token: str) -> date | None:
    """The day on which a cancellation was asked for, from the delivery's token."""
    head, _, day = token.partition(":")
    try:
        return date.fromisoformat(day) if head == "cancel" else None
    except ValueError:  # asked again: a cancellation may be repeated
        return None


def _receipt(delivery: Delivery, outcome: Outcome, reason: str) -> DeliveryReceipt:
    return DeliveryReceipt(id=delivery.id, outcome=outcome, reason=reason)


_PERSON = Person(
    re.compile(r"(billing|shipping)_address\.email\Z"),
    re.compile(r"(billing|shipping)_address\.phone\Z"),
    by_places(
        [
            ("billing_address", Field.BILLING_ADDRESS), ("shipping_address", Field.SHIPPING_ADDRESS),
            ("billing_address.email", Field.EMAIL), ("shipping_address.email", Field.EMAIL),
            ("billing_address.phone", Field.PHONE), ("shipping_address.phone", Field.PHONE),
            *((f"billing_address.{part}_name", Field.NAME) for part in ("given", "family")),
            ("customer.national_identification_number", Field.PERSONAL_NUMBER),
            ("customer.date_of_birth", Field.BIRTH_DATE), ("customer", Field.CUSTOM),
            ("initial_payment_method", Field.PAYMENT_DETAILS),
        ],
        {},
    ),
)


def _path(part: str) -> str:
    return quote(part, safe="")
