"""A hold is placed as the kind that is meant, and says what it keeps and what goes all the same."""

from pathlib import Path

import pytest

from connector.cli.hold_kinds import chosen
from connector.policy.binding import bound_by
from connector.records import Field, HoldId, Kind
from connector.report.words import Words
from connector.request import RequestKind
from connector.serve.pages.plans import holds_for
from tests.unit.stages.opened import Opened

WHO = ("--owner", "Disa Demo", "--review", "6 months")


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """A shop of one order that has been pulled."""
    made = Opened(tmp_path)
    made.memory.order("1")
    made.gallra("pull")
    return made


@pytest.mark.parametrize("hold", list(HoldId))
def test_what_a_hold_keeps_and_what_goes_are_all_fields_of_an_order_and_none_is_both(
    opened: Opened, hold: HoldId
) -> None:
    rules = opened.open().written.rules
    kept, goes = bound_by(rules, hold, Kind.ORDER)
    assert not set(kept) & set(goes)
    assert {*kept, *goes} == {field for rule in rules if rule.kind is Kind.ORDER for field in rule.fields}


def test_a_claim_lets_the_phone_go_and_a_return_keeps_it(opened: Opened) -> None:
    rules = opened.open().written.rules
    assert Field.PHONE in bound_by(rules, HoldId.LEGAL_CLAIM, Kind.ORDER)[1]
    assert Field.PHONE in bound_by(rules, HoldId.RETURN, Kind.ORDER)[0]
    assert not bound_by(rules, HoldId.ACCESS, Kind.ORDER)[1]


BY_REQUEST = frozenset(kind.hold for kind in RequestKind)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_record_of_any_rule_is_taken_out_by_a_hold_that_keeps_it_whole_and_says_nothing_untrue(
    opened: Opened, kind: Kind
) -> None:
    shop = opened.open()
    rules = [rule for rule in shop.written.rules if rule.kind is kind]
    for rule in rules:
        offered = holds_for(shop, [rule.id], Words("en"))
        assert not BY_REQUEST & {one.id for one in offered}, "nobody has asked for anything"
        assert all(
            not bound_by(rules, one.id, kind)[1] for one in offered if one.id is HoldId.TAKEN_OUT
        )
        assert HoldId.TAKEN_OUT in {one.id for one in offered}
        named = {hold for each in shop.written.rules if each.id == rule.id for hold in each.holds}
        assert {one.id for one in offered} - {HoldId.TAKEN_OUT} <= named


def test_what_was_taken_out_is_explained_by_who_did_and_by_nobody_s_request(opened: Opened) -> None:
    said = opened.gallra("hold", "add", "--order", "#1", "--hold", "H0", "--reason", "Asked the board", *WHO)
    assert said.code == 0, said.err
    told = opened.gallra("explain", "#1", "--language", "en").out
    assert "Taken out by a named person" in told
    assert "asked to see" not in told


def test_hold_add_says_what_stays_and_what_goes(opened: Opened) -> None:
    said = opened.gallra("hold", "add", "--order", "#1", "--hold", "H5", "--reason", "Claim", *WHO)
    assert said.code == 0, said.err
    keeps, goes = (line for line in said.out.splitlines() if line.startswith("  H5"))
    assert "name" in keeps
    assert "phone" in goes


@pytest.mark.parametrize(
    "reason", ["Reklamation pågår", "Kunden ångrar köpet", "retur på väg", "Complaint not settled"]
)
def test_a_reason_that_speaks_of_a_return_is_told_of_its_own_hold(
    reason: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert chosen("", reason) == "H5"
    assert "--hold H2" in capsys.readouterr().err
    assert chosen("H3", reason) == "H3"
    assert capsys.readouterr().err == ""


def test_a_person_at_a_terminal_is_asked_which_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.cli.hold_kinds.sys.stdin", type("Tty", (), {"isatty": lambda _: True})())
    monkeypatch.setattr("connector.cli.hold_kinds.typer.confirm", lambda *_, **__: True)
    assert chosen("", "Reklamation pågår") == "H2"
    assert chosen("", "Tvist i tingsrätten") == "H5"
