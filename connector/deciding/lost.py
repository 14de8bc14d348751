"""A record that the shop had lost before its step came: recipients are still told, by number, or named.

A notice is read by a person, who also finds an order by its number: it goes by that where the reference that
it would name went with the record. A service that can only be asked by what went (an address, a payment's
reference) cannot be told: a person must look, so it is named and stays named until somebody closes it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from connector.ledger.drafts import Draft
from connector.ledger.plans import StepRow
from connector.places.numbers import ORDER_NUMBER
from connector.plan import concerned, told
from connector.ports import WENT, Act, Interest, Receipt, Recipient
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


def by_what(interest: Interest, known: Mapping[str, str]) -> str:
    """The handle that a recipient is told by: its own, or the order's number where only people read it."""
    by_number = interest.act is Act.NOTIFY and interest.handle not in known and ORDER_NUMBER in known
    return ORDER_NUMBER if by_number else interest.handle


def drafts(
    plan_id: int, step: StepRow, recipients: Sequence[Recipient], today: date, after_contract: Collection[str]
) -> Iterator[Draft]:
    """A delivery per recipient whom the step concerns; with an empty value where it cannot be found there."""
    known = handles_left(step.step.ref, step.step.label)
    for recipient in recipients:
        told_of = told(
            step.step, recipient.processor.interests, recipient.code, after_contract=after_contract
        )
        for interest in told_of:
            handle = by_what(interest, known)
            yield Draft(
                plan=plan_id,
                step=step.seq,
                recipient=recipient.name,
                act=interest.act,
                ref=step.step.ref,
                handle=handle,
                value=known.get(handle, ""),
                instead_of=interest.handle if handle != interest.handle else "",
                fields=concerned(step.step, interest, recipient.code),
                concerns=interest.fields,
                planned=today,
            )
