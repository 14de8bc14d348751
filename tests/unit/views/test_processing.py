"""The record of processing: its rows, from the live policy, recipients and attestations."""

import csv as comma_separated
import io
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.policy import Policy, load_policy
from connector.report.articles import in_swedish
from connector.report.blocks import Facts
from connector.report.drawn import sheet
from connector.report.processing.document import COLUMNS, compose, csv, record_sentence
from connector.report.processing.model import ActivityView, RecordOfProcessing
from connector.report.shared import LANGUAGES, AttestedView, Shop
from connector.settings import Settings, load_settings
from connector.views.activities import activities
from connector.views.processing import next_due, record_of_processing
from tests.engine_support import NOON
from tests.support import REPOSITORY

LETTERHEAD = Shop(
    name="X", id="x", company="X AB", organisation_number="556677-8899", platform="woocommerce",
    contact="dataskydd@x.example",
)  # fmt: skip
GIVEN = AttestedView(row="T-51", by="Disa Demo", role="owner", on=date(2026, 5, 1), due=date(2027, 5, 1))
COUNTRIES = """
[recipients.mailchimp]
country = "US"
agreement = 2025-03-01
sends = ["email"]
[recipients.fortnox]
title = "Fortnox"
code = "BK"
role = "processor"
country = "SE"
sends = ["name"]
"""


def settings(folder: Path, text: str = "") -> Settings:
    path = folder / "shop.toml"
    path.write_text('[shop]\nid = "x"\nname = "X"\n' + text, encoding="utf-8")
    return load_settings(path, environ={}, today=NOON.date())


def policy(own: Settings) -> Policy:
    return load_policy(own.policy.source, context=own.context(), overrides=own.policy.overrides())


def record(own: Settings, attested: dict[str, AttestedView] | None = None) -> RecordOfProcessing:
    return record_of_processing(own, policy(own), attested or {}, letterhead=LETTERHEAD, made_at=NOON)


def row(view: RecordOfProcessing, id_: str) -> ActivityView:
    return next(one for one in view.activities if one.id == id_)


def lines(view: RecordOfProcessing, language: str = "sv") -> list[list[str]]:
    return list(comma_separated.reader(io.StringIO("".join(csv(view, language)))))


def test_the_eleven_activities_of_a_web_shop_are_filled_in(tmp_path: Path) -> None:
    titles = [one.title.sv for one in record(settings(tmp_path)).activities]
    assert len(titles) == 11
    assert {"Order och leverans", "Bokföring", "Nyhetsbrev", "Bedrägeriskydd", "Webbloggar"} <= set(titles)


def test_every_rule_and_attested_row_of_the_preset_stands_in_some_activity(tmp_path: Path) -> None:
    own = policy(settings(tmp_path))
    placed = {rule for one in activities() for rule in one.rules}
    known = {rule.id for rule in own.rules} | {row.id for row in own.attestations}
    assert known == placed


def test_every_activity_has_a_basis_and_a_time_limit(tmp_path: Path) -> None:
    for one in record(settings(tmp_path)).activities:
        assert one.bases, one.id
        assert one.retention, one.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_activity_names_its_categories_of_data(tmp_path: Path, language: str) -> None:
    for one in lines(record(settings(tmp_path)), language)[1:]:
        assert len(one[COLUMNS.index("data")].split(":")[-1].strip()) > 5, one[2]


def test_the_time_limits_are_those_of_the_rules_that_run(tmp_path: Path) -> None:
    own = settings(tmp_path, '[policy.rules."T-09"]\nperiod = "30 days"\n')
    (limit,) = row(record(own), "fraud").retention
    assert limit.how_long.sv == "30 dagar från beställningen"


def test_a_rule_that_is_off_is_said_to_be_off(tmp_path: Path) -> None:
    off = row(record(settings(tmp_path)), "newsletter").retention
    on = row(record(settings(tmp_path, '[policy.rules."T-33"]\non = true\n')), "newsletter").retention
    by_rule = {one.rule: one.how_long.sv for one in on}
    assert all("avstängd" in one.how_long.sv for one in off if one.rule in ("T-30", "T-33"))
    assert "avstängd" not in by_rule["T-33"]


def test_a_recipient_stands_with_the_activities_of_its_kind(tmp_path: Path) -> None:
    view = record(settings(tmp_path, COUNTRIES))
    assert row(view, "newsletter").recipients == ("Mailchimp",)
    assert row(view, "bookkeeping").recipients == ("Fortnox", "platform.name", "platform.host")
    assert row(view, "fraud").recipients == ("platform.name", "platform.host")


def test_a_recipient_outside_the_eea_is_a_transfer_and_one_inside_is_not(tmp_path: Path) -> None:
    view = record(settings(tmp_path, COUNTRIES))
    assert row(view, "newsletter").transfers == ("Mailchimp",)
    assert row(view, "bookkeeping").transfers == ()
    assert "US (tredjeland" in lines(view)[6][COLUMNS.index("transfer")]


@pytest.mark.parametrize(("country", "third"), [("NO", False), ("GR", False), ("GB", True), ("CH", True)])
def test_the_eea_is_more_than_the_union(tmp_path: Path, country: str, third: bool) -> None:
    text = f'[recipients.post]\ncode = "PN"\nrole = "controller"\ncountry = "{country}"\n'
    assert record(settings(tmp_path, text)).recipients[0].third_country is third


def test_a_recipient_whose_country_nobody_gave_is_never_said_to_be_inside(tmp_path: Path) -> None:
    view = record(settings(tmp_path, "[recipients.postnord]\n"))
    assert view.recipients[0].third_country is None
    assert "land saknas" in lines(view)[1][COLUMNS.index("transfer")]


def test_what_the_law_asks_for_and_the_file_lacks_is_listed(tmp_path: Path) -> None:
    view = record(settings(tmp_path, COUNTRIES))
    assert "company.address" in view.missing
    assert "recipients.fortnox.agreement" in view.missing
    assert "recipients.mailchimp.agreement" not in view.missing


def test_an_attestation_says_who_when_and_when_again(tmp_path: Path) -> None:
    view = record(settings(tmp_path), {"T-51": GIVEN})
    text = sheet.terminal(compose(view, "sv"), width=120, colour=False)
    assert "Disa Demo" in text
    assert next_due(view) == date(2027, 5, 1)
    assert "1 of 14 attestations in force" in record_sentence(view)


def test_an_attestation_past_its_day_is_to_be_given_again(tmp_path: Path) -> None:
    old = replace(GIVEN, due=date(2026, 11, 21))
    view = record(settings(tmp_path), {"T-51": old})
    assert "0 of 14 attestations in force" in record_sentence(view)
    assert "ska intygas igen" in sheet.html(lambda language: compose(view, language), "sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_csv_has_one_line_per_activity_and_every_column(tmp_path: Path, language: str) -> None:
    found = lines(record(settings(tmp_path, COUNTRIES)), language)
    assert len(found) == 1 + len(activities())
    assert {len(one) for one in found} == {len(COLUMNS)}


def test_a_cell_that_a_spreadsheet_would_run_is_made_text(tmp_path: Path) -> None:
    text = '[recipients.post]\ntitle = "=1+1"\ncode = "PN"\nrole = "controller"\n'
    assert "'=1+1" in lines(record(settings(tmp_path, text)))[1][COLUMNS.index("recipients")]


def test_the_document_says_the_same_in_both_languages(tmp_path: Path) -> None:
    view = record(settings(tmp_path, COUNTRIES), {"T-51": GIVEN})
    swedish, english = compose(view, "sv"), compose(view, "en")
    assert [one.id for one in swedish.sections] == [one.id for one in english.sections]
    assert swedish.sentence == english.sentence


@pytest.mark.parametrize("name", ["mommees", "dittoo", "liten-mindre-minst"])
def test_a_shipped_shop_has_a_record_with_its_recipients(name: str) -> None:
    own = load_settings(REPOSITORY / "config" / "shops" / f"{name}.toml", environ={}, today=NOON.date())
    assert {one.name for one in record(own).recipients} >= {
        one.title for one in own.recipients.named().values()
    }


HOSTED = """
[platform]
name = "shopify"
country = "CA"
agreement = 2025-01-01
[company]
data_protection_officer = "Disa Demo, dpo@x.example"
representative = "Ove Demo, Paris"
joint_controller = "Y AB"
without = ["BK"]
[agency]
name = "Byrå AB"
country = "SE"
agreement = 2026-01-01
"""


def test_whoever_any_shop_has_is_a_recipient_or_a_gap(tmp_path: Path) -> None:
    bare, filled = record(settings(tmp_path)), record(settings(tmp_path, HOSTED))
    assert [one.code for one in bare.recipients] == ["SH", "host", "PA", "PN", "BK", "HD"]
    assert all(one.missing in bare.missing for one in bare.recipients)
    assert [(one.code, one.name) for one in filled.recipients if not one.missing] == [
        ("SH", "Shopify"),
        ("agency", "Byrå AB"),
    ]
    assert "BK" not in {one.code for one in filled.recipients}


def test_whoever_takes_payment_fills_that_gap_and_a_shop_without_delivery_has_none(tmp_path: Path) -> None:
    text = '[company]\nwithout = ["PN"]\n[recipients.klarna]\n'
    assert not {"PA", "PN"} & {one.code for one in record(settings(tmp_path, text)).recipients}


def test_web_logs_lie_with_the_host_or_the_platform_that_is_its_own(tmp_path: Path) -> None:
    hosted = row(record(settings(tmp_path, HOSTED)), "logs").recipients
    own = row(record(settings(tmp_path, '[platform]\nname = "woocommerce"\nhost = "Värd AB"\n')), "logs")
    assert hosted == ("Shopify",)
    assert own.recipients == ("Värd AB",)


def test_a_recipient_that_is_its_own_controller_is_told_by_letter_also_where_it_has_an_api(
    tmp_path: Path,
) -> None:
    keyed = 'url = "http://127.0.0.1:1"\nuser = "u"\npassword = { env = "KLARNA" }\n'
    own = settings(tmp_path, f"[recipients.klarna]\n{keyed}")
    assert "klarna" in own.recipients_by_api()
    (klarna, *_) = record(own).recipients
    assert (klarna.role, klarna.told_by) == ("controller", "letter")


def test_the_law_stands_apart_from_the_basis_and_each_act_once(tmp_path: Path) -> None:
    blocks = compose(record(settings(tmp_path)), "sv").sections[1].blocks
    facts = [dict(block.pairs) for block in blocks if isinstance(block, Facts)]
    assert all("artikel" not in one["Rättslig grund"] for one in facts)
    assert any(one["Lagrum"].startswith("BFL 5:7, 7:2; ML 17:24, 22:76–77; KKL 5:2") for one in facts)
    assert all(one["Lagrum"].count("GDPR") <= 1 for one in facts)


def test_a_transfer_states_its_safeguard_or_the_key_to_fill_in(tmp_path: Path) -> None:
    without = record(settings(tmp_path, HOSTED))
    given = record(settings(tmp_path, HOSTED.replace('"CA"\n', '"CA"\nsafeguard = "standardavtal"\n')))
    column = COLUMNS.index("transfer")
    assert "fyll i platform.safeguard" in lines(without)[1][column]
    assert "platform.safeguard" in without.missing
    assert "skyddsåtgärd: standardavtal" in lines(given)[1][column]


def test_officer_representative_and_joint_controller_stand_in_the_record(tmp_path: Path) -> None:
    text = sheet.terminal(compose(record(settings(tmp_path, HOSTED)), "sv"), width=120, colour=False)
    assert all(name in text for name in ("dpo@x.example", "Ove Demo, Paris", "Y AB"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_article_5_is_no_basis_of_any_activity(tmp_path: Path, language: str) -> None:
    for one in lines(record(settings(tmp_path, COUNTRIES)), language)[1:]:
        said = one[COLUMNS.index("basis")]
        assert "GDPR 5" not in said
        assert "artikel 5" not in said


@pytest.mark.parametrize(
    ("part", "swedish"),
    [
        ("GDPR 6(1)(b), (f)", "artikel 6.1 b och f i GDPR"),
        ("GDPR 17(1)(b)–(c), 21(3)", "artikel 17.1 b–c, 21.3 i GDPR"),
        ("GDPR 33(5)", "artikel 33.5 i GDPR"),
        ("BFL 5:7, 7:2", "BFL 5:7, 7:2"),
    ],
)
def test_an_article_is_written_as_swedish_law_does(part: str, swedish: str) -> None:
    assert in_swedish(part) == swedish


def test_a_trade_name_never_stands_in_for_the_controller(tmp_path: Path) -> None:
    nameless = replace(LETTERHEAD, company="")
    own = settings(tmp_path)
    view = record_of_processing(own, policy(own), {}, letterhead=nameless, made_at=NOON)
    document = compose(view, "sv")
    assert document.sender[1].startswith("fyll i company.name")
    assert lines(view)[1][0].startswith("fyll i company.name")


def test_a_role_that_no_source_states_is_marked_open(tmp_path: Path) -> None:
    view = record(settings(tmp_path, "[recipients.payson]\n[recipients.klarna]\n"))
    assert [one.role_assumed for one in view.recipients[:2]] == [False, True]
    assert "öppet: antaget" in sheet.terminal(compose(view, "sv"), width=160, colour=False)


def test_a_service_for_statistics_is_no_recipient_of_the_protection_against_fraud() -> None:
    fraud = next(one for one in activities() if one.id == "fraud")
    assert "AN" not in fraud.codes
    assert "AN" in next(one for one in activities() if one.id == "logs").codes


def test_the_record_says_where_a_recipient_is_reached_by_hand_and_what_last_showed_that_it_keeps_to_it(
    tmp_path: Path,
) -> None:
    text = COUNTRIES + '[recipients.payson]\nevidence = "audit report"\nevidence_on = 2026-10-02\n'
    view = record(settings(tmp_path, text + '[recipients.klarna]\nemail = "dpo@klarna.example"\n'))
    rows = {one.name: one for one in view.recipients}
    assert rows["Svea Bank AB (Payson)"].channel == "privacy@svea.com"
    assert rows["Klarna Bank AB"].channel == "dpo@klarna.example"
    shown = sheet.html(lambda language: compose(view, language), "sv")
    assert "privacy@svea.com" in shown
    assert 'Visat senast av audit report, <span class="date">2026-10-02</span>' in shown
