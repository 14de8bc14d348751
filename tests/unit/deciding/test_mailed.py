"""Whether mailings may still come is read channel by channel: no sum of them hides one that lives."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shopify.customers import subscriber_facts
from connector.deciding.proof import mailed
from connector.deciding.reading_back import _still_there
from connector.ledger.plans import StepRow
from connector.ledger.states import StepState
from connector.plan import Step
from connector.ports import Live
from connector.ports.consents import CHANNELS
from connector.records import Action, Consent, Facts, Kind, Outcome, Record, Ref, Wave
from tests.unit.adapters.shopify.made import customer

REF = Ref(adapter="shop", kind=Kind.SUBSCRIBER, id="1")
DAY = "2024-03-01T10:00:00Z"
STATES = ("SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "NOT_SUBSCRIBED")
ENDED = ("unsubscribed", "cleaned", "archived", "transactional", "")


def live(facts: Facts) -> Live:
    return Live(record=Record(ref=REF, version="", facts=facts, present=0), handles={}, raw=None)


def step(channel: str = "") -> StepRow:
    """A step that ended mailings, as its service said."""
    planned = Step(
        ref=REF, label="1", wave=Wave.NEWSLETTER, action=Action.UNSUBSCRIBE, fields=0, why=(), channel=channel
    )
    return StepRow(seq=0, record=1, step=planned, state=StepState.CLOSED, outcome=Outcome.STOPPED)


def facts_of(states: dict[str, str]) -> Facts:
    """The facts of a Shopify customer with these states by channel."""
    email = {"emailAddress": "ylva@kund.example", "marketingState": states["email"],
             "marketingUpdatedAt": DAY, "marketingOptInLevel": None}  # fmt: skip
    phone = {"phoneNumber": "+46701740605"} | {
        name: {"state": states[channel], "updatedAt": DAY, "optInLevel": None}
        for channel, name in (("sms", "smsMarketingConsent"), ("whatsapp", "whatsAppMarketingConsent"))
    }
    return subscriber_facts(customer(defaultEmailAddress=email, defaultPhoneNumber=phone))


@given(st.fixed_dictionaries({channel: st.sampled_from(STATES) for channel in CHANNELS}))
def test_a_shop_s_subscriber_reads_back_clean_only_where_no_channel_lives(states: dict[str, str]) -> None:
    living = {channel for channel, state in states.items() if state in ("SUBSCRIBED", "PENDING")}
    seen = live(facts_of(states))
    assert bool(_still_there(step(), seen)) is bool(living)
    for channel in CHANNELS:
        assert bool(_still_there(step(channel), seen)) is (channel in living)


@given(st.sampled_from(ENDED), st.dictionaries(st.sampled_from(CHANNELS), st.booleans()))
def test_no_status_hides_a_channel(status: str, given_: dict[str, bool]) -> None:
    consents = tuple(Consent(channel=one, given=yes, changed=date(2024, 3, 1)) for one, yes in given_.items())
    assert mailed(live(Facts(status=status, consents=consents))) is any(given_.values())


@pytest.mark.parametrize("status", ["subscribed", "pending"])
def test_a_status_alone_tells_where_no_channel_is_stated(status: str) -> None:
    assert mailed(live(Facts(status=status)))
