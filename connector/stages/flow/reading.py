"""Reading: what changed, and what messages said before anything else is done."""

from datetime import datetime

from connector.deciding.leaving import so_far
from connector.errors import PlanError
from connector.ledger.head import file_of as head_file
from connector.ledger.inbox import Inbox
from connector.ledger.memory import Memory
from connector.ports import KnowsUninstalled, Presence
from connector.services.timekeeping import earliest_now
from connector.shop import Shop
from connector.stages.bounces import read_bounces
from connector.stages.flow.common import Tell, reading_of, shredded, silent, tell_who_came_back
from connector.stages.messages import settle, settle_at_once
from connector.stages.probe import Probed, probe
from connector.stages.pull import Pulled, pull
from connector.stages.tasks_done import look_at_done
from connector.stages.track import track


def pull_shop(shop: Shop, *, full: bool = False, tell: Tell = silent) -> tuple[Pulled, ...]:
    """Pulls what changed, and asks the carriers about parcels that are still on their way.

    Raises OtherShop where another shop answers than the ledger belongs to.
    """
    shop.unchanged()
    shop.recognise()
    with shop.ledger.begin() as connection:
        Memory(shop.ledger).must_be_of(connection, shop.key)
    results = pull(
        shop.ledger,
        reading_of(shop),
        full=full,
        progress=lambda adapter, kind, done, total: tell(f"{adapter} {kind}s", done, total),
    )
    shop.reach_old_holds()
    for name in track(shop.ledger, shop.platforms, shop.trackers).failed:
        shop.notices.append(f"{name} could not say which parcels have arrived; the next pull asks again.")
    _look_what_came_back(shop)
    shop.keep_binding()
    shop.note_clocks()
    shop.notices.extend(look_at_done(shop.ledger, shop.answering.values(), today=shop.today))
    _look_who_came_back(shop)
    return results


def _look_what_came_back(shop: Shop) -> None:
    """Reads the mailbox that warnings come back to; where it cannot be read, no account is begun."""
    if shop.settings.warning.imap is None or shop.only_reads:
        return
    found = read_bounces(shop.ledger, shop.carrier.mailbox())
    if found.back:
        shop.notices.append(f"{found.back} warnings came back, and count no more: see `gallra warn list`.")
    if found.fault:
        shop.notices.append(found.fault)


def _look_who_came_back(shop: Shop) -> None:
    """Lifts the objections of whoever asked for mailings since, and says who is there and should not be."""
    memory = Memory(shop.ledger)
    with shop.ledger.begin() as connection:
        lifted = memory.lift_objections(connection)
    if lifted:
        shop.notices.append(
            f"{lifted} objections to mailings are lifted: their persons stand as subscribed on a later day. "
            "Where that was an import and not the person, take the objection in again with `gallra "
            "unsubscribe`."
        )
    tell_who_came_back(shop)


def settle_urgent_messages(shop: Shop) -> None:
    """What webhooks said that goes before all else: requests, and that the shop is no more.

    Raises PlanError where the shop refuses the app as uninstalled: nothing is read or planned then.
    """
    if not shop.settings.webhooks:
        return
    inbox = Inbox(shop.ledger, shop.outbox.vault)
    settle_at_once(shop.ledger, inbox, shop.keyer)
    shredded(shop)
    found = probe(shop.ledger, inbox, lambda adapter: _ask_presence(shop, adapter))
    if found is None:
        return
    if found.forgotten:  # with all else that was stored of the shop; a new beginning has forgotten nothing
        head_file(shop.settings.reports.folder, shop.settings.shop.id).unlink(missing_ok=True)
    if found.presence is Presence.UNINSTALLED:
        raise PlanError(_of_leaving(shop.settings.shop.id, found))
    if found.presence is Presence.ANSWERS:
        told = "the shop still answers, so nothing was deleted and the message is closed."
    else:
        told = f"the shop gave no answer that settles it, so nothing was deleted: {so_far(found.refused)}."
    shop.notices.append(f"A webhook said that the app was uninstalled; {told}")


def _ask_presence(shop: Shop, adapter: str) -> tuple[Presence, datetime]:
    """What the shop says to its app now, and when."""
    platform = shop.platforms.get(adapter)
    known = isinstance(platform, KnowsUninstalled)
    presence = platform.presence() if isinstance(platform, KnowsUninstalled) else Presence.NO_ANSWER
    return presence, earliest_now(shop.ledger, platform if known else None, shop.clock)


def _of_leaving(shop_id: str, found: Probed) -> str:
    if found.forgotten:
        return (
            f"The app was uninstalled from shop {shop_id}: everything stored of it is deleted, "
            "protocols excepted. Take the shop's file away, or install the app again and run."
        )
    return (
        f"The app seems to be uninstalled from shop {shop_id}: a webhook said so, and the shop agrees "
        f"({so_far(found.refused)}). Nothing was read, planned or deleted. Install the app again where that "
        "is wrong, or let the runs go on."
    )


def settle_messages(shop: Shop) -> None:
    """What webhooks said of orders and customers, looked up in the shop by id. Raises OtherShop."""
    if shop.settings.webhooks:
        shop.recognise()
        inbox = Inbox(shop.ledger, shop.outbox.vault)
        settle(shop.ledger, inbox, shop.platforms, shop.keyer, today=shop.today)
        shredded(shop)
