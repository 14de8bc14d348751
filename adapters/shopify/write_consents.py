"""Ending subscriptions: every channel by which letters or messages may still come."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapters.shopify import consent
from adapters.shopify.aftermath import Writing, unsettled
from adapters.shopify.nodes import Node
from adapters.shopify.reasons import Reason
from adapters.shopify.writes import Answer, doubtful, refusal
from connector.ports import Clock, Gone, Live, Receipt, Task, went
from connector.records import Outcome


class Channel(NamedTuple):
    """How a channel is ended: the operation, and how its input names consent, state and day."""

    operation: str
    consent: str
    state: str
    at: str


CHANNELS: Mapping[str, Channel] = {
    "email": Channel("customer_unsubscribe", "emailMarketingConsent", "marketingState", "consentUpdatedAt"),
    "sms": Channel("customer_unsubscribe_sms", "smsMarketingConsent", "marketingState", "consentUpdatedAt"),
    "whatsapp": Channel("customer_unsubscribe_whatsapp", "whatsAppMarketingConsent", "state", "updatedAt"),
}


class ConsentWriter:
    """Ends letters, text messages and WhatsApp."""

    def __init__(self, writing: Writing, clock: Clock) -> None:
        _, self._writes, self._looks = writing
        self._clock = clock

    def end(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Ends the channels that a task names and that live: letters, text messages and WhatsApp."""
        ended: dict[str, dict[str, Answer | None]] = {task.ref.id: {} for task in tasks}
        for name, channel in CHANNELS.items():
            own = [task for task in tasks if name in _to_end(task, task.live.raw)]
            inputs = [{"input": self._no_more(task, channel)} for task in own]
            for task, answer in zip(own, self._writes.run(channel.operation, inputs), strict=True):
                ended[task.ref.id][name] = answer
        doubts = [
            task.ref for task in tasks if any(_unproved(task, one) for one in ended[task.ref.id].values())
        ]
        now = self._looks(doubts) if doubts else {}
        unread: list[Task] = []
        for task in tasks:
            look = now.get(task.ref)
            if task.ref not in doubts:
                yield _unsubscribed(task, ended[task.ref.id])
            elif isinstance(look, Gone):
                yield went(task)
            elif isinstance(look, Live):
                yield _as_read(task, look, ended[task.ref.id])
            else:
                unread.append(task)
        stop = unsettled(unread)
        if stop:
            raise stop

    def _no_more(self, task: Task, channel: Channel) -> Mapping[str, Any]:
        moment = self._clock().isoformat(timespec="seconds")
        said = {channel.state: "UNSUBSCRIBED", channel.at: moment}
        return {"customerId": task.live.raw["id"], channel.consent: said}


def _to_end(task: Task, customer: Node) -> frozenset[str]:
    """The channels that still live of those that a task names; of every one where it names none."""
    living = frozenset(consent.living(customer))
    return living & task.channels if task.channels else living


def _unproved(task: Task, answer: Answer | None) -> bool:
    """Whether an answer does not say what came of a channel, or says it of another customer."""
    if doubtful(answer):
        return True
    if answer is not None and "customerPhoneNumber" in answer and not refusal(answer):
        said = (answer["customerPhoneNumber"] or {}).get("whatsAppMarketingConsent") or {}
        return bool(said.get("state") != "UNSUBSCRIBED")
    customer = (answer or {}).get("customer") or {}
    return bool(customer) and customer.get("id") != task.live.raw["id"]


def _unsubscribed(task: Task, answers: Mapping[str, Answer | None]) -> Receipt:
    """Stopped once every channel is; whoever had left before is already gone."""
    if not answers:
        return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, done=task.fields)
    refused = {name: found for name, answer in answers.items() if (found := refusal(answer))}
    if refused:
        return _refused(task, refused)
    return Receipt(ref=task.ref, outcome=Outcome.STOPPED, done=task.fields)


def _as_read(task: Task, now: Live, answers: Mapping[str, Answer | None]) -> Receipt:
    """The receipt of one whose channels were read after the write: stopped where none lives."""
    left = _to_end(task, now.raw)
    if not left:
        return Receipt(ref=task.ref, outcome=Outcome.STOPPED, done=task.fields)
    return _refused(
        task, {name: refusal(answers.get(name)) or Reason.ANSWER_OF_ANOTHER for name in sorted(left)}
    )


def _refused(task: Task, still_given: Mapping[str, str]) -> Receipt:
    """The receipt of one of whose channels some live on."""
    reason = next(iter(still_given.values()))
    return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason=reason, still_given=still_given)
