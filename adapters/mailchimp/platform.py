"""Mailchimp as a platform: subscribers are unsubscribed or permanently deleted, abandoned carts deleted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from adapters.deliveries import abreast, reason_of
from adapters.http import CACHED
from adapters.mailchimp.access import check_account
from adapters.mailchimp.carts import HELD, Carts
from adapters.mailchimp.disclosing import shown
from adapters.mailchimp.living import NO_CONTROL, held_against, vouches
from adapters.mailchimp.members import (
    Reading,
    consents,
    fault_of,
    ref_of,
    stockholm_date,
    to_record,
    to_unread,
)
from adapters.mailchimp.service import COMPLIANCE, CONNECTIONS, Mailchimp, missing
from adapters.mailchimp.walk import Batch, encode, walk
from connector.errors import Rejected
from connector.ports import (
    WENT,
    Ability,
    Access,
    Capabilities,
    Gone,
    Keyer,
    Live,
    Look,
    Page,
    Receipt,
    ShopIdentity,
    Stock,
    Task,
    Unread,
    Work,
    went,
)
from connector.ports.consents import EMAIL, SMS
from connector.ports.disclosing import Shown
from connector.records import Action, Field, Kind, Outcome, Ref, from_bits

_PLACE = "mailchimp_contact"
_SMS_PLACE = "mailchimp_sms"
NOT_NAMED = "audience_not_named"
"""Why a subscriber is unread: of an audience that the settings do not name, or no longer, nobody is asked."""
# What must be the same right before a deletion as at the fetch.
_STANDING = ("status", "email_address", "last_changed", "timestamp_opt")
_DELETED_WHOLE = (
    Field.NAME, Field.EMAIL, Field.PHONE, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.BIRTH_DATE,
    Field.IP_ADDRESS, Field.TAGS, Field.STAFF_NOTES, Field.CUSTOM,
)  # fmt: skip


class MailchimpPlatform:
    """The subscribers of the named audiences and the carts of the named stores, and of no other."""

    name = "mailchimp"
    kinds: tuple[Kind, ...] = (Kind.SUBSCRIBER, Kind.CART)
    consents_of = frozenset({Kind.SUBSCRIBER})
    moving_dates = frozenset({Kind.SUBSCRIBER})  # who subscribes again has a new day

    def __init__(self, service: Mailchimp, settings: Mapping[str, Any], *, keyer: Keyer) -> None:
        self._service = service
        self._lists: tuple[str, ...] = tuple(settings.get("lists") or ())
        self._reading = Reading(settings, keyer)
        self._carts = Carts(service, tuple(settings.get("stores") or ()), keyer=keyer)
        self._read_clicks = bool(settings.get("clicks", False))
        self._contacts = bool(settings.get("contacts", False))
        self._checked = False

    def check(self) -> Access:
        """The key, and that the named audiences are there."""
        return check_account(self._service, lists=self._lists, stores=None, contacts=self._contacts)

    def identity(self) -> ShopIdentity:
        """The account's id; that the named audiences are in it is asked before any is read."""
        return ShopIdentity(ids={"account": self._service.account()})

    def service_time(self) -> datetime | None:
        """Mailchimp's clock now."""
        return self._service.service_time()

    def capabilities(self, kind: Kind) -> Capabilities:
        """A member goes whole, by permanent deletion; single fields are not blanked."""
        if kind is Kind.CART:
            return Capabilities(kind=kind, fields=dict.fromkeys(HELD, Ability.DELETE), deletes=True)
        if kind is not Kind.SUBSCRIBER:
            return Capabilities(kind=kind, fields={}, deletes=False)
        fields = dict.fromkeys(_DELETED_WHOLE, Ability.DELETE)
        return Capabilities(kind=kind, fields=fields, deletes=True, unsubscribes=True)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """All members, archived ones too, or those changed since a cursor; of carts always all."""
        if kind is Kind.CART:
            yield from self._carts.pull(since)
        if kind is not Kind.SUBSCRIBER or not self._lists:
            return
        self._require_lists()
        for batch in walk(self._service, self._lists, since):
            yield self._page(batch)

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """These members as they are now; gone only by Mailchimp's own word about that contact."""
        yield from self._carts.fetch([ref for ref in refs if ref.kind is Kind.CART])
        members = [ref for ref in refs if ref.kind is not Kind.CART]
        if members:
            self._require_lists()
            looks = list(abreast(self._fetch_one, members, workers=CONNECTIONS))
            yield from held_against(self._service, looks)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """As `fetch`; a member's notes go and stay with the member."""
        return self.fetch(refs)

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Unsubscribes or permanently deletes, and reads back each deletion."""
        yield from self._carts.apply([task for task in tasks if task.ref.kind is Kind.CART])
        members = [task for task in tasks if task.ref.kind is not Kind.CART]
        if members:
            self._require_lists()
            yield from filter(None, abreast(self._apply_one, members, workers=CONNECTIONS))

    def fetch_to_show(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """As `fetch`: nothing is read beside a record."""
        return self.fetch(refs)

    def shown(self, live: Live) -> Sequence[Shown]:
        """Every value of a member, or of a cart's customer."""
        if live.record.ref.kind is Kind.CART:
            return self._carts.shown(live)
        return shown(live.raw, self._reading.merge_fields)

    def calls(self, works: Sequence[Work]) -> int:
        """A member is read, written and read back, and read before and after it goes; the lists beside.

        A cart's store is listed for each that goes: no call finds one by anything but an id that is nobody's.
        """
        own = sum(3 * work.records + 2 * work.delete for work in works)
        return own + 4 * max(1, len(self._lists)) if own else 0

    def _require_lists(self) -> None:
        if not self._checked:
            self._service.require(self._service.lists(), self._lists, "lists")
            self._checked = True

    def _page(self, batch: Batch) -> Page:
        sound = [member for member in batch.members if not fault_of(member)]
        clicks = self._clicks(batch.list_id, sound) if self._read_clicks else {}
        return Page(
            records=tuple(
                to_record(batch.list_id, member, self._reading, clicks.get(member["contact_id"]))
                for member in sound
            ),
            unread=tuple(
                to_unread(batch.list_id, member, self._reading)
                for member in batch.members if fault_of(member)
            ),
            cursor=encode(batch.place), total=batch.total, complete=batch.complete, counted=batch.counted,
            newer=frozenset(ref_of(batch.list_id, contact) for contact in batch.newer),
            missing=batch.missing,
            standing=() if batch.standing is None else (Stock(count=batch.standing),),
        )  # fmt: skip

    def _clicks(self, list_id: str, members: Sequence[Mapping[str, Any]]) -> dict[str, date | None]:
        """The last click per subscribed member: one call each, so only where the settings ask for it."""
        subscribed = [m["contact_id"] for m in members if m.get("status") == "subscribed"]
        return dict(
            abreast(
                lambda contact: (contact, self._last_click(list_id, contact)),
                subscribed,
                workers=CONNECTIONS,
            )
        )

    def _last_click(self, list_id: str, contact_id: str) -> date | None:
        moments = [row.get("created_at_timestamp") for row in self._service.clicks(list_id, contact_id)]
        return max(filter(None, map(stockholm_date, moments)), default=None)

    def _fetch_one(self, ref: Ref) -> Look:
        try:
            list_id, contact_id = self._split(ref)
            member = self._service.member(list_id, contact_id)
        except Rejected as error:
            known = error.code in (CACHED, NOT_NAMED)
            return Unread(ref=ref, reason=error.code if known else f"rejected:{reason_of(error)}")
        if member is None:
            return Gone(ref=ref)
        if member.get("contact_id") != contact_id:
            return Unread(ref=ref, reason="other_answer")
        return to_unread(list_id, member, self._reading) if fault_of(member) else self._live(list_id, member)

    def _live(self, list_id: str, member: Mapping[str, Any]) -> Live:
        clicked = None
        if self._read_clicks and member.get("status") == "subscribed":
            clicked = self._last_click(list_id, member["contact_id"])
        address = str(member.get("email_address") or "")
        return Live(
            record=to_record(list_id, member, self._reading, clicked),
            handles={"email": (address,)} if address else {},
            raw=member,
        )

    def _split(self, ref: Ref) -> tuple[str, str]:
        list_id, _, contact_id = ref.id.partition(":")
        if list_id in self._lists and contact_id:
            return list_id, contact_id
        raise Rejected(
            "mailchimp: a planned subscriber is in an audience that the settings no longer name. "
            "Name it again under `lists`, or pull and plan anew.",
            adapter="mailchimp", operation="read member", code=NOT_NAMED,
        )  # fmt: skip

    def _apply_one(self, task: Task) -> Receipt | None:
        try:
            if task.action is Action.DELETE:
                return self._delete(task)
            if task.action is Action.UNSUBSCRIBE:
                return self._unsubscribe(task)
        except Rejected as error:
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=f"rejected:{reason_of(error)}")
        return Receipt(
            ref=task.ref, outcome=Outcome.BY_HAND, by_hand=task.fields, places=(_PLACE,),
            reason="goes_only_whole",
        )  # fmt: skip

    def _delete(self, task: Task) -> Receipt | None:
        list_id, contact_id = self._split(task.ref)
        held = frozenset(from_bits(task.live.record.present))
        address = str(task.live.raw.get("email_address") or "")
        if not address and not self._contacts:
            # Permanent deletion takes the hash of an address; a contact by SMS alone has none.
            return Receipt(
                ref=task.ref, outcome=Outcome.BY_HAND, by_hand=held, places=(_PLACE,), reason="no_address"
            )
        if otherwise := self._otherwise(task, list_id, contact_id):
            return otherwise
        if self._contacts:
            found = self._service.forget(list_id, contact_id)
        else:
            found = self._service.delete_permanently(list_id, address)
        try:
            left = self._service.member(list_id, contact_id)
        except Rejected:
            return None  # written and not seen: the step stays begun, and the next run reads it
        if left is not None:
            return _kept(task)
        if not found:
            return self._went(task)
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=held)

    def _otherwise(self, task: Task, list_id: str, contact_id: str) -> Receipt | None:
        """Why a contact is not deleted after all: it is read once more, for what is gone can never come back.

        A consent given since the batch was fetched is a new one.
        """
        try:
            now = self._service.member(list_id, contact_id)
        except Rejected as error:
            reason = CACHED if error.code == CACHED else f"rejected:{reason_of(error)}"
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=f"unread:{reason}")
        if now is None:
            return self._went(task)
        if any(now.get(name) != task.live.raw.get(name) for name in _STANDING):
            return Receipt(ref=task.ref, outcome=Outcome.STALE, reason="changed_meanwhile")
        return None

    def _went(self, task: Task) -> Receipt:
        """The receipt of a contact that its write no longer found; refused where nothing vouches for that."""
        list_id, contact_id = self._split(task.ref)
        if vouches(self._service, list_id, but={contact_id}):
            return went(task)
        return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=f"unread:{NO_CONTROL}")

    def _unsubscribe(self, task: Task) -> Receipt:
        living = {one.channel for one in consents(task.live.raw) if one.given}
        asked = living & task.channels if task.channels else living
        if not asked:
            return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason="not_subscribed")
        letters = self._end_letters(task) if EMAIL in asked else None
        if SMS not in asked:
            return letters or Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason="not_subscribed")
        if letters is not None and (letters.outcome is Outcome.STALE or letters.reason == WENT):
            return letters
        still = {SMS: "goes_by_hand"}  # the API shows it and has no call that ends it
        if letters is not None and letters.outcome is Outcome.REFUSED:
            still[EMAIL] = letters.reason
        return Receipt(
            ref=task.ref, outcome=Outcome.REFUSED, reason="goes_by_hand", places=(_SMS_PLACE,),
            still_given=still,
        )  # fmt: skip

    def _end_letters(self, task: Task) -> Receipt:
        list_id, contact_id = self._split(task.ref)
        try:
            status = self._service.unsubscribe(list_id, contact_id)
        except Rejected as error:
            if error.code == COMPLIANCE:
                return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason="not_subscribed")
            if missing(error):  # a word about the write: the contact itself is read
                return self._otherwise(task, list_id, contact_id) or _kept(task)
            raise
        if status != "unsubscribed":
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="still_subscribed")
        return Receipt(ref=task.ref, outcome=Outcome.STOPPED)


def _kept(task: Task) -> Receipt:
    """The receipt of a contact that is there after its write."""
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="still_there")
