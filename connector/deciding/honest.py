"""A receipt held to what was asked, and to what the platform says that it can do."""

import msgspec

from connector.ports import DEVIATES, Ability, Capabilities, Receipt, Task
from connector.records import FIELD_BITS, Action, Field, Record

NOT_EXPLAINED = "by_hand_unexplained"
"""The reason of a field that a platform leaves to a hand though it can clear it, and names no place."""

NOT_ASKED = "more_than_asked"
"""How a record deviates of which a platform says that it took what nobody asked it to take."""


def held_to(task: Task, receipt: Receipt, capabilities: Capabilities) -> Receipt:
    """The receipt with what it cannot explain: left to a hand is then refused, taken unasked deviates."""
    if task.action is not Action.REDACT:
        return receipt
    if receipt.done - task.fields:
        how = receipt.reason if receipt.reason.startswith(DEVIATES) else ""
        reason = f"{how},{NOT_ASKED}" if how else f"{DEVIATES}:{NOT_ASKED}"
        receipt = msgspec.structs.replace(receipt, reason=reason)
    claimed = (receipt.by_hand & task.fields) - receipt.done
    if receipt.places:
        return receipt
    lies = frozenset(one for one in claimed if not _explained(one, task.live.record, capabilities))
    if not lies:
        return receipt
    refused = {**receipt.refused, **dict.fromkeys(sorted(lies), NOT_EXPLAINED)}
    return msgspec.structs.replace(receipt, by_hand=receipt.by_hand - lies, refused=refused)


def _explained(field: Field, record: Record, capabilities: Capabilities) -> bool:
    """Whether the platform said before that no call clears this field, of any record or of this one."""
    able = capabilities.fields.get(field, Ability.CANNOT) is Ability.REDACT
    cannot = not able or field in capabilities.places
    tied = any(tie.field is field for tie in record.ties)
    return cannot or tied or bool(record.stuck & FIELD_BITS[field])
