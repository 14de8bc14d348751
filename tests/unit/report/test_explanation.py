"""Why one record stays or goes, in plain words of both languages."""

import tomllib
from datetime import date
from typing import Any

import pytest

from connector.policy import ShopContext, decide, load_policy
from connector.records import Action, Facts, Field, HoldId, Kind, Record, Ref, Wave, to_bits
from connector.report.explanation.document import terminal
from connector.report.explanation.model import (
    Explanation,
    FieldExplanation,
    PlacedView,
    PromisedView,
    Standing,
)
from connector.report.shared import LANGUAGES
from connector.report.words import catalogue
from connector.verdicts import ClockUse, End, FieldVerdict, State
from tests.support import REPOSITORY

TODAY = date(2026, 11, 22)
PRESET = REPOSITORY / "config" / "policies" / "swedish-webshop.toml"


def verdict(**changes: Any) -> FieldVerdict:
    """A name that the books keep."""
    usual: dict[str, Any] = {
        "field": Field.NAME,
        "state": State.KEEP,
        "rule": "T-01",
        "action": Action.REDACT,
        "wave": Wave.EMAIL_ADDRESS,
        "basis": "BFL 7:2",
        "keep_through": date(2033, 12, 31),
        "eligible_from": date(2034, 1, 1),
        "act_by": date(2034, 2, 1),
        "clock": ClockUse(name="delivered", on=date(2026, 3, 1), source="completed"),
        "floor": "F1",
        "floor_through": date(2033, 12, 31),
        "ends": (End(purpose="claims", through=date(2029, 5, 15)),),
        "reason": "purpose",
    }
    return FieldVerdict(**(usual | changes))


def said(
    *fields: FieldVerdict | FieldExplanation, language: str = "en", width: int = 400, **view: Any
) -> str:
    """The explanation of these fields, one line a sentence unless it is narrow."""
    shown = tuple(
        one if isinstance(one, FieldExplanation) else FieldExplanation(verdict=one, rule_en="Buyer's name")
        for one in fields
    )
    usual: dict[str, Any] = {"kind": Kind.ORDER, "number": "1042", "id": "1042", "today": TODAY}
    return terminal(
        Explanation(fields=shown, **(usual | view)),
        language="sv" if language == "sv" else "en",
        width=width,
    )


def promised(standing: Standing, latest: date | None = date(2031, 3, 1)) -> FieldExplanation:
    one = PromisedView(id="S1-03", sv="Tas bort efter fem år", en="Removed after five years",
                       standing=standing, latest=latest)  # fmt: skip
    return FieldExplanation(verdict=verdict(), promises=(one,))


def test_a_field_says_its_rule_law_clock_signal_purpose_and_minimum() -> None:
    lines = said(verdict()).splitlines()
    assert lines[0] == "Order 1042, read 2026-11-22"
    assert [line.strip() for line in lines[2:8]] == [
        "= Name: kept through 2033-12-31. The bookkeeping act or another law requires it.",
        "Rule: T-01 Buyer's name. Law: BFL 7:2.",
        "Counted from 2026-03-01 (delivery). No delivery date: 7 days after the order was completed.",
        "Needed for complaints and claims through 2029-05-15.",
        "Legal minimum: bookkeeping (F1) through 2033-12-31.",
        "The privacy policy promises no time.",
    ]


def test_the_law_is_named_in_full_below() -> None:
    assert "BFL: the Swedish Bookkeeping Act." in said(verdict())
    assert "ML:" not in said(verdict())


def test_what_is_due_says_when_it_ended_and_by_when_it_goes() -> None:
    over = verdict(state=State.DUE, keep_through=date(2026, 11, 1), act_by=date(2026, 12, 2), reason="due")
    assert "its time ended 2026-11-01. To be redacted no later than 2026-12-02." in said(over)
    assert "gallra plan" in said(over)


def test_what_should_have_gone_long_ago_says_so() -> None:
    late = verdict(state=State.DUE, keep_through=date(2020, 11, 1), act_by=date(2020, 12, 2), reason="due")
    assert "Should have been redacted by 2020-12-02." in said(late)


def test_an_account_that_nobody_has_warned_is_not_kept_through_a_past_day() -> None:
    account = verdict(
        field=None, rule="T-20", keep_through=date(2023, 10, 28), reason="warning_not_recorded",
        floor=None, floor_through=None,
    )  # fmt: skip
    text = said(account, kind=Kind.CUSTOMER, id="9")
    assert "= Whole account: kept. No warning is on record." in text
    assert "gallra warn done 9 --by NAME" in text
    assert "Its time ended 2023-10-28." in text
    assert "kept through 2023-10-28" not in text


def test_a_rule_that_is_off_is_not_kept_through_a_past_day() -> None:
    off = verdict(keep_through=date(2023, 10, 28), reason="not_switched_on")
    assert "kept. Rule T-01 is not switched on in the shop's file. Its time ended 2023-10-28." in said(off)


def test_a_date_that_cannot_be_computed_says_why() -> None:
    endless = verdict(keep_through=None, clock=ClockUse(name="identity_end"), reason="account_exists")
    text = said(endless)
    assert "kept, and no end can be computed. The customer still has an account." in text
    assert "Counted from a day that has not come (when the account ends)." in text


def test_a_rule_that_is_off_is_said_to_be_off_where_its_date_cannot_be_read_either() -> None:
    unread = verdict(keep_through=None, floor="", floor_through=None, reason="clock_unknown")
    text = said(FieldExplanation(verdict=unread, rule_en="Subscriber by consent", off=True))
    assert "Rule T-01 is not switched on in the shop's file." in text
    assert "not switched on" not in said(unread)


def test_a_hold_says_its_reason_in_words_and_its_code() -> None:
    held = verdict(state=State.HELD, holds=(HoldId.RETURN,), keep_through=date(2024, 1, 1), reason="hold")
    assert "! Name: waits." in said(held)
    assert "Hold: A return or complaint is open (H2)." in said(held)


def test_a_hold_on_what_is_kept_anyway_says_until_when() -> None:
    held = verdict(state=State.HELD, holds=(HoldId.RETURN,), reason="hold")
    assert "waits, and is kept through 2033-12-31 in any case." in said(held)


def test_a_hold_that_cannot_be_seen_says_how_to_attest_it() -> None:
    unseen = verdict(
        state=State.HELD, unknown_holds=(HoldId.BALANCE,), keep_through=date(2024, 1, 1),
        reason="unknown_holds",
    )  # fmt: skip
    assert "Store credit or gift card with a balance (H6). Attest it under attest.none" in said(unseen)


def test_a_hold_that_a_person_placed_says_why_who_and_when_it_is_reviewed() -> None:
    placed = PlacedView(id=3, hold=HoldId.LEGAL_CLAIM, reason="Claim in court", owner="Disa Demo",
                        review=date(2027, 5, 1))  # fmt: skip
    text = said(verdict(), placed=(placed,))
    assert "Hold 3: legal claim or request from an authority (H5). Reason: Claim in court." in text
    assert "Owner: Disa Demo. Review 2027-05-01." in text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.WITHIN, "latest 2031-03-01, the promise is kept."),
        (Standing.OVER, "latest 2031-03-01, kept longer than promised."),
        (Standing.BY_LAW, "the law demands 2033-12-31. The law wins, correct the policy."),
        (Standing.LAW_AHEAD, "the law demands 2033-12-31. The law wins, correct the policy."),
        (Standing.LATE_AHEAD, "the promise will not be kept, the rule erases no later than 2034-02-01."),
        (Standing.HELD, "the day has passed, but a hold waits."),
        (Standing.ENDLESS, "the day has passed, and the data has no end."),
        (Standing.NO_TIME, "The privacy policy (S1-03) gives no time."),
    ],
)
def test_a_promise_says_its_latest_day_and_how_it_stands(standing: Standing, words: str) -> None:
    text = said(promised(standing))
    assert words in text
    assert "S1-03: “Removed after five years”" in text


def test_a_shop_without_promises_says_that_nothing_was_compared() -> None:
    text = said(verdict(), promised=False)
    assert "names no promises" in text
    assert "promises no time" not in text


def test_fields_of_one_verdict_share_a_block() -> None:
    both = said(verdict(field=Field.IP_ADDRESS), verdict(field=Field.USER_AGENT))
    assert "= IP address, browser: kept" in both
    assert both.count("Rule:") == 1


def test_fields_that_go_with_the_whole_record_stand_in_its_brackets() -> None:
    text = said(verdict(field=None), verdict(), verdict(field=Field.EMAIL), kind=Kind.CUSTOMER)
    assert "= Whole account (name, e-mail): kept" in text
    assert text.count("Rule:") == 1


def test_a_record_without_personal_data_says_so() -> None:
    assert "Gallra sees no personal data here" in said()


def test_the_next_date_stands_last_of_the_verdicts() -> None:
    assert "Next date on which something changes: 2027-01-01." in said(verdict(), next_due=date(2027, 1, 1))
    assert "Nothing changes until something new is known." in said(verdict())


def test_the_swedish_says_the_same_in_swedish() -> None:
    text = said(verdict(), language="sv")
    assert "= Namn: sparas till och med 2033-12-31. Bokföringslagen eller annan lag kräver det." in text
    assert "Lag: BFL 7:2." in text
    assert "BFL: bokföringslagen." in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 80])
def test_no_line_is_wider_than_the_terminal(language: str, width: int) -> None:
    text = said(promised(Standing.LAW_AHEAD), language=language, width=width)
    assert max(map(len, text.splitlines())) <= width


def test_every_purpose_and_alert_of_the_preset_has_words() -> None:
    preset = tomllib.loads(PRESET.read_text(encoding="utf-8"))
    purposes = {purpose["id"] for rule in preset["rule"] for purpose in rule.get("purpose", ())}
    alerts = {alert["code"] for rule in preset["rule"] for alert in rule.get("alert", ())}
    alerts |= {rule["warning"]["alert"] for rule in preset["rule"] if "warning" in rule}
    keys = {f"purpose.{one}" for one in purposes} | {f"explain_alert.{one}" for one in alerts}
    assert keys - set(catalogue("sv")) == set()


def test_every_alert_of_an_order_is_said_of_one_record() -> None:
    plural = {key.partition(".")[2] for key in catalogue("en") if key.startswith("alert.")}
    one = {key.partition(".")[2] for key in catalogue("en") if key.startswith("explain_alert.")}
    of_a_run = {"over_retention", "promise_below_law", "shared_contact", "not_in_shop", "filled_again"}
    assert plural - of_a_run == one


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_explained_without_a_machines_word(kind: Kind, language: str) -> None:
    policy = load_policy("swedish-webshop", context=ShopContext())
    day = date(2015, 3, 1)
    facts = Facts(created=day, modified=day, paid=day, closed=day, last_login=day, unsubscribed=day,
                  status="completed", basis="consent")  # fmt: skip
    record = Record(ref=Ref(adapter="shop", kind=kind, id="7"), version="1", facts=facts,
                    present=to_bits(tuple(Field)))  # fmt: skip
    decided = decide(record, policy, today=TODAY)
    every = (*((decided.record,) if decided.record else ()), *decided.fields)
    assert every
    text = said(*every, language=language, kind=kind, alerts=decided.alerts)
    words = {word.strip("().,:;") for word in text.split()}
    assert [word for word in words if "_" in word] == []
