"""The stages of one shop, as the commands call them: each opens what it needs of the ledger itself."""

from connector.stages.flow.applying import Applied, apply_plan, finish_begun
from connector.stages.flow.approving import Word, approve
from connector.stages.flow.common import Tell, alone, copies_of, locked, shredded, silent, what_was_read
from connector.stages.flow.following import apply_requests, follow_all, to_answer_soon
from connector.stages.flow.holding import TakenOut, take_out
from connector.stages.flow.planning import abandon_shop, may_plan, plan_shop, tightened
from connector.stages.flow.reading import pull_shop, settle_messages, settle_urgent_messages
from connector.stages.flow.revealing import whose
from connector.stages.flow.telling import push_shop, settle_pending, verify_shop
from connector.stages.flow.undoing import replay_shop, undo_shop
from connector.stages.flow.warning import export_shop, list_to_warn, warn_shop

__all__ = [
    "Applied",
    "TakenOut",
    "Tell",
    "Word",
    "abandon_shop",
    "alone",
    "apply_plan",
    "apply_requests",
    "approve",
    "copies_of",
    "export_shop",
    "finish_begun",
    "follow_all",
    "list_to_warn",
    "locked",
    "may_plan",
    "plan_shop",
    "pull_shop",
    "push_shop",
    "replay_shop",
    "settle_messages",
    "settle_pending",
    "settle_urgent_messages",
    "shredded",
    "silent",
    "take_out",
    "tightened",
    "to_answer_soon",
    "undo_shop",
    "verify_shop",
    "warn_shop",
    "what_was_read",
    "whose",
]
