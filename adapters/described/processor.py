"""A recipient that a description makes: told by letter, by its own calls, or both."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from adapters.deliveries import Patience, reason_of
from adapters.described.deeds import Deed
from adapters.described.retention import retention_problems
from adapters.described.service import Service
from adapters.described.values import NotAnId
from adapters.disclosed import Person, by_places, copied_out
from adapters.interests import narrowed
from adapters.keys import tried
from adapters.notice.notifier import Notifier
from connector.about.described import Described, Does, channel_of, interests_of
from connector.about.described.judging import WRITES
from connector.calendar import to_date
from connector.errors import Rejected
from connector.ports import (
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
from connector.records import Field, Kind, Outcome

_Asked = tuple[Act, Kind, str]


class DescribedRecipient:
    """Does what its description says and nothing else; what needs no key is done without one."""

    def __init__(
        self, one: Described, settings: Mapping[str, Any], *, clock: Clock, service: Service | None
    ) -> None:
        self.name, self.recipient = one.name, one.code
        # The shop's own word on whose the data is goes before the description's.
        self.role = Role((settings.get("letter") or {}).get("role") or one.role)
        self._one, self._clock, self._service = one, clock, service
        switched = frozenset(n for n, key in one.keys.items() if key.kind == "switch" and settings.get(n))
        every = interests_of(one, called=service is not None, switched=switched)
        owns = self.role is Role.CONTROLLER  # then it is told, and made to erase nothing
        told = [pair for pair in every if not (owns and pair[0].act is Act.ERASE)]
        self._does: Mapping[_Asked, Does] = {
            (interest.act, interest.kind, interest.handle): does for interest, does in told
        }
        sends = frozenset(Field(name) for name in settings.get("sends") or ())
        letters = [interest for interest, _ in told if interest.act is Act.NOTIFY]
        calls = tuple(interest for interest, _ in told if interest.act is not Act.NOTIFY)
        self.interests: tuple[Interest, ...] = (*narrowed(letters, sends), *calls)
        self._promised: int | None = settings.get("copy_months")
        defaults = {"name": one.name, "code": one.code, "title": one.legal_name or one.title,
                    "role": self.role}  # fmt: skip
        self._notifier = Notifier(settings, clock=clock, defaults=defaults, ships=channel_of(one))

    @property
    def calls_each(self) -> float:
        """Calls of one delivery with its read-back: looks before and after it, and the call itself."""
        each = [_calls_of(does) for does in self._does.values() if does.act in WRITES]
        return sum(each) / len(each) if each else 0.0

    def check(self) -> Access:
        """The key, where there is one; what its description says of it; what the letter lacks."""
        notes = tuple(Problem(severity="info", code=n.code, en=n.en, sv=n.sv) for n in self._one.notes)
        told = self._notifier.problems() if any(does.act == "notify" for does in self._one.does) else ()
        problems = (*notes, *told)
        if self._service is None:
            return Access(adapter=self.name, reachable=True, can_read=False, problems=problems)
        title, keys = self._one.title, ", ".join(f"`{key}`" for key in self._one.needs)
        found = tried(
            Access(
                adapter=self.name, reachable=True, can_read=True, problems=problems,
                can_write=None if any(does.act in WRITES for does in self._one.does) else False,
            ),
            self._service.works,
            refused=f"{title} tar inte emot nyckeln; rätta {keys}.",
            silent=f"{title} svarar inte, eller inte som väntat; försök igen om några minuter.",
        )  # fmt: skip
        if not found.can_read or not self._one.retention:
            return found
        held = tuple(retention_problems(self._one, self._service, self._promised))
        return replace(found, problems=(*held, *found.problems))

    @property
    def copies_by(self) -> tuple[str, ...]:
        """The handles by which it shows what it holds; none without a key."""
        export = self._one.asked_of("export")
        return (export.handle,) if export is not None and self._service is not None else ()

    def copy_out(self, asked: Mapping[str, Sequence[str]]) -> Iterator[CopiedOut]:
        """What it shows of each of these; writes nothing."""
        export, service = self._one.asked_of("export"), self._service
        if export is None or service is None:
            return
        look, person = export.look, export.person
        assert look is not None
        assert person is not None
        places = Person(
            _any_of(person.emails), _any_of(person.phones), by_places(list(person.places.items()), {})
        )

        def shown(value: str) -> Mapping[str, Any] | None:
            try:
                return service.shown(look, value)
            except NotAnId:
                return None

        yield from copied_out(export.handle, asked.get(export.handle, ()), shown, places)

    def look_up(self, value: str) -> str | None:
        """How one object stands there; None where it shows none, or no key is configured."""
        find = self._one.asked_of("find")
        if find is None or find.look is None or self._service is None:
            return None
        try:
            return self._service.state(find.look, value)
        except NotAnId:
            return None

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Letters first, for they need no key; then what is called for, stops by themselves at the end."""
        letters = [delivery for delivery in deliveries if delivery.act is Act.NOTIFY]
        if letters:
            yield from self._notifier.push(letters)
        patience = Patience()
        if self._service is not None:
            self._service.anew()
        called = [delivery for delivery in deliveries if delivery.act is not Act.NOTIFY]
        for delivery in sorted(called, key=lambda one: one.act is Act.STOP):
            yield patience.attempt(delivery, self._act)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """Reads back what the description says can be read back."""
        if self._service is not None:
            self._service.anew()
        for delivery in deliveries:
            if delivery.act is not Act.NOTIFY:
                yield self._find(delivery)
        yield from self._notifier.verify([one for one in deliveries if one.act is Act.NOTIFY])

    def _act(self, delivery: Delivery) -> DeliveryReceipt:
        deed = self._deed(delivery)
        if isinstance(deed, str):
            outcome = Outcome.BY_HAND if deed == "no_key" else Outcome.REFUSED
            return DeliveryReceipt(id=delivery.id, outcome=outcome, reason=deed)
        try:
            return deed.push(delivery)
        except NotAnId:  # what would stand in a call is no id: a person looks at it
            return DeliveryReceipt(id=delivery.id, outcome=Outcome.BY_HAND, reason="reference_not_an_id")

    def _find(self, delivery: Delivery) -> Finding:
        deed = self._deed(delivery)
        if isinstance(deed, str):
            return Finding(id=delivery.id, seen=Seen.UNREAD, reason=deed)
        try:
            seen, reason = deed.seen(delivery)
        except NotAnId:
            seen, reason = Seen.CANNOT_BE_KNOWN, "reference_not_an_id"
        except Rejected as error:
            seen, reason = Seen.UNREAD, reason_of(error)
        return Finding(id=delivery.id, seen=seen, reason=reason)

    def _deed(self, delivery: Delivery) -> Deed | str:
        """What carries this delivery out, or why nothing does."""
        if self._service is None:
            return "no_key"
        does = self._does.get((delivery.act, delivery.kind, delivery.handle))
        if does is None:
            return "not_understood"
        return Deed(self._service, does, to_date(self._clock()))


def build(settings: Mapping[str, Any], *, clock: Clock) -> DescribedRecipient:
    """The recipient of `settings["description"]`; without the keys that it needs it is told by letter alone.

    `settings["sleep"]` waits in place of the process; no file can say it.
    """
    one: Described = settings["description"]
    sleep: Callable[[float], None] = settings.get("sleep") or time.sleep
    keyed = bool(one.needs) and all(settings.get(key) for key in one.needs)
    service = Service(one, settings, sleep=sleep) if keyed and one.base else None
    return DescribedRecipient(one, settings, clock=clock, service=service)


def _calls_of(does: Does) -> float:
    looks = (does.look is not None) + (does.through is not None)
    return 1.0 + 3 * looks if does.read_back and does.read_back.by in ("look", "field") else 2.0 + looks


def _any_of(places: Sequence[str]) -> re.Pattern[str]:
    """These places and no other; none where there is none."""
    return re.compile(f"(?:{'|'.join(map(re.escape, places))})\\Z" if places else r"(?!)")
