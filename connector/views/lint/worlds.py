"""Which kinds of record a platform shows, what they can carry, and why a rule meets none of them."""

from collections.abc import Iterable, Mapping

from connector.policy.file_format import Condition
from connector.policy.possible_records import possible
from connector.records import Field, Kind
from connector.registry import holders
from connector.report.shared import Both
from connector.settings import Settings
from connector.views.lint.texts import words_of

SHOWN_BY: Mapping[str, frozenset[Kind]] = {
    name: frozenset(kinds) for name, kinds in holders().items()
}
"""The kinds that each platform shows, by its adapter's name."""

SHOWN = frozenset(kind for kinds in SHOWN_BY.values() for kind in kinds)
"""The kinds that some platform of Gallra's shows."""


def shown_to(settings: Settings) -> frozenset[Kind]:
    """The kinds that this shop's platforms show; those of any platform where it names none."""
    platform = str(settings.platform.name)
    if platform not in SHOWN_BY:
        return SHOWN
    beside = (SHOWN_BY.get(name, frozenset[Kind]()) for name in settings.recipients_by_api())
    return SHOWN_BY[platform].union(*beside)


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
    Kind.SUPPORT_MESSAGE: frozenset({Field.NAME, Field.EMAIL, Field.CUSTOMER_NOTE}),
    Kind.DRAFT_ORDER: _CONTACT | {Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS, Field.STAFF_NOTES},
}
"""The fields that a record of each shown kind can carry."""


def why_impossible(kind: Kind, when: Iterable[Condition]) -> Both:
    """Why no record shows all of these conditions."""
    odd = [condition for condition in when if condition not in possible(kind)]
    if odd:
        kinds, never = words_of("kind", (kind,)), words_of("condition", odd[:1])
        return Both(
            sv=f"detta är aldrig sant om {kinds.sv}: {never.sv}",
            en=f"this is never true of {kinds.en}: {never.en}",
        )
    names = words_of("condition", dict.fromkeys(when))
    return Both(
        sv=f"detta kan inte vara sant på en gång: {names.sv}", en=f"these cannot be true at once: {names.en}"
    )
