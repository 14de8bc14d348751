"""Each recipient of a shop: what is done there, how that is read back, and what it is only told."""

from collections.abc import Iterator
from typing import Any

from connector.ports import Act, Processor
from connector.ports.disclosing import CopiesOut
from connector.records import Value
from connector.registry import build_processor, described
from connector.settings import Settings, blanks
from connector.shop import Shop

AGAIN, LETTER, NONE = "again", "letter", "none"


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
            final=one.irreversible,
        )  # fmt: skip
    for handle in _copied_by(processor):
        yield RecipientLine(**said, kind="order", handle=handle, what="export", read_back=NONE)


def _copied_by(processor: Processor) -> tuple[str, ...]:
    return tuple(processor.copies_by) if isinstance(processor, CopiesOut) else ()


def _read_back(settings: Settings, name: str, act: Act, handle: str) -> str:
    """How this is read back there, as its description says; one with code of its own reads it again."""
    one = {**described(), **settings.described}.get(name)
    if one is None:
        return AGAIN
    backs = [does.read_back for does in one.does if does.handle == handle and does.read_back is not None]
    return backs[0].by if backs else AGAIN


__all__ = ["RecipientLine", "recipient_lines"]
