"""How many calls a plan takes at WooCommerce: what pull, apply and read-back ask, route by route."""

from collections.abc import Sequence

from adapters.woocommerce.answers import PER_PAGE
from adapters.woocommerce.standing import FEW
from connector.ports import Work
from connector.records import Kind

_CHECK = 10  # key, orders, accounts, versions, storage, retention, who listens, a write that cannot take
_SECOND_CHECK = 2  # whose shop it is, when applying and when reading back
# Lists, totals, those of trash and drafts, and the newest orders whole for what plugins add.
_CHANGES = {Kind.ORDER: 7, Kind.CUSTOMER: 5}
_LISTS = 3  # of a kind; an id that one leaves out is asked of the next, then by itself
_BETWEEN = 3  # what orders changed, and how many there are, beside the pages that changed
_TOGETHER = 200  # accounts that apply takes at once; of other records, a hundred beside another


def calls(works: Sequence[Work], *, batch: int, lanes: int) -> int:
    """Calls of one apply of all of it, with its check and its pull, and of the read-back."""
    if not any(work.records for work in works):
        return 0
    pulled = sum(_CHANGES.values()) + sum(_LISTS + _hundreds(w.known) - 1 for w in works if _all_read(w.kind))
    own = sum(_of(work, batch, lanes) for work in works)
    return round(_CHECK + _SECOND_CHECK + pulled + own + _between(works))


def _between(works: Sequence[Work]) -> int:
    """What orders changed, before each batch of accounts; before the first, what apply itself wrote."""
    batches = sum(-(-work.records // _TOGETHER) for work in works if work.kind is Kind.CUSTOMER)
    written = sum(work.redact for work in works if work.kind is Kind.ORDER)
    return _BETWEEN * batches + _hundreds(written) if batches else 0


def _all_read(kind: Kind) -> bool:
    return kind not in _CHANGES


def _of(work: Work, batch: int, lanes: int) -> float:
    if not work.records:
        return 0.0
    first = 3  # the first record is fetched, written and read back by itself
    looks = _hundreds(work.records) * (3 if work.kind is Kind.ORDER else 2) + first  # of orders, refunds too
    together = _TOGETHER if work.kind is Kind.CUSTOMER else PER_PAGE
    whole = work.delete and _deletions(work, batch, lanes)
    if _all_read(work.kind):  # one call each, looked at again a few at a time
        return looks + work.redact + work.delete + _fews(work.redact + work.delete) + whole
    # Notes are read, deleted and proven gone: by their list, and of an order that goes whole by one's id too.
    notes = work.noted * (3 + work.notes) + (work.delete * (3 + work.notes) if work.kind is Kind.ORDER else 0)
    return looks + notes + _again(work.noted, lanes) + whole + _batches(work.redact, batch, lanes, together)


def _deletions(work: Work, batch: int, lanes: int) -> int:
    """Second looks, the deletions, and the read-back, which asks every list and then for each by its id."""
    lists = _LISTS - 1 if work.kind is not Kind.CUSTOMER else 0
    times = _fews(work.delete) if work.kind is Kind.ORDER else _batches(work.delete, batch, lanes, _TOGETHER)
    written = 0 if _all_read(work.kind) else 2 * times
    asked = work.delete if work.kind is Kind.CUSTOMER else 0  # the newest order of each account
    return asked + written + work.delete + lists * _hundreds(work.delete)


def _batches(records: int, batch: int, lanes: int, together: int) -> int:
    """Batches on all lanes at once; of each group that apply takes, none is larger than the setting."""
    groups, rest = divmod(records, together)
    full = max(lanes, -(-together // batch)) * groups
    return full + (max(min(rest, lanes), -(-rest // batch)) if rest else 0)


def _again(noted: int, lanes: int) -> int:
    """Second looks at orders whose notes go: the first alone, the others on all lanes."""
    return min(noted, lanes + _fews(noted))


def _fews(records: int) -> int:
    """Second looks, right before calls that each record takes for itself."""
    return -(-records // FEW)


def _hundreds(records: int) -> int:
    return -(-records // PER_PAGE)
