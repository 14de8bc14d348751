"""A living member of each audience, beside which a "not found" of another counts.

A route that lost its members, or a gateway that knows of none, answers every contact alike. So an absence is
believed only where a member that the audience's own list shows is found by its id in the same moment, or
where both of the audience's own counts say that nobody is left in it.
"""

from collections.abc import Collection, Iterator, Sequence

from adapters.mailchimp.service import Mailchimp
from connector.errors import Rejected
from connector.ports import Gone, Look, Unread

NO_CONTROL = "no_control"
_WITNESSES = 3  # one may have gone since the list was read


def held_against(service: Mailchimp, looks: Sequence[Look], *, also: Collection[str] = ()) -> Iterator[Look]:
    """The looks of one batch, whose absences count only beside a living member; `also` are no control."""
    gone = [look.ref.id.partition(":") for look in looks if isinstance(look, Gone)]
    absent: dict[str, set[str]] = {}
    for list_id, _, contact in gone:
        absent.setdefault(list_id, set(also)).add(contact)
    vouched = {list_id: vouches(service, list_id, but=contacts) for list_id, contacts in absent.items()}
    for look in looks:
        if isinstance(look, Gone) and not vouched[look.ref.id.partition(":")[0]]:
            yield Unread(ref=look.ref, reason=NO_CONTROL)
        else:
            yield look


def vouches(service: Mailchimp, list_id: str, *, but: Collection[str]) -> bool:
    """Whether an audience shows now that its absences are ones; the contacts in `but` are no witnesses."""
    try:
        shown, empty = service.living(list_id)
        witnesses = [contact for contact in shown if contact not in but][:_WITNESSES]
        if any(_is_there(service, list_id, contact) for contact in witnesses):
            return True
        return empty and service.counts_nobody(list_id)
    except Rejected:
        return False


def _is_there(service: Mailchimp, list_id: str, contact: str) -> bool:
    found = service.member(list_id, contact)
    return found is not None and found.get("contact_id") == contact
