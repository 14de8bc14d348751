"""What a protocol says first: how the run ended, and what clean does not cover."""

from connector.ports import DEVIATES, Role
from connector.records import Outcome
from connector.report.blocks import (
    Bullets,
)
from connector.report.protocol.model import (
    Protocol,
    ReadBack,
)
from connector.report.tables import (
    record_name,
)
from connector.report.words import Words


def lead_of(view: Protocol, words: Words) -> tuple[str, ...]:
    """The sentences before everything else."""
    lead = [words.say("protocol.lead"), words.say("protocol.keep")]
    if view.read_back:
        clean, read = words.number(view.read_back.clean), words.number(view.read_back.read)
        lead.insert(0, words.say("protocol.read", clean=clean, read=read))
        lead[1:1] = _asked(view.read_back, words)
        lead[1:1] = _not_read(view.read_back, words)
        lead[0:0] = _not_ended(view.read_back, words)
    lead[-2:-2] = _remaining(view, words)
    return tuple(lead)


def _remaining(view: Protocol, words: Words) -> list[str]:
    """What clean does not cover: what seems to be about a person and stays, letters, work by hand."""
    told = sum(each.count for each in view.read_back.told) if view.read_back else 0
    said = [words.say("protocol.stays", number=words.number(told))] if told else []
    if view.unsent:
        said.append(words.say("protocol.letters_wait", number=words.number(len(view.unsent))))
    if view.tasks:
        said.append(words.say("protocol.hand_waits", n=words.number(sum(each.count for each in view.tasks))))
    elif view.by_hand:
        said.append(words.say("protocol.hand_left"))
    if view.tasks_done:
        said.append(words.say("protocol.hand_done", n=words.number(len(view.tasks_done))))
    return [*said, *_kept_elsewhere(view, words)]


def _kept_elsewhere(view: Protocol, words: Words) -> list[str]:
    """What recipients keep: what they need for other orders, and what only they decide on."""
    kept = [f"{each.name} {words.number(each.kept)}" for each in view.recipients if each.kept]
    own = [
        each.name for each in view.recipients if each.role is Role.CONTROLLER and each.notified + each.by_hand
    ]
    said = [words.say("protocol.kept_there", names=", ".join(kept))] if kept else []
    return [*said, words.say("protocol.kept_own", names=", ".join(own))] if own else said


def _asked(seen: ReadBack, words: Words) -> list[str]:
    """What a service has taken on and not finished: never called done."""
    if not seen.accepted:
        return []
    return [words.say("protocol.asked", number=words.number(seen.accepted), day=words.day(seen.accepted_due))]


def _not_read(seen: ReadBack, words: Words) -> list[str]:
    """What was touched and could not be read: never called clean."""
    return [words.say("protocol.not_read", number=words.number(seen.unread))] if seen.unread else []


def _not_ended(seen: ReadBack, words: Words) -> list[str]:
    """What a run that stopped left: begun without an answer, or never come to. Never called carried out."""
    if seen.ended:
        return []
    begun, left = words.number(seen.begun), words.number(seen.to_begin)
    return [words.say("protocol.not_ended", begun=begun, left=left)]


def verdict(view: Protocol) -> str:
    """`unfinished`, `left`, `unread`, `not_all_read`, `deviated`, `waiting` or `done`, as a text key.

    The worst of them; but a run that has not ended is called so first, whatever else was found.
    """
    if view.read_back and not view.read_back.ended:
        return "unfinished"
    if view.read_back and view.read_back.left:
        return "left"
    if view.read_back is None:
        return "unread"
    if view.read_back.unread:
        return "not_all_read"
    refused = any(
        each.outcome is Outcome.REFUSED or each.reason.startswith(DEVIATES) for each in view.deviations
    )
    failed = any(each.failed for each in view.recipients)
    if refused or failed:
        return "deviated"
    return "waiting" if view.read_back.accepted or view.unsent else "done"


def labels_left(read_back: ReadBack | None, words: Words) -> Bullets | None:
    """The records by name that still hold data, were begun and not ended, or could not be read."""
    if read_back is None:
        return None
    for name in ("left", "begun", "unread"):
        if getattr(read_back, name):
            labels = _names(getattr(read_back, f"{name}_labels"), words)
            return Bullets(title=words.code("protocol.labels", name), items=labels, tone="warn")
    return None


def _names(labels: tuple[str, ...], words: Words) -> tuple[str, ...]:
    return tuple(record_name(label, words) for label in labels)
