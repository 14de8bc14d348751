"""Papers to fill in or sign: whole, in both languages, with every gap marked by its key."""

import os
import re
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.errors import GallraError
from connector.policy import ShopContext, load_policy
from connector.records import Field
from connector.report.drawn import sheet
from connector.report.paper.document import compose
from connector.report.paper.model import Paper, Part
from connector.report.protocol.model import Label, Protocol, RuleResult
from connector.report.shared import LANGUAGES, ApprovalView, PolicyRef
from connector.shop import Shop, open_shop
from connector.views.papers import schedule
from connector.views.papers.assembly import (
    agency_paper,
    balancing_paper,
    incident_paper,
    last_signed,
    notice_paper,
    schedule_paper,
    sign_schedule,
    yearly_paper,
)
from connector.views.papers.others import incident_parts
from connector.views.papers.said import table
from connector.views.promises.assembly import processing_record
from connector.views.promises.reading import attest, existing_ledger
from tests.engine_support import NOON, TurnableClock
from tests.unit.docs.settings_keys import setting_rows

COMPANY = """
[company]
name = "Ullboden AB"
organisation_number = "556677-8899"
contact = "dataskydd@ullboden.example"
financial_years = { ends = "12-31", from = 2014 }
oss = []
"""
WEIGHED = """
[[balancing]]
rule = "T-09"
weighing = "Adressen behövs i 90 dagar för att utreda bedrägerier; den delas inte."
outcome = "{outcome}"
by = "Disa Demo"
role = "owner"
on = 2026-01-01
review = {review}
"""


def opened(folder: Path, text: str = COMPANY) -> Shop:
    path = folder / "shop.toml"
    path.write_text('[shop]\nid = "x"\nname = "Ullboden"\n' + text, encoding="utf-8")
    return open_shop(path, environ=os.environ, clock=TurnableClock())


def papers(shop: Shop) -> list[Paper]:
    return [
        schedule_paper(shop),
        notice_paper(shop),
        balancing_paper(shop),
        agency_paper(shop),
        yearly_paper(shop),
        incident_paper(shop, noticed=None, what="", run=None),
    ]


def part(view: Paper, id_: str) -> Part:
    return next(one for one in view.parts if one.id == id_)


def texts(view: Paper, language: str) -> str:
    return sheet.terminal(compose(view, language), width=200, colour=False)


def test_every_paper_is_whole_in_both_languages_and_opens_without_a_script(tmp_path: Path) -> None:
    for view in papers(opened(tmp_path)):
        documents = [compose(view, language) for language in LANGUAGES]
        shapes = [[(one.id, len(one.blocks)) for one in each.sections] for each in documents]
        assert shapes[0] == shapes[1]
        page = sheet.html(lambda language, view=view: compose(view, language), "sv")
        assert "<script" not in page
        assert texts(view, "sv").rstrip().endswith(view.sentence)


def test_no_paper_speaks_of_a_site_or_writes_articles_as_in_english(tmp_path: Path) -> None:
    for view in [*papers(opened(tmp_path))]:
        said = texts(view, "sv")
        assert "sajt" not in said
        assert not re.search(r"\d\(\d\)\([a-z]\)", said)


def test_every_gap_names_a_key_of_the_shop_s_file(tmp_path: Path) -> None:
    known = {row[0].partition("[")[0] for row in setting_rows()}
    for view in papers(opened(tmp_path, "[recipients.klarna]\n")):
        for key in re.findall(r"\[fyll i ([^\]]+)\]", texts(view, "sv")):
            asked = re.sub(r"^recipients\.[a-z-]+", "recipients.NAME", key.split(" ")[0])
            assert asked in {*known, "recipients.NAME", "recipients"}, key


def test_a_bare_shop_s_papers_invent_nothing(tmp_path: Path) -> None:
    for view in (notice_paper(opened(tmp_path, "")), agency_paper(opened(tmp_path, ""))):
        assert "[fyll i company.name]" in texts(view, "sv")
        assert "[fill in company.name]" in [one.en for one in view.open]


# The schedule ---------------------------------------------------------------------------------


def test_the_schedule_has_a_row_for_every_rule_and_every_attested_row(tmp_path: Path) -> None:
    policy = load_policy("swedish-webshop", context=ShopContext())
    rows = part(schedule_paper(opened(tmp_path)), "schedule_rows").rows
    assert len(rows) == len(policy.rules) + len(policy.attestations)
    assert all(cell.sv and cell.en for row in rows for cell in row)


def test_a_signed_schedule_says_who_and_what_has_changed_since(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    sign_schedule(shop, by="Disa Demo", role="owner")
    unchanged = {row[-1].sv for row in part(schedule_paper(shop), "schedule_rows").rows}
    changed = opened(tmp_path, COMPANY + '[policy.rules."T-09"]\nperiod = "30 days"\n')
    view = schedule_paper(changed)
    marks = {row[0].sv.split("\n")[1].split(":")[0]: row[-1].sv for row in part(view, "schedule_rows").rows}
    assert unchanged == {"oförändrad"}
    assert [key for key, mark in marks.items() if mark != "oförändrad"] == ["T-09 order"]
    assert "Disa Demo (owner)" in texts(view, "sv")
    assert "1 changed since 2026-11-22" in view.sentence
    signed = last_signed(existing_ledger(shop))
    assert signed is not None
    assert signed.version == "swedish-webshop@2026.2"


def test_a_schedule_that_rests_on_unanswered_questions_is_not_signed(tmp_path: Path) -> None:
    with pytest.raises(GallraError, match=r"company\.financial_years.*Nothing was recorded"):
        sign_schedule(opened(tmp_path, ""), by="Disa Demo", role="owner")


def test_the_schedule_s_clocks_kinds_and_fields_are_in_the_words_of_their_records(tmp_path: Path) -> None:
    rows = {
        row[0].sv.split("\n")[1]: row for row in part(schedule_paper(opened(tmp_path)), "schedule_rows").rows
    }
    counted = {key.partition(":")[0]: row[2].sv for key, row in rows.items()}
    assert counted["T-09 order"] == "när ordern lades"
    assert counted["T-24 rabattkod"] == "när koden eller kortet slutade gälla"
    assert counted["T-15 rabattkod"] == "när presentkortet lämnades ut"
    assert "T-22 kundkonto: Taggar, egna fält, kundens meddelande, anteckningar om kunden" in rows
    assert not any(kind in key for key in rows for kind in ("draft_order", "customer", "support_message"))


def test_a_row_with_several_times_says_which_is_of_which_field(tmp_path: Path) -> None:
    rows = part(schedule_paper(opened(tmp_path)), "schedule_rows").rows
    kept = {row[0].sv.split("\n")[1].split(":")[0]: row[1].sv for row in rows}
    assert "Betalningsreferens: till och med den 31 december" in kept["T-12 order"]
    assert "kontonummer: 18 månader" in kept["T-12 order"]


def test_every_row_of_the_schedule_has_a_basis_and_one_with_a_floor_the_legal_obligation(
    tmp_path: Path,
) -> None:
    rows = part(schedule_paper(opened(tmp_path)), "schedule_rows").rows
    bases = {row[0].sv.split("\n")[1].split(":")[0]: row[3].sv for row in rows}
    assert bases["T-06 order"].startswith("Rättslig förpliktelse; ")
    assert bases["T-01 order"].startswith("Avtal, berättigat intresse, rättslig förpliktelse; ")
    floored = {f"{rule.id} order" for rule in load_policy("swedish-webshop", context=ShopContext()).rules
               if rule.floor and rule.kind == "order"}  # fmt: skip
    assert all("rättslig förpliktelse" in bases[row].lower() for row in floored)


def test_every_row_that_a_person_attests_has_a_legal_basis(tmp_path: Path) -> None:
    policy = load_policy("swedish-webshop", context=ShopContext())
    assert {row.id for row in policy.attestations if not row.legal_basis} == set()
    rows = part(schedule_paper(opened(tmp_path)), "schedule_rows").rows
    bases = {row[0].sv.split("\n")[1].split(":")[0]: (row[3].sv, row[4].sv) for row in rows}
    assert bases["T-36"] == ("Rättslig förpliktelse eller berättigat intresse; artikel 7.1 i GDPR", "–")
    assert bases["T-11"][1] == "F1, bokföringen"


def test_a_schedule_to_sign_may_break_its_words_so_that_no_column_is_cut_off_on_paper(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    first = len(part(schedule_paper(shop), "schedule_rows").columns)
    sign_schedule(shop, by="Disa Demo", role="owner")
    again = len(part(schedule_paper(shop), "schedule_rows").columns)
    page = sheet.html(lambda language: compose(schedule_paper(shop), language), "sv")
    _, _, rule = page.partition("@media print, screen")
    assert (first, again) == (6, 7)
    assert '<table role="table" class="dense' in page
    assert "overflow-wrap: anywhere" in rule[:200]


def test_the_holds_are_part_of_what_is_signed(tmp_path: Path) -> None:
    rows = part(schedule_paper(opened(tmp_path)), "schedule_holds").rows
    waiting = {row[0].sv.split("\n")[1]: row[1].sv.split(", ") for row in rows}
    assert set(waiting) == {f"H{number}" for number in range(1, 11)}
    assert "T-01" in waiting["H9"]
    assert all(ids == sorted(ids) for ids in waiting.values())
    row = schedule.plan_rows((shop := opened(tmp_path)).settings, shop.policy)[0]
    assert replace(row, holds=()).digest != row.digest


# The policy text ------------------------------------------------------------------------------


def test_the_policy_text_has_all_that_article_13_asks_for(tmp_path: Path) -> None:
    assert [one.id.removeprefix("notice_") for one in notice_paper(opened(tmp_path)).parts] == [
        "controller", "purposes", "interests", "must_give", "recipients", "transfers", "limits", "stays",
        "rights", "objection", "automated", "complaint",
    ]  # fmt: skip


def test_the_times_of_the_policy_text_are_promised_with_their_holds_and_the_days_of_a_run(
    tmp_path: Path,
) -> None:
    said = " ".join(one.sv for one in part(notice_paper(opened(tmp_path)), "notice_limits").text)
    assert "Pågår en retur" in said
    assert "inom 32 dagar" in said


@pytest.mark.parametrize(
    ("filled_in", "told"),
    [
        ("", ["krypterat i 14 dagar", "[fyll i shop.backup_days]"]),
        ("backup_days = 35\n[undo]\ndays = 7\n", ["krypterat i 7 dagar", "i högst 35 dagar till"]),
    ],
)
def test_the_policy_text_says_how_long_what_was_taken_can_be_put_back_and_lies_in_backups(
    tmp_path: Path, filled_in: str, told: list[str]
) -> None:
    text = " ".join(
        one.sv for one in part(notice_paper(opened(tmp_path, filled_in + COMPANY)), "notice_limits").text
    )
    assert [one for one in told if one not in text] == []


def test_the_policy_text_names_no_copies_where_none_are_kept(tmp_path: Path) -> None:
    text = part(notice_paper(opened(tmp_path, "[undo]\ndays = 0\n" + COMPANY)), "notice_limits").text
    assert not any("krypterat" in one.sv for one in text)


def test_a_time_that_nobody_vouches_for_is_marked_in_the_policy_text_until_it_is_attested(
    tmp_path: Path,
) -> None:
    shop = opened(tmp_path)
    logs = "Loggar med IP-adresser"
    before = {name.sv: value.sv for name, value in part(notice_paper(shop), "notice_limits").facts}
    attest(shop.ledger, row="T-51", by="Disa Demo", role="owner", on=shop.today)
    after = {name.sv: value.sv for name, value in part(notice_paper(shop), "notice_limits").facts}
    assert "[öppet: intyga T-51, eller stryk raden]" in before[logs]
    assert "öppet" not in after[logs]
    assert not any("öppet" in after[name] for name in after if name.startswith(("Namn, faktura", "Belopp")))


def test_a_policy_text_whose_times_rest_on_an_unanswered_question_names_its_key(tmp_path: Path) -> None:
    said = [one.sv for one in notice_paper(opened(tmp_path, "")).open]
    assert {"[fyll i company.financial_years]", "[fyll i company.oss]"} <= set(said)


def test_portability_is_among_the_rights_and_objection_to_marketing_stands_apart(tmp_path: Path) -> None:
    view = notice_paper(opened(tmp_path))
    assert any("artikel 20" in one.sv for one in part(view, "notice_rights").items)
    assert "21.2–21.4" in part(view, "notice_objection").text[0].sv


@pytest.mark.parametrize(
    "stays", ["Ordernumret", "beloppen", "namn", "Leveranslandet", "postnumret", "fingeravtryck"]
)
def test_the_policy_text_says_what_stays_after_erasure(tmp_path: Path, stays: str) -> None:
    assert any(stays in one.sv for one in part(notice_paper(opened(tmp_path)), "notice_stays").items)


def test_what_must_be_given_and_what_is_decided_by_machine_come_from_the_shop_s_file(tmp_path: Path) -> None:
    text = COMPANY + 'must_be_given = ["name", "email"]\nautomated_decisions = "Vi fattar inga."\n'
    view = notice_paper(opened(tmp_path, text))
    assert "Namn, e-post" in part(view, "notice_must_give").text[0].sv
    assert part(view, "notice_automated").text[0].sv == "Vi fattar inga."


# Balancing ------------------------------------------------------------------------------------


def test_every_purpose_on_a_legitimate_interest_has_its_interest_in_words() -> None:
    policy = load_policy("swedish-webshop", context=ShopContext())
    resting = {one.id for rule in policy.rules for one in rule.purpose if one.legal_basis == "i"}
    assert resting <= set(table("interests"))


def test_a_sheet_has_its_facts_and_leaves_weighing_and_outcome_to_a_person(tmp_path: Path) -> None:
    own = part(balancing_paper(opened(tmp_path)), "balancing-t-09-fraud")
    facts = {name.sv: value.sv for name, value in own.facts}
    assert facts["Intresse"] == "att upptäcka och utreda bedrägerier"
    assert facts["Lagringstid för intresset"].startswith("90 dagar")
    assert facts["Vägning"] == facts["Utfall"] == "[fylls i]"


def test_a_balancing_names_who_gets_the_data_or_the_key_to_fill_in(tmp_path: Path) -> None:
    sheets = {one.id: one for one in balancing_paper(opened(tmp_path)).parts}
    facts = {name.sv: value.sv for name, value in sheets["balancing-t-14-delivery_proof"].facts}
    assert "PN" in facts["Mottagare"] or "postnord" in facts["Mottagare"].lower()


def test_every_attested_row_that_rests_on_an_interest_or_may_is_weighed() -> None:
    rows = load_policy("swedish-webshop", context=ShopContext()).attestations
    kept = {row.id for row in rows if "i" in row.legal_basis and not row.period.startswith("none")}
    assert kept == set(table("attested"))


@pytest.mark.parametrize(
    ("outcome", "is_open"), [("prevails", False), ("rests_elsewhere", False), ("", True)]
)
def test_a_row_that_may_rest_on_another_basis_is_open_until_somebody_has_chosen(
    tmp_path: Path, outcome: str, is_open: bool
) -> None:
    weighed = WEIGHED.replace("T-09", "T-36").format(outcome=outcome, review="2026-12-31")
    shop = opened(tmp_path, COMPANY + (weighed if outcome else ""))
    view = balancing_paper(shop)
    assert ("T-36" in " ".join(one.sv for one in view.open)) is is_open
    (sheet,) = [one for one in view.parts if one.id == "balancing-t-36"]
    facts = {name.sv: value.sv for name, value in sheet.facts}
    assert "en rättslig förpliktelse (artikel 6.1 c), eller intresset" in facts["Rättslig grund"]


def test_a_row_without_a_choice_stays_open_where_it_is_said_to_rest_elsewhere(tmp_path: Path) -> None:
    shop = opened(tmp_path, COMPANY + WEIGHED.format(outcome="rests_elsewhere", review="2026-12-31"))
    assert "T-09" in " ".join(one.sv for one in balancing_paper(shop).open)


def test_a_balancing_weighs_the_time_of_the_interest_and_not_what_the_law_keeps(tmp_path: Path) -> None:
    sheets = {one.id: one for one in balancing_paper(opened(tmp_path)).parts}
    kept = {
        id_: {name.sv: value.sv for name, value in one.facts}["Lagringstid för intresset"]
        for id_, one in sheets.items()
    }
    claims = "tre år, två månader och 14 dagar från leveransen"
    assert kept["balancing-t-01-claims"] == kept["balancing-t-04-claims"] == claims
    assert kept["balancing-t-15-claims"] == claims
    assert kept["balancing-t-15-claims-coupon"].endswith("från att presentkortet lämnades ut")
    assert kept["balancing-t-55-fraud-review"] == "90 dagar från att omdömet skrevs"
    assert not any("31 december" in one for one in kept.values())
    assert len(sheets) == len(balancing_paper(opened(tmp_path)).parts)


def test_no_balancing_is_half_in_english(tmp_path: Path) -> None:
    said = texts(balancing_paper(opened(tmp_path)), "sv")
    assert not re.search(r"\b(days|months|from the|GDPR 6)\b", said)


@pytest.mark.parametrize(
    ("outcome", "review", "is_open"),
    [
        ("prevails", "2026-12-31", False),
        ("prevails", "2026-11-21", True),
        ("does_not_prevail", "2026-12-31", True),
    ],
)
def test_an_unfinished_balancing_stands_as_open_in_every_paper(
    tmp_path: Path, outcome: str, review: str, is_open: bool
) -> None:
    shop = opened(tmp_path, COMPANY + WEIGHED.format(outcome=outcome, review=review))
    said = [
        " ".join(one.sv for one in view.open)
        for view in (schedule_paper(shop), notice_paper(shop), balancing_paper(shop))
    ]
    said.append(" ".join(one.sv for one in processing_record(shop).open))
    said.append(texts(yearly_paper(shop), "sv"))
    assert all("T-16" in one for one in said)
    assert {"T-09" in one for one in said} == {is_open}


# Incident, agency, yearly control -------------------------------------------------------------


def test_the_incident_clock_runs_seventy_two_hours_from_when_it_was_noticed(tmp_path: Path) -> None:
    noticed = datetime(2026, 11, 20, 9, 30)
    view = incident_paper(opened(tmp_path), noticed=noticed, what="Fel order blankades", run=None)
    said = texts(view, "sv")
    assert "2026-11-23 09:30" in said
    assert "Fel order blankades" in said


def test_seventy_two_hours_are_hours_also_over_the_night_when_the_clock_is_put_back(tmp_path: Path) -> None:
    noticed = datetime(2026, 10, 23, 9, 30)
    view = incident_paper(opened(tmp_path), noticed=noticed, what="", run=None)
    assert "2026-10-26 08:30" in texts(view, "sv")


def test_a_wrong_erasure_fills_in_what_ran_how_many_and_which_fields() -> None:
    run = Protocol(
        number="x-2026-1", shop=None, policy=PolicyRef(name="p", version="1", digest="d"),  # type: ignore[arg-type]
        started=NOON, ended=NOON, digest="sha256:abcdef1234", tool_version="1",
        approval=ApprovalView(by="Disa Demo", role="owner", at=NOON),
        rules=(RuleResult(rule="T-02", field=Field.EMAIL, count=7, label=Label.REDACTED),),
    )  # fmt: skip
    what = next(one for one in incident_parts(None, "", run) if one.id == "incident_what")
    assert what.rows[0][0].sv == "E-post\nT-02"
    assert (what.rows[0][1].sv, what.rows[0][2].sv) == ("7", "blankad")
    assert "x-2026-1 (abcdef12)" in [value.sv for _, value in what.facts]


def test_the_agency_s_agreement_has_every_point_of_article_28_3(tmp_path: Path) -> None:
    view = agency_paper(opened(tmp_path, COMPANY + '[agency]\nname = "Byrå AB"\n'))
    terms = part(view, "agency_agreement").items
    assert [one.sv[0] for one in terms[1:]] == list("abcdefgh")
    assert "Byrå AB" in texts(view, "sv")
    assert "28.3 a" in part(view, "agency_instruction").title.sv


def test_the_yearly_control_lists_each_point_with_who_when_and_what_was_found(tmp_path: Path) -> None:
    rows = part(yearly_paper(opened(tmp_path)), "yearly_list").rows
    assert len(rows) == 11
    assert {len(row) for row in rows} == {4}
