"""The look: each record as it is right now, beside controls, or not at all where too little is known."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from connector.deciding.drawing import THEN
from connector.deciding.recount_person import recount
from connector.errors import RemoteError
from connector.places.numbers import shown
from connector.ports import Live, Look, Platform, ShowsNewestOrders, Unread
from connector.records import FIELD_BITS, Action, Field, Ref
from connector.services.absent import NOT_IN_SETTINGS
from connector.services.newest_orders import Newest, beside_newest, living_accounts
from connector.services.shown import as_shown
from connector.services.witness import ANOTHER
from connector.stages.apply.groups import Group
from connector.stages.apply.means import Means
from connector.stages.apply.side_by_side import Course

Looks = Mapping[Ref, Look]


def catch_up_and_fetch(means: Means, platform: Platform, groups: Sequence[Group]) -> Course[Looks]:
    """The records of a batch as they are now; none of it where others that count are not known."""
    if means.against is not None:  # a person's word waits for nobody's orders
        return (yield from fetch_now(means, platform, groups))
    if _catch_up(means, groups):
        looks = yield from fetch_now(means, platform, groups)
        return (yield from _beside_newest_orders(means, platform, groups, looks))
    return {group.ref: Unread(ref=group.ref, reason="incomplete") for group in groups}


def fetch_now(means: Means, platform: Platform, groups: Sequence[Group]) -> Course[Looks]:
    """The records as they are now, beside controls that show whether their fields are shown at all."""
    wanted = {group.ref: _redacted(group) for group in groups}
    controls = means.shown.controls(wanted)
    found = yield lambda: means.beside.fetch(platform, [*wanted, *controls])
    found = means.witness.held(platform, found)
    looks = as_shown(found, wanted, controls)
    with means.beside.without(platform.name):
        _must_show_something(platform, looks)
    return {ref: _named(look) for ref, look in looks.items()}


def _named(look: Look) -> Look:
    """The look with a label that may be shown: an adapter may name a record by its number."""
    if not isinstance(look, Live) or (label := shown(look.record.label, look.ref)) == look.record.label:
        return look
    record = replace(look.record, label=label)
    return Live(record=record, handles=look.handles, raw=look.raw, money=look.money)


def _beside_newest_orders(
    means: Means, platform: Platform, groups: Sequence[Group], looks: Looks
) -> Course[Looks]:
    """No account goes that has an order which nobody read: each that is to go is asked for its newest."""
    if not isinstance(platform, ShowsNewestOrders) or platform.newest_orders_of is not groups[0].ref.kind:
        return looks
    going = [g.ref for g in groups if any(s.step.action is Action.DELETE for s in g.steps)]
    if not (there := living_accounts(looks, going)):
        return looks
    newest: Newest = yield lambda: platform.newest_orders(there)
    rows = {group.ref: group.record for group in groups if group.ref in there}
    return beside_newest(means.ledger, looks, newest, rows)


def fetch_again(means: Means, platform: Platform, refs: Sequence[Ref]) -> Mapping[Ref, Look]:
    """One more look at records whose write called them gone, beside some that are known to live."""
    controls = means.shown.controls(dict.fromkeys(refs, FIELD_BITS[Field.EMAIL] | FIELD_BITS[Field.NAME]))
    return means.beside.fetch(platform, [*refs, *(one for one in controls if one not in refs)])


def _catch_up(means: Means, groups: Sequence[Group]) -> bool:
    """Whether it is known what the other records of these people say: an order placed since counts."""
    kind = groups[0].ref.kind
    if kind not in THEN:
        return True
    if kind in means.left_out or not means.pull_others(kind):
        return False
    with means.ledger.begin() as connection:
        means.holds.refresh(connection)
    records = [group.record for group in groups]
    recount(means.ledger, means.policy, means.holds.open, records, today=means.today)
    return True


def _redacted(group: Group) -> int:
    """The fields that this record's steps take of it, as a bit set; none of one that goes whole."""
    bits = 0
    for step in group.steps:
        bits |= step.step.fields if step.step.action is Action.REDACT else 0
    return bits


def _must_show_something(platform: Platform, looks: Mapping[Ref, Look]) -> None:
    """Refuses a batch of which nothing could be read: the service shows nothing, so nothing is touched.

    A record that is there and malformed says nothing of the service, and stops only itself; so does a single
    one that the service refuses to show: else one such record, first in turn, would stop a shop for good.
    """
    reasons = [look.reason for look in looks.values() if isinstance(look, Unread)]
    of_one = ("rejected", "other_answer") if len(looks) == 1 else ()
    its_own = ("malformed", "more_than_was_read", NOT_IN_SETTINGS, ANOTHER, *of_one)
    lost = [reason for reason in reasons if not reason.startswith(its_own)]
    if lost and len(reasons) == len(looks):
        reason = lost[0]
        raise RemoteError(
            f"{platform.name}: none of the {len(looks)} records next in turn could be read ({reason}), so "
            "none of them is touched. Run `gallra check`, and `gallra apply` again once the service answers.",
            adapter=platform.name,
            operation="read before a write",
            code=reason,
        )
