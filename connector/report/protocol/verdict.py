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

_UNDONE = ("undo_done", "undo_part", "undo_unfinished")
_RECTIFIED = ("rectify_done", "rectify_part", "rectify_unfinished")


def lead_of(view: Protocol, words: Words) -> tuple[str, ...]:
    """The sentences before everything else."""
    of_values = "protocol.lead_rectify" if view.rectifies else "protocol.lead_undo"
    about = of_values if view.sets_values else "protocol.lead"
    lead = [*_undone(view, words)]
    if view.read_back:
        lead += [*_not_ended(view.read_back, words), *_seen(view, view.read_back, words)]
        lead += [*_not_read(view.read_back, words), *_asked(view.read_back, words)]
    return (*lead, *_remaining(view, words), words.say(about), words.say("protocol.keep"))


def _undone(view: Protocol, words: Words) -> list[str]:
    """That a run was undone since, when, by which plan, and of how many records."""
    return [
        words.say("protocol.undone", n=words.number(one.records), at=words.moment(one.at), code=one.code)
        for one in view.undone
    ]


def _seen(view: Protocol, seen: ReadBack, words: Words) -> list[str]:
    """What reading again showed. Where nothing was read nothing is called clean, nor gone."""
    if not seen.read:
        return [] if seen.unread else [words.say("protocol.nothing_to_read")]
    read = words.number(seen.read)
    if view.rectifies:
        return [words.say("protocol.read_rectified", n=words.number(seen.restored), read=read)]
    if view.undoes:
        n = words.number(seen.restored)
        return [words.say("protocol.read_restored", restored=n, read=read, code=view.undoes)]
    of_clean = [words.say("protocol.read", clean=words.number(seen.clean), read=read)]
    back = [words.say("protocol.restored_since", n=words.number(seen.restored))] if seen.restored else []
    return [*(of_clean if seen.read > seen.restored else []), *back]


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
        done = "protocol.hand_done_first" if view.first_run else "protocol.hand_done"
        said.append(words.say(done, n=words.number(len(view.tasks_done))))
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
    said = "not_read" if seen.asked else "not_read_yet"
    return [words.say(f"protocol.{said}", number=words.number(seen.unread))] if seen.unread else []


def _not_ended(seen: ReadBack, words: Words) -> list[str]:
    """What a run that stopped left: begun without an answer, or never come to. Never called carried out."""
    if seen.ended:
        return []
    begun, left = words.number(seen.begun), words.number(seen.to_begin)
    return [words.say("protocol.not_ended", begun=begun, left=left)]


def verdict(view: Protocol) -> str:
    """`unfinished`, `left`, `unread`, `not_all_read`, `deviated`, `waiting` or `done`, as a text key.

    The worst of them; but a run that has not ended is called so first, whatever else was found. What an undo
    came to has words of its own, and so has a run that was undone.
    """
    if view.sets_values:
        return _verdict_of_values(view)
    seen = view.read_back
    if seen and not seen.ended:
        return "unfinished"
    if seen and seen.left:
        return "left"
    if view.undone:
        return "part_undone" if _stays_gone(view) else "whole_undone"
    if seen is None or (seen.unread and not seen.asked):
        return "unread"
    if seen.unread:
        return "not_all_read"
    refused = any(
        each.outcome is Outcome.REFUSED or each.reason.startswith(DEVIATES) for each in view.deviations
    )
    failed = any(each.failed for each in view.recipients)
    if refused or failed:
        return "deviated"
    return "waiting" if seen.accepted or view.unsent else "done"


def _verdict_of_values(view: Protocol) -> str:
    seen = view.read_back or ReadBack()
    done, part, unfinished = _RECTIFIED if view.rectifies else _UNDONE
    if not seen.ended:
        return unfinished
    return part if seen.not_restored or seen.unread or not seen.restored else done


def _stays_gone(view: Protocol) -> bool:
    """Whether something of a run that was undone was not put back."""
    return any(one.restored < one.count for one in view.rules)


def labels_left(read_back: ReadBack | None, words: Words, *, rectifies: bool = False) -> Bullets | None:
    """The records by name that still hold data, were begun and not ended, or could not be read."""
    if read_back is None:
        return None
    for name in ("left", "not_restored", "begun", "unread"):
        if getattr(read_back, name):
            labels = _names(getattr(read_back, f"{name}_labels"), words)
            title = "unread_yet" if name == "unread" and not read_back.asked else name
            title = "not_rectified" if rectifies and name == "not_restored" else title
            return Bullets(title=words.code("protocol.labels", title), items=labels, tone="warn")
    return None


def _names(labels: tuple[str, ...], words: Words) -> tuple[str, ...]:
    return tuple(record_name(label, words) for label in labels)
