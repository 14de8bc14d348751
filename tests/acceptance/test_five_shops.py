"""The five shops on the stand-in services: what their policies promise, and what their data shows."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.calendar import STOCKHOLM, deadline, next_working_day
from connector.cli.demo.settings import company_text, write_keys
from sandbox.box import Sandbox
from tests.sandbox_support import SandboxShop
from tests.support import REPOSITORY

SHOPS = {"mommees": 30, "liten-mindre-minst": 31, "cookstore": 31, "dittoo": 19, "smultronsites": 34}
ORDERS, CUSTOMERS = 600, 240
STATES = {"kept", "in_part", "broken", "against_law", "attest", "no_rule", "missing", "not_tested", "nothing"}

# The platform and the open answers, in a file that extends the shop's own; policy and promises stay its own.
PLATFORM = """\
extends = "{extends}"

[platform]
name = "woocommerce"
url = "{woocommerce[url]}"
key = {{ env = "DEMO_WOOCOMMERCE_KEY" }}
secret = {{ env = "DEMO_WOOCOMMERCE_SECRET" }}

[recipients.mailchimp]
url = "{mailchimp[url]}"
key = {{ env = "DEMO_MAILCHIMP_KEY" }}
lists = ["{mailchimp[list_id]}"]
stores = ["{mailchimp[store_id]}"]

"""


def today() -> date:
    return datetime.now(STOCKHOLM).date()


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, customers=CUSTOMERS, orders=ORDERS) as services:
        yield services


def make(box: Sandbox, folder: Path, name: str) -> SandboxShop:
    """A shop of the configuration, its platform swapped in a file that extends it."""
    write_keys(folder)
    shop = SandboxShop(box, folder)
    swapped = PLATFORM.format(extends=REPOSITORY / "config" / "shops" / f"{name}.toml", **box.credentials())
    shop.file.write_text(swapped + company_text(today()), encoding="utf-8")
    return shop


@pytest.fixture(scope="module")
def shops(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SandboxShop]:
    """All five, pulled."""
    made = {name: make(box, tmp_path_factory.mktemp(name), name) for name in SHOPS}
    for name, shop in made.items():
        said = shop.gallra("pull")
        assert said.code == 0, (name, said.err)
    return made


@pytest.fixture(scope="module")
def reports(shops: dict[str, SandboxShop]) -> dict[str, Any]:
    """The promise report of each, as JSON."""
    found = {}
    for name, shop in shops.items():
        said = shop.gallra("promises", "--json")
        assert said.code == 0, (name, said.err)
        found[name] = said.json
    return found


def promise(report: Any, id_: str) -> Any:
    return next(one for one in report["promises"] if one["id"] == id_)


def remark(one: Any, code: str) -> Any:
    return next(each for each in one["remarks"] if each["code"] == code)


def count(one: Any, field: str | None) -> Any:
    return next(each for each in one["counts"] if each["field"] == field)


@pytest.mark.parametrize("name", SHOPS)
def test_every_promise_of_a_shop_has_a_state(reports: dict[str, Any], name: str) -> None:
    states = [one["state"] for one in reports[name]["promises"]]
    assert len(states) == SHOPS[name]
    assert set(states) <= STATES


@pytest.mark.parametrize("name", SHOPS)
def test_the_report_counts_the_records_of_the_shop(reports: dict[str, Any], name: str) -> None:
    records = dict(reports[name]["records"])
    assert records["order"] == ORDERS
    assert records["subscriber"] > 0
    assert reports[name]["read"] == today().isoformat()


@pytest.mark.parametrize("name", SHOPS)
def test_no_promise_is_left_unchecked_once_the_shop_has_been_read(reports: dict[str, Any], name: str) -> None:
    found = reports[name]["promises"]
    assert "not_tested" not in {one["state"] for one in found if one["how"] in ("rule", "scan")}


@pytest.mark.parametrize("name", SHOPS)
def test_each_record_of_a_promise_is_counted_once(reports: dict[str, Any], name: str) -> None:
    counts = [each for one in reports[name]["promises"] for each in one["counts"]]
    assert any(each["records"] for each in counts)
    for each in counts:
        parts = ("within", "over", "by_law", "held", "endless")
        assert sum(each[part] for part in parts) == each["records"]
        assert each["law_ahead"] + each["late_ahead"] <= each["within"]


@pytest.mark.parametrize("name", SHOPS)
def test_the_sentence_sums_to_the_promises(reports: dict[str, Any], name: str) -> None:
    numbers = [int(word) for word in reports[name]["sentence"].replace(".", "").split() if word.isdigit()]
    assert sum(numbers[:-1]) == numbers[-1] == SHOPS[name]


def test_orders_kept_more_than_ten_years_break_the_promise_with_count_and_oldest_date(
    reports: dict[str, Any],
) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-03")
    email = count(one, "email")
    oldest = date.fromisoformat(email["oldest"])
    assert email["over"] > 0
    assert oldest + timedelta(days=3653) < today()


def test_the_law_wins_where_ten_years_end_before_the_years_of_an_oss_sale(reports: dict[str, Any]) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-03")
    assert one["state"] == "against_law"
    assert "shipping_address" in remark(one, "law_wins")["fields"]
    bound = next(each for each in one["bounds"] if each["field"] == "shipping_address")
    assert bound["case"] == "oss"
    assert bound["law"] > bound["latest"]


def test_the_law_and_the_ten_years_agree_on_name_and_billing_address(reports: dict[str, Any]) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-03")
    for field in ("name", "billing_address"):
        bound = next(each for each in one["bounds"] if each["field"] == field)
        assert bound["law"] < bound["latest"]
        assert bound["act_by"] <= bound["latest"]


def test_an_unsubscribed_address_goes_within_thirty_days_and_a_bounced_one_too(
    reports: dict[str, Any],
) -> None:
    for id_ in ("S1-28", "S1-29"):
        one = promise(reports["liten-mindre-minst"], id_)
        assert one["bounds"][0]["act_by"] <= one["bounds"][0]["latest"], id_
        assert count(one, None)["records"] > 0, id_


def test_a_promise_about_data_that_the_shop_does_not_hold_is_not_counted_as_kept(
    reports: dict[str, Any],
) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-07")
    assert (one["state"], count(one, None)["records"]) == ("nothing", 0)


def test_a_closed_account_goes_within_thirty_days(reports: dict[str, Any]) -> None:
    bound = promise(reports["liten-mindre-minst"], "S1-07")["bounds"][0]
    assert bound["act_by"] <= bound["latest"]


def test_an_answer_is_due_on_the_second_weekday_and_by_law_within_a_month(reports: dict[str, Any]) -> None:
    said = remark(promise(reports["liten-mindre-minst"], "S1-09"), "answer_by")
    second = next_working_day(next_working_day(today() + timedelta(days=1)) + timedelta(days=1))
    assert said["day"] == second.isoformat()
    assert said["other"] == deadline(today()).outer_limit.isoformat()


def test_carrier_copies_are_to_be_attested_and_the_words_corrected(reports: dict[str, Any]) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-16")
    assert one["state"] == "against_law"
    assert one["advice_sv"]


def test_the_ip_address_of_statistics_is_attested_only(reports: dict[str, Any]) -> None:
    one = promise(reports["liten-mindre-minst"], "S1-25")
    assert one["state"] == "against_law"
    assert remark(one, "of_use")


def test_support_mail_older_than_three_years_is_on_a_worklist(reports: dict[str, Any]) -> None:
    one = promise(reports["dittoo"], "S3-16")
    day = date.fromisoformat(remark(one, "by_hand_before")["day"])
    assert day.year == today().year - 3
    assert one["bounds"][0]["act_by"] <= one["bounds"][0]["latest"]


@pytest.mark.parametrize(
    ("name", "id_"), [("mommees", "S0-10"), ("dittoo", "S3-07"), ("smultronsites", "S4-08")]
)
def test_a_personal_number_without_an_invoice_breaks_the_promise(
    reports: dict[str, Any], name: str, id_: str
) -> None:
    one = promise(reports[name], id_)
    assert one["state"] == "broken"
    assert remark(one, "without_invoice")["count"] == count(one, "personal_number")["records"] > 0


def test_what_is_known_of_a_person_counts_before_anything_has_been_planned(reports: dict[str, Any]) -> None:
    link = count(promise(reports["smultronsites"], "S4-07"), "account")
    assert link["within"] > link["endless"]


def test_door_codes_that_outlived_their_delivery_are_counted(reports: dict[str, Any]) -> None:
    door = count(promise(reports["cookstore"], "S2-05"), "door_code")
    assert door["over"] > 0
    assert door["oldest"]


def test_the_card_number_is_looked_for_and_not_found(reports: dict[str, Any]) -> None:
    one = promise(reports["cookstore"], "S2-27")
    assert (one["state"], remark(one, "no_card_numbers")["count"] > 0) == ("kept", True)


def test_a_policy_older_than_two_years_is_told_so(reports: dict[str, Any]) -> None:
    assert remark(promise(reports["smultronsites"], "S4-01"), "old_policy")["day"] == "2022-02-08"


@pytest.mark.parametrize(
    ("name", "id_"), [("mommees", "S0-17"), ("cookstore", "S2-04"), ("smultronsites", "S4-30")]
)
def test_where_a_policy_gives_no_time_the_report_says_that_it_is_left_open(
    reports: dict[str, Any], name: str, id_: str
) -> None:
    assert remark(promise(reports[name], id_), "open_ended")


@pytest.mark.parametrize("name", SHOPS)
def test_the_proposed_wording_is_written_from_the_rules_that_run(reports: dict[str, Any], name: str) -> None:
    lines = {one["rule"]: one for one in reports[name]["wording"]}
    books = next(one for rule, one in lines.items() if "T-01" in rule)
    assert "till och med den 31 december det sjunde året" in books["how_long_sv"]
    newsletter = next(one for rule, one in lines.items() if "T-33" in rule)
    assert newsletter["how_long_en"] == "until you unsubscribe or the address stops working"


def test_a_shop_s_own_period_stands_in_its_wording(reports: dict[str, Any]) -> None:
    mail = next(one for one in reports["dittoo"]["wording"] if one["rule"] == "T-60")
    assert "34 månader" in mail["how_long_sv"]
    left = next(one for one in reports["liten-mindre-minst"]["wording"] if one["rule"] == "T-34")
    assert left["how_long_en"] == "removed when you unsubscribe"


@pytest.mark.parametrize("name", SHOPS)
def test_the_report_and_the_record_are_written_as_files(shops: dict[str, SandboxShop], name: str) -> None:
    shop = shops[name]
    for command, suffixes in (("promises", ("html", "json")), ("record", ("html", "csv", "json"))):
        said = shop.gallra(command)
        assert said.code == 0, said.err
        for suffix in suffixes:
            written = list((shop.folder / f"{name}-reports").glob(f"{command}-*.{suffix}"))
            assert len(written) == 1, (command, suffix)
            assert written[0].stat().st_size > 1000


@pytest.mark.parametrize("name", SHOPS)
def test_a_shop_of_the_configuration_lints_without_an_error(shops: dict[str, SandboxShop], name: str) -> None:
    said = shops[name].gallra("policy", "lint", str(shops[name].file))
    assert said.code == 0
    assert "Lint: 0 errors" in said.out


def over(report: Any) -> int:
    return sum(each["over"] for one in report["promises"] for each in one["counts"])


def test_after_a_verified_run_nothing_is_kept_longer_than_promised(tmp_path: Path) -> None:
    with Sandbox(seed=11, customers=120, orders=300) as services:
        shop = make(services, tmp_path, "liten-mindre-minst")
        assert shop.gallra("pull").code == 0
        before = shop.gallra("promises", "--json").json
        shop.ready()
        for command in ("apply", "push", "verify"):
            said = shop.gallra(command)
            assert said.code == 0, (command, said.out[-600:], said.err[-600:])
        after = shop.gallra("promises", "--json").json
    states = {one["id"]: one["state"] for one in after["promises"]}
    assert over(before) > 0
    assert over(after) == 0
    assert "broken" not in states.values()
    assert {states["S1-28"], states["S1-29"]} <= {"kept", "nothing"}
    assert states["S1-03"] == "against_law"


def test_a_person_s_word_stands_in_the_report_and_the_record_until_it_is_due_again(
    shops: dict[str, SandboxShop],
) -> None:
    shop = shops["mommees"]
    for row in ("S0-02", "T-51"):
        said = shop.gallra("attest", row, "--by", "Disa Demo", "--role", "owner", "--shop", str(shop.file))
        assert said.code == 0, said.err
    report = shop.gallra("promises", "--json").json
    assert remark(promise(report, "S0-02"), "confirmed")["name"] == "Disa Demo (S0-02)"
    assert remark(promise(report, "S0-05"), "confirmed")["day"] == today().isoformat()
    record = shop.gallra("record", "--json").json
    logs = next(one for one in record["attestations"] if one["row"] == "T-51")
    assert (logs["by"], logs["on"]) == ("Disa Demo", today().isoformat())
    assert logs["due"] > logs["on"]


def test_what_is_nothing_to_attest_is_refused_by_name(shops: dict[str, SandboxShop]) -> None:
    said = shops["mommees"].gallra("attest", "T-01", "--by", "Disa Demo", "--role", "owner")
    assert said.code == 1
    assert "T-01 is nothing to attest" in said.err


def test_a_policy_that_says_klarna_while_orders_show_kustom_is_told_so_in_the_report(
    reports: dict[str, Any],
) -> None:
    told = remark(promise(reports["liten-mindre-minst"], "S1-17"), "shown_by_orders")
    assert told["name"] == "Kustom"
    assert told["count"] > 0


def test_the_same_is_told_by_a_check_and_no_more_once_the_file_names_it(
    shops: dict[str, SandboxShop],
) -> None:
    shop = shops["liten-mindre-minst"]
    (warned,) = (one for one in _problems(shop) if one["code"] == "recipient_not_named")
    assert "recipients.kustom" in warned["en"]
    before = shop.file.read_text(encoding="utf-8")
    try:
        shop.file.write_text(f"{before}\n[recipients.kustom]\n", encoding="utf-8")
        assert "recipient_not_named" not in {one["code"] for one in _problems(shop)}
    finally:
        shop.file.write_text(before, encoding="utf-8")


def _problems(shop: SandboxShop) -> Any:
    return shop.gallra("check", "--json").json["services"]["woocommerce"]["problems"]
