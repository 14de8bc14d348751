"""What stands in the by-hand list: what a person can do and what is still there, and nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from connector.ledger.index import Marks
from connector.ledger.plans import Plans, rows
from connector.plan import Plan, done_to, steps_of
from connector.policy import decide
from connector.ports import Ability, Capabilities
from connector.records import FIELD_BITS, Field, Kind, Outcome, Placed, Ref
from connector.views.dry_run import annex
from connector.views.protocol.counting import Counted
from connector.views.protocol.tasks import as_of_now, hands_left
from tests.engine_support import NOON, Engine

TODAY = NOON.date()

ORDER = Capabilities(
    kind=Kind.ORDER,
    fields={
        Field.EMAIL: Ability.REDACT,
        Field.NAME: Ability.REDACT,
        Field.BILLING_ADDRESS: Ability.BY_REQUEST,
        Field.IP_ADDRESS: Ability.CANNOT,
    },
    deletes=False,
    residue={"destination": frozenset({Field.NAME}), "timeline": frozenset({Field.NAME})},
    erased=frozenset({"destination"}),
)


@pytest.fixture(autouse=True)
def _abilities(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    right = engine.shop.record
    monkeypatch.setattr(engine.shop, "capabilities", lambda kind: replace(ORDER, kind=kind))
    monkeypatch.setattr(
        engine.shop, "record", lambda held: replace(right(held), residue=("destination", "timeline"))
    )


def shop_of(engine: Engine) -> Any:
    able = {(engine.shop.name, kind): engine.shop.capabilities(kind) for kind in engine.shop.kinds}
    return SimpleNamespace(ledger=engine.ledger, capabilities=able)


def told(engine: Engine) -> tuple[int, set[str]]:
    """The fields and places that the protocol lists for a hand."""
    fields, places = 0, set[str]()
    with engine.ledger.begin() as connection:
        for row in as_of_now(shop_of(engine), connection, engine.plan_id):
            fields |= row.step.by_hand
            places |= set(row.step.residue)
    return fields, places


def carried_out(engine: Engine) -> None:
    engine.shop.order("1")
    engine.pull()
    engine.plan()
    engine.apply()


def test_what_is_still_there_is_listed(engine: Engine) -> None:
    carried_out(engine)
    fields, places = told(engine)
    assert fields & FIELD_BITS[Field.BILLING_ADDRESS]
    assert places == {"destination", "timeline"}


def test_what_the_platforms_erasure_took_leaves_the_list_and_the_rest_stays(engine: Engine) -> None:
    carried_out(engine)
    held = engine.shop.of("1")
    del held.values[Field.BILLING_ADDRESS]
    engine.shop.touch(held)
    engine.pull()
    fields, places = told(engine)
    assert not fields & FIELD_BITS[Field.BILLING_ADDRESS]
    assert places == {"timeline"}


def test_what_nobody_can_do_is_no_task(engine: Engine) -> None:
    held = engine.shop.order("1")
    able = replace(ORDER, nobody=frozenset({Field.IP_ADDRESS}))
    record = engine.shop.record(held)
    verdict = decide(record, engine.policy, today=TODAY)
    assert any(
        step.by_hand & FIELD_BITS[Field.IP_ADDRESS] for step in steps_of(record, verdict, ORDER, today=TODAY)
    )
    assert not any(
        step.by_hand & FIELD_BITS[Field.IP_ADDRESS] for step in steps_of(record, verdict, able, today=TODAY)
    )


def test_the_annex_says_redact_only_of_what_a_call_changes(engine: Engine) -> None:
    held = engine.shop.order("1")
    able = replace(ORDER, nobody=frozenset({Field.IP_ADDRESS}))
    record = engine.shop.record(held)
    verdict = decide(record, engine.policy, today=TODAY)
    said = {
        why.field: done_to(step, why.field)
        for step in steps_of(record, verdict, able, today=TODAY)
        for why in step.why
    }
    assert said["email"] == "redact"
    assert said["billing_address"] == Outcome.BY_HAND
    assert said.get("ip_address", "cannot") == "cannot"


def test_the_annex_names_every_place_that_a_call_leaves_as_it_is(engine: Engine) -> None:
    carried_out(engine)
    rows = [row for row in annex(shop_of(engine)) if row.place]
    assert {(row.place, row.action) for row in rows} == {
        ("destination", Outcome.BY_HAND),
        ("timeline", Outcome.BY_HAND),
    }


def only_a_hand(engine: Engine) -> dict[str, int]:
    """The tasks without a step that are left of the newest plan."""
    with engine.ledger.begin() as connection:
        _, plan, _ = Plans(engine.ledger).need(connection)
        return hands_left(shop_of(engine), connection, plan)


def test_a_task_without_a_step_ends_once_no_record_shows_its_field(engine: Engine) -> None:
    held = engine.shop.order("1", name="", email="")
    engine.pull()
    engine.plan()
    assert only_a_hand(engine)["order|billing_address|"] == 1
    del held.values[Field.BILLING_ADDRESS]
    engine.shop.touch(held)
    engine.pull()
    assert "order|billing_address|" not in only_a_hand(engine)


def test_an_order_with_an_undated_refund_is_named(engine: Engine) -> None:
    held = engine.shop.order("1")
    engine.shop.touch(held, undated_refunds=True)
    engine.pull()
    marks = Marks(engine.ledger)
    with engine.ledger.begin() as connection:
        codes = [(code, place, count) for code, place, _, count, _ in marks.marks(connection)]
        named = marks.mark_samples(connection, "undated_refund", "refund_date")
    assert ("undated_refund", "refund_date", 1) in codes
    assert named == ["order:#1"]


def test_a_record_that_is_gone_needs_no_hand_for_its_fields(engine: Engine) -> None:
    carried_out(engine)
    ref = Ref(adapter=engine.shop.name, kind=Kind.ORDER, id="1")
    del engine.shop.held[ref]
    engine.pull(full=True)
    assert told(engine)[0] == 0


def on_a_line(engine: Engine, monkeypatch: pytest.MonkeyPatch, *, at_once: frozenset[str]) -> None:
    """Every order keeps its tracking number, or so, in one place that a key names and no call changes."""
    able = replace(
        ORDER, fields={**ORDER.fields, Field.TRACKING_NUMBER: Ability.REDACT}, residue={}, at_once=at_once
    )
    monkeypatch.setattr(engine.shop, "capabilities", lambda kind: replace(able, kind=kind))
    right = engine.shop.record

    def record(held: Any) -> Any:
        found = replace(right(held), residue=("agent:Ombud",), stuck=FIELD_BITS[Field.TRACKING_NUMBER])
        bits = found.present | FIELD_BITS[Field.TRACKING_NUMBER]
        return replace(
            found, present=bits, placed=(Placed(place="agent:Ombud", field=Field.TRACKING_NUMBER),)
        )

    monkeypatch.setattr(engine.shop, "record", record)


def drawn(engine: Engine, *, orders: int) -> Plan:
    for number in range(1, orders + 1):
        engine.shop.order(str(number))
    engine.pull()
    engine.plan()
    with engine.ledger.begin() as connection:
        _, plan, _ = Plans(engine.ledger).need(connection)
    return plan


def tasks(plan: Plan) -> set[str]:
    return {name for wave in plan.waves for name in wave.by_hand} | set(plan.by_hand)


def test_a_place_that_a_key_names_is_one_task_with_its_field(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_line(engine, monkeypatch, at_once=frozenset())
    found = tasks(drawn(engine, orders=1))
    assert "order|tracking_number|agent:Ombud" in found
    assert "order|tracking_number|" not in found


def test_a_place_that_a_key_names_is_no_task_before_its_field_is_due(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_line(engine, monkeypatch, at_once=frozenset())
    record = engine.shop.record(engine.shop.order("1"))
    verdict = decide(record, engine.policy, today=TODAY)
    left = tuple(one for one in verdict.fields if one.field is not Field.TRACKING_NUMBER)
    assert not any(
        step.residue for step in steps_of(record, replace(verdict, fields=left), ORDER, today=TODAY)
    )


@pytest.mark.parametrize(("at_once", "more"), [(frozenset(), 5), (frozenset({"agent"}), 1)])
def test_what_one_act_does_for_every_record_counts_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, at_once: frozenset[str], more: int
) -> None:
    on_a_line(engine, monkeypatch, at_once=at_once)
    all_redacted(engine, monkeypatch)
    plan = drawn(engine, orders=5)
    assert plan.totals["order"].by_hand == more
    assert {count for wave in plan.waves for count in wave.by_hand.values()} == {5}


def test_a_step_of_a_ledger_from_before_is_read() -> None:
    assert rows._decode_why(b'[[],["klarna_order"],["refund_reason"]]').placed == ()


def counted(engine: Engine) -> int:
    """The tasks that the closing sentence counts."""
    shop = shop_of(engine)
    with engine.ledger.begin() as connection:
        plan = Plans(engine.ledger).by_id(connection, engine.plan_id)
        steps = as_of_now(shop, connection, engine.plan_id)
        return Counted(shop, steps, plan, hands_left(shop, connection, plan)).tasks


def all_redacted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    able = replace(engine.shop.capabilities(Kind.ORDER), fields=dict.fromkeys(Field, Ability.REDACT))
    monkeypatch.setattr(engine.shop, "capabilities", lambda kind: replace(able, kind=kind))


@pytest.mark.parametrize(("at_once", "tasks"), [(frozenset(), 3), (frozenset({"agent"}), 1)])
def test_the_protocol_counts_what_one_act_does_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, at_once: frozenset[str], tasks: int
) -> None:
    on_a_line(engine, monkeypatch, at_once=at_once)
    all_redacted(engine, monkeypatch)
    drawn(engine, orders=3)
    engine.apply()
    assert counted(engine) == tasks


def test_a_place_that_somebody_cleared_leaves_the_protocol(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = engine.shop.record
    on_a_line(engine, monkeypatch, at_once=frozenset({"agent"}))
    all_redacted(engine, monkeypatch)
    drawn(engine, orders=3)
    engine.apply()
    monkeypatch.setattr(engine.shop, "record", lambda held: replace(right(held), residue=()))
    engine.pull(full=True)
    assert counted(engine) == 0
