"""No rule takes a profile that is itself a living subscriber: for every platform with accounts.

An adapter takes part by saying, in `READERS`, how it reads a profile that has said these words to mailings.
"""

from collections.abc import Callable, Mapping
from datetime import date
from importlib.metadata import entry_points
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shopify import customers as shopify
from adapters.shopify.places import ATTRIBUTES
from adapters.woocommerce import customers as woocommerce
from connector.identity import make_keyer
from connector.policy import FinancialYears, ShopContext, decide, load_policy
from connector.records import Kind, Record
from connector.registry import PLATFORMS, descriptions, kinds_of
from connector.verdicts import FieldVerdict, State
from tests.unit.adapters.shopify.made import customer as shopify_customer

TODAY = date(2030, 11, 22)
KEYER = make_keyer(b"k" * 32)
WORDS = ("SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "NOT_SUBSCRIBED", None)
POLICY = load_policy(
    "swedish-webshop",
    context=ShopContext(financial_years=FinancialYears.ending("12-31", 2014, 2040)),
    overrides={"T-20": {"waive_warning": True}},
)


class Profile(NamedTuple):
    """A profile of long ago: what it says to each channel, whether it bought, has a login, and may go."""

    email: str | None
    sms: str | None
    whatsapp: str | None
    bought: bool
    login: bool
    deletable: bool


class Shown(NamedTuple):
    """What a platform shows of one profile: its account, and the contact of the newsletter that it is."""

    account: Record
    contact: Record | None


def _shopify(profile: Profile) -> Shown:
    said = {"optInLevel": "SINGLE_OPT_IN", "updatedAt": "2022-03-01T10:00:00Z"}
    phone = {"phoneNumber": "+46701740605", "smsMarketingConsent": {"state": profile.sms, **said},
             "whatsAppMarketingConsent": {"state": profile.whatsapp, **said}}  # fmt: skip
    email = {"emailAddress": "disa@kund.example", "marketingState": profile.email,
             "marketingOptInLevel": "SINGLE_OPT_IN", "marketingUpdatedAt": said["updatedAt"]}  # fmt: skip
    node = shopify_customer(
        defaultEmailAddress=email, defaultPhoneNumber=phone, canDelete=profile.deletable,
        state="ENABLED" if profile.login else "DISABLED",
    )  # fmt: skip
    if not profile.bought:
        node |= {"numberOfOrders": "0", "lastOrder": None}

    def read(kind: Kind) -> Record:
        return shopify.to_record(node, kind=kind, table=ATTRIBUTES, keyer=KEYER, today=TODAY)

    return Shown(read(Kind.CUSTOMER), read(Kind.SUBSCRIBER) if shopify.is_subscriber(node) else None)


def _woocommerce(profile: Profile) -> Shown:
    contact = {"email": "disa@kund.example", "first_name": "Disa", "country": "SE"}
    node = {"id": 9, "email": contact["email"], "first_name": "Disa", "billing": contact, "shipping": {},
            "date_created_gmt": "2022-01-01T10:00:00", "is_paying_customer": profile.bought,
            "meta_data": []}  # fmt: skip
    return Shown(woocommerce.to_record(node, KEYER), None)


READERS: Mapping[str, Callable[[Profile], Shown]] = {"shopify": _shopify, "woocommerce": _woocommerce}
profiles = st.builds(
    Profile, *[st.sampled_from(WORDS)] * 3, bought=st.booleans(), login=st.booleans(), deletable=st.booleans()
)


def taken(account: Record, ended: frozenset[str] = frozenset()) -> list[FieldVerdict]:
    """What is due of the account as a whole: the record, and the fields that go with it."""
    verdict = decide(account, POLICY, today=TODAY, without=ended)
    assert verdict.record is not None
    every = (verdict.record, *verdict.fields)
    return [one for one in every if one.rule == verdict.record.rule and one.state is State.DUE]


def living(shown: Shown) -> bool:
    return shown.contact is not None and shown.contact.facts.status == "subscribed"


@pytest.mark.parametrize("name", READERS)
@given(profile=profiles)
def test_no_profile_whose_contact_is_living_is_taken(name: str, profile: Profile) -> None:
    shown = READERS[name](profile)
    assert not (living(shown) and taken(shown.account))


@given(profile=profiles)
def test_a_profile_subscribes_where_its_contact_is_living_and_nowhere_else(profile: Profile) -> None:
    for name, read in READERS.items():
        shown = read(profile)
        assert shown.account.facts.subscribes is (descriptions()[name].accounts_subscribe and living(shown))


@given(profile=profiles)
def test_a_request_to_erase_takes_a_living_subscriber_too(profile: Profile) -> None:
    for read in READERS.values():
        assert taken(read(profile).account, POLICY.ended_by_erasure())


def test_every_platform_with_accounts_takes_part() -> None:
    kinds = {point.name: set(kinds_of(point.name)) for point in entry_points(group=PLATFORMS)}
    assert {name for name, shown in kinds.items() if Kind.CUSTOMER in shown} == set(READERS)
    both = {name for name, shown in kinds.items() if {Kind.CUSTOMER, Kind.SUBSCRIBER} <= shown}
    assert {name for name in READERS if descriptions()[name].accounts_subscribe} == both
