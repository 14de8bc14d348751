"""The proposed retention section: written from the rules that run, true to floors, sales and settings."""

from datetime import date

import pytest

from adapters.shopify.abilities import capabilities
from adapters.woocommerce.abilities import capabilities as of_woocommerce
from connector.policy import FinancialYears, Policy, ShopContext, load_policy
from connector.policy.file_format import Clock
from connector.ports import Ability
from connector.records import Kind
from connector.registry import descriptions
from connector.report.articles import merged
from connector.report.policy_text import (
    Line,
    Voice,
    attested_lines,
    customers,
    on_platform,
    policy_lines,
    register,
    rule_lines,
)

YEARS = FinancialYears.ending("12-31", 2005, 2045)
OSS = ((date(2021, 7, 1), None),)


def policy(*, oss: bool = True, archived: tuple[int, ...] = (), **changes: object) -> Policy:
    context = ShopContext(
        financial_years=YEARS,
        oss=OSS if oss else (),
        archived_years=tuple((date(year, 1, 1), date(year, 12, 31)) for year in archived),
    )
    overrides = {name.replace("_", "-"): change for name, change in changes.items()}
    return load_policy("swedish-webshop", context=context, overrides=overrides)


def line(lines: tuple[Line, ...], rule: str) -> Line:
    return next(one for one in lines if rule in one.rules)


@pytest.mark.parametrize("voice", [customers(), register()])
def test_a_cart_that_shopify_alone_removes_is_said_to_go_when_shopify_removes_it(voice: Voice) -> None:
    kept = line(policy_lines(policy(), on_platform(voice, "shopify")), "T-50").how_long
    assert kept.sv == "Shopify tar själv bort den efter tre månader"
    assert "30 dagar" in line(policy_lines(policy(), on_platform(voice, "woocommerce")), "T-50").how_long.sv


def test_what_shopify_holds_until_all_orders_may_go_is_not_promised_in_ninety_days() -> None:
    on_shopify = line(policy_lines(policy(), on_platform(customers(), "shopify")), "T-09").how_long
    assert on_shopify.sv.startswith("90 dagar från beställningen; i Shopify försvinner uppgiften först när")
    assert line(policy_lines(policy()), "T-09").how_long.sv == "90 dagar från beställningen"


def test_what_is_said_of_a_platform_is_what_its_adapter_cannot_do() -> None:
    able = {kind: capabilities(kind, {}) for kind in (Kind.CART, Kind.ORDER)}
    shopify, woocommerce = descriptions()["shopify"], descriptions()["woocommerce"]
    assert all(set(able[kind].fields.values()) == {Ability.CANNOT} for kind in shopify.instead)
    for kind, field in shopify.besides:
        assert able[kind].fields[field] in (Ability.BY_REQUEST, Ability.CANNOT)
    for kind, field in woocommerce.besides:
        assert of_woocommerce(kind, {}).fields[field] is Ability.DELETE


def test_what_goes_only_with_a_whole_review_is_said_to_be_removed_by_hand() -> None:
    found = line(policy_lines(policy(), on_platform(customers(), "woocommerce")), "T-55")
    assert "för hand, med hela omdömet" in found.how_long.sv


@pytest.mark.parametrize("voice", [customers(), register()])
def test_an_account_stays_for_its_newsletter_only_where_accounts_are_subscribers(voice: Voice) -> None:
    on_shopify, on_woocommerce = (
        line(policy_lines(policy(), on_platform(voice, name)), "T-20").how_long
        for name in ("shopify", "woocommerce")
    )
    assert {"nyhetsbrevet" in on_shopify.sv, "the newsletter" in on_shopify.en} == {True}
    assert {"nyhetsbrevet" in on_woocommerce.sv, "the newsletter" in on_woocommerce.en} == {False}


@pytest.mark.parametrize(("platform", "rests_on"), [("shopify", {"c", "s"}), ("woocommerce", {"c"})])
def test_an_account_rests_on_consent_only_where_accounts_are_subscribers(
    platform: str, rests_on: set[str]
) -> None:
    met = on_platform(register(), platform).met(policy().rule("T-20").purpose)
    assert {one.legal_basis for one in met} == rests_on


def test_a_gift_card_is_handed_out_and_no_goods_are_received() -> None:
    lines = [one for one in policy_lines(policy()) if one.kind is Kind.COUPON]
    assert not any("fick varan" in one.how_long.sv for one in lines)


def test_name_and_billing_address_are_kept_through_the_seventh_year_after_the_books_closed() -> None:
    found = line(policy_lines(policy()), "T-01")
    assert found.what.sv.startswith("Namn, fakturaadress")
    assert found.how_long.sv.startswith("till och med den 31 december det sjunde året efter det kalenderår")
    assert found.how_long.en.startswith("through 31 December of the seventh year after the calendar year")


def test_fields_that_are_kept_alike_stand_in_one_line() -> None:
    assert set(line(policy_lines(policy()), "T-01").rules) >= {"T-01", "T-05", "T-06"}
    assert set(line(policy_lines(policy(oss=False)), "T-01").rules) >= {"T-01", "T-05", "T-06", "T-12"}


def test_the_delivery_address_is_kept_ten_years_only_where_the_shop_sells_under_oss() -> None:
    with_oss = line(policy_lines(policy()), "T-04").how_long.sv
    without = line(policy_lines(policy(oss=False)), "T-04").how_long.sv
    assert "tionde året" in with_oss
    assert "tionde året" not in without
    assert "tre år, två månader och 14 dagar" in without


@pytest.mark.parametrize(
    ("period", "sv", "en"),
    [
        ("90 days", "90 dagar", "90 days"),
        ("12 months", "ett år", "one year"),
        ("24 months", "två år", "two years"),
        ("18 months", "18 månader", "18 months"),
        ("claims", "tre år, två månader och 14 dagar", "three years, two months and 14 days"),
    ],
)
def test_a_shop_s_own_period_stands_in_words(period: str, sv: str, en: str) -> None:
    found = line(policy_lines(policy(T_03={"period": period})), "T-03")
    assert found.how_long.sv == f"{sv} från att du fick varan"
    assert found.how_long.en == f"{en} from the day you received the goods"


def test_a_subscription_without_a_rule_that_ends_it_is_said_to_live_until_it_is_left() -> None:
    off = line(policy_lines(policy()), "T-33")
    assert set(off.rules) == {"T-30", "T-33"}
    assert off.how_long.en == "until you unsubscribe or the address stops working"
    assert "nyhetsbrev som du har anmält dig till" in off.what.sv


def test_a_newsletter_rule_that_is_on_gives_its_period_and_leaves_the_other_open() -> None:
    lines = policy_lines(policy(T_33={"on": True}))
    assert line(lines, "T-33").how_long.en.startswith("two years from your last click")
    assert line(lines, "T-30").how_long.en == "until you unsubscribe or the address stops working"


@pytest.mark.parametrize("voice", [customers(), register()])
def test_a_sale_abroad_is_a_delivery_out_of_sweden_and_no_purchase_from_abroad(voice: Voice) -> None:
    found = line(policy_lines(policy(), voice), "T-04").how_long
    assert "vid annan leverans utanför Sverige" in found.sv
    assert "for other deliveries outside Sweden" in found.en
    assert "från utlandet" not in found.sv


def test_nobody_is_you_in_the_register() -> None:
    own = policy(archived=(2019,))
    lines = (*policy_lines(own, register()), *attested_lines(own, own.attestations, register()))
    for one in lines:
        said = f" {one.what.sv} {one.how_long.sv} ".lower()
        assert not {" du ", " dig ", " ditt ", " din ", " vi ", " våra "} & {
            f" {word} " for word in said.replace(",", " ").split()
        }, said
        assert not {"you", "your", "we", "our"} & set(
            f"{one.what.en} {one.how_long.en}".lower().replace(",", " ").split()
        ), one.what.en


def test_the_customer_is_never_spoken_of_in_the_third_person() -> None:
    for one in policy_lines(policy()):
        assert "kund som" not in f"{one.what.sv} {one.how_long.sv}".lower()
        assert "kunden" not in f"{one.what.sv} {one.how_long.sv}".lower()


def test_a_name_on_a_review_lives_as_long_as_the_account_where_that_is_longer() -> None:
    name = next(one for one in policy_lines(policy()) if one.what.sv == "Namn på omdömen")
    assert name.how_long.sv == (
        "två år från att omdömet skrevs eller, om det är längre, så länge du har ett konto"
    )


def test_an_account_is_said_to_be_warned_first_unless_the_shop_waives_it() -> None:
    assert "varnat dig" in line(policy_lines(policy()), "T-20").how_long.sv
    assert "varnat dig" not in line(policy_lines(policy(T_20={"waive_warning": True})), "T-20").how_long.sv


def test_the_address_of_a_business_stays_in_the_years_that_are_archived_elsewhere() -> None:
    how_long = line(policy_lines(policy(archived=(2019,)), register()), "T-05").how_long
    assert "för räkenskapsår som slutade 2019: tre år" in how_long.sv
    assert "men vid företagsköp till och med den 31 december det sjunde året" in how_long.sv
    name = next(one for one in policy_lines(policy(archived=(2019,))) if "Namn" in one.what.sv).how_long
    assert "men vid företagsköp utan företagsnamn till och med" in name.sv


def test_amounts_stay_ten_years_of_sales_under_oss_and_seven_where_there_are_none() -> None:
    def of(own: Policy) -> str:
        (found,) = attested_lines(own, [row for row in own.attestations if row.id == "T-11"])
        return found.how_long.sv

    assert "sjunde året" in of(policy())
    assert "tionde året" in of(policy())
    assert "tionde året" not in of(policy(oss=False))


def test_every_period_of_a_row_without_a_rule_stands_in_swedish_too() -> None:
    own = policy()
    for one in attested_lines(own, own.attestations):
        assert one.how_long.sv != one.how_long.en, one.rules


def test_an_account_says_what_holds_with_and_without_a_purchase() -> None:
    how_long = line(policy_lines(policy()), "T-20").how_long.sv
    assert "om du har handlat" in how_long
    assert "om du inte har handlat" in how_long


def test_years_archived_elsewhere_are_said_to_be_kept_shorter() -> None:
    assert (
        "för räkenskapsår som slutade 2019"
        in line(policy_lines(policy(archived=(2019,))), "T-01").how_long.sv
    )
    assert "räkenskapsår som slutade 2" not in line(policy_lines(policy()), "T-01").how_long.sv


def test_the_lines_of_chosen_rules_hold_those_that_are_off_too() -> None:
    lines = rule_lines(policy(), ("T-30", "T-33"), (Kind.SUBSCRIBER,))
    assert {rule for one in lines for rule in one.rules} == {"T-30", "T-33"}


def test_a_rule_of_two_kinds_gives_the_lines_of_the_kind_that_is_asked_for() -> None:
    lines = rule_lines(policy(), ("T-21",), (Kind.CUSTOMER,))
    assert [one.what.en for one in lines] == ["Birth date in the account"]


@pytest.mark.parametrize("clock", Clock)
def test_every_clock_can_be_said_in_both_languages(clock: Clock) -> None:
    for voice in (customers(), register()):
        assert voice.begins[clock].sv != voice.begins[clock].en


def test_no_line_is_empty_and_both_languages_differ() -> None:
    for one in policy_lines(policy()):
        assert one.what.sv and one.how_long.sv  # noqa: PT018
        assert one.how_long.sv != one.how_long.en
        assert not one.how_long.sv.endswith(",")


def test_what_ends_at_once_is_said_without_a_number() -> None:
    assert line(policy_lines(policy()), "T-08").how_long.sv == customers().at_once[Clock.SETTLED].sv


def test_acts_of_several_rules_stand_once_with_every_paragraph() -> None:
    named = ("BFL 5:7, 7:2", "GDPR 6(1)(f)", "BFL 7:2", "GDPR 6(1)(b), (f)", "Distansavtalslagen 2:10 a")
    assert merged(named) == ("BFL 5:7, 7:2", "GDPR 6(1)(b), (f)", "Distansavtalslagen 2:10 a")
    assert merged(("GDPR 17(1)(b)–(c), 21(3)", "GDPR 7(1)", "GDPR 33(5)")) == (
        "GDPR 7(1), 17(1)(b)–(c), 21(3), 33(5)",
    )


@pytest.mark.parametrize("sells", [False, True])
def test_only_a_shop_that_sells_consumables_tells_of_their_shorter_time(sells: bool) -> None:
    own = load_policy("swedish-webshop", context=ShopContext(sells_consumables=sells))
    (email,) = rule_lines(own, ["T-02"], [Kind.ORDER])
    assert ("ett år från att du fick varan, för varor som snart förbrukas" in email.how_long.sv) is sells
    assert ("for goods that are soon used up" in email.how_long.en) is sells
