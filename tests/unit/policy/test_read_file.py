"""Reading a policy: presets, files, a shop's own settings, and every fault with its remedy."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.calendar import FinancialYears
from connector.errors import PolicyError
from connector.machine import resources
from connector.policy import Policy, ShopContext, decide, load_policy
from connector.policy.file_format import read_period, reference
from connector.records import Facts, Field, HoldId, Kind, Record, Ref, SubjectFacts, to_bits
from connector.verdicts import State, Verdict

SHOP = ShopContext(financial_years=FinancialYears.ending("12-31", 2015, 2028))
TODAY = date(2026, 11, 22)
GOOD = """
name = "small"
version = "2026.1"
[[rule]]
id = "T-03"
kind = "order"
title = { sv = "Telefon", en = "Phone" }
basis = "GDPR 6(1)(b)"
fields = ["phone"]
action = "redact"
wave = "phone_notes"
[[rule.purpose]]
id = "delivery"
clock = "delivered"
period = "90 days"
legal_basis = "c"
"""


def record(kind: Kind = Kind.ORDER, present: tuple[Field, ...] = (Field.PHONE,), **facts: Any) -> Record:
    ref = Ref(adapter="shop", kind=kind, id="1")
    return Record(ref=ref, version="1", facts=Facts(**facts), present=to_bits(present))


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(source: str | Path, **arguments: Any) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        load_policy(source, context=arguments.pop("context", SHOP), **arguments)
    return caught.value.faults


def test_a_preset_is_found_by_name_and_by_version() -> None:
    plain = load_policy("swedish-webshop", context=SHOP)
    pinned = load_policy("swedish-webshop@2026.2", context=SHOP)
    assert (plain.name, plain.version, plain.digest) == ("swedish-webshop", "2026.2", pinned.digest)


def test_another_version_is_refused_with_the_one_there_is() -> None:
    assert 'write "swedish-webshop@2026.2"' in faults("swedish-webshop@2019.4")[0]


def test_an_unknown_preset_names_the_known_ones() -> None:
    assert "swedish-webshop" in faults("danish-webshop")[0]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path / "none.toml") == ("none.toml: no such policy. Correct the path.",)


def test_a_file_that_is_no_toml_is_refused_with_the_place(tmp_path: Path) -> None:
    assert "line 1" in faults(written(tmp_path, "name = yes"))[0]


def test_a_file_of_ones_own_is_a_policy(tmp_path: Path) -> None:
    policy = load_policy(str(written(tmp_path, GOOD)), context=SHOP)
    verdict = decide(record(delivered=date(2026, 1, 1)), policy, today=TODAY)
    assert [(each.rule, each.state) for each in verdict.fields] == [("T-03", State.DUE)]


def test_a_field_without_a_rule_keeps_and_is_named(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, GOOD), context=SHOP)
    verdict = decide(record(present=(Field.EMAIL,), holds=(HoldId.RETURN,)), policy, today=TODAY)
    assert [(each.field, each.state, each.reason) for each in verdict.fields] == [
        (Field.EMAIL, State.KEEP, "no_rule")
    ]
    assert verdict.alerts == ("no_rule",)


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ('period = "90 days"', 'period = "3 weeks"', "T-03: purpose.0.period: is no period"),
        ('clock = "delivered"', 'clock = "sundial"', "T-03: purpose.0.clock"),
        ('clock = "delivered"', 'clock = "bounced"', "T-03: order has no clock bounced. Use one of"),
        ('fields = ["phone"]', 'fields = ["fax"]', "T-03: fields.0"),
        ('fields = ["phone"]', "", "T-03: must either list `fields` or set whole_record"),
        ('fields = ["phone"]', 'fields = ["phone", "phone"]', "T-03: T-03 governs phone of order too"),
        ('legal_basis = "c"', 'legal_basis = "c"\nfields = ["email"]', "email is named by a part of"),
        ('action = "redact"', 'action = "redact"\ncolour = "red"', "T-03: colour: Extra inputs"),
        ('version = "2026.1"', 'version = "new"', "version"),
        ('id = "T-03"', "", "rule 1: id: Field required"),
        (GOOD[GOOD.index("[[rule.purpose]]") :], "", "T-03: has neither a purpose nor a floor"),
        (GOOD[GOOD.index("[[rule]]") :], "", "rule: Field required"),
        (GOOD[GOOD.index("[[rule]]") :], 'rule = ["x"]', "rule 1"),
        (GOOD[GOOD.index("[[rule]]") :], "rule = []", "holds no rule"),
    ],
)
def test_a_fault_names_file_rule_and_remedy(tmp_path: Path, wrong: str, right: str, says: str) -> None:
    found = faults(written(tmp_path, GOOD.replace(wrong, right, 1)))
    assert any(says in fault for fault in found), found
    assert all(fault.startswith("own.toml: ") and fault.endswith(".") for fault in found)


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('"90 days"', '"soon"').replace('"phone_notes"', '"tsunami"')
    assert len(faults(written(tmp_path, text))) == 2


def test_a_purpose_named_twice_needs_conditions(tmp_path: Path) -> None:
    twice = GOOD + GOOD[GOOD.index("[[rule.purpose]]") :]
    assert "names a purpose twice" in faults(written(tmp_path, twice))[0]


def test_a_whole_record_rule_stands_once_per_kind(tmp_path: Path) -> None:
    rule = GOOD[GOOD.index("[[rule]]") :].replace('fields = ["phone"]', "whole_record = true")
    text = GOOD[: GOOD.index("[[rule]]")] + rule + rule
    assert "stands twice" in faults(written(tmp_path, text))[0]


def test_an_archived_year_must_be_a_listed_one() -> None:
    context = ShopContext(
        financial_years=SHOP.financial_years, archived_years=((date(2020, 1, 1), date(2020, 6, 30)),)
    )
    found = faults("swedish-webshop", context=context, overrides={"T-99": {}})
    assert "no listed financial year" in found[0]
    assert "no such rule" in found[1]


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"T-99": {}}, "no such rule"),
        ({"T-03": {"period": "soon"}}, "is no period"),
        ({"T-03": {"months": 38}}, "months: Extra inputs"),
        ({"T-03": {"period": "40 months"}}, "longer than claims"),
        ({"T-09": {"period": "181 days"}}, "longer than 180 days"),
        ({"T-15": {"period": "30 days"}}, "write periods.NAME instead, one of: this_order, claims"),
        ({"T-15": {"periods": {"deliver": "30 days"}}}, "cannot be changed"),
        ({"T-06": {"period": "1 days"}}, "write periods.NAME instead, one of: none"),
        ({"T-01": {"periods": {"deliver": "1 days"}}}, "cannot be changed. Can be: claims"),
        ({"T-03": {"on": False}}, "only optional rules"),
        ({"T-03": {"waive_warning": True}}, "waits for no warning"),
        ({"T-33": {"waive_warning": True}}, "waits for no warning"),
    ],
)
def test_a_shops_own_setting_outside_the_schedule_is_refused(overrides: Any, says: str) -> None:
    found = faults("swedish-webshop", overrides=overrides)
    assert says in found[0]
    assert "swedish-webshop.toml: policy.rules." in found[0]


def test_a_shops_own_periods_replace_the_presets() -> None:
    overrides = {"T-15": {"periods": {"this_order": "30 days"}}, "T-20": {"waive_warning": False}}
    policy = load_policy("swedish-webshop", context=SHOP, overrides=overrides)
    note = policy.rule_of(Kind.ORDER, Field.CUSTOMER_NOTE)
    assert note is not None
    assert [purpose.period for purpose in note.purpose] == ["30 days", "claims"]


def test_no_setting_goes_below_a_floor() -> None:
    policy = load_policy("swedish-webshop", context=SHOP, overrides={"T-01": {"period": "1 days"}})
    facts = dict.fromkeys(("created", "paid", "delivered"), date(2020, 5, 1))
    verdict = decide(record(present=(Field.NAME,), **facts), policy, today=TODAY)
    assert verdict.fields[0].keep_through == date(2027, 12, 31)


def bound(**changes: Any) -> Policy:
    overrides = changes.pop("overrides", {})
    context = ShopContext(**{"financial_years": SHOP.financial_years, **changes})
    return load_policy("swedish-webshop", context=context, overrides=overrides)


def digest(**changes: Any) -> str:
    return bound(**changes).digest


def test_what_a_check_could_not_read_decides_anew_and_leaves_the_digest_of_what_persons_said() -> None:
    unread = bound(unknown_holds=frozenset({HoldId.RETURN}))
    assert unread.digest == bound().digest
    assert unread.decided_by != bound().decided_by


def test_the_digest_changes_with_everything_that_persons_say_and_that_changes_a_verdict() -> None:
    found = [
        digest(),
        digest(overrides={"T-03": {"period": "30 days"}}),
        digest(overrides={"T-30": {"on": True}}),
        digest(overrides={"T-20": {"waive_warning": True}}),
        digest(archive="elsewhere"),
        digest(oss=((date(2021, 7, 1), None),)),
        digest(run_slack_days=10),
        digest(attested=frozenset({HoldId.RETURN})),
        digest(financial_years=FinancialYears.ending("06-30", 2015, 2028)),
        digest(archived_years=((date(2020, 1, 1), date(2020, 12, 31)),)),
    ]
    assert len(set(found)) == len(found)
    assert digest() == found[0]
    assert len(found[0]) == 64


def test_a_rule_is_found_by_id_kind_and_field() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    assert policy.rule("T-21").kind is Kind.ORDER
    assert policy.rule("T-21", Kind.CUSTOMER).kind is Kind.CUSTOMER
    assert policy.rule_of(Kind.CUSTOMER, Field.NAME) is None
    with pytest.raises(KeyError):
        policy.rule("T-99")


def test_every_field_of_an_order_has_a_rule() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    assert [field for field in Field if policy.rule_of(Kind.ORDER, field) is None] == []


def test_every_rule_and_attestation_has_both_titles_and_a_paragraph() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    for row in (*policy.rules, *policy.attestations):
        assert row.title.sv
        assert row.title.en
        assert row.basis


def person(policy: Policy, *, without: frozenset[str] = frozenset(), **facts: Any) -> Verdict:
    return decide(record(Kind.CUSTOMER, (Field.NAME,), **facts), policy, today=TODAY, without=without)


def test_a_hold_that_cannot_be_read_lets_only_accounts_wait() -> None:
    context = ShopContext(
        financial_years=SHOP.financial_years, unknown_holds=frozenset({HoldId.RETURN, HoldId.DISPUTE})
    )
    policy = load_policy("swedish-webshop", context=context)
    account = person(policy, last_purchase=date(2020, 1, 1), warned=date(2025, 1, 1)).record
    assert account is not None
    assert (account.state, account.reason) == (State.HELD, "unknown_holds")
    assert account.unknown_holds == (HoldId.RETURN, HoldId.DISPUTE)
    order = decide(record(delivered=date(2025, 1, 1)), policy, today=TODAY)
    assert order.fields[0].state is State.DUE


def test_a_request_drops_purposes_and_leaves_floors_and_holds() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    dates = dict.fromkeys(("created", "paid", "delivered"), date(2026, 1, 5))
    order = record(present=(Field.NAME, Field.EMAIL, Field.DOOR_CODE), **dates, holds=(HoldId.RETURN,))
    dropped = frozenset({"claims", "deliver", "order_contact"})
    calm = record(present=(Field.NAME, Field.EMAIL), **dates)
    held = decide(order, policy, today=TODAY, without=dropped)
    free = {each.field: each for each in decide(calm, policy, today=TODAY, without=dropped).fields}
    assert {each.state for each in held.fields} == {State.HELD}
    assert (free[Field.EMAIL].state, free[Field.EMAIL].eligible_from) == (State.DUE, TODAY)
    assert (free[Field.NAME].state, free[Field.NAME].keep_through) == (State.KEEP, date(2033, 12, 31))


def test_a_request_needs_no_warning_and_no_switch() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    account = person(policy, without=frozenset({"account"}), last_purchase=date(2026, 1, 1)).record
    assert account is not None
    assert account.state is State.DUE
    subscriber = record(Kind.SUBSCRIBER, (Field.EMAIL,), basis="consent", last_click=date(2026, 1, 1))
    contact = decide(subscriber, policy, today=TODAY, without=frozenset({"marketing"})).record
    assert contact is not None
    assert contact.state is State.DUE


def test_an_unknown_purpose_is_refused() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    with pytest.raises(PolicyError, match="curiosity is no purpose"):
        decide(record(), policy, today=TODAY, without=frozenset({"curiosity"}))


def test_like_records_share_their_verdict_objects() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    first, second = (decide(record(delivered=date(2025, 1, 1)), policy, today=TODAY) for _ in range(2))
    assert first.fields[0] is second.fields[0]


def test_a_full_memory_starts_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.policy.who_judges.CACHE_SIZE", 1)
    policy = load_policy("swedish-webshop", context=SHOP)
    days = (date(2025, 1, 1), date(2026, 11, 15), date(2025, 1, 1))
    found = [decide(record(delivered=day), policy, today=TODAY).fields[0].state for day in days]
    assert found == [State.DUE, State.HELD, State.DUE]


def test_a_refund_of_no_known_day_holds_whatever_a_return_would_hold() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    known = decide(record(delivered=date(2025, 1, 1)), policy, today=TODAY).fields[0]
    undated = decide(record(delivered=date(2025, 1, 1), undated_refunds=True), policy, today=TODAY).fields[0]
    assert (known.state, undated.state) == (State.DUE, State.HELD)
    assert undated.holds == (HoldId.RETURN,)


def test_an_open_order_holds_the_account_of_its_person() -> None:
    policy = load_policy("swedish-webshop", context=SHOP)
    subject = SubjectFacts(open_orders=2, last_login=date(2024, 1, 1))
    account = person(policy, warned=date(2025, 1, 1), subject=subject).record
    assert account is not None
    assert (account.state, account.holds) == (State.HELD, (HoldId.OPEN_ORDER,))


def test_a_rule_whose_conditions_never_hold_keeps(tmp_path: Path) -> None:
    text = GOOD.replace('legal_basis = "c"', 'legal_basis = "c"\nwhen = ["business"]')
    policy = load_policy(written(tmp_path, text), context=SHOP)
    verdict = decide(record(delivered=date(2020, 1, 1)), policy, today=TODAY)
    assert (verdict.fields[0].state, verdict.fields[0].reason) == (State.KEEP, "no_active_purpose")


@pytest.mark.parametrize("text", ["claims", "14 days", "38 months"])
def test_a_period_reads_and_writes_the_same(text: str) -> None:
    assert str(read_period(text)) == text


def test_the_schema_says_what_every_key_means() -> None:
    purpose = reference()["$defs"]["Purpose"]["properties"]
    assert all(purpose[key]["description"] for key in ("id", "clock", "period", "when", "tunable"))


def test_presets_are_found_in_an_installed_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config" / "policies").mkdir(parents=True)
    (tmp_path / "config" / "policies" / "only.toml").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    assert resources.config_names("policies") == ("only",)
    assert resources.config_text("policies", "only.toml") == "x = 1"
    assert resources.config_names("elsewhere") == ()
