"""No policy file goes below a legal minimum: it is refused when it is loaded."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.errors import PolicyError
from connector.policy import ShopContext, load_policy
from connector.policy.calculator import due
from connector.views.lint import lint_policy
from tests.support import REPOSITORY

PRESET = (REPOSITORY / "config" / "policies" / "swedish-webshop.toml").read_text(encoding="utf-8")
F1_ALWAYS = '[[rule.floor]]\nid = "F1"\n'
ONE_DAY = '[[rule.purpose]]\nid = "a_day"\nclock = "delivered"\nperiod = "1 days"\nlegal_basis = "i"\n'


def rule(rule_id: str) -> str:
    """One rule of the preset, from its id to the next rule."""
    start = PRESET.index(f'id = "{rule_id}"')
    return PRESET[start : PRESET.index("[[rule]]\n", start)]


def written(folder: Path, old: str, new: str) -> Path:
    assert old in PRESET, old
    path = folder / "own.toml"
    path.write_text(PRESET.replace(old, new, 1), encoding="utf-8")
    return path


def without_floors(rule_id: str, *, add: str = "") -> tuple[str, str]:
    whole = rule(rule_id)
    return whole, whole[: whole.index("[[rule.floor]]")] + add


def refused(path: Path) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        load_policy(path, context=ShopContext())
    assert {one.code for one in lint_policy(path)} >= {"GA104"}
    return caught.value.faults


@pytest.mark.parametrize(
    ("rule_id", "add", "told"),
    [
        ("T-01", "", ["name of order|F1 (BFL 7:2)", "name of order|F2"]),
        ("T-04", "", ["shipping_address of order|F1", "shipping_address of order|F2 (ML 22:76–77)"]),
        ("T-05", "", ["billing_address of order|F1", "billing_address of order|F2"]),
        (
            "T-06",
            ONE_DAY,
            [
                "company of order|F1",
                "company of order|F2",
                "organisation_number of order|F1",
                "organisation_number of order|F2",
            ],
        ),
        ("T-15", "", ["gift_recipient of order|F2"]),
        ("T-12", ONE_DAY, ["payment_reference of order|F1"]),
        ("T-14", "", ["tracking_number of order|F1", "tracking_number of order|F2"]),
        ("T-24", "", ["the whole coupon|F1"]),
    ],
)
def test_a_rule_without_its_floor_is_refused_by_rule_field_floor_and_remedy(
    tmp_path: Path, rule_id: str, add: str, told: list[str]
) -> None:
    faults = sorted(refused(written(tmp_path, *without_floors(rule_id, add=add))))
    assert len(faults) == len(told)
    for fault, (what, floor) in zip(faults, (one.split("|") for one in told), strict=True):
        assert fault.startswith(f"own.toml: {rule_id}: {what} would go before the legal minimum {floor}")
        assert "Add [[rule.floor]]" in fault


@pytest.mark.parametrize("when", ["not_an_invoice", "no_company_name", "under_oss"])
def test_a_floor_that_leaves_a_case_out_is_refused_with_the_case(tmp_path: Path, when: str) -> None:
    company = rule("T-06")
    narrowed = company.replace(F1_ALWAYS, f'{F1_ALWAYS}when = ["{when}"]\n{ONE_DAY}')
    faults = refused(written(tmp_path, company, narrowed))
    assert any("for one where none of the conditions" in fault for fault in faults)


def test_a_name_kept_only_where_the_buyer_paid_by_card_is_told_by_the_lint_too(tmp_path: Path) -> None:
    name = rule("T-01")
    kept = 'id = "F1"\nwhen = ["shop_is_archive"]'
    narrowed = name.replace(kept, 'id = "F1"\nwhen = ["shop_is_archive", "no_company_name"]')
    path = written(tmp_path, name, narrowed)
    assert "shop_is_archive" in refused(path)[0]
    under = next(one for one in lint_policy(path) if one.code == "GA104")
    assert (under.place, under.says.en.partition(": ")[2]) == (
        "T-01 name",
        "a record where the shop is the archive.",
    )


def test_a_rule_that_deletes_paid_orders_whole_is_refused(tmp_path: Path) -> None:
    faults = refused(written(tmp_path, 'when = ["never_paid"]\n', ""))
    assert any("T-17: the whole order would go before the legal minimum F1" in fault for fault in faults)
    assert any("T-17: name of order" in fault for fault in faults)


def test_a_field_that_no_rule_ends_keeps_and_is_not_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "[[rule]]\n" + rule("T-06"), "")
    assert load_policy(path, context=ShopContext()).rules


def test_a_field_whose_purposes_all_speak_of_other_cases_keeps_and_is_not_refused(tmp_path: Path) -> None:
    reference = rule("T-12")
    bare = reference[: reference.index("[[rule.floor]]")]
    assert load_policy(written(tmp_path, reference, bare), context=ShopContext()).rules


def test_the_calculator_refuses_a_policy_below_the_floor(tmp_path: Path) -> None:
    path = written(tmp_path, *without_floors("T-01"))
    facts: dict[str, Any] = {"created": "2020-01-01", "paid": "2020-01-02", "delivered": "2020-01-02"}
    with pytest.raises(PolicyError, match=r"T-01: name of order would go before the legal minimum F1"):
        due({"kind": "order", "facts": facts}, today=date(2026, 11, 22), policy=path)


def test_the_preset_stands_on_every_floor() -> None:
    assert load_policy("swedish-webshop", context=ShopContext()).rules
