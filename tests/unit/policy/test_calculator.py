"""The calculator: what it answers, and what it refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.errors import SettingsError
from connector.policy.calculator import due
from connector.records import Field, Kind

TODAY = date(2026, 11, 22)
SMALL = """
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
ORDER: dict[str, Any] = {
    "kind": "order",
    "shop": {"archive": "shop", "financial_years": [["2019-01-01", "2019-12-31"]], "oss": []},
    "facts": {"created": "2019-01-01", "paid": "2019-01-01T10:00:00+01:00", "delivered": "2019-01-03"},
    "fields": ["name"],
}


def faults(document: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        due(document, today=TODAY)
    return caught.value.faults


def test_one_field_is_answered_with_dates_rule_clock_floor_holds_and_paragraph() -> None:
    assert due(ORDER, today=TODAY) == {
        "fields": {
            "name": {
                "keep_through": "2026-12-31",
                "eligible_from": "2027-01-01",
                "act_by": "2027-02-01",
                "rule": "T-01",
                "clock": {"name": "financial_year_end", "date": "2019-12-31", "from": "delivered"},
                "floor": "F1",
                "floor_through": "2026-12-31",
                "holds": [],
                "basis": "BFL 5:7, 7:2; ML 22:76–77; KKL 4:14, 5:2",
                "state": "keep",
                "reason": "floor",
                "purposes": {"deliver": "2019-01-03", "claims": "2022-03-17"},
            }
        },
        "alerts": [],
    }


def test_fields_are_answered_in_the_order_asked() -> None:
    document = ORDER | {"fields": ["phone", "name", "door_code"]}
    assert list(due(document, today=TODAY)["fields"]) == ["phone", "name", "door_code"]


def test_without_a_list_every_governed_field_is_answered() -> None:
    order = due({key: value for key, value in ORDER.items() if key != "fields"}, today=TODAY)["fields"]
    assert len(order) == 21
    customer = due({"kind": "customer", "facts": {"last_login": "2020-01-01"}}, today=TODAY)["fields"]
    assert list(customer) == [str(field) for field in Field]
    assert {customer[name]["rule"] for name in ("name", "email", "phone", "account", "shipping_address")} == {
        "T-20"
    }
    assert customer["birth_date"]["rule"] == "T-21"


@pytest.mark.parametrize("kind", [Kind.REVIEW, Kind.CART])
def test_without_a_list_a_kind_with_rules_of_its_fields_answers_those_alone(kind: Kind) -> None:
    found = due({"kind": str(kind), "facts": {"created": "2020-01-01"}}, today=TODAY)["fields"]
    whole = [str(field) for field in Field]
    assert list(found) == (["name", "email", "ip_address", "user_agent"] if kind is Kind.REVIEW else whole)


def test_a_kind_that_no_rule_governs_answers_every_field(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    found = due({"kind": "cart", "facts": {"created": "2020-01-01"}}, today=TODAY, policy=path)["fields"]
    assert {answer["reason"] for answer in found.values()} == {"no_rule"}
    assert len(found) == len(Field)


def test_the_latest_floor_stands_even_where_it_does_not_decide() -> None:
    facts = {"created": "2015-01-01", "paid": "2015-01-01", "delivered": "2021-12-01"}
    shop = {"financial_years": {"ends": "12-31"}}
    found = due({"kind": "order", "shop": shop, "facts": facts, "fields": ["name"]}, today=TODAY)
    assert found["fields"]["name"]["floor_through"] == "2028-12-31"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "parcel"}, "kind: names no kind"),
        ({"colour": "red"}, "colour: unknown key"),
        ({"fields": ["name", "shoe_size"]}, "fields: shoe_size is no field"),
        ({"fields": "name"}, "fields: is no list"),
        ({"fields": []}, "fields: is no list"),
        ({"fields": [{}]}, "is no field"),
        ({"facts": {"warranty_months": 99999}}, "facts.warranty_months"),
        ({"shop": {"run_slack_days": -1}}, "shop.run_slack_days"),
        ({"facts": []}, "facts: is no table"),
        ({"shop": "mine"}, "shop: is no table"),
        ({"facts": {"payed": "2020-01-01"}}, "facts.payed: unknown key"),
        ({"facts": {"bounced": "2020-01-01"}}, "facts.bounced: unknown key. Known for order"),
        ({"facts": {"created": "2020-02-30"}}, "facts.created: not an ISO 8601 date"),
        ({"facts": {"created": 20200101}}, "facts.created: is no text"),
        ({"facts": {"refunded": ["soon"]}}, "facts.refunded: not an ISO 8601 date"),
        ({"facts": {"business": "yes"}}, "facts.business"),
        ({"facts": {"payment": "barter"}}, "facts.payment: is none of card, invoice, other"),
        ({"facts": {"ship_to": "Sweden"}}, "facts.ship_to: is no country code"),
        ({"facts": {"holds": ["H99"]}}, "facts.holds"),
        ({"facts": {"warranty_months": "two"}}, "facts.warranty_months"),
        ({"facts": {"subject": {"open_orders": "x"}}}, "facts.subject"),
        ({"shop": {"years": []}}, "shop.years: unknown key"),
        ({"shop": {"archive": "attic"}}, "shop.archive"),
        ({"shop": {"financial_years": {"ends": "31/12"}}}, "shop.financial_years: `ends` is no day"),
        ({"shop": {"financial_years": {"end": "12-31"}}}, "end is unknown or missing"),
        ({"shop": {"financial_years": {}}}, "ends is unknown or missing"),
        ({"shop": {"financial_years": [["2020-01-01"]]}}, "a period without an end"),
        ({"shop": {"financial_years": ["2020"]}}, "no period"),
        ({"shop": {"financial_years": [["2020-01-01", "2020-12-31"], ["2020-12-01", "2021-06-30"]]}}, "over"),
        ({"shop": {"run_slack_days": "x"}}, "shop.run_slack_days"),
        ({"shop": {"oss": True}}, 'shop.oss: is no list of periods: write [["2021-07-01", null]], or []'),
        ({"shop": {"oss": {"from": "2021-07-01"}}}, "shop.oss: is no list of periods"),
        ({"shop": {"oss": "2021-07-01"}}, "shop.oss: is no list of periods"),
        ({"shop": {"oss": [["2025-01-01", "2023-01-01"]]}}, "from 2025-01-01 that ends before it, 2023"),
        (
            {"shop": {"oss": [["2023-06-01", None], ["2021-07-01", "2023-06-01"]]}},
            "from 2021-07-01 that runs through 2023-06-01, and one from 2023-06-01: end the first",
        ),
        ({"shop": {"oss": [["2021-07-01"], ["2024-01-01"]]}}, "has no end, and one from 2024-01-01"),
        ({"shop": {"financial_years": True}}, "shop.financial_years: is no list of periods: write [["),
        ({"shop": {"archived_years": 2024}}, "shop.archived_years: is no list of periods"),
        ({"shop": {"financial_years": [["2024-01-01", "2026-01-31"]]}}, "longer than 18 months (BFL 3:3)"),
        ({"shop": {"financial_years": {"ends": "06-15"}}}, 'write "06-30" if it ends in that month'),
        ({"shop": {"financial_years": {"ends": "6-30"}}}, "`ends` is no day of the year"),
        ({"facts": {"payment": []}}, "facts.payment: is none of card, invoice, other"),
        ({"facts": {"captured": {"on": "2026-01-01"}}}, "facts.captured: is no text: write a date"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_remedy(change: dict[str, Any], says: str) -> None:
    found = faults(ORDER | change)
    assert any(says in fault for fault in found), found
    assert all(fault.endswith(".") for fault in found)


def test_periods_of_oss_may_follow_each_other() -> None:
    document = {
        "kind": "order",
        "shop": {"financial_years": {"ends": "12-31"}, "oss": [["2024-01-01"], ["2021-07-01", "2023-12-31"]]},
        "facts": {"created": "2024-01-01", "delivered": "2024-01-05", "ship_to": "DE"},
        "fields": ["shipping_address"],
    }
    assert due(document, today=TODAY)["fields"]["shipping_address"]["floor"] == "F2"


@pytest.mark.parametrize("ends", ["02-28", "02-29"])
def test_a_year_that_ends_with_february_ends_on_its_last_day(ends: str) -> None:
    for event, through in (("2024-02-29", "2031-12-31"), ("2024-03-01", "2032-12-31")):
        document = {
            "kind": "order",
            "shop": {"financial_years": {"ends": ends}},
            "facts": {"created": event, "paid": event, "delivered": event},
            "fields": ["name"],
        }
        assert due(document, today=TODAY)["fields"]["name"]["keep_through"] == through


def test_what_is_no_object_is_refused() -> None:
    found: Any = []
    assert "no JSON object" in faults(found)[0]


def test_all_faults_are_listed_at_once() -> None:
    assert len(faults({"kind": "x", "facts": {"a": 1}, "fields": ["b"], "shop": {"c": 1}, "d": 1})) == 5


def answer(field: str, kind: str = "order", **facts: Any) -> dict[str, Any]:
    shop = {"financial_years": {"ends": "12-31"}}
    document = {"kind": kind, "shop": shop, "facts": facts, "fields": [field]}
    found: dict[str, Any] = due(document, today=TODAY)["fields"][field]
    return found


def test_an_empty_value_is_the_same_as_none_given() -> None:
    assert answer("phone", created="2026-01-01", delivered=None) == answer("phone", created="2026-01-01")


def test_a_status_of_woocommerce_may_carry_its_prefix() -> None:
    assert answer("phone", created="2026-01-01", status="wc-completed")["holds"] == []
    assert answer("phone", created="2026-01-01", status="wc-processing")["holds"] == ["H1"]


def test_a_refunded_order_without_refund_dates_keeps() -> None:
    found = answer("name", created="2015-01-01", paid="2015-01-01", status="refunded")
    assert (found["keep_through"], found["reason"]) == (None, "refund_date_unknown")


def test_an_invoice_without_a_payment_is_owed() -> None:
    found = answer("name", created="2020-01-01", status="completed", payment="invoice")
    assert found["holds"] == ["H3"]
    stated = answer("phone", created="2020-01-01", status="completed", payment="invoice", owed=False)
    assert stated["holds"] == []


def test_a_country_may_be_written_small() -> None:
    found = answer("shipping_address", delivered="2024-01-01", created="2024-01-01", ship_to="no")
    assert found["floor"] == "F1"


def test_a_company_or_vat_number_may_be_given_as_text() -> None:
    facts = {"created": "2018-01-01", "delivered": "2018-01-01", "business": True, "company": "Exempel AB"}
    assert answer("company", **facts)["floor"] == "F1"


def test_a_closed_account_follows_the_persons_own_request() -> None:
    assert answer("email", "customer", closed="2026-11-01")["keep_through"] == "2026-12-01"


def test_a_customer_who_is_mailed_without_consent_was_never_asked_to_confirm() -> None:
    mailed = {"kind": "subscriber", "facts": {"basis": "soft_optin", "subscribed": "2023-09-23"}}
    found = due(mailed, today=date(2026, 11, 22))["fields"]["email"]
    assert (found["rule"], found["keep_through"]) == ("T-30", None)
    asked = {"kind": "subscriber", "facts": {"basis": "consent", "subscribed": "2023-09-23"}}
    assert due(asked, today=date(2026, 11, 22))["fields"]["email"]["rule"] == "T-38"


def test_a_request_of_no_known_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match="Write erase or object"):
        due(ORDER, today=TODAY, request="forget")
