"""What must hold before anything is touched, one guard at a time."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from connector.deciding import guards
from connector.errors import (
    AccessDenied,
    Exit,
    LimitExceeded,
    NotApproved,
    PlanStale,
    PolicyUnsound,
    RetryLater,
)
from connector.ledger.plans import Approval
from connector.plan import LimitCheck, Limits, Plan, check_limits
from connector.ports import Access, Listener, Mark
from connector.records import Kind, Wave
from connector.views.lint import Severity, lint_policy
from connector.views.lint.refusing import SHOWN, refuse_unsound
from tests.engine_support import LAST_YEAR, Engine
from tests.support import REPOSITORY

HEARS = Listener(id="w-1", name="a feed", kind="webhook", hears="order.updated")
MARKED = Mark(id="w-1", mark="tested", by="Disa Demo", on=date(2026, 11, 1))
OVER = (LimitCheck(name="records", kind="", allowed=5, planned=6),)

LINE = "gallra approve 7f3ac91e"


@pytest.fixture
def plan(engine: Engine) -> Plan:
    engine.shop.order("1", phone="0701234567")
    engine.shop.order("2", LAST_YEAR)
    engine.shop.customer("9")
    engine.pull()
    return engine.plan()


def fresh(plan: Plan, state: str = "open", **changes: object) -> None:
    given = {"policy_digest": plan.policy_digest, "key": plan.key, "now": plan.created} | changes
    guards.must_be_fresh(plan, state, **given)  # type: ignore[arg-type]


def approval(plan: Plan, wave: Wave, **changes: object) -> Approval:
    found = plan.wave(wave)
    assert found is not None
    made = Approval(wave=wave, digest=found.digest, person="Disa Demo", role="owner")
    return msgspec.structs.replace(made, **changes)


def test_a_plan_is_fresh_to_the_end_of_its_seventh_day(plan: Plan) -> None:
    assert (plan.expires - plan.created).days == 7
    fresh(plan, now=plan.expires)
    with pytest.raises(PlanStale, match="seven days"):
        fresh(plan, now=plan.expires.replace(microsecond=1))


def test_a_plan_that_has_begun_does_not_grow_stale(plan: Plan) -> None:
    fresh(plan, "begun", now=plan.expires.replace(year=2027))


@pytest.mark.parametrize("state", ["open", "begun", "finished"])
@pytest.mark.parametrize("change", [{"policy_digest": "other"}, {"key": "other"}])
def test_another_policy_or_key_is_refused_whatever_the_plans_state(
    plan: Plan, state: str, change: dict[str, str]
) -> None:
    with pytest.raises(PlanStale) as refused:
        fresh(plan, state, **change)
    assert refused.value.exit is Exit.STALE


def test_only_waves_whose_own_digest_was_approved_may_run(plan: Plan) -> None:
    traces, mail = approval(plan, Wave.TRACES), approval(plan, Wave.EMAIL_ADDRESS)
    assert guards.approved_waves(plan, [mail, traces], line=LINE) == (Wave.TRACES, Wave.EMAIL_ADDRESS)
    assert guards.approved_waves(plan, [traces], line=LINE) == (Wave.TRACES,)
    swapped = msgspec.structs.replace(traces, digest=mail.digest)
    assert guards.approved_waves(plan, [mail, swapped], line=LINE) == (Wave.EMAIL_ADDRESS,)


def test_no_approval_is_a_block(plan: Plan) -> None:
    for none in ([], [approval(plan, Wave.TRACES, digest="0" * 64)]):
        with pytest.raises(NotApproved, match="gallra approve") as refused:
            guards.approved_waves(plan, none, line=LINE)
        assert refused.value.exit is Exit.BLOCKED


@pytest.mark.parametrize(("said", "first", "passes"), [
    (True, True, True), (True, False, False), (False, True, False), (False, False, False),
])  # fmt: skip
def test_only_a_first_run_that_says_so_may_exceed_the_limits(said: bool, first: bool, passes: bool) -> None:
    if passes:
        guards.must_keep_limits(OVER, first_run=said, first_run_allowed=first)
        return
    with pytest.raises(LimitExceeded, match="6 planned, 5 allowed") as refused:
        guards.must_keep_limits(OVER, first_run=said, first_run_allowed=first)
    assert ("--first-run" in str(refused.value)) == first


def test_a_jump_is_held_against_the_last_run_and_the_days_since() -> None:
    many = {Kind.ORDER: 100}
    for days, exceeded in ((0, True), (1, True), (2, False), (10, False)):
        views = check_limits(many, {Kind.ORDER: 10_000}, Limits(), last_run=(10, days))
        assert [v.name for v in views if v.exceeded] == (["jump"] if exceeded else [])


def _heard(*listeners: Listener) -> dict[str, Access]:
    return {"shop": Access(adapter="shop", reachable=True, can_read=True, listeners=listeners)}


def test_an_unmarked_listener_stops_what_it_would_carry_on(plan: Plan) -> None:
    for wave in (Wave.EMAIL_ADDRESS, Wave.ACCOUNTS):
        with pytest.raises(NotApproved, match="a feed"):
            guards.must_have_heard(plan, [wave], _heard(HEARS), [])
        guards.must_have_heard(plan, [wave], _heard(HEARS), [MARKED])


def test_traces_and_phones_alone_go_past_an_unmarked_listener(plan: Plan) -> None:
    guards.must_have_heard(plan, [Wave.TRACES, Wave.PHONE_NOTES], _heard(HEARS), [])


def test_a_listener_that_is_paused_in_the_shop_stops_nothing(plan: Plan) -> None:
    guards.must_have_heard(plan, list(Wave), _heard(msgspec.structs.replace(HEARS, active=False)), [])


def test_a_platform_that_does_not_show_who_hears_stops_the_same_waves_until_a_person_has_looked(
    plan: Plan,
) -> None:
    unread = {"shop": Access(adapter="shop", reachable=True, can_read=True, listeners_read=False)}
    with pytest.raises(NotApproved, match='id = "unread:shop"'):
        guards.must_have_heard(plan, list(Wave), unread, [])
    guards.must_have_heard(plan, [Wave.TRACES], unread, [])
    guards.must_have_heard(plan, list(Wave), unread, [msgspec.structs.replace(MARKED, id="unread:shop")])


def test_the_mark_of_another_listener_does_not_count(plan: Plan) -> None:
    with pytest.raises(NotApproved):
        guards.must_have_heard(plan, list(Wave), _heard(HEARS), [msgspec.structs.replace(MARKED, id="w-2")])


def test_a_recipient_is_asked_only_where_an_approved_wave_instructs_it(engine: Engine, plan: Plan) -> None:
    engine.recipients[0].can_write = False
    processors = {r.name: r for r in engine.recipients}
    assert guards.ask_recipients(plan, [Wave.TRACES], processors).told() == ()


def test_a_recipient_that_is_down_is_told_of_and_stops_no_wave(engine: Engine, plan: Plan) -> None:
    engine.recipients[0].reachable = False
    waves = (Wave.TRACES, Wave.EMAIL_ADDRESS)
    ready = guards.ask_recipients(plan, waves, {r.name: r for r in engine.recipients})
    assert (ready.waves, ready.silent, ready.stopped) == (waves, ("mailer",), ())
    assert "mailer does not answer" in ready.told()[0]


def test_a_recipient_that_refuses_the_key_stops_the_waves_that_need_it(engine: Engine, plan: Plan) -> None:
    engine.recipients[0].can_write = False
    waves = (Wave.TRACES, Wave.EMAIL_ADDRESS)
    ready = guards.ask_recipients(plan, waves, {r.name: r for r in engine.recipients})
    assert (ready.waves, ready.stopped) == ((Wave.TRACES,), (Wave.EMAIL_ADDRESS,))
    assert "gallra check" in ready.told()[0]


def test_a_recipient_that_refuses_the_key_and_leaves_no_wave_is_told_of(engine: Engine, plan: Plan) -> None:
    engine.recipients[0].can_write = False
    ready = guards.ask_recipients(plan, [Wave.EMAIL_ADDRESS], {r.name: r for r in engine.recipients})
    assert (ready.waves, ready.stopped) == ((), (Wave.EMAIL_ADDRESS,))


@pytest.mark.parametrize(("reachable", "can_write", "error"), [
    (False, True, RetryLater), (True, False, AccessDenied),
])  # fmt: skip
def test_a_shop_that_cannot_be_written_stops_before_anything(
    reachable: bool, can_write: bool, error: type[Exception]
) -> None:
    access = Access(adapter="shop", reachable=reachable, can_read=True, can_write=can_write)
    with pytest.raises(error):
        guards.must_be_writable({"shop": access})


def test_a_policy_with_lint_errors_is_refused_by_code_place_and_remedy(tmp_path: Path) -> None:
    preset = (REPOSITORY / "config" / "policies" / "swedish-webshop.toml").read_text(encoding="utf-8")
    path = tmp_path / "own.toml"
    path.write_text(preset.replace('when = ["never_paid"]\n', ""), encoding="utf-8")
    errors = [one for one in lint_policy(path) if one.severity is Severity.ERROR]
    with pytest.raises(PolicyUnsound) as refused:
        refuse_unsound(errors)
    assert refused.value.exit is Exit.BLOCKED
    assert "GA104 T-17 record" in str(refused.value)
    assert f"And {len(errors) - SHOWN} more." in str(refused.value)
    assert "gallra policy lint" in str(refused.value)
    refuse_unsound([])


def test_a_plan_that_tells_a_recipient_whom_the_settings_no_longer_name_is_not_begun(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    with pytest.raises(PlanStale, match="tells mailer, which the settings no longer name"):
        guards.ask_recipients(engine.plan(), list(Wave), {})
