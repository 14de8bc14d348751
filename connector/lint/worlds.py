"""What can be true of a record of each kind: each consistent set of conditions."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import product

from connector.lint.texts import Text, words_of
from connector.policy.schema import Condition, Rule
from connector.records import Field, Kind
from connector.settings import Settings

World = frozenset[Condition]
"""The conditions that are true of one record; all others are false."""

_C = Condition
_PERSON = ((_C.HAS_PURCHASE, _C.NO_PURCHASE), (_C.CLOSED_BY_CUSTOMER, None))
_CHOICES: Mapping[Kind, Sequence[Sequence[Condition | None]]] = {
    Kind.ORDER: (
        (_C.SHOP_IS_ARCHIVE, None),
        (_C.BUSINESS, None),
        (_C.NO_COMPANY_NAME, None),
        (_C.UNDER_OSS, _C.ABROAD_WITHOUT_OSS, None),
        (_C.NEVER_PAID, None),
        (_C.NOT_AN_INVOICE, None),
    ),
    Kind.SUBSCRIBER: (
        (_C.UNSUBSCRIBED, None),
        (_C.BOUNCED, None),
        (_C.NEVER_CONFIRMED, None),
        (_C.SOFT_OPT_IN, _C.CONSENT, None),
    ),
}
"""One of each row is true, or none where None stands; the other kinds are like accounts."""

SHOWN_BY: Mapping[str, frozenset[Kind]] = {
    "woocommerce": frozenset({Kind.ORDER, Kind.CUSTOMER, Kind.REVIEW, Kind.COUPON}),
    "shopify": frozenset(
        {Kind.ORDER, Kind.CUSTOMER, Kind.SUBSCRIBER, Kind.DRAFT_ORDER, Kind.CART, Kind.COUPON}
    ),
    "mailchimp": frozenset({Kind.SUBSCRIBER}),
}
"""The kinds that each platform shows, by its adapter's name; a test holds this to the adapters."""

SHOWN = frozenset(kind for kinds in SHOWN_BY.values() for kind in kinds)
"""The kinds that some platform of Gallra's shows."""


def shown_to(settings: Settings) -> frozenset[Kind]:
    """The kinds that this shop's platforms show; those of any platform where it names none."""
    platform = str(settings.platform.name)
    if platform not in SHOWN_BY:
        return SHOWN
    mailing = SHOWN_BY["mailchimp"] if "mailchimp" in settings.recipients_by_api() else frozenset[Kind]()
    return SHOWN_BY[platform] | mailing


_CONTACT = frozenset({Field.NAME, Field.EMAIL, Field.PHONE})
HELD: Mapping[Kind, frozenset[Field]] = {
    Kind.ORDER: frozenset(Field),
    Kind.CUSTOMER: _CONTACT
    | {Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.ORGANISATION_NUMBER}
    | {Field.PERSONAL_NUMBER, Field.BIRTH_DATE, Field.TAGS, Field.CUSTOM, Field.CUSTOMER_NOTE}
    | {Field.STAFF_NOTES, Field.PAYMENT_DETAILS},
    Kind.SUBSCRIBER: _CONTACT | {Field.BILLING_ADDRESS, Field.BIRTH_DATE, Field.TAGS, Field.CUSTOM},
    Kind.REVIEW: frozenset({Field.NAME, Field.EMAIL, Field.IP_ADDRESS, Field.USER_AGENT}),
    Kind.COUPON: frozenset({Field.EMAIL, Field.GIFT_RECIPIENT, Field.STAFF_NOTES}),
    Kind.CART: _CONTACT | {Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS},
    Kind.DRAFT_ORDER: _CONTACT | {Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS, Field.STAFF_NOTES},
}
"""The fields that a record of each shown kind can carry."""


@cache
def worlds(kind: Kind) -> tuple[World, ...]:
    """Every combination that a record of this kind can show."""
    rows = product(*_CHOICES.get(kind, _PERSON))
    return tuple(frozenset(condition for condition in row if condition) for row in rows)


def possible(kind: Kind) -> frozenset[Condition]:
    """The conditions that a record of this kind can show at all."""
    return frozenset(condition for world in worlds(kind) for condition in world)


def whole_rule(rules: Iterable[Rule], world: World) -> Rule | None:
    """The rule that takes such a record whole: the first whose conditions are all true."""
    return next((rule for rule in rules if rule.whole_record and world.issuperset(rule.when)), None)


def applies(rule: Rule, rules: Sequence[Rule], world: World) -> bool:
    """Whether the rule has a say over such a record; `rules` are those of its kind."""
    whole = whole_rule(rules, world)
    if rule.whole_record:
        return whole is rule
    return whole is None or not whole.takes_every_field


def why_impossible(kind: Kind, when: Iterable[Condition]) -> Text:
    """Why no record shows all of these conditions."""
    odd = [condition for condition in when if condition not in possible(kind)]
    if odd:
        kinds = words_of("kind", (kind,))
        return Text(sv=f"{kinds.sv} är aldrig {odd[0]}", en=f"{kinds.en} are never {odd[0]}")
    names = ", ".join(dict.fromkeys(when))
    return Text(sv=f"{names} utesluter varandra", en=f"{names} exclude each other")
