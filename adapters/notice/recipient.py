"""A recipient that is told by letter only."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.interests import BY_LETTER, narrowed
from adapters.notice.notifier import Notifier
from connector.errors import SettingsError
from connector.ports import Access, Delivery, DeliveryReceipt, Finding, Role
from connector.records import Field
from connector.registry import told_by_letter


class LetterRecipient:
    """Told by letter only; `sends` in the settings narrows what it is told of."""

    tells_rectified = True

    def __init__(self, settings: Mapping[str, Any], notifier: Notifier) -> None:
        self._notifier = notifier
        self.name = notifier.party.name
        self.role: Role = notifier.party.role
        self.recipient = notifier.party.code
        told = {**BY_LETTER, **told_by_letter()}
        if self.recipient not in told:
            raise SettingsError(
                [f"recipients.{self.name}.code: is not one of {', '.join(told)}; choose one of them"]
            )
        sends = frozenset(Field(field) for field in settings.get("sends") or ())
        self.interests = narrowed(told[self.recipient], sends)

    def check(self) -> Access:
        """What the letter lacks; there is nothing to reach."""
        problems = self._notifier.problems()
        ready = not any(problem.severity == "warning" for problem in problems)
        return Access(adapter=self.name, reachable=ready, can_read=ready, can_write=ready, problems=problems)

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Lines for the next letter, or the letter itself where it is due."""
        return self._notifier.push(deliveries)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """What a recipient did on a letter cannot be read back."""
        return self._notifier.verify(deliveries)
