"""The written notice: how a recipient without an erase API learns what was erased (Art. 19, Art. 28)."""

from collections.abc import Mapping
from typing import Any

from adapters.notice.box import expire
from adapters.notice.letter import Letter, Line, Party, Sender, render
from adapters.notice.notifier import Notifier
from adapters.notice.recipient import LetterRecipient
from connector.ports import Clock


def build(settings: Mapping[str, Any], *, clock: Clock) -> LetterRecipient:
    """A recipient that is told by letter only; `code` decides what it is told of.

    Raises SettingsError for a code that neither the schedule nor an adapter knows (schedule §4).
    """
    return LetterRecipient(settings, Notifier(settings, clock=clock))


__all__ = ["Letter", "LetterRecipient", "Line", "Notifier", "Party", "Sender", "build", "expire", "render"]
