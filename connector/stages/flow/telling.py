"""Telling and reading back: recipients hear what was done, and everything touched is read again."""

from connector.deciding.reading_back import VerifyResult
from connector.ledger.plans import Plans
from connector.ledger.plans.unapplied import newest_run
from connector.shop import Shop
from connector.stages.accepted_requests import Pending, PendingResult
from connector.stages.flow.common import Tell, asking_first, counted, shredded, silent
from connector.stages.push import PushResult, push
from connector.stages.tasks_done import look_at_done
from connector.stages.verify import Asked, read_back_and_ask, summed


def push_shop(shop: Shop, *, tell: Tell = silent) -> PushResult:
    """Carries on to the recipients what the shop is done with. Raises Altered for a changed ledger."""
    shop.unchanged()
    try:
        return push(shop.outbox, shop.processors, today=shop.today, progress=counted("push", None, tell))
    finally:
        shredded(shop)


def verify_shop(
    shop: Shop, *, code: str | None = None, again: bool = False, tell: Tell = silent
) -> VerifyResult:
    """Reads back what was carried out and not read yet, of every plan; `again` all of the newest run.

    Raises OtherShop where another shop answers than the ledger belongs to.
    """
    shop.unchanged()
    shop.recognise()
    plans, platforms = Plans(shop.ledger), shop.platforms
    with shop.ledger.begin() as connection:
        newest = newest_run(plans, connection, code).id
        chosen = [newest] if code or again else sorted({newest, *plans.unread(connection, platforms)})
    asked = Asked(platforms=shop.platforms, processors=shop.processors, beside=shop.beside)
    shop.notices.extend(look_at_done(shop.ledger, shop.answering.values(), today=shop.today))
    progress = counted("verify", None, tell)
    try:
        return summed(
            [read_back_and_ask(shop.outbox, asked, one, again=again, progress=progress) for one in chosen]
        )
    finally:
        shredded(shop)


def settle_pending(shop: Shop) -> PendingResult:
    """Looks at every request that a platform took on and has not finished. Raises OtherShop."""
    shop.unchanged()
    shop.recognise()
    return Pending(
        outbox=shop.outbox,
        policy=shop.policy,
        platforms=asking_first(shop),
        today=shop.today,
        beside=shop.beside,
    ).close_or_withdraw()
