"""Collects deliveries into one recipient's letter; a line is notified once its letter has been sent."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from adapters.deliveries import reason_of
from adapters.network import Network
from adapters.notice.box import KEEP_MONTHS, Filed, LetterBox
from adapters.notice.letter import Language, Letter, Line, Party, Sender, kind_of
from adapters.notice.mail import MailServer, send
from adapters.notice.period import Period, collected_of, collecting, leaves, token_of
from adapters.notice.words import WORDS
from connector.calendar import to_date
from connector.errors import AccessDenied, Rejected, RetryLater
from connector.ports import Act, Channel, Clock, Delivery, DeliveryReceipt, Finding, Problem, Role, Seen
from connector.records import Field, Outcome
from connector.registry import channel_of

# What may stand in a letter as a reference: an id, never an address or a phrase.
_REFERENCE = re.compile(r"[0-9A-Za-z#][0-9A-Za-z._:/#-]{0,99}\Z")
_CANONICAL = {field: position for position, field in enumerate(Field)}

Further = Callable[[str], str]
"""The recipient's second reference for a handle's value; empty where there is none."""


class Notifier:
    """Writes one recipient's letters; `settings` are those of the letter, flat or under `letter`."""

    def __init__(
        self, settings: Mapping[str, Any], *, clock: Clock, defaults: Mapping[str, Any] = {},
        ships: Channel | None = None,
    ) -> None:  # fmt: skip
        given = {**defaults, **_filled(settings.get("letter") or settings)}
        self._clock = clock
        self.party = _party(given, ships)
        self._sender = _sender(given)
        self._period: Period = given.get("period", "monthly")
        self._language: Language = "en" if given.get("language") == "en" else "sv"
        self._box = LetterBox(Path(given["folder"]), self.party.name) if given.get("folder") else None
        self._keep_months = int(given.get("keep_months") or KEEP_MONTHS)
        server = {**given["smtp"], "network": Network.of(settings)} if given.get("smtp") else None
        self._mail = MailServer.of(server) if server and self.party.email else None

    def problems(self) -> tuple[Problem, ...]:
        """What a letter lacks: a folder, the recipient's address, an answer address."""
        address = self.party.to
        lacking = (
            ("folder", self._box, "letters.folder", "warning"),
            ("address", address, f"recipients.{self.party.name}.address", "info"),
            ("contact", self._sender.contact, "company.contact", "info"),
        )  # fmt: skip
        missing = tuple(
            Problem(
                severity="warning" if severity == "warning" else "info",
                code=f"letter_{what}_missing",
                en=f"Letters to {self.party.title} lack something; fill in `{setting}`.",
                sv=f"I brev till {self.party.title} saknas en uppgift; fyll i `{setting}`.",
            )
            for what, value, setting, severity in lacking
            if not value
        )
        return missing if self._mail or not self._box else (*missing, self._to_post())

    def _to_post(self) -> Problem:
        """Nobody carries a letter that only lies in a folder."""
        return Problem(
            severity="info",
            code="letter_to_post",
            en=f"Letters to {self.party.title} are written to the letters folder; someone must send them. "
            "Give the recipient an `email` and fill in `letters.smtp` to have them mailed; else say with "
            "`gallra letters sent` when each has left.",
            sv=f"Brev till {self.party.title} läggs i brevmappen och måste skickas av någon. "
            "Ange mottagarens `email` och fyll i `letters.smtp` så skickas de av sig själva; säg annars med "
            "`gallra letters sent` när vart och ett har gått iväg.",
        )

    def push(
        self, deliveries: Sequence[Delivery], further: Further | None = None
    ) -> Iterator[DeliveryReceipt]:
        """Accepts what waits for its letter; writes and mails what is due. Only what was sent is notified."""
        today = to_date(self._clock())
        due: list[Delivery] = []
        written = self._box.holding(map(line_key, deliveries)) if self._box else {}
        for delivery in deliveries:
            early = None if line_key(delivery) in written else self._early(delivery, today)
            if early is None:
                due.append(delivery)
            else:
                yield early
        if due:
            yield from self._tell(due, today, further)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """A letter has no read-back."""
        reason = "own_controller" if self.party.role is Role.CONTROLLER else "told_by_letter"
        for delivery in deliveries:
            yield Finding(id=delivery.id, seen=Seen.CANNOT_BE_KNOWN, reason=reason)

    def _early(self, delivery: Delivery, today: date) -> DeliveryReceipt | None:
        """The receipt of a delivery that cannot be written today; None where it can."""
        if not _REFERENCE.match(delivery.value):
            return _receipt(delivery, Outcome.BY_HAND, "reference_not_an_id")
        if self._box is None:
            return _receipt(delivery, Outcome.BY_HAND, "letter_folder_missing")
        if self._period == "at_once":
            return None
        collected = collected_of(delivery.token, self.party.code) or collecting(today, self._period)
        due = leaves(collected)
        if today >= due:
            return None
        return DeliveryReceipt(
            id=delivery.id, outcome=Outcome.ACCEPTED, reason="waits_for_letter",
            token=token_of(self.party.code, collected), due=due,
        )  # fmt: skip

    def _tell(
        self, deliveries: Sequence[Delivery], today: date, further: Further | None
    ) -> Iterator[DeliveryReceipt]:
        assert self._box is not None
        keys = {delivery.id: line_key(delivery) for delivery in deliveries}
        filed = self._box.holding(keys.values())
        new = [delivery for delivery in deliveries if keys[delivery.id] not in filed]
        for some in filter(None, _by_what_they_tell(new)):  # no letter asks for both
            letter = self._letter(some, today, further)
            fresh = frozenset(keys[delivery.id] for delivery in some)
            written = self._box.write(letter, fresh, self._language)
            filed |= dict.fromkeys(fresh, written)
            self._box.expire(today, self._keep_months)
        answers = {one.id: self._send(one, today) for one in dict.fromkeys(filed.values())}
        for delivery in deliveries:
            yield answers[filed[keys[delivery.id]].id](delivery)

    def _letter(self, deliveries: Sequence[Delivery], today: date, further: Further | None) -> Letter:
        keys = sorted(line_key(delivery) for delivery in deliveries)
        digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:8]
        return Letter(
            id=f"{self.party.code}-{self.party.name}-{today:%Y-%m}-{digest}",
            written=today,
            sender=self._sender,
            party=self.party,
            lines=to_lines(deliveries, further),
            rectified=deliveries[0].act is Act.RECTIFY,
        )

    def _send(self, filed: Filed, today: date) -> Callable[[Delivery], DeliveryReceipt]:
        """Mails a letter that has not been mailed; how its deliveries are answered.

        One that only lies in the folder is left to a hand: nobody has been told by it yet.
        """
        token = f"letter:{filed.id}"
        if filed.mailed:
            return _answering(Outcome.NOTIFIED, token, "mailed")
        if self._mail is None or self._box is None:
            return _answering(Outcome.BY_HAND, token, "letter_to_send")
        text, html = self._box.texts(filed)
        title = WORDS[self._language][kind_of(self.party, rectified=filed.rectified)]["title"]
        try:
            send(
                self._mail, to=self.party.email, subject=f"{title} ({filed.id})", text=text, html=html,
                letter_id=filed.id,
            )  # fmt: skip
        except (RetryLater, AccessDenied) as error:  # a refused login too: the letter is written, and waits
            reason, after = reason_of(error), error.after if isinstance(error, RetryLater) else None
            return lambda delivery: DeliveryReceipt(
                id=delivery.id, outcome=Outcome.REFUSED, reason=reason, token=token, retry=True, after=after
            )
        except Rejected as error:
            return _answering(Outcome.BY_HAND, token, reason_of(error))
        self._box.note(
            Filed(
                id=filed.id, party=filed.party, written=filed.written, lines=filed.lines, mailed=today,
                rectified=filed.rectified,
            )
        )
        return _answering(Outcome.NOTIFIED, token, "mailed")


def _by_what_they_tell(deliveries: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
    """What was erased, and what was put right."""
    right = [one for one in deliveries if one.act is Act.RECTIFY]
    return [one for one in deliveries if one.act is not Act.RECTIFY], right


def to_lines(deliveries: Sequence[Delivery], further: Further | None = None) -> tuple[Line, ...]:
    """One line per reference and day, its categories together, in order of reference."""
    together: dict[tuple[str, str, date], list[Delivery]] = {}
    for delivery in deliveries:
        together.setdefault((delivery.handle, delivery.value, delivery.planned), []).append(delivery)
    seconds = {
        value: further(value) if further else "" for value in dict.fromkeys(d.value for d in deliveries)
    }
    return tuple(
        Line(
            handle=handle, reference=value, on=on, fields=_categories(same),
            further=_shown(seconds[value]),
            copy_gone_by=max((d.copy_gone_by for d in same if d.copy_gone_by), default=None),
        )
        for (handle, value, on), same in sorted(together.items())
    )  # fmt: skip


def line_key(delivery: Delivery) -> str:
    """What marks a delivery as standing in a letter; says nothing of the reference itself."""
    text = f"{delivery.id}|{delivery.ref.adapter}|{delivery.ref.id}|{delivery.handle}|{delivery.value}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _categories(deliveries: Sequence[Delivery]) -> tuple[Field, ...]:
    """The fields of the deliveries; none where a record went whole."""
    if any(not delivery.fields for delivery in deliveries):
        return ()
    return tuple(sorted(frozenset().union(*(d.fields for d in deliveries)), key=_CANONICAL.__getitem__))


def _shown(reference: str) -> str:
    return reference if _REFERENCE.match(reference) else ""


def _answering(outcome: Outcome, token: str, reason: str = "") -> Callable[[Delivery], DeliveryReceipt]:
    return lambda delivery: DeliveryReceipt(id=delivery.id, outcome=outcome, token=token, reason=reason)


def _receipt(delivery: Delivery, outcome: Outcome, reason: str) -> DeliveryReceipt:
    return DeliveryReceipt(id=delivery.id, outcome=outcome, reason=reason, token=delivery.token)


def _filled(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value not in (None, "")}


def _party(given: Mapping[str, Any], shipped: Channel | None) -> Party:
    name = str(given.get("name") or given["code"]).lower()
    address, email = str(given.get("address", "")), str(given.get("email", ""))
    # The shop's own word first; else what the recipient's adapter, or its description, ships.
    ships = Channel() if address or email else shipped or channel_of(name)
    return Party(
        name=re.sub(r"[^a-z0-9]+", "-", name).strip("-") or "recipient",
        title=str(given.get("title") or given.get("name") or given["code"]),
        code=str(given["code"]),
        role=Role(given.get("role") or Role.CONTROLLER),
        address=address or ships.address,
        form=ships.form,
        email=email,
        agreement=str(given.get("agreement", "")),
    )


def _sender(given: Mapping[str, Any]) -> Sender:
    return Sender(
        company=str(given.get("company", "")),
        organisation_number=str(given.get("organisation_number", "")),
        address=str(given.get("company_address", "")),
        contact=str(given.get("contact", "")),
        shop=str(given.get("shop", "")),
    )
