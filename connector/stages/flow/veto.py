"""Before anything is erased somebody else may say no: asked by a signed request, the answer in the chain."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any, NamedTuple

from connector.errors import Vetoed
from connector.ledger.events import VETO
from connector.ledger.plans import PlanRow
from connector.outgoing import host_of, keys_of, named, send
from connector.ports.posting import Reply
from connector.records import Wave
from connector.settings.outgoing import Veto
from connector.shop import Shop
from connector.text.printable import printable
from connector.text.strict_json import read_json
from connector.text.webhook_signature import ID, SIGNATURE, Signed, is_signed

ASKED = "apply.asked"
LONGEST = 200
"""Characters that are kept of a reason: it comes from outside."""

ALLOWED, DENIED, NONE = "allowed", "denied", "none"


class Heard(NamedTuple):
    """What was answered: allowed, denied or none; the reason as it was given, or why there is no answer."""

    outcome: str
    reason: str = ""
    fault: str = ""


def refusal(shop: Shop, row: PlanRow, waves: Sequence[Wave]) -> Vetoed | None:
    """Asks about the waves that nobody has allowed yet; the no, or None where they may begin.

    What was allowed once is not asked about again: a run that was cut short goes on. What was denied is,
    each time.
    """
    veto = shop.settings.veto
    if veto is None:
        return None
    before = _allowed_before(shop, row)
    open_ = [wave for wave in waves if str(wave) not in before]
    if not open_:
        return None
    heard = _ask(shop, veto, row, open_)
    _note(shop, veto, row, open_, heard)
    return _error(veto, row, heard)


def _allowed_before(shop: Shop, row: PlanRow) -> frozenset[str]:
    with shop.ledger.begin() as connection:
        said = [one.detail for one in shop.ledger.events(connection, VETO, plan=row.id)]
    mine = (one for one in said if one["outcome"] == ALLOWED and one["digest"] == row.plan.digest)
    return frozenset(wave for one in mine for wave in one["waves"])


def _ask(shop: Shop, veto: Veto, row: PlanRow, waves: Sequence[Wave]) -> Heard:
    """Sends the question, and reads the answer."""
    keys = keys_of(shop, "veto")
    body = {"type": ASKED, "timestamp": shop.ledger.now(), "data": named(shop, _data(row, waves))}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    message = Signed(f"msg_{uuid.uuid4().hex}", int(shop.clock().timestamp()), text)
    asked = Question(message.id, keys, veto.signed)
    return judged(asked, send(shop, veto, message, keys), now=shop.clock())


class Question(NamedTuple):
    """What an answer is held to: the id of the question, the keys, whether it must be signed."""

    id: str
    keys: tuple[bytes, ...]
    signed: bool


def judged(asked: Question, reply: Reply, *, now: datetime) -> Heard:
    """What came back: an answer of theirs to this question, or why it is none."""
    if fault := _fault_of(reply):
        return Heard(NONE, fault=fault)
    if not _is_theirs(asked, reply, now):
        return Heard(NONE, fault="not_signed")
    return answer_of(reply.body, asked.id)


def _is_theirs(asked: Question, reply: Reply, now: datetime) -> bool:
    """Whether the answer is theirs: signed where it must be, and rightly where it is signed at all."""
    told = {name.lower(): value for name, value in reply.headers.items()}
    if SIGNATURE not in told:
        return not asked.signed
    return told.get(ID) == asked.id and is_signed(told, reply.body, asked.keys, now=now)


def _data(row: PlanRow, waves: Sequence[Wave]) -> Mapping[str, object]:
    steps = {str(one.wave): one.steps for one in row.plan.waves if one.wave in waves}
    return {"plan": {"code": row.plan.code, "digest": row.plan.digest}, "waves": steps}


def _fault_of(reply: Reply) -> str:
    if not reply.status:
        return reply.failure
    return "" if 200 <= reply.status < 300 else str(reply.status)


def answer_of(body: bytes, id: str) -> Heard:
    """What an answer says; it repeats the question's id, so that none to another question counts."""
    try:
        found: Any = read_json(body)
    except ValueError:
        return Heard(NONE, fault="no_json")
    if not isinstance(found, dict) or not isinstance(found.get("allow"), bool):
        return Heard(NONE, fault="no_word")
    if not compare_digest(str(found.get("id", "")).encode("utf-8", "replace"), id.encode()):
        return Heard(NONE, fault="other_id")
    return Heard(ALLOWED if found["allow"] else DENIED, _shown(found.get("reason")))


def _shown(reason: object) -> str:
    """A reason from outside, as it may stand on a terminal: one line, and not long."""
    return " ".join(printable(reason).split())[:LONGEST] if isinstance(reason, str) else ""


def _note(shop: Shop, veto: Veto, row: PlanRow, waves: Sequence[Wave], heard: Heard) -> None:
    with shop.ledger.begin() as connection:
        shop.ledger.event(
            connection, VETO, plan=row.id, outcome=heard.outcome, host=host_of(veto), digest=row.plan.digest,
            waves=[str(wave) for wave in waves], error=heard.fault, said=heard.reason,
            how=veto.unanswered if heard.outcome == NONE else "",
        )  # fmt: skip


def _error(veto: Veto, row: PlanRow, heard: Heard) -> Vetoed | None:
    code, host = row.plan.code, host_of(veto)
    if heard.outcome == DENIED:
        return Vetoed(
            f"{host} said no to plan {code} (its reason: “{heard.reason or '-'}”). Nothing more of it was "
            "begun. See to it there; `gallra apply` asks anew."
        )
    if heard.outcome == NONE and veto.unanswered == "hold":
        return Vetoed(
            f"{host} gave no answer to whether plan {code} may be applied ({heard.fault}). Nothing more of "
            "it was begun. See that it answers, then run `gallra apply` again; `veto.unanswered` says what "
            "no answer means."
        )
    return None
