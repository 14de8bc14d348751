"""What a redaction takes of a record, a copy for the person shows: each field, each place it changes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from connector.ports import Live, Platform, Task, living, looked
from connector.ports.disclosing import Discloses
from connector.records import Action, Field, Kind, from_bits
from connector.text.spread import spread
from sandbox.box import Sandbox
from tests.conformance.test_platforms import box, imap, mailchimp, shopify, woocommerce

PLATFORMS: Mapping[str, Callable[[Sandbox], Platform]] = {
    "woocommerce": woocommerce, "shopify": shopify, "mailchimp": mailchimp,
    "imap": imap,
}  # fmt: skip
# Shopify says that there are comments, and details of a payment, and shows neither: such a field is named.
NOT_SHOWN = {("shopify", Field.STAFF_NOTES), ("shopify", Field.PAYMENT_DETAILS)}
MOST = 40  # records of a kind


def lives(platform: Platform) -> Iterator[Live]:
    for kind in platform.kinds:
        refs = [one.ref for page in platform.pull(kind, since=None) for one in page.records][:MOST]
        show = platform.fetch_to_show if isinstance(platform, Discloses) else platform.fetch
        yield from living(looked(show(refs), refs)).values()


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_field_that_a_record_holds_is_shown_at_its_place(box: Sandbox, name: str) -> None:
    platform = PLATFORMS[name](box)
    assert isinstance(platform, Discloses)
    kinds = set[Kind]()
    for live in lives(platform):
        kinds.add(live.ref.kind)
        shown = platform.shown(live)
        found = {field for one in shown for field in one.fields}
        missing = {field for field in from_bits(live.record.present) if field not in found}
        assert not {one for one in missing if (name, one) not in NOT_SHOWN}, (live, missing)
        assert {one.text for one in shown} <= {leaf.text for leaf in spread(live.raw)}
    assert kinds


@pytest.mark.parametrize("name", ["woocommerce", "shopify"])
def test_every_place_that_a_redaction_changes_was_shown_with_a_field(box: Sandbox, name: str) -> None:
    platform = PLATFORMS[name](box)
    assert isinstance(platform, Discloses)
    found = [one for one in lives(platform) if one.ref.kind is Kind.ORDER][:10]
    tasks = [
        Task(live=one, action=Action.REDACT, fields=frozenset(from_bits(one.record.present)))
        for one in found
    ]
    list(platform.apply(tasks))
    refs = [one.ref for one in found]
    after = living(looked(platform.fetch(refs), refs))
    changed = 0
    for live in found:
        before = values(live.raw)
        now = values(after[live.ref].raw)
        fields = {(one.place, one.text): one.fields for one in platform.shown(live)}
        for place, text in before.items():
            if now.get(place) != text and place.rpartition(".")[2] not in CHANGE_BY_THEMSELVES:
                assert (place, text) in fields, place
                assert fields[place, text], place
                changed += 1
    assert changed > 20


CHANGE_BY_THEMSELVES = ("date_modified_gmt", "date_modified", "updatedAt")


def values(raw: Mapping[str, Any]) -> dict[str, str]:
    return {leaf.place: leaf.text for leaf in spread(raw)}


__all__ = ["box"]
