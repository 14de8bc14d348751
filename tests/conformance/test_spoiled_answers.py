"""No fault makes a record gone, already gone or clean: what every platform holds to.

The faults are those of sandbox/spoiled.py and of caches and proxies: each looks like an answer.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from connector.errors import RemoteError
from connector.ports import Gone, Live, Look, Page, Platform, Unread, looked
from connector.records import Action, Kind, Outcome, Record, Ref, from_bits
from sandbox.box import Sandbox
from tests.conformance.test_platforms import ALL, KINDS, OfTheSandbox, box

__all__ = ["box"]

# Where a service's answers to reads are struck.
READS = {"woocommerce": "GET", "mailchimp": "GET", "shopify": "POST"}
SPOILED = (
    "leaves_out", "answers_nothing", "empty_body", "html", "short_page", "no_total", "low_total",
    "high_total", "bare_404", "malformed", "fields_missing", "cached", "query_dropped",
)  # fmt: skip
# GraphQL answers are typed by their schema, and no cache keeps an answer to a POST.
NOT_OVER_GRAPHQL = frozenset({"malformed", "fields_missing", "cached", "query_dropped"})
# The answers to a write, spoiled.
UNSAID = ("leaves_out", "answers_nothing", "empty_body", "html", "malformed", "fields_missing", "bare_404")


def cases(faults: tuple[str, ...], of: tuple[OfTheSandbox, ...]) -> list[Any]:
    """Each kind of record with each fault that its service can have."""
    return [
        pytest.param(case, fault, id=f"{case}-{fault}")
        for case in of
        for fault in faults
        if case.named != "shopify" or fault not in NOT_OVER_GRAPHQL
    ]


def reads(case: OfTheSandbox, kind: str, box: Sandbox, **more: Any) -> None:
    """Orders a fault for every read of this case's service."""
    match = f"{READS[case.named]} /"
    case.running(box).faults.add(kind, match, times=-1, **more)


def pages_of(platform: Platform, kind: Kind) -> list[Page]:
    """The pages of a walk over all, as far as it came."""
    pages: list[Page] = []
    with suppress(RemoteError):
        pages.extend(platform.pull(kind, since=None))
    return pages


def looks_at(platform: Platform, refs: list[Ref]) -> Iterator[tuple[Ref, Look]]:
    """What a fetch and a read-back come to; an error leaves every record unread."""
    for ask in (platform.fetch, lambda some: platform.read_back(some, notes=frozenset(some))):
        with suppress(RemoteError):
            yield from looked(iter(list(ask(refs))), refs).items()


_KNOWN: dict[str, dict[Ref, Record]] = {}


def known(case: OfTheSandbox, box: Sandbox) -> dict[Ref, Record]:
    """The records as they are while nothing is wrong: the same in every shop, so read once a case."""
    if str(case) not in _KNOWN:
        pages = case.build(box).pull(case.kind, since=None)
        _KNOWN[str(case)] = {record.ref: record for page in pages for record in page.records}
    return _KNOWN[str(case)]


@pytest.mark.parametrize(("case", "fault"), cases(SPOILED, KINDS))
def test_a_record_that_is_there_is_never_called_gone_or_clean(
    case: OfTheSandbox, fault: str, box: Sandbox
) -> None:
    records = known(case, box)
    refs = list(records)[:12]
    reads(case, fault, box)
    for ref, look in looks_at(case.build(box), refs):
        assert not isinstance(look, Gone), f"{fault} made {ref.kind} {ref.id} gone"
        if isinstance(look, Live):
            assert look.record.present & records[ref].present == records[ref].present, "clean, unread"


@pytest.mark.parametrize(("case", "fault"), cases(SPOILED, KINDS))
def test_a_walk_that_is_called_complete_has_met_all_that_the_service_counted(
    case: OfTheSandbox, fault: str, box: Sandbox
) -> None:
    records = known(case, box)
    reads(case, fault, box)
    pages = pages_of(case.build(box), case.kind)
    shown = {record.ref: record for page in pages for record in page.records}
    for ref, record in shown.items():
        if ref not in records:  # whose money was not all shown is taken for a customer, who stays longer
            assert (ref.adapter, ref.kind) == ("shopify", Kind.CUSTOMER)
            continue
        assert record.present == records[ref].present, f"{fault}: {ref.id} was read as something else"
    last = pages[-1] if pages else None
    if last is None or not last.complete or last.counted is None:
        return
    newer = frozenset(ref for page in pages for ref in page.newer)
    unread = {one.ref for page in pages for one in page.unread}
    met = len((shown.keys() | unread) - newer)
    if fault not in ("low_total", "answers_nothing", "cached"):  # a count that is a lie shows nothing
        assert met < last.counted or met >= len(records)


@pytest.mark.parametrize("case", KINDS, ids=str)
def test_a_walk_with_one_record_left_out_goes_on_to_its_end(case: OfTheSandbox, box: Sandbox) -> None:
    records = known(case, box)
    hidden = list(records)[len(records) // 2]
    reads(case, "leaves_out", box, row=hidden.id.rpartition(":")[2])
    try:
        pages = list(case.build(box).pull(case.kind, since=None))
    except RemoteError:
        return
    shown = {record.ref for page in pages for record in page.records}
    assert records.keys() - shown <= {hidden}


@pytest.mark.parametrize("case", [case for case in KINDS if case.named != "shopify"], ids=str)
def test_one_malformed_record_is_unread_by_name_and_the_others_are_pulled(
    case: OfTheSandbox, box: Sandbox
) -> None:
    records = known(case, box)
    odd = list(records)[len(records) // 2]
    reads(case, "malformed", box, row=odd.id.rpartition(":")[2])
    pages = list(case.build(box).pull(case.kind, since=None))
    shown = {record.ref for page in pages for record in page.records}
    unread = {one.ref for page in pages for one in page.unread}
    assert records.keys() - shown <= unread
    assert unread <= {odd}


@pytest.mark.parametrize(("case", "fault"), cases(UNSAID, ALL))
def test_nothing_is_called_done_that_is_still_there(
    case: OfTheSandbox, fault: str, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = case.build(box)
    monkeypatch.setattr(case, "pulled", lambda _: list(known(case, box).values()), raising=False)
    lives = case.some(platform, 5)
    todo = case.tasks(lives)
    case.running(box).faults.add(fault, case.write, times=-1)
    receipts = []
    with suppress(RemoteError):
        receipts.extend(platform.apply(todo))
    case.running(box).faults.clear()
    done = {r.ref: r for r in receipts if r.outcome in (Outcome.DONE, Outcome.ALREADY_GONE)}
    for ref, look in looked(platform.fetch(list(done)), list(done)).items():
        assert not isinstance(look, Unread)
        if isinstance(look, Live):
            assert case.action is not Action.DELETE
            left = set(from_bits(look.record.present & ~look.record.stuck))
            assert not done[ref].done & case.fields & left
