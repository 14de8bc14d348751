"""Which facts outlast a write of ours: what Gallra took away goes on barring what it barred.

An erasure takes the traces of what happened with the personal data: a payment reference is both. That it
happened stays true, so the index keeps it from the moment before our write, and every later read is
completed with it. Which fact is of which kind stands in the table of facts (`facts.Lasts`).
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from connector.policy.facts import FACTS, Lasts
from connector.records import Facts

LASTS: Mapping[str, Lasts] = {fact.name: fact.lasts for fact in FACTS}
"""Every fact and how long it counts."""

_EXISTED = tuple(name for name, lasts in LASTS.items() if lasts is Lasts.EXISTENCE)
_MOVED_ON = tuple(name for name, lasts in LASTS.items() if lasts is Lasts.LATER)
LEARNT = tuple(fact.name for fact in FACTS if fact.lasts is Lasts.OUTSIDE and fact.is_day)
"""Days that a carrier or a person has said."""


def to_keep(facts: Facts) -> Facts:
    """What of these facts must outlast a write: nothing that is a state, nothing of the person's others.

    `owed` goes along, as it stood while the trace of the payment could still be read.
    """
    lasting = (*_EXISTED, *_MOVED_ON, "owed")
    return Facts(**{name: getattr(facts, name) for name in lasting})


def with_kept(now: Facts, kept: Facts) -> Facts:
    """What was just read, completed with what a write of ours may have taken the traces of."""
    found: dict[str, Any] = {n: _either(getattr(now, n), getattr(kept, n)) for n in _EXISTED}
    found |= {name: _latest(getattr(now, name), getattr(kept, name)) for name in _MOVED_ON}
    if kept.has_transaction and not now.has_transaction:
        # Only the missing trace makes the order look unpaid.
        found["owed"] = now.owed and kept.owed
    return replace(now, **found)


def with_learnt(now: Facts, before: Facts) -> Facts:
    """What was just read, with what a carrier or a person has said: the shop itself never knew."""
    return replace(now, **{name: getattr(now, name) or getattr(before, name) for name in LEARNT})


def _either(now: Any, kept: Any) -> Any:
    if isinstance(now, tuple):
        return tuple(sorted({*now, *kept}))
    return now or kept


def _latest(now: Any, kept: Any) -> Any:
    return max((day for day in (now, kept) if day is not None), default=None)


__all__ = ["LASTS", "to_keep", "with_kept", "with_learnt"]
