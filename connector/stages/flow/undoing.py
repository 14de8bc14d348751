"""Taking back: what a run took is planned to be restored; who came back is planned to be erased again."""

from datetime import date

from connector.deciding.terms import Terms
from connector.errors import PlanError
from connector.ledger.undo import Copies
from connector.plan import Plan
from connector.shop import Shop, Sound
from connector.stages.flow.common import Tell, silent, what_was_read
from connector.stages.flow.reading import pull_shop
from connector.stages.plan import make_replay
from connector.stages.undo import Undoing, make_undo


def undo_shop(shop: Shop, sound: Sound, code: str) -> Undoing:
    """Plans to restore what a run took, as far as copies live. Raises PlanError where nothing can be."""
    sound.must_be_of(shop.policy)
    shop.unchanged()
    return make_undo(shop.ledger, Copies(shop.ledger, shop.outbox.vault), _terms(shop), code)


def replay_shop(shop: Shop, sound: Sound, since: date, *, tell: Tell = silent) -> Plan:
    """Pulls, then plans to erase again whoever was erased from a day on and is back, none by own will.

    Raises PlanError for a day that has not come.
    """
    sound.must_be_of(shop.policy)
    if since > shop.today:
        raise PlanError(f"{since} has not come yet. Give the day of the first erasure to look at.")
    shop.unchanged()
    pull_shop(shop, tell=tell)
    return make_replay(
        shop.ledger,
        _terms(shop),
        since=since,
        rests_on=lambda connection: what_was_read(shop, connection),
    )


def _terms(shop: Shop) -> Terms:
    return Terms(
        policy=shop.policy, capabilities=shop.capabilities, recipients=shop.recipients, limits=shop.limits,
        key=shop.key, today=shop.today, now=shop.clock(),
    )  # fmt: skip


__all__ = ["replay_shop", "undo_shop"]
