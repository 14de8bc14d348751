"""The mails themselves: each on record before it leaves, and closed by what its server answered.

Written is not sent: only a mail server's 250 after the message counts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from connector.deciding.recount_person import PullOthers
from connector.errors import RemoteError
from connector.ledger.states import WarningState
from connector.ledger.warnings import Said, WarningRow, Warnings
from connector.ports import Mail, Post, Posted
from connector.records import Value
from connector.services.timekeeping import must_agree, must_not_go_back
from connector.settings.warning import RENEWAL
from connector.shop import Shop
from connector.stages.warn.addresses import Address, addresses
from connector.stages.warn.lists import Listed

_AFTER: Mapping[Posted, WarningState] = {
    Posted.SENT: WarningState.SENT,
    Posted.LATER: WarningState.WAITING,
    Posted.REFUSED: WarningState.REFUSED,
}
"""What each answer makes of a try; one that nobody knows leaves it begun."""


class Warned(Value, frozen=True, kw_only=True):
    """What came of a list: mails by the server's answers, who was left out and why, and what stopped it."""

    sent: int = 0
    refused: int = 0
    later: int = 0
    unknown: int = 0
    skipped: Mapping[str, int] = {}
    stopped: str = ""

    @property
    def whole(self) -> bool:
        """Whether everybody on the list has had an answer."""
        return not (self.later or self.unknown or self.stopped)


def send(shop: Shop, post: Post, found: Listed, *, by: str, pull_others: PullOthers) -> Warned:
    """Mails those of a list who are still to be warned, each on record before its mail leaves."""
    must_not_go_back(shop.ledger, shop.clock())
    must_agree(shop.ledger)
    tally, skipped, stopped = Counter[Posted](), Counter[str](), ""
    with shop.ledger.begin() as connection:
        shop.ledger.event(connection, "warn_approved", by=by, code=found.code, count=len(found.records))
    try:
        for one in addresses(shop, found, skipped, pull_others):
            tally[_mail(shop, post, one, Said(on=shop.today, by=by, plan=found.code))] += 1
    except RemoteError as fault:
        stopped = str(fault)
    finally:
        post.close()
    done = Warned(
        sent=tally[Posted.SENT], refused=tally[Posted.REFUSED], later=tally[Posted.LATER],
        unknown=tally[Posted.UNKNOWN], skipped=dict(skipped), stopped=stopped,
    )  # fmt: skip
    with shop.ledger.begin() as connection:
        shop.ledger.event(
            connection, "warn_sent", by=by, code=found.code, sent=done.sent, refused=done.refused,
            later=done.later, unknown=done.unknown, skipped=sum(skipped.values()),
        )  # fmt: skip
    return done


def _mail(shop: Shop, post: Post, one: Address, said: Said) -> Posted:
    """One mail: on record, handed over, closed by its answer. Raises RemoteError where nobody is let in."""
    warnings = Warnings(shop.ledger)
    with shop.ledger.begin() as connection:
        begun = warnings.begin(connection, one.one.whom, said)
    try:
        answer = post.deliver(_written(shop, one, begun.token))
    except RemoteError:
        _close(shop, begun, WarningState.WAITING)
        raise
    if answer in _AFTER:
        _close(shop, begun, _AFTER[answer])
    return answer


def _close(shop: Shop, begun: WarningRow, state: WarningState) -> None:
    with shop.ledger.begin() as connection:
        Warnings(shop.ledger).close(connection, begun.id, state, begun.on)


def _written(shop: Shop, one: Address, token: str) -> Mail:
    own, settings = shop.settings.warning, shop.settings
    code = one.one.whom.code
    contact = settings.company.contact or ""
    words = own.template(code, settings.shop.language).filled(
        {
            "shop": settings.shop.name,
            "date": one.goes.isoformat(),
            "company": settings.company.name or settings.shop.name,
            "contact": contact or settings.shop.name,
            "link": str((own.renew if code == RENEWAL else own.login) or settings.platform.url or ""),
        }
    )
    return Mail(
        to=one.to, subject=words.subject, text=words.body, token=token, reply_to=contact,
        unsubscribe=contact if code == RENEWAL else "",
    )  # fmt: skip


def export(shop: Shop, found: Listed, some: Sequence[Address], *, by: str) -> None:
    """Notes that these addresses were given out once: they are not mailed, and nobody is warned yet."""
    warnings, said = Warnings(shop.ledger), Said(on=shop.today, by=by, plan=found.code)
    with shop.ledger.begin() as connection:
        for one in some:
            warnings.add(connection, one.one.whom, said, WarningState.EXPORTED)
        shop.ledger.event(connection, "warn_exported", by=by, code=found.code, count=len(some))
