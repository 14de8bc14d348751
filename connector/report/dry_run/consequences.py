"""What an owner notices of a wave, and what cannot be undone: codes, from what the wave does."""

from collections.abc import Iterable

from connector.ports import Act
from connector.records import Action, Field, Kind, Wave
from connector.report.dry_run.model import FieldCount, RecipientView

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

GRAVEST_FIRST = ("mailchimp", "account", "order", "klarna_token", "unsubscribed", "redacted")

# A wave's whole records are of this kind where the count does not say.
KIND_OF_WAVE: dict[Wave, Kind] = {Wave.ACCOUNTS: Kind.CUSTOMER, Wave.NEWSLETTER: Kind.SUBSCRIBER}


def notices(wave: Wave, counts: Iterable[FieldCount]) -> tuple[str, ...]:
    """Codes of what shows in daily work, each once; `nothing` where nothing does."""
    codes: list[str] = []
    for count in counts:
        if count.field is not None:
            codes += NOTICES.get(count.field, ())
        elif count.action is Action.UNSUBSCRIBE:
            codes.append("newsletter")
        else:
            codes += WHOLE.get(_kind(wave, count), ())
    return tuple(dict.fromkeys(codes)) or ("nothing",)


def irreversible(
    wave: Wave, counts: Iterable[FieldCount], *, recipients: Iterable[RecipientView] = ()
) -> tuple[str, ...]:
    """Codes of what cannot be undone in this wave, the gravest first, each once."""
    codes: list[str] = []
    for count in counts:
        if count.action is Action.DELETE and count.field is None:
            codes.append(GONE_FOR_GOOD.get(_kind(wave, count), "redacted"))
        elif count.action is Action.UNSUBSCRIBE:
            codes.append("unsubscribed")
        else:
            codes.append("redacted")
    codes += [_at_recipient(each) for each in recipients if each.irreversible]
    return tuple(code for code in GRAVEST_FIRST if code in codes)


def _at_recipient(recipient: RecipientView) -> str:
    if recipient.code == "MC" and recipient.act is Act.ERASE:
        return "mailchimp"
    return "klarna_token" if recipient.code == "KL" and recipient.act is Act.STOP else "redacted"


def _kind(wave: Wave, count: FieldCount) -> Kind:
    return count.kind or KIND_OF_WAVE.get(wave, Kind.ORDER)
