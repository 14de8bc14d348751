"""A record that the shop had lost before its step came: recipients are still told, by number, or named.

Whoever can only be found by what went with the record (an address, a payment's reference) cannot be told:
a person must look, so it is named and stays named until somebody closes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connector.drawing import Recipient
from connector.ledger.outbox import Draft
from connector.ledger.plans import StepRow
from connector.numbers import ORDER_NUMBER
from connector.plan import concerned, told
from connector.ports import WENT, Receipt
from connector.records import Kind, Outcome, Ref

RECORD_GONE = "record_gone"


def is_lost(receipt: Receipt | None) -> bool:
    """Whether a step closed because its record was not there."""
    return receipt is not None and receipt.outcome is Outcome.ALREADY_GONE and receipt.reason == RECORD_GONE


def claimed_gone(step: StepRow) -> bool:
    """Whether a step closed on the word that its record is no more: a word that a later look holds it to."""
    return step.outcome == Outcome.ALREADY_GONE and step.reason in (RECORD_GONE, WENT)


def handles_left(ref: Ref, label: str) -> Mapping[str, str]:
    """What is still known of a record that is gone: its id, and the number it was known by."""
    if ref.kind is not Kind.ORDER:
        return {"customer": ref.id} if ref.kind is Kind.CUSTOMER else {}
    number = label.lstrip("#")
    return {"order": ref.id, **({ORDER_NUMBER: number} if number else {})}


def drafts(plan_id: int, step: StepRow, recipients: Sequence[Recipient], today: date) -> Iterator[Draft]:
    """A delivery per recipient whom the step concerns; with an empty value where it cannot be found there."""
    known = handles_left(step.step.ref, step.step.label)
    for recipient in recipients:
        for interest in told(step.step, recipient.processor.interests, recipient.code):
            yield Draft(
                plan=plan_id,
                step=step.seq,
                recipient=recipient.name,
                act=interest.act,
                ref=step.step.ref,
                handle=interest.handle,
                value=known.get(interest.handle, ""),
                fields=concerned(step.step, interest, recipient.code),
                concerns=interest.fields,
                planned=today,
            )
