"""Who is told of what: by the rules of the preset alone, and of what a person asked to be erased."""

from collections.abc import Collection

import pytest

from connector.plan import Step, Why, told
from connector.plan.steps import to_everybody
from connector.policy import Policy, ShopContext, load_policy
from connector.ports import Act, Interest, Processor
from connector.records import Action, Field, Ref, Wave, to_bits
from tests.unit.docs.capability_rows import processors

POLICY: Policy = load_policy("swedish-webshop", context=ShopContext())
EVERY = [(f"{name}-{one.recipient}", one) for name, one in processors()]
_ACTIONS = {True: Action.DELETE, False: Action.REDACT}


def steps_by_rule(interest: Interest) -> list[Step]:
    """A step for each rule of the preset that takes anything of such a record."""
    return [
        step(interest, _ACTIONS[rule.whole_record], rule.fields, rule.id, rule.recipients)
        for rule in POLICY.rules
        if rule.kind is interest.kind
    ]  # fmt: skip


def step(
    interest: Interest, action: Action, fields: Collection[Field], rule: str, codes: tuple[str, ...]
) -> Step:
    names = [str(field) for field in fields] or ["record"]
    return Step(
        ref=Ref(adapter="shop", kind=interest.kind, id="7"), label="7", wave=Wave.ACCOUNTS, action=action,
        fields=to_bits(frozenset(fields or Field)), copies=(interest.handle,),
        why=tuple(
            Why(field=name, rule=rule, since=None, clock="", clock_date=None, recipients=codes)
            for name in names
        ),
    )  # fmt: skip


def reached(steps: list[Step], processor: Processor, interest: Interest) -> bool:
    after = POLICY.after_contract
    return any(
        interest in told(one, processor.interests, processor.recipient, after_contract=after) for one in steps
    )


@pytest.mark.parametrize(("name", "processor"), EVERY, ids=[name for name, _ in EVERY])
def test_what_a_person_asked_to_be_erased_reaches_every_recipient_whatever_its_kind(
    name: str, processor: Processor
) -> None:
    for interest in processor.interests:
        steps = [to_everybody(one) for one in steps_by_rule(interest)]
        assert reached(steps, processor, interest), (name, interest)


ONLY_ASKED = {
    ("google-ads-AD", Act.ERASE, "guest_email"), ("hotjar-AN", Act.ERASE, "guest_email"),
    ("klaviyo-MC", Act.ERASE, "guest_email"), ("hotjar-AN", Act.ERASE, "email"),
    ("google-analytics-AN", Act.NOTIFY, "customer"), ("hotjar-AN", Act.NOTIFY, "customer"),
    ("letter-AN", Act.NOTIFY, "customer"),
}  # fmt: skip
"""Guests have no account to go, and no row of accounts names analytics (schedule §4.2)."""


def test_what_no_rule_passes_on_is_told_by_a_person_s_request_alone() -> None:
    never = {
        (name, interest.act, interest.handle)
        for name, processor in EVERY
        for interest in processor.interests
        if not reached(steps_by_rule(interest), processor, interest)
    }
    assert never == ONLY_ASKED


def test_a_saved_payment_method_ends_with_the_account_and_not_while_a_contract_runs() -> None:
    for name, processor in EVERY:
        for interest in processor.interests:
            if interest.act is Act.STOP and interest.irreversible:
                by = {
                    one.why[0].rule
                    for one in steps_by_rule(interest)
                    if reached([one], processor, interest)
                }
                assert by, name
                assert by <= {"T-16", "T-20"}, name
                assert by <= POLICY.after_contract, name
