"""What an owner notices of a wave, and what cannot be undone: codes, from what the wave does."""

from collections.abc import Iterable

from connector.ports import Act
from connector.records import Action, Field, Kind, Wave
from connector.report.model import FieldCount, RecipientView

# WooCommerce answers these ways once the field is empty; the text catalogue has the sentences.
NOTICES: dict[Field, tuple[str, ...]] = {
    Field.EMAIL: ("refund", "search", "resend"),
    Field.NAME: ("return", "search", "statistics"),
    Field.SHIPPING_ADDRESS: ("return", "my_account", "bookkeeping"),
    Field.BILLING_ADDRESS: ("my_account", "bookkeeping"),
    Field.PHONE: ("phone",),
    Field.DOOR_CODE: ("door_code",),
    Field.IP_ADDRESS: ("fraud",),
    Field.USER_AGENT: ("fraud",),
    Field.CUSTOMER_NOTE: ("notes",),
    Field.STAFF_NOTES: ("notes",),
    Field.TRACKING_NUMBER: ("tracking",),
    Field.PAYMENT_DETAILS: ("payment",),
}

WHOLE: dict[Kind, tuple[str, ...]] = {
    Kind.CUSTOMER: ("my_account_gone", "statistics"),
    Kind.ORDER: ("order_gone",),
    Kind.SUBSCRIBER: ("newsletter",),
}

GONE_FOR_GOOD: dict[Kind, str] = {Kind.CUSTOMER: "account", Kind.ORDER: "order", Kind.SUBSCRIBER: "mailchimp"}

# A wave's whole records are of this kind, unless the caller knows better.
KIND_OF_WAVE: dict[Wave, Kind] = {Wave.ACCOUNTS: Kind.CUSTOMER, Wave.NEWSLETTER: Kind.SUBSCRIBER}


def notices(wave: Wave, counts: Iterable[FieldCount], *, kinds: Iterable[Kind] = ()) -> tuple[str, ...]:
    """Codes of what shows in daily work, each once; `nothing` where nothing does.

    `kinds` are the kinds of record that go whole; without it the wave's usual kind.
    """
    codes: list[str] = []
    for count in counts:
        if count.field is not None:
            codes += NOTICES.get(count.field, ())
        elif count.action is Action.UNSUBSCRIBE:
            codes.append("newsletter")
        else:
            codes += [code for kind in _kinds(wave, kinds) for code in WHOLE.get(kind, ())]
    return tuple(dict.fromkeys(codes)) or ("nothing",)


def irreversible(
    wave: Wave,
    counts: Iterable[FieldCount],
    *,
    kinds: Iterable[Kind] = (),
    recipients: Iterable[RecipientView] = (),
) -> tuple[str, ...]:
    """Codes of what cannot be undone in this wave, the gravest first, each once."""
    codes: list[str] = []
    for count in counts:
        if count.action is Action.DELETE and count.field is None:
            codes += [GONE_FOR_GOOD[kind] for kind in _kinds(wave, kinds) if kind in GONE_FOR_GOOD]
        elif count.action is Action.UNSUBSCRIBE:
            codes.append("unsubscribed")
        else:
            codes.append("redacted")
    codes += [_at_recipient(each) for each in recipients if each.irreversible]
    order = ("mailchimp", "account", "order", "klarna_token", "unsubscribed", "redacted")
    return tuple(code for code in order if code in codes)


def _at_recipient(recipient: RecipientView) -> str:
    if recipient.code == "MC" and recipient.act is Act.ERASE:
        return "mailchimp"
    return "klarna_token" if recipient.code == "KL" and recipient.act is Act.STOP else "redacted"


def _kinds(wave: Wave, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    return tuple(kinds) or (KIND_OF_WAVE.get(wave, Kind.ORDER),)
