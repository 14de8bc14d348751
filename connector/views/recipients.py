"""Each recipient of a shop: what is done there, how that is read back, and what it is only told."""

from collections.abc import Iterator
from typing import Any

from connector.about.described import Described
from connector.ledger.plans import Plans
from connector.policy import Policy
from connector.ports import Act, Interest, Processor, Tracker
from connector.ports.disclosing import CopiesOut
from connector.records import Action, Value
from connector.registry import build_processor, described, kinds_of
from connector.settings import Settings, blanks
from connector.shop import Shop

AGAIN, LETTER, NONE = "again", "letter", "none"
OWN = "own_id"
"""By what a service that holds records itself knows them: no handle of the shop's."""


class RecipientLine(Value, frozen=True, kw_only=True):
    """One thing that is done at a recipient, or said to it; codes that the reports have words for."""

    name: str
    title: str
    code: str
    role: str
    kind: str
    handle: str
    what: str
    read_back: str
    final: bool = False
    passed_on: bool = True
    """Whether a rule of the policy passes this on to a recipient of its kind; else it never falls due."""
    waiting: int = 0
    """Erasures that the shop system took on, and has not carried out yet; `until` is the day of the last."""
    until: str = ""


def recipient_lines(shop: Shop) -> tuple[RecipientLine, ...]:
    """Every line, the recipients in the order of the settings; asks nobody and reads no key."""
    return tuple(line for name, adapter in shop.settings.processors() for line in _of(shop, name, adapter))


def _of(shop: Shop, name: str, adapter: str) -> Iterator[RecipientLine]:
    settings = shop.settings
    own = settings.adapter_settings(name, blanks(settings))
    processor = build_processor(adapter, own, clock=shop.clock)
    title, role = settings.recipient(name).title or name, str(processor.role)
    said: dict[str, Any] = {"name": name, "title": title, "code": processor.recipient, "role": role}
    for one in processor.interests:
        back = LETTER if one.act is Act.NOTIFY else _read_back(settings, name, one.act, one.handle)
        yield RecipientLine(
            **said, kind=str(one.kind), handle=one.handle, what=str(one.act), read_back=back,
            final=one.irreversible, passed_on=_passed_on(shop.policy, one, processor.recipient),
        )  # fmt: skip
    yield from _carried(shop, name, said)
    for kind in kinds_of(adapter):
        yield RecipientLine(**said, kind=str(kind), handle=OWN, what="own", read_back=AGAIN)
    if isinstance(processor, Tracker):
        yield RecipientLine(**said, kind="order", handle="tracking_number", what="track", read_back=NONE)
    for handle in _copied_by(processor):
        yield RecipientLine(**said, kind="order", handle=handle, what="export", read_back=NONE)


def _passed_on(policy: Policy, interest: Interest, code: str) -> bool:
    """Whether a rule of the policy tells a recipient of this kind of it, as a plan does."""
    final = interest.act is Act.STOP and interest.irreversible
    if interest.asked:
        return False
    for rule in policy.rules:
        if rule.kind is interest.kind and code in rule.recipients:
            whole = rule.action is Action.DELETE
            falls = (interest.on_delete or interest.fields) if whole else interest.fields & set(rule.fields)
            if falls and (not final or rule.id in policy.after_contract):
                return True
    return False


def _carried(shop: Shop, name: str, said: dict[str, Any]) -> Iterator[RecipientLine]:
    """What a shop system's own erasure takes with it there, and when the last that it took on is due."""
    one = _description(shop.settings, name)
    for does in one.does if one is not None else ():
        if does.act == "carried":
            due = _accepted(shop, does.by)
            yield RecipientLine(
                **said, kind=str(does.kind), handle=does.handle, what=does.act, read_back="platform",
                waiting=len(due), until=max(due, default=""),
            )  # fmt: skip


def is_carried(settings: Settings, name: str) -> bool:
    """Whether a shop system's own erasure takes what this recipient holds, and nobody writes to it."""
    one = _description(settings, name)
    return one is not None and one.asked_of("carried") is not None


def _accepted(shop: Shop, platform: str) -> list[str]:
    """The days of the erasures that a shop system has accepted and not carried out."""
    if not shop.has_ledger:
        return []
    with shop.ledger.begin() as connection:
        rows = [one.row for one in Plans(shop.ledger).accepted(connection)]
    return [row.due for row in rows if row.due and row.step.ref.adapter == platform]


def _description(settings: Settings, name: str) -> Described | None:
    return settings.described.get(name) or described().get(name)


def _copied_by(processor: Processor) -> tuple[str, ...]:
    return tuple(processor.copies_by) if isinstance(processor, CopiesOut) else ()


def _read_back(settings: Settings, name: str, act: Act, handle: str) -> str:
    """How this is read back there, as its description says; one with code of its own reads it again."""
    one = _description(settings, name)
    if one is None:
        return AGAIN
    backs = [does.read_back for does in one.does if does.handle == handle and does.read_back is not None]
    return backs[0].by if backs else AGAIN


__all__ = ["RecipientLine", "is_carried", "recipient_lines"]
