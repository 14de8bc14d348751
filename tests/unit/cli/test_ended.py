"""One rule for how an unattended run ends, and what its line says."""

from types import SimpleNamespace
from typing import Any

import pytest

from connector.cli.ended import done, ended
from connector.deciding.reading_back import VerifyResult
from connector.errors import Exit, NotApproved
from connector.ledger.lost_handles import LostHandle
from connector.records import Kind
from connector.stages.push import PushResult
from connector.stages.run import RunResult


def _result(**parts: Any) -> RunResult:
    result = RunResult()
    for name, value in parts.items():
        setattr(result, name, value)
    return result


def _applied(code: str = "aaaabbbb", touched: int = 3, **more: Any) -> SimpleNamespace:
    plain = {"touched": touched, "stopped": (), "warnings": (), "lapsed": None}
    return SimpleNamespace(plan=SimpleNamespace(code=code), **plain, **more)


WAITS = NotApproved("The standing approval does not cover accounts (2 steps). `gallra approve aaaabbbb`.")
SHORT = SimpleNamespace(adapter="woocommerce", kind="order", complete=False)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, Exit.DONE),
        ({"applied": [_applied()], "verified": VerifyResult(clean=3)}, Exit.DONE),
        ({"waiting": WAITS}, Exit.BLOCKED),
        ({"applied": [_applied()], "verified": VerifyResult(clean=3), "waiting": WAITS}, Exit.BLOCKED),
        ({"verified": VerifyResult(clean=2, unread=1)}, Exit.PARTIAL),
        ({"verified": VerifyResult(clean=3, silent=("mailchimp",))}, Exit.PARTIAL),
        ({"deviated": 1}, Exit.PARTIAL),
        ({"pushed": PushResult(answered=0, put_off=(("klarna", 2),))}, Exit.PARTIAL),
        ({"pulled": (SHORT,)}, Exit.PARTIAL),
        ({"verified": VerifyResult(clean=2, left=1), "waiting": WAITS}, Exit.DATA_LEFT),
    ],
)
def test_a_run_ends_with_the_code_of_what_needs_a_hand_first(parts: dict[str, Any], code: Exit) -> None:
    assert ended(_result(**parts))[0] is code


def test_rounds_that_wait_are_named_also_where_something_graver_gives_the_code() -> None:
    _, told = ended(_result(deviated=1, waiting=WAITS))
    assert str(WAITS) in told


def test_a_run_says_how_many_records_were_applied_and_read_back() -> None:
    said = done(_result(applied=[_applied()], verified=VerifyResult(clean=3)))
    assert said == "Applied: 3 records of plan aaaabbbb. Verified: 3 read back, 3 clean, 0 with data left."


def test_a_run_with_nothing_due_says_so() -> None:
    assert done(_result()) == "Applied: nothing."


def test_what_an_earlier_run_left_begun_is_counted_with_this_run() -> None:
    result = _result(applied=[_applied(), _applied("ccccdddd", 4)])
    result.read_back(VerifyResult(clean=2, left=1))
    result.read_back(VerifyResult(clean=4))
    assert done(result).startswith(
        "Applied: 7 records of plan aaaabbbb, ccccdddd. Verified: 7 read back, 6 clean"
    )
    assert ended(result)[0] is Exit.DATA_LEFT


def test_what_waits_for_begun_records_and_lost_ones_that_nobody_saw_to_keep_a_run_from_ending_well() -> None:
    lost = LostHandle(id=7, recipient="mailchimp", kind=Kind.ORDER, label="1042", handle="guest_email")
    for pushed in (PushResult(answered=1, held=(("klarna", 2),)), PushResult(answered=1, lost=(lost,))):
        code, told = ended(_result(pushed=pushed))
        assert (code, "0 recipients" in told) == (Exit.PARTIAL, False)
