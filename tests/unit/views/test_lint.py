"""The lint: every code is found where its fault is, and nowhere in what is shipped unless it is true."""

import importlib
import io
import os
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from unittest import mock

import msgspec
import pytest

from connector.cli import main
from connector.errors import Exit, GallraError, SettingsError
from connector.policy.file_format import Condition
from connector.report.words import Words
from connector.settings import Settings, load_settings
from connector.settings.promises import Promise, load_promises
from connector.views.lint import (
    Code,
    Finding,
    Severity,
    blockers,
    code_table,
    every_code,
    exit_code,
    lint_policy,
)
from connector.views.lint import lint_shop as lint_shop_on
from connector.views.lint.worlds import SHOWN_BY
from tests.support import REPOSITORY

CONFIG = REPOSITORY / "config"
PRESET = (CONFIG / "policies" / "swedish-webshop.toml").read_text(encoding="utf-8")
SHOPS = sorted(path.stem for path in (CONFIG / "shops").glob("*.toml"))
Changed = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """The findings on the preset with pieces of its text replaced."""

    def lint(*pairs: tuple[str, str], add: str = "") -> tuple[Finding, ...]:
        text = PRESET
        for old, new in pairs:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        path = tmp_path / "own.toml"
        path.write_text(text + add, encoding="utf-8")
        return lint_policy(path)

    return lint


def lint_shop(settings: Settings, found: Sequence[Promise] | None) -> tuple[Finding, ...]:
    return lint_shop_on(settings, found, today=date(2026, 11, 22))


def codes(found: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(one.code, one.place) for one in found}


def shop(name: str) -> Settings:
    return load_settings(CONFIG / "shops" / f"{name}.toml", environ={})


def own_shop(folder: Path, text: str) -> Settings:
    path = folder / "shop.toml"
    path.write_text('[shop]\nid = "x"\nname = "X"\n' + text, encoding="utf-8")
    return load_settings(path, environ={})


def promises(name: str) -> tuple[Promise, ...]:
    return load_promises(CONFIG / "promises" / f"{name}.toml")


def rule(text: str) -> str:
    """One rule of the preset, from its id to the next rule."""
    start = PRESET.index(f'id = "{text}"')
    return PRESET[start : PRESET.index("[[rule]]\n", start)]


def attestation(text: str) -> str:
    """One attestation of the preset, from its heading to the next."""
    start = PRESET.rindex("[[attestation]]", 0, PRESET.index(f'id = "{text}"'))
    end = PRESET.find("[[attestation]]", start + 1)
    return PRESET[start : end if end > 0 else len(PRESET)]


FLOOR_OF_NAME = """[[rule.floor]]
id = "F1"
when = ["shop_is_archive"]
[[rule.floor]]
id = "F1"
when = ["business", "no_company_name"]
[[rule.floor]]
id = "F2"
when = ["under_oss", "invoiced"]

[[rule]]
id = "T-02"
"""


def test_the_preset_has_no_error() -> None:
    assert [one for one in lint_policy("swedish-webshop") if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", SHOPS)
def test_a_shipped_shop_has_no_error(name: str) -> None:
    found = lint_shop(shop(name), promises(name))
    assert [one for one in found if one.severity is Severity.ERROR] == []
    assert exit_code(found) is Exit.DONE


@pytest.mark.parametrize("name", SHOPS)
def test_what_blocks_a_shop_is_what_the_lint_calls_an_error(name: str, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(PRESET.replace('when = ["never_paid"]\n', "").replace(rule("T-07"), ""), encoding="utf-8")
    settings = shop(name)
    for source in ("swedish-webshop", str(own), "no-such-policy"):
        table = settings.policy.model_copy(update={"preset": source})
        changed = settings.model_copy(update={"policy": table})
        found = lint_shop(changed, promises(name))
        assert list(blockers(changed, promises(name))) == [
            one for one in found if one.severity is Severity.ERROR
        ]
        assert (source == "swedish-webshop") == (not blockers(changed, promises(name)))


def test_the_preset_says_which_rules_no_platform_shows_and_where_no_rule_applies() -> None:
    assert codes(lint_policy("swedish-webshop")) == {("GA112", "subscriber")}


def test_a_row_of_the_schedule_that_the_policy_leaves_out_is_named(changed: Changed) -> None:
    found = changed(("[[rule]]\n" + rule("T-50"), ""), (attestation("T-63"), ""))
    missing = [one for one in found if one.code == "GA113"]
    assert [one.place for one in missing] == ["T-50", "T-63"]
    assert "Abandoned cart" in missing[0].says.en


@pytest.mark.parametrize(
    ("row", "hold"), [("T-01", "H7"), ("T-02", "H3"), ("T-10", "H4"), ("T-20", "H6"), ("T-12", "H8")]
)
def test_a_hold_of_the_schedule_that_a_rule_leaves_out_is_named(
    changed: Changed, row: str, hold: str
) -> None:
    own = rule(row)
    without = own.replace(f', "{hold}"', "")
    assert without != own
    assert ("GA114", row) in codes(changed((own, without)))


def test_a_row_that_gallra_does_not_carry_out_cannot_be_said_to_be_carried_by_it(changed: Changed) -> None:
    logs = attestation("T-51")
    found = changed((logs, logs.rstrip() + '\ncarried_by = "gallra"\n\n'))
    assert ("GA115", "T-51") in codes(found)
    assert exit_code(found) is Exit.BLOCKED


def test_a_basis_that_no_purpose_of_its_rule_rests_on_is_named(changed: Changed) -> None:
    own = rule("T-22")
    found = changed((own, own.replace("6(1)(f)", "6(1)(b), (f)")))
    assert [one for one in codes(found) if one[0] == "GA117"] == [("GA117", "T-22")]
    assert "GA117" not in dict(codes(changed()))


@pytest.mark.parametrize("period", ["38 months", "claims", "1300 days"])
def test_a_period_for_consumables_that_is_no_shorter_than_the_rest_s_is_named(
    changed: Changed, period: str
) -> None:
    found = changed(('consumables = "12 months"', f'consumables = "{period}"'))
    assert (("GA116", "T-02") in codes(found)) == (period != "38 months")


def test_consumables_that_no_rule_has_a_period_for_are_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(PRESET.replace('consumables = "12 months"\n', ""), encoding="utf-8")
    goods = '[platform]\nname = "woocommerce"\ngoods = { "KAFFE-*" = "consumable", "SOFFA" = 120 }\n'
    settings = own_shop(tmp_path, f'{goods}[policy]\npreset = "{own}"\n')
    found = [one for one in lint_shop(settings, None) if one.code == "GA208"]
    assert ["KAFFE-*" in one.says.sv and "SOFFA" not in one.says.sv for one in found] == [True]
    assert "GA208" not in {one.code for one in lint_shop(own_shop(tmp_path, goods), None)}


def test_a_file_that_cannot_be_read_is_one_finding_per_fault(changed: Changed) -> None:
    found = changed(('period = "14 days"', 'period = "a fortnight"'), ('wave = "traces"', 'wave = "soon"'))
    assert len(found) == 2
    assert {one.code for one in found} == {"GA101"}
    assert exit_code(found) is Exit.BLOCKED


def test_a_field_that_no_purpose_of_its_rule_speaks_of_is_an_error(changed: Changed) -> None:
    found = changed(
        (
            'fields = ["customer_note", "tags", "gift_recipient"]\ntunable',
            'fields = ["customer_note", "gift_recipient"]\ntunable',
        )
    )
    assert ("GA102", "T-15 tags") in codes(found)


@pytest.mark.parametrize("basis", ["as usual", "2024", "ändamålet"])
def test_a_basis_without_a_paragraph_is_an_error(changed: Changed, basis: str) -> None:
    assert ("GA103", "T-07") in codes(changed(('basis = "GDPR 5(1)(e), 6(1)(b)"', f'basis = "{basis}"')))


def test_a_name_without_the_bookkeeping_floor_goes_under_it(changed: Changed) -> None:
    found = changed((FLOOR_OF_NAME, '[[rule]]\nid = "T-02"\n'))
    under = [one for one in found if one.code == "GA104"]
    assert {one.place for one in under} == {"T-01 name"}
    assert "BFL 7:2" in under[0].says.sv
    assert exit_code(found) is Exit.BLOCKED


def test_a_long_period_does_not_replace_a_floor_for_a_request_ends_it(changed: Changed) -> None:
    name = rule("T-01").replace('period = "claims"', 'period = "144 months"')
    without = name.replace(FLOOR_OF_NAME.removesuffix('\n[[rule]]\nid = "T-02"\n'), "")
    assert "rule.floor" not in without
    under = [one for one in changed((rule("T-01"), without)) if one.code == "GA104"]
    assert {one.place for one in under} == {"T-01 name"}
    assert "after a request to erase" in under[0].says.en


@pytest.mark.parametrize(
    ("floor", "place"), [("F2", "T-04 shipping_address"), ("F1", "T-04 shipping_address")]
)
def test_a_shipping_address_abroad_needs_the_floor_of_its_destination(
    changed: Changed, floor: str, place: str
) -> None:
    when = "under_oss" if floor == "F2" else "abroad_without_oss"
    found = changed((f'[[rule.floor]]\nid = "{floor}"\nwhen = ["{when}"]\n', ""))
    assert [(one.code, one.place) for one in found if one.code == "GA104"] == [("GA104", place)]


def test_a_rule_that_deletes_paid_orders_goes_under_the_floor(changed: Changed) -> None:
    found = changed(('when = ["never_paid"]\n', ""))
    assert ("GA104", "T-17 record") in codes(found)


def test_a_gift_card_without_a_floor_goes_under_it(changed: Changed) -> None:
    card = rule("T-24")
    found = changed((card, card.replace('[[rule.floor]]\nid = "F1"\n', "")))
    assert ("GA104", "T-24 record") in codes(found)


def test_conditions_that_exclude_each_other_never_fire(changed: Changed) -> None:
    found = changed(('when = ["closed_by_customer"]', 'when = ["has_purchase", "no_purchase"]'))
    assert ("GA105", "T-25") in codes(found)


def test_a_condition_that_a_kind_cannot_show_never_fires(changed: Changed) -> None:
    found = changed(('when = ["closed_by_customer"]', 'when = ["never_paid"]'))
    says = next(one.says for one in found if one.code == "GA105")
    assert "this is never true of customer accounts: the order was never paid" in says.en
    assert "detta är aldrig sant om kundkonton: ordern har aldrig betalats" in says.sv


def test_no_finding_of_the_preset_shows_a_condition_by_its_code() -> None:
    for one in lint_policy("swedish-webshop"):
        assert not [code for code in Condition if "_" in code and code in one.says.sv + one.says.en]


@pytest.mark.parametrize("condition", Condition)
def test_every_condition_has_words_in_both_languages(condition: Condition) -> None:
    said = [Words(language).code("condition", condition) for language in ("sv", "en")]
    assert str(condition) not in said


def test_a_rule_behind_one_that_takes_every_record_never_fires(changed: Changed) -> None:
    found = changed(('when = ["closed_by_customer"]\n', ""))
    assert ("GA106", "T-20") in codes(found)


def test_a_rule_of_a_field_behind_one_that_takes_every_field_never_fires(changed: Changed) -> None:
    found = changed(('when = ["never_paid"]\n', ""))
    assert {("GA106", "T-01"), ("GA106", "T-16")} <= codes(found)


def test_a_purpose_whose_condition_never_holds_is_told_of(changed: Changed) -> None:
    found = changed(('when = ["not_an_invoice"]', 'when = ["consent"]'))
    assert ("GA107", "T-08") in codes(found)


def test_a_field_that_no_rule_ends_is_an_error(changed: Changed) -> None:
    found = changed(('fields = ["ip_address", "user_agent"]\naction', 'fields = ["ip_address"]\naction'))
    assert ("GA108", "order user_agent") in codes(found)


def test_a_case_in_which_a_rule_ends_nothing_is_an_error(changed: Changed) -> None:
    twenty_four = 'when = ["has_purchase"]\ntunable = true\n[[rule.purpose]]\nid = "account_without_purchase"'
    found = changed(
        (twenty_four, twenty_four.replace('when = ["has_purchase"]', 'when = ["closed_by_customer"]'))
    )
    assert ("GA109", "T-20 record") in codes(found)


@pytest.mark.parametrize(
    ("platform", "unshown"),
    [
        ("woocommerce", {"T-18", "T-50", "T-60", "T-30", "T-33", "T-34", "T-35", "T-38"}),
        ("shopify", {"T-55", "T-60"}),
        ("unknown", set()),
    ],
)
def test_rules_of_kinds_that_the_shop_s_own_platform_does_not_show_are_told_of(
    tmp_path: Path, platform: str, unshown: set[str]
) -> None:
    found = lint_shop(own_shop(tmp_path, f'[platform]\nname = "{platform}"\n'), None)
    assert {place for code, place in codes(found) if code == "GA111"} == unshown


def test_the_kinds_that_platforms_show_are_those_of_their_adapters() -> None:
    for module, shown in SHOWN_BY.items():
        platform = importlib.import_module(f"adapters.{module}.platform")
        kinds = {
            frozenset(one.kinds)
            for one in vars(platform).values()
            if isinstance(one, type) and one.__module__ == platform.__name__ and hasattr(one, "kinds")
        }
        assert kinds == {shown}, module


def test_an_optional_rule_that_is_off_is_told_of_until_it_is_on(tmp_path: Path) -> None:
    off = lint_shop(own_shop(tmp_path, ""), None)
    on = lint_shop(own_shop(tmp_path, '[policy.rules."T-30"]\non = true\n'), None)
    assert {place for code, place in codes(off) if code == "GA110"} == {"T-30", "T-33"}
    assert {place for code, place in codes(on) if code == "GA110"} == {"T-33"}


NAMED_AND_LACKING = {
    "mommees": {"PA"},
    "liten-mindre-minst": {"AD"},
    "cookstore": {"PN", "AD", "PA"},
    "dittoo": set(),
    "smultronsites": {"PA"},
}


@pytest.mark.parametrize("name", SHOPS)
def test_a_recipient_that_the_policy_names_and_the_file_lacks_is_told_of(name: str) -> None:
    found = lint_shop(shop(name), promises(name))
    assert {place for code, place in codes(found) if code == "GA201"} == NAMED_AND_LACKING[name]


def test_where_data_goes_is_not_what_the_policy_says(tmp_path: Path) -> None:
    own = promise('how = "rule"\nrules = ["T-01"]\nrecipients = ["KL", "PN"]\n')
    found = {place for code, place in codes(lint_shop(own_shop(tmp_path, ""), (own,))) if code == "GA201"}
    assert found == set()


@pytest.mark.parametrize("names", ['["payson"]', '["PA"]'])
def test_a_named_recipient_is_missed_by_name_or_kind_until_the_file_has_it(
    tmp_path: Path, names: str
) -> None:
    own = promise(f'how = "register"\nnames = {names}\n')
    without = codes(lint_shop(own_shop(tmp_path, ""), (own,)))
    with_it = codes(lint_shop(own_shop(tmp_path, "[recipients.payson]\n"), (own,)))
    assert {code for code, _ in without} - {code for code, _ in with_it} >= {"GA201"}
    assert "GA204" not in {code for code, _ in with_it}


def test_a_policy_that_speaks_of_payment_services_speaks_of_klarna_too(tmp_path: Path) -> None:
    own = promise('how = "register"\nnames = ["PA"]\n')
    found = {code for code, _ in codes(lint_shop(own_shop(tmp_path, "[recipients.klarna]\n"), (own,)))}
    assert {"GA201", "GA204"} & found == set()


def test_a_name_that_is_no_recipient_is_refused() -> None:
    with pytest.raises(ValueError, match=r"names\.0"):
        promise('how = "register"\nnames = ["Klarna Bank AB"]\n')


def test_a_recipient_that_the_policy_does_not_name_is_told_of(tmp_path: Path) -> None:
    settings = own_shop(
        tmp_path, '[recipients.fortnox]\ntitle = "Fortnox"\ncode = "BK"\nrole = "processor"\n'
    )
    named = promise('how = "register"\nnames = ["fortnox"]\n')
    assert ("GA204", "fortnox") in codes(lint_shop(settings, promises("dittoo")))
    assert ("GA204", "fortnox") not in codes(lint_shop(settings, (named,)))


def test_a_recipient_named_in_the_words_alone_counts_as_named(tmp_path: Path) -> None:
    settings = own_shop(tmp_path, '[recipients.x]\ntitle = "Visma"\ncode = "BK"\nrole = "processor"\n')
    own = promise('how = "text"\n').model_copy(update={"sv": "Visma sköter bokföringen"})
    assert "GA204" not in {code for code, _ in codes(lint_shop(settings, (own,)))}


@pytest.mark.parametrize("name", SHOPS)
def test_every_recipient_of_a_shipped_shop_is_named_by_its_policy(name: str) -> None:
    assert "GA204" not in {one.code for one in lint_shop(shop(name), promises(name))}


def test_a_recipient_that_no_rule_tells_is_told_of(tmp_path: Path) -> None:
    text = PRESET.replace('"SH", "AN"]', '"SH"]')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    settings = own_shop(
        tmp_path,
        f'[policy]\npreset = "{tmp_path / "own.toml"}"\n'
        '[recipients.hotjar]\ncode = "AN"\nrole = "processor"\n',
    )
    assert ("GA203", "hotjar") in codes(lint_shop(settings, None))


def test_a_field_that_a_recipient_is_sent_and_no_rule_takes_back_is_told_of() -> None:
    found = lint_shop(shop("dittoo"), promises("dittoo"))
    mondido = next(one for one in found if (one.code, one.place) == ("GA205", "mondido"))
    assert "is sent name, phone, e-mail, but" in mondido.says.en
    assert "får namn, telefon, e-post, men" in mondido.says.sv


def promise(text: str) -> Promise:
    return Promise.model_validate(
        tomllib.loads('id = "S9-01"\nsv = "a"\nen = "b"\nverdict = ["E"]\nabout = "order"\n' + text)
    )


def test_a_promise_with_a_rule_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    own = promise('how = "rule"\nrules = ["T-99"]\n')
    found = lint_shop(own_shop(tmp_path, ""), (own,))
    assert ("GA301", "S9-01") in codes(found)
    assert exit_code(found) is Exit.BLOCKED


def test_a_promise_without_a_rule_is_an_error(tmp_path: Path) -> None:
    assert ("GA302", "S9-01") in codes(lint_shop(own_shop(tmp_path, ""), (promise('how = "rule"\n'),)))


def test_a_promise_that_only_words_carry_needs_no_rule(tmp_path: Path) -> None:
    found = lint_shop(own_shop(tmp_path, ""), (promise('how = "wording"\n'),))
    assert {place for _, place in codes(found)} & {"S9-01"} == set()


def test_a_promise_on_a_rule_that_is_off_is_told_of(tmp_path: Path) -> None:
    found = lint_shop(own_shop(tmp_path, ""), (promise('how = "rule"\nrules = ["T-33"]\n'),))
    assert ("GA303", "S9-01") in codes(found)


def test_a_promise_about_a_field_that_its_rules_leave_alone_is_told_of(tmp_path: Path) -> None:
    own = promise('how = "rule"\nrules = ["T-01"]\nfields = ["name", "phone"]\n')
    found = [one for one in lint_shop(own_shop(tmp_path, ""), (own,)) if one.code == "GA304"]
    assert [one.says.en for one in found] == [
        "Promise S9-01 speaks of phone, which none of its rules is about."
    ]


def test_a_promise_that_the_law_forbids_is_told_of_with_both_days() -> None:
    found = lint_shop(shop("liten-mindre-minst"), promises("liten-mindre-minst"))
    forbidden = [one for one in found if one.code == "GA306"]
    assert [one.place for one in forbidden] == ["S1-03"]
    assert "(F2) demands shipping address through" in forbidden[0].says.en


def test_a_promise_that_its_rule_outlasts_is_told_of_until_the_rule_is_shorter(tmp_path: Path) -> None:
    own = promise(
        'how = "rule"\nrules = ["T-03"]\nfields = ["phone"]\nclock = "delivered"\nlatest = "90 days"\n'
    )
    late = codes(lint_shop(own_shop(tmp_path, ""), (own,)))
    in_time = codes(lint_shop(own_shop(tmp_path, '[policy.rules."T-03"]\nperiod = "44 days"\n'), (own,)))
    assert ("GA307", "S9-01") in late
    assert "GA307" not in {code for code, _ in in_time}


def test_a_promise_is_kept_once_the_last_copy_of_what_was_blanked_is_gone(tmp_path: Path) -> None:
    own = promise(
        'how = "rule"\nrules = ["T-03"]\nfields = ["phone"]\nclock = "delivered"\nlatest = "90 days"\n'
    )
    rule = '[policy.rules."T-03"]\nperiod = "58 days"\n'
    with_copies = codes(lint_shop(own_shop(tmp_path, rule), (own,)))
    without = codes(lint_shop(own_shop(tmp_path, f"{rule}[undo]\ndays = 0\n"), (own,)))
    assert ("GA307", "S9-01") in with_copies
    assert "GA307" not in {code for code, _ in without}


def other_controller() -> Promise:
    return promise('how = "request"\nother_controller = "Annat Bolag"\n')


def test_another_company_s_name_in_the_policy_is_told_of() -> None:
    found = lint_shop(shop("mommees"), promises("mommees"))
    assert [one.place for one in found if one.code == "GA308"] == ["S0-23"]
    assert "inreda" in next(one.says.sv for one in found if one.code == "GA308")


@pytest.mark.parametrize(("text", "told"), [("Fråga ANNAT bolag.", True), ("Fråga X AB.", False)])
def test_a_copy_of_the_text_says_whether_the_other_name_still_stands_there(
    tmp_path: Path, text: str, told: bool
) -> None:
    (tmp_path / "policy.txt").write_text(text, encoding="utf-8")
    own = own_shop(tmp_path, '[policy]\ntext = "policy.txt"\n')
    assert ("GA308" in {code for code, _ in codes(lint_shop(own, (other_controller(),)))}) is told


@pytest.mark.parametrize(("text", "told"), [("Vi på X Ab ansvarar.", False), ("Vi ansvarar.", True)])
def test_a_text_that_does_not_name_the_company_is_told_of(tmp_path: Path, text: str, told: bool) -> None:
    (tmp_path / "policy.txt").write_text(text, encoding="utf-8")
    own = own_shop(tmp_path, '[company]\nname = "X AB"\n[policy]\ntext = "policy.txt"\n')
    assert ("GA309" in {code for code, _ in codes(lint_shop(own, ()))}) is told


def test_a_text_that_has_changed_is_told_of_with_its_new_digest(tmp_path: Path) -> None:
    (tmp_path / "policy.txt").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    settings = f'[policy]\ntext = "policy.txt"\ntext_sha256 = "{digest}"\n'
    assert "GA310" not in {code for code, _ in codes(lint_shop(own_shop(tmp_path, settings), ()))}
    changed = own_shop(tmp_path, settings.replace("ba78", "0000"))
    assert digest in next(one.remedy.en for one in lint_shop(changed, ()) if one.code == "GA310")


def test_a_copy_that_cannot_be_read_is_refused_by_key(tmp_path: Path) -> None:
    own = own_shop(tmp_path, '[policy]\ntext = "gone.txt"\n')
    with pytest.raises(GallraError, match=r"policy\.text cannot be read"):
        lint_shop(own, ())


def test_a_digest_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no SHA-256"):
        own_shop(tmp_path, '[policy]\ntext_sha256 = "abc"\n')


def test_what_a_shop_has_not_answered_is_told_of_until_it_is(tmp_path: Path) -> None:
    unanswered = {code for code, _ in codes(lint_shop(own_shop(tmp_path, ""), None))}
    answers = '[company]\noss = []\nfinancial_years = { ends = "12-31", from = 2014 }\n'
    answers += '[accountant.without]\nby = "Ada"\nrole = "owner"\non = 2026-01-01\nreason = "closed"\n'
    answered = {code for code, _ in codes(lint_shop(own_shop(tmp_path, answers), ()))}
    assert {"GA401", "GA402", "GA403"} <= unanswered
    assert {"GA401", "GA402", "GA403"} & answered == set()


@pytest.mark.parametrize(
    ("today", "answers", "told"),
    [
        (date(2028, 6, 30), "", False),
        (date(2028, 7, 1), "", True),
        (date(2028, 7, 1), "[company]\noss = [[2021-07-01]]\n", True),
        (date(2028, 7, 1), "[company]\noss = []\n", False),
    ],
)
def test_a_statute_that_nobody_has_read_is_told_of_from_its_day(
    tmp_path: Path, today: date, answers: str, told: bool
) -> None:
    found = codes(lint_shop_on(own_shop(tmp_path, answers), None, today=today))
    assert (("GA404", "company.oss") in found) is told


def test_a_shop_without_promises_is_told_so(tmp_path: Path) -> None:
    assert ("GA305", "policy.promises") in codes(lint_shop(own_shop(tmp_path, ""), None))


def test_the_gravest_findings_come_first(changed: Changed) -> None:
    order = [one.severity for one in changed(('when = ["never_paid"]\n', ""))]
    assert order == sorted(order, key=list(Severity).index)


def test_the_table_of_codes_is_in_order_and_no_code_stands_twice() -> None:
    ids = [row.code for row in code_table()]
    assert ids == sorted(set(ids))
    assert len(ids) == len(every_code())


@pytest.mark.parametrize("code", every_code(), ids=lambda code: code.id)
def test_every_code_says_what_to_do_in_one_sentence_in_both_languages(code: Code) -> None:
    for text in (code.remedy.sv, code.remedy.en):
        assert text.endswith(".")
        assert ". " not in text.replace("art. ", "").replace("Art. ", "")
    assert code.says.sv != code.says.en


def test_every_recipient_of_the_schedule_has_words() -> None:
    from connector.registry import recipient_codes
    from connector.views.lint.texts import recipients

    assert tuple(recipients()) == recipient_codes()


# The command ----------------------------------------------------------------------------------


def said(*words: str) -> tuple[int, str]:
    """How `gallra` ended, and what stood on stdout."""
    out = io.StringIO()
    environ = {name: value for name, value in os.environ.items() if name != "GALLRA_SHOP"}
    with (
        mock.patch.object(sys, "argv", ["gallra", *words]),
        mock.patch.dict(os.environ, environ, clear=True),
        redirect_stdout(out),
    ):
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_4_where_a_policy_has_an_error(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PRESET.replace('when = ["never_paid"]\n', ""), encoding="utf-8")
    code, text = said("policy", "lint", "--policy", str(path))
    assert code == Exit.BLOCKED
    assert "GA104 fel" in text


def test_a_transfer_without_a_safeguard_and_a_role_that_nobody_states_are_told_of(tmp_path: Path) -> None:
    text = '[recipients.payson]\n[recipients.mailchimp]\ncountry = "US"\n'
    without = codes(lint_shop(own_shop(tmp_path, text), ()))
    given = codes(lint_shop(own_shop(tmp_path, f'{text}safeguard = "standardavtal"\n'), ()))
    assert {("GA206", "mailchimp"), ("GA207", "payson")} <= without
    assert ("GA206", "mailchimp") not in given


def test_a_promise_that_nobody_has_confirmed_is_told_of() -> None:
    own = [one.model_copy(update={"proposed": True}) for one in promises("dittoo")[:1]]
    assert ("GA311", "S3-01") in codes(lint_shop(shop("dittoo"), own))


def test_rows_whose_interests_nobody_has_weighed_are_told_of() -> None:
    (found,) = [one for one in lint_shop(shop("dittoo"), ()) if one.code == "GA405"]
    assert "T-09" in found.says.en


@pytest.mark.parametrize(("period", "told"), [("34 months", True), ("38 months", True), ("claims", False)])
def test_correspondence_that_goes_before_the_last_claim_can_come_is_told_of(
    tmp_path: Path, period: str, told: bool
) -> None:
    own = own_shop(tmp_path, f'[policy.rules."T-60"]\nperiods = {{ claims = "{period}" }}\n')
    assert ("GA118" in dict(codes(lint_shop(own, None)))) is told


def test_the_command_looks_at_the_shipped_policy_where_no_shop_is_named() -> None:
    code, text = said("policy", "lint", "--language", "en")
    assert code == Exit.DONE
    assert text.rstrip().endswith("Lint: 0 errors, 1 warnings, 0 notes.")


def test_the_json_holds_code_severity_place_and_remedy() -> None:
    code, text = said("policy", "lint", str(CONFIG / "shops" / "dittoo.toml"), "--json")
    body = msgspec.json.decode(text)
    assert code == body["exit"]["code"] == 0
    assert {"code", "severity", "place", "says", "remedy"} <= set(body["findings"][0])


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_command_lists_every_code_with_its_remedy(language: str) -> None:
    code, text = said("policy", "lint", "--codes", "--language", language)
    lines = text.splitlines()
    assert code == Exit.DONE
    assert [line.split()[0] for line in lines[::2]] == [one.id for one in every_code()]
    assert all(line.startswith("      ") for line in lines[1::2])


def test_one_code_is_explained_in_whatever_case_it_is_typed() -> None:
    code, text = said("policy", "lint", "--explain", "ga402", "--language", "en", "--json")
    (row,) = msgspec.json.decode(text)["codes"]
    assert code == Exit.DONE
    assert (row["code"], row["severity"]) == ("GA402", "warning")
    assert row["remedy"].startswith("Fill in oss")


def test_what_a_finding_fills_in_is_left_open_where_a_code_is_explained() -> None:
    assert not [row.code for row in code_table() if set("{}") & set(row.says + row.remedy)]
    assert "(…)" in next(row.says for row in code_table() if row.code == "GA201")


def test_a_code_that_there_is_none_of_is_refused() -> None:
    assert said("policy", "lint", "--explain", "GA999")[0] == Exit.ERROR
