"""Whether the newest order that a shop shows of an account was read, and counted, before the account goes.

The index says who has bought and when. A list that left a row out, or a hand in the file that cut an order's
tie to its person, makes an account look unused; the shop itself is asked, account by account.
"""

from collections.abc import Mapping, Sequence

from connector.ledger import Ledger
from connector.ledger.index import IDENTIFYING, Row, Rows, purchased
from connector.ports import Live, Look, NewestOrder, Unread
from connector.records import Kind, Ref

ORDER_NOT_READ = "order_not_read"

Newest = Mapping[Ref, NewestOrder | Unread | None]


def living_accounts(looks: Mapping[Ref, Look], going: Sequence[Ref]) -> list[Ref]:
    """Those of the accounts that are to go whole, and that are there."""
    return [ref for ref in going if isinstance(looks.get(ref), Live)]


def beside_newest(
    ledger: Ledger, looks: Mapping[Ref, Look], newest: Newest, rows: Mapping[Ref, int]
) -> dict[Ref, Look]:
    """The looks; unread where an account's newest order is not known, or does not count for its person.

    `rows` are the accounts' own rows. One that the answer left out was not answered, so it is unread.
    """
    wanted = {ref: one.ref for ref, one in newest.items() if isinstance(one, NewestOrder)}
    with ledger.begin() as connection:
        index = Rows(ledger)
        orders = index.living_ids(connection, list(dict.fromkeys(wanted.values())))
        known = index.rows(connection, sorted({*orders.values(), *rows.values()}))
    judged = dict(looks)
    for ref, row in rows.items():
        one = newest.get(ref, Unread(ref=ref, reason="not_answered"))
        if isinstance(one, Unread):
            judged[ref] = one
        elif one is not None and not _counts(one, known.get(orders.get(one.ref, 0)), known.get(row)):
            judged[ref] = Unread(ref=ref, reason=ORDER_NOT_READ)
    return judged


def _counts(newest: NewestOrder, order: Row | None, account: Row | None) -> bool:
    """Whether the order was read as this person's, and its day counts for the account.

    One that holds nothing of a person any more is nobody's: what a run has emptied keeps no account.
    """
    if order is None or account is None:
        return False
    if order.subject is None:
        return not order.record.present & IDENTIFYING
    person, bought = account.record.facts.subject, purchased(Kind.ORDER, newest.facts)
    if order.subject != account.subject or person is None:
        return False
    return bought is None or (person.last_purchase is not None and person.last_purchase >= bought)


__all__ = ["ORDER_NOT_READ", "Newest", "beside_newest", "living_accounts"]
