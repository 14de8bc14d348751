"""How many calls a plan takes at Shopify: what pull, apply and read-back ask, kind by kind."""

from collections.abc import Sequence

from adapters.shopify.standing import DELETED_TOGETHER, PART
from adapters.shopify.writes import BULK_FROM, TOGETHER
from connector.ports import Work
from connector.records import Kind

_FIXED = 20  # the checks, whose shop it is, and the pull of what changed of every kind
_FIRST = 5  # the first record is fetched, looked at again, written and read back by itself
_LOOKS = 4  # at a record: fetched, again right before the write, right after it, and by verify
_BETWEEN = 3  # what orders changed, before each batch of customers and subscribers
_WAITING = (Kind.CUSTOMER, Kind.SUBSCRIBER)
_LOOKED_AT = 200  # records that one look takes, controls beside them
_BULK = 7  # an upload's two parts, the start, three looks at it and the answers
# Mutations that a record takes, most of the time: parts of it are written apart.
_PARTS = {Kind.ORDER: 2, Kind.CUSTOMER: 3, Kind.SUBSCRIBER: 2}


def calls(works: Sequence[Work]) -> int:
    """Calls of one apply of all of it, with its check and its pull, and of the read-back."""
    own = [_of(work) for work in works if work.records]
    return _FIXED + _FIRST + sum(own) + _between(works) if own else 0


def _between(works: Sequence[Work]) -> int:
    return sum(_BETWEEN * _some(work.records, _LOOKED_AT) for work in works if work.kind in _WAITING)


def _of(work: Work) -> int:
    if work.kind is Kind.DRAFT_ORDER:  # deleted a few requests' worth at a time, looked at right before each
        looks = (_LOOKS - 1) * _some(work.records, _LOOKED_AT) + _some(work.records, DELETED_TOGETHER)
        return looks + _some(work.records, TOGETHER)
    # Of each few customers that go whole: their orders, and the request.
    erasures = 2 * _some(work.delete, TOGETHER) if work.kind is Kind.CUSTOMER else 0
    looks = _LOOKS * _some(work.records, _LOOKED_AT)
    return looks + erasures + _PARTS.get(work.kind, 1) * _mutations(work.records)


def _mutations(records: int) -> int:
    parts, rest = divmod(records, PART)
    return parts * _BULK + (_BULK if rest >= BULK_FROM else _some(rest, TOGETHER))


def _some(records: int, size: int) -> int:
    return -(-records // size)
