"""Warning customers: pull, list, and mail or export those of a list who are still to be warned."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from connector.basis import READS, left_out
from connector.deciding.drawing import FIRST
from connector.deciding.warning import ToWarn
from connector.errors import RetryLater, SettingsError
from connector.ledger.head import must_remember
from connector.ports import Post
from connector.records import Kind
from connector.shop import Shop
from connector.stages.bounces import are_unread
from connector.stages.flow.common import Tell, locked, reading_of, silent, what_was_read
from connector.stages.flow.reading import pull_shop, settle_messages, settle_urgent_messages
from connector.stages.pull.changes import pull_changes
from connector.stages.warn.addresses import Address, addresses
from connector.stages.warn.lists import Listed, all_to_warn, listed, make_list
from connector.stages.warn.sending import Warned, export, send


def list_to_warn(
    shop: Shop, *, again: Sequence[str] = (), most: int = 0, tell: Tell = silent
) -> tuple[tuple[ToWarn, ...], Listed]:
    """Pulls, and makes the list that a person can approve; writes to nobody."""
    with _fresh(shop, tell):
        found = all_to_warn(shop)
        return found, make_list(shop, found, again=again, most=most)


def warn_shop(shop: Shop, code: str, *, by: str, tell: Tell = silent) -> Warned:
    """Mails those of an approved list who are still to be warned.

    Raises SettingsError without a mail server, RetryLater where it is not known what came back.
    """
    post: Post | None = shop.carrier.mailer()
    if post is None:
        raise SettingsError(
            ["letters.smtp: is missing, so no mail can be sent. Fill it in, or run `gallra warn export`."]
        )
    with _fresh(shop, tell):
        if shop.settings.warning.imap is not None and are_unread(shop.ledger):
            raise RetryLater(
                "It is not known which warnings came back, so nobody was written to. Run again once the "
                "mailbox of `warning.imap` can be read.", adapter="warnings", operation="read bounces",
            )  # fmt: skip
        return send(shop, post, listed(shop, code), by=by, pull_others=_Others(shop))


def export_shop(
    shop: Shop, code: str, *, by: str, tell: Tell = silent
) -> tuple[list[Address], Mapping[str, int]]:
    """The addresses of an approved list, noted as given out; they are written to by a person."""
    with _fresh(shop, tell):
        found = listed(shop, code)
        some, skipped = _addresses(shop, found)
        export(shop, found, some, by=by)
        return some, skipped


def _addresses(shop: Shop, found: Listed) -> tuple[list[Address], Mapping[str, int]]:
    """The addresses of those who are still to be warned, and why the others are left out."""
    skipped = Counter[str]()
    return list(addresses(shop, found, skipped, _Others(shop))), skipped


@contextmanager
def _fresh(shop: Shop, tell: Tell) -> Iterator[None]:
    """The shop's lock, its ledger unchanged by hand, and its records as they are now."""
    with locked(shop):
        must_remember(shop.ledger, shop.settings.reports.folder)  # whom it forgot would be mailed twice
        shop.unchanged()
        settle_urgent_messages(shop)
        shop.check_platforms()
        pull_shop(shop, tell=tell)
        settle_messages(shop)
        shop.recognise(again=True)
        yield


class _Others:
    """Reads what changed since of the records that a kind's facts come of."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        with shop.ledger.begin() as connection:
            self._left_out = left_out(what_was_read(shop, connection))

    def __call__(self, kind: Kind) -> bool:
        if kind in self._left_out:
            return False
        kinds = [one for one in FIRST if one in READS.get(kind, ())]
        return pull_changes(self._shop.ledger, reading_of(self._shop), kinds=kinds)
