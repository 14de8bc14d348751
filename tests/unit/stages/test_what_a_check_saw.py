"""What a check happened to see tightens a run and is told; it never makes a plan another policy's."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from connector.ports import Access
from connector.records import HoldId, Kind
from tests.unit.stages.opened import Opened

SLOW = frozenset({HoldId.DISPUTE, HoldId.SUBSCRIPTION})


@pytest.fixture
def shop(tmp_path: Path) -> Opened:
    """A shop in which nobody has attested any hold away, with an account that is due."""
    made = Opened(tmp_path, attested=False)
    made.memory.customer("9")
    made.memory.order("2")
    return made


def test_a_check_that_could_not_read_a_hold_leaves_the_approval_standing(shop: Opened) -> None:
    code = shop.planned()
    shop.memory.unreadable_holds = SLOW
    said = shop.gallra("apply")
    assert "another policy" not in said.err
    assert said.code == 0, said.err
    assert code in said.out


def test_what_a_hold_binds_that_cannot_be_read_any_more_is_left_alone_and_told(shop: Opened) -> None:
    shop.planned()
    shop.memory.unreadable_holds = SLOW
    said = shop.gallra("apply")
    assert shop.memory.of("9", Kind.CUSTOMER).values
    assert "could not read H7, H8" in said.err
    assert "unknown_holds" in said.out


def test_a_hold_that_can_be_read_again_adds_nothing_to_an_approved_plan(shop: Opened) -> None:
    shop.memory.unreadable_holds = SLOW
    shop.planned()
    shop.memory.unreadable_holds = frozenset()
    said = shop.gallra("apply")
    assert said.code == 0, said.err
    assert shop.memory.of("9", Kind.CUSTOMER).values
    assert shop.ran()
    assert not [ref for ref in shop.memory.held if ref.kind is Kind.CUSTOMER]


def test_a_plan_made_after_such_a_check_decides_every_record_anew(shop: Opened) -> None:
    before = shop.planned()
    shop.memory.unreadable_holds = SLOW
    assert shop.planned() != before


def test_what_a_person_attests_is_another_policy(shop: Opened) -> None:
    shop.planned()
    text = shop.file.read_text(encoding="utf-8")
    shop.file.write_text(f'{text}\n[[attest.none]]\nhold = "H7"\nby = "Disa Demo"\non = 2026-11-01\n')
    said = shop.gallra("apply")
    assert said.code == 5
    assert "another policy" in said.err


def test_a_shop_that_does_not_answer_loosens_nothing(shop: Opened) -> None:
    shop.memory.unreadable_holds = SLOW
    shop.gallra("check")
    known = shop.open().policy.context.unknown_holds
    silent = replace(shop.memory.check(), reachable=False, unreadable_holds=frozenset())

    def check() -> Access:
        return silent

    shop.memory.check = check  # type: ignore[method-assign]
    shop.gallra("check")
    assert shop.open().policy.context.unknown_holds == known == SLOW
