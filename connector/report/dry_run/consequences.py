"""What an owner notices of a wave, and what cannot be undone: codes, from what the wave does."""

from collections.abc import Iterable

from connector.ports import Act
from connector.records import Action, Field, Kind, Wave
from connector.registry import finals
from connector.report.dry_run.model import FieldCount, RecipientView

# A shop answers these ways once the field is empty (measured on WooCommerce); the texts have the sentences.
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

GONE_FOR_GOOD: dict[Kind, str] = {Kind.CUSTOMER: "account", Kind.ORDER: "order"}

REDACTED = "redacted"
"""The code of what is blanked: gone for good only where no copy is kept of it."""

# A wave's whole records are of this kind where the count does not say.
KIND_OF_WAVE: dict[Wave, Kind] = {Wave.ACCOUNTS: Kind.CUSTOMER, Wave.NEWSLETTER: Kind.SUBSCRIBER}


_SETS_VALUES = (Action.RESTORE, Action.RECTIFY)
"""Nothing is emptied by these."""


def notices(wave: Wave, counts: Iterable[FieldCount]) -> tuple[str, ...]:
    """Codes of what shows in daily work, each once; `nothing` where nothing does."""
    codes: list[str] = []
    for count in counts:
        if count.action in _SETS_VALUES:
            continue
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
        if count.action in _SETS_VALUES:
            continue
        if count.action is Action.DELETE and count.field is None:
            codes.append(_whole(_kind(wave, count)))
        elif count.action is Action.UNSUBSCRIBE:
            codes.append("unsubscribed")
        else:
            codes.append(REDACTED)
    codes += [_at_recipient(each) for each in recipients if each.irreversible]
    return tuple(code for code in gravest_first() if code in codes)


def gravest_first() -> tuple[str, ...]:
    """Every code of what cannot be undone; what a service erases weighs most, what it stops least but two."""
    known = finals()
    erased = [one.by_act[Act.ERASE] for one in known if Act.ERASE in one.by_act]
    others = [code for one in known for act, code in one.by_act.items() if act is not Act.ERASE]
    return tuple(dict.fromkeys((*erased, *GONE_FOR_GOOD.values(), *others, "unsubscribed", "redacted")))


def _whole(kind: Kind) -> str:
    """The code of a whole record that goes: the engine's own, else that of a service that erases the kind."""
    own = (one.by_act[Act.ERASE] for one in finals() if kind in one.kinds and Act.ERASE in one.by_act)
    return GONE_FOR_GOOD.get(kind) or next(own, "redacted")


def _at_recipient(told: RecipientView) -> str:
    """The code of what is final at a recipient: by its name, else by a recipient of the same code."""
    named = [one for one in finals() if one.name == told.name]
    alike = [one for one in finals() if one.code == told.code]
    codes = (one.by_act[told.act] for one in (named or alike) if told.act in one.by_act)
    return next(codes, "redacted")


def _kind(wave: Wave, count: FieldCount) -> Kind:
    return count.kind or KIND_OF_WAVE.get(wave, Kind.ORDER)
