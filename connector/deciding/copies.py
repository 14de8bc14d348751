"""Copies at recipients of customers that the shop let go: steps of the next plan, approved like any other.

The account's copies go now: nothing but a hold or a floor keeps them once the shop has erased the account
(GDPR Art. 17, 19). An order's copies go by the order's own rule, so that no floor is broken.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from connector.deciding.drawing import Drawing
from connector.ledger import Ledger, outside
from connector.ledger.drafts import Draft
from connector.ledger.inbox import Inbox, Message
from connector.ledger.index import Row, Rows
from connector.ledger.index.rows import with_subject
from connector.ledger.outbox import Outbox
from connector.ledger.states import MessageState, PlanState, StepState
from connector.plan import Step, Why, concerned, why_of
from connector.policy import Policy, decide
from connector.ports.heard import Copy, Topic, message_of
from connector.records import Action, Facts, Field, Kind, Outcome, Record, Wave, to_bits
from connector.verdicts import State


class Drawn(NamedTuple):
    """A step that was drawn for a copy, and the row that it is of."""

    row: int
    step: Step


class Copies:
    """The messages whose copies are not all on their way."""

    def __init__(self, ledger: Ledger, inbox: Inbox, outbox: Outbox) -> None:
        self.ledger = ledger
        self.inbox = inbox
        self.outbox = outbox
        self.rows = Rows(ledger)

    def close_told(self, connection: Connection) -> None:
        """Lets go of what has been told; what a plan did not come to waits for the next."""
        for message in self._messages(connection, MessageState.PLANNED):
            if message.plan is None or message.heard is None:
                continue
            state = outside.plan_state(connection, message.plan)
            if state in (PlanState.OPEN, PlanState.BEGUN):
                continue
            steps = outside.notices(connection, message.plan)
            if state == PlanState.FINISHED:
                unused = [one.seq for one in steps.values() if one.state == StepState.PLANNED]
                self.outbox.cancel(connection, message.plan, unused)
            else:
                self.outbox.cancel_unused(connection, message.plan)
            left = [_without(copy, _told(steps.get(copy.ref))) for copy in message.heard.copies]
            self._leave(connection, message, left, "told")

    def _messages(self, connection: Connection, *states: MessageState) -> list[Message]:
        return self.inbox.messages(connection, topics=[Topic.CUSTOMER_REDACT], states=states)

    def _leave(self, connection: Connection, message: Message, copies: Sequence[Copy], done: str) -> None:
        left = tuple(copy for copy in copies if copy.fields)
        if not left or message.heard is None:
            self.inbox.close(connection, [message.id], done)
            return
        self.inbox.confirm(connection, message, msgspec.structs.replace(message.heard, copies=left))

    def draw(self, drawing: Drawing) -> None:
        """Adds a step for every copy that is due, its handles sealed in the outbox as held."""
        self.close_told(drawing.connection)
        for message in self._messages(drawing.connection, MessageState.CONFIRMED):
            if message.heard is None or self._was_merged(drawing.connection, message):
                continue
            left, planned = [], False
            for number, copy in enumerate(message.heard.copies):
                drawn = self._step(drawing, copy, outside.stranger_row(message.id, number))
                told_now = drawn is not None and self._add_step(drawing, drawn, copy)
                # What is due and concerns no recipient is done with.
                left.append(_without(copy, drawn.step.fields if drawn and not told_now else 0))
                planned = planned or told_now
            self._leave(drawing.connection, message, left, "nobody_to_tell")
            if planned:
                self.inbox.plan(drawing.connection, message.id, drawing.draft)

    def _was_merged(self, connection: Connection, message: Message) -> bool:
        """Whether the account has become another after all, as a merge told later: its message is closed."""
        account = message.heard.refs[0] if message.heard else None
        if account is None or account.id not in outside.merged(connection, self.ledger, account.adapter):
            return False
        self.inbox.close(connection, [message.id], "still_there")
        self.ledger.event(connection, "customer_redact", message=message.id, outcome="still_there")
        return True

    def _add_step(self, drawing: Drawing, drawn: Drawn, copy: Copy) -> bool:
        drafts = _drafts(drawing, drawn.step, copy)
        if drafts:
            seq = drawing.add(drawn.row, drawn.step)
            own = [msgspec.structs.replace(draft, step=seq) for draft in drafts]
            self.outbox.hold(drawing.connection, own)
        return bool(drafts)

    def _step(self, drawing: Drawing, copy: Copy, stranger: int) -> Drawn | None:
        """The step of a copy; None while it must be kept, or what may keep it was not read."""
        row = self._row(drawing.connection, copy, stranger)
        without = drawing.policy.purposes() if copy.ref.kind is Kind.CUSTOMER else frozenset()
        whys = _due(drawing.holds.on(row), drawing.policy, drawing.today, without)
        if not whys or drawing.held_back(row):
            return None
        step = Step(
            ref=copy.ref,
            label=row.record.label or copy.ref.id,
            wave=Wave.ACCOUNTS,
            action=Action.NOTIFY,
            fields=_fields(whys, copy),
            why=whys,
            copies=tuple(sorted(copy.handles)),
        )
        return Drawn(row.id, step)

    def _row(self, connection: Connection, copy: Copy, stranger: int) -> Row:
        """The record as recipients may still hold it: its facts, and all that says who it was."""
        found = outside.known(connection, self.ledger.shop, [copy.ref]).get(copy.ref)
        row = self.rows.rows(connection, [found.row]).get(found.row) if found else None
        if row is None:
            number = message_of(copy.ref)
            label = "" if number is None else f"message {number}"
            stranger_to_us = Record(ref=copy.ref, version="", facts=Facts(), present=0, label=label)
            row = Row(id=stranger, record=stranger_to_us)
        held = with_subject(row.record, outside.facts_of(connection, copy.subject))
        held = msgspec.structs.replace(held, present=copy.fields)
        return msgspec.structs.replace(row, record=held, subject=copy.subject)


def _told(step: outside.Notice | None) -> int:
    """The fields that recipients have been told of by this step."""
    ended = step is not None and step.state == StepState.CLOSED and step.outcome == Outcome.ALREADY_GONE
    return step.fields if step is not None and ended else 0


def _without(copy: Copy, fields: int) -> Copy:
    return msgspec.structs.replace(copy, fields=copy.fields & ~fields)


def _fields(whys: Sequence[Why], copy: Copy) -> int:
    if any(why.field == "record" for why in whys):
        return copy.fields
    return to_bits(tuple(Field(why.field) for why in whys))


def _due(record: Record, policy: Policy, today: date, without: frozenset[str]) -> tuple[Why, ...]:
    """Why the copies go today: the record whole, or field by field; nothing while they are kept."""
    verdict = decide(record, policy, today=today, without=without)
    if verdict.record is not None and verdict.record.state is State.DUE:
        return (why_of(verdict.record),)
    return tuple(why_of(f) for f in verdict.fields if f.state is State.DUE)


def _drafts(drawing: Drawing, step: Step, copy: Copy) -> list[Draft]:
    return [
        Draft(
            plan=drawing.draft,
            step=-1,
            recipient=recipient.name,
            act=interest.act,
            ref=copy.ref,
            handle=interest.handle,
            value=value,
            fields=concerned(step, interest, recipient.code),
            concerns=interest.fields,
            planned=drawing.today,
        )
        for recipient in drawing.recipients
        for interest in drawing.told(step, recipient)
        for value in copy.handles.get(interest.handle, ())
    ]
