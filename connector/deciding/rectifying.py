"""What may be put right, who is told of it, and how a place that was to be put right stands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from connector.errors import GallraError
from connector.identity import is_placeholder, normalise_email, normalise_phone
from connector.ledger.drafts import Draft
from connector.ledger.plans import StepRow
from connector.plan import Step
from connector.ports import Act, Interest, Kept, Live, Recipient
from connector.ports.rectifying import Part
from connector.records import Field, from_bits

LONGEST, LONGEST_NOTE = 200, 2_000


class Standing(NamedTuple):
    """How the places stand: right already, as they were when it was planned, or changed by somebody since."""

    right: tuple[Kept, ...]
    as_planned: tuple[Kept, ...]
    changed: tuple[Kept, ...]


def standing(kept: Sequence[Kept], now: Mapping[str, str]) -> Standing:
    """Sorts places by what stands in them now; one that was emptied since was changed too."""
    found: dict[str, list[Kept]] = {"right": [], "as_planned": [], "changed": []}
    for one in kept:
        stands = now.get(one.place, "null")
        how = "right" if stands == one.before else "as_planned" if stands == one.after else "changed"
        found[how].append(one)
    return Standing(*(tuple(found[name]) for name in Standing._fields))


def value_of(part: Part, text: str) -> str:
    """What a person gave, as it may be written: one line, whole. Raises GallraError, which never says it."""
    value = " ".join(text.split())
    longest = LONGEST_NOTE if part is Part.NOTE else LONGEST
    # Both shops take markup out of what they store, so that it could not be read back.
    if is_placeholder(value) or len(value) > longest or not value.isprintable() or set(value) & set("<>"):
        raise GallraError(
            f"What was given cannot be written: one line of at most {longest} characters, without < and >. "
            "Nothing was planned."
        )
    right = {Part.EMAIL: normalise_email, Part.PHONE: normalise_phone, Part.SHIPPING_PHONE: normalise_phone}
    if part in right and right[part](value) is None:
        raise GallraError("What was given as an address or a phone is none. Nothing was planned.")
    return value


def holds_text(one: Kept) -> bool:
    """Whether a place holds something to put right: no emptiness, and nothing that stands for a person."""
    text = json.loads(one.after)
    return isinstance(text, str) and not is_placeholder(text)


def was_erased(one: Kept) -> bool:
    """Whether a placeholder stands there: what was erased is not filled in again."""
    text = json.loads(one.after)
    return isinstance(text, str) and bool(text.strip()) and is_placeholder(text)


def told_of(interests: Sequence[Interest], step: Step, fields: frozenset[Field]) -> tuple[Interest, ...]:
    """By which of a recipient's interests it is told that these fields were put right, each handle once.

    A recipient of a whole record has every field of it; what only stops a payment is no interest in data.
    """
    own = [
        one
        for one in interests
        if one.kind is step.ref.kind and one.handle in step.copies and one.act is not Act.STOP
        and (not one.fields or one.fields & fields)
    ]  # fmt: skip
    notices = [one for one in own if one.act is Act.NOTIFY]
    return tuple({one.handle: one for one in notices or own}.values())


def drafts(
    plan: int, step: StepRow, live: Live, recipients: Sequence[Recipient], *, today: date
) -> Iterator[Draft]:
    """What recipients are to be told of a record, by the handles that it shows before it is written."""
    fields = frozenset(from_bits(step.step.fields))
    for recipient in recipients:
        for one in told_of(recipient.processor.interests, step.step, fields):
            for value in live.handles.get(one.handle, ()):
                yield Draft(
                    plan=plan, step=step.seq, recipient=recipient.name, act=Act.RECTIFY, ref=step.step.ref,
                    handle=one.handle, value=value, fields=(one.fields or fields) & fields,
                    concerns=one.fields or fields, planned=today,
                )  # fmt: skip


__all__ = ["Standing", "drafts", "holds_text", "standing", "told_of", "value_of", "was_erased"]
