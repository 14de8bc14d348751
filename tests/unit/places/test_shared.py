"""A field whose place is shared with one that stays: it waits with it, and is told with that one's law."""

from datetime import date

import pytest
from msgspec.structs import replace

from connector.places.shared import SHARED, out_of_reach
from connector.plan import classify, steps_of
from connector.policy import decide
from connector.ports import Ability, Capabilities
from connector.records import Facts, Field, Kind, Record, Ref, Tie, to_bits
from connector.report.explanation.document import terminal
from connector.report.explanation.model import Explanation, FieldExplanation
from connector.verdicts import FieldVerdict, State, Verdict
from tests.engine_support import Engine, make_policy

TODAY = date(2026, 11, 22)
SOLD = date(2024, 11, 22)
F = Field
TIE = Tie(place="meta:_box", field=F.DOOR_CODE, waits_for=(F.BILLING_ADDRESS,), alone=True)
ABLE = Capabilities(kind=Kind.ORDER, fields=dict.fromkeys(Field, Ability.REDACT), deletes=True)


def order(*fields: Field, ties: tuple[Tie, ...] = (), stuck: tuple[Field, ...] = ()) -> Record:
    facts = Facts(
        created=SOLD,
        modified=SOLD,
        status="completed",
        paid=SOLD,
        completed=SOLD,
        payment="card",
        ship_to="SE",
    )
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    return Record(
        ref=ref, version="1", facts=facts, present=to_bits(fields), label="1", ties=ties, stuck=to_bits(stuck)
    )


def decided(record: Record) -> Verdict:
    return decide(record, make_policy(), today=TODAY)


def of(verdict: Verdict, field: Field) -> list[FieldVerdict]:
    return [one for one in verdict.fields if one.field is field]


def test_a_due_field_keeps_as_long_as_the_one_it_waits_for_and_by_its_law() -> None:
    verdict = decided(order(F.DOOR_CODE, F.BILLING_ADDRESS, ties=(TIE,)))
    [waiting], [last] = of(verdict, F.DOOR_CODE), of(verdict, F.BILLING_ADDRESS)
    assert (waiting.state, waiting.reason) == (State.KEEP, SHARED)
    assert (waiting.keep_through, waiting.basis) == (last.keep_through, last.basis)
    assert waiting.rule == "T-07"
    assert (waiting.place, waiting.waits_for) == ("meta:_box", F.BILLING_ADDRESS)
    assert of(decided(order(F.DOOR_CODE, F.BILLING_ADDRESS)), F.DOOR_CODE)[0].state is State.DUE


def test_nothing_is_planned_of_a_field_that_only_waits() -> None:
    record = order(F.DOOR_CODE, F.BILLING_ADDRESS, ties=(TIE,))
    assert steps_of(record, decided(record), ABLE, today=TODAY) == ()
    assert classify(decided(record), ABLE) == "nothing_due"


def test_a_field_that_stands_elsewhere_too_goes_there_and_waits_here() -> None:
    record = order(F.DOOR_CODE, F.BILLING_ADDRESS, ties=(replace(TIE, alone=False),))
    assert [one.state for one in of(decided(record), F.DOOR_CODE)] == [State.DUE, State.KEEP]
    [step] = steps_of(record, decided(record), ABLE, today=TODAY)
    assert step.fields == to_bits((F.DOOR_CODE,))


def test_a_place_waits_no_more_once_what_it_waited_for_is_gone_or_due() -> None:
    assert of(decided(order(F.DOOR_CODE, ties=(TIE,))), F.DOOR_CODE)[0].state is State.DUE
    due = replace(TIE, waits_for=(F.IP_ADDRESS,))
    assert of(decided(order(F.DOOR_CODE, F.IP_ADDRESS, ties=(due,))), F.DOOR_CODE)[0].state is State.DUE


def test_what_rightly_waits_after_a_write_is_no_failed_erasure() -> None:
    record = order(F.DOOR_CODE, F.BILLING_ADDRESS, ties=(TIE,))
    assert out_of_reach(record, to_bits((F.DOOR_CODE,))) == to_bits((F.DOOR_CODE,))
    assert out_of_reach(record, to_bits((F.DOOR_CODE, F.BILLING_ADDRESS))) == 0


def test_a_field_that_no_call_changes_on_this_record_is_by_hand_and_no_redaction() -> None:
    record = order(F.DOOR_CODE, F.IP_ADDRESS, stuck=(F.DOOR_CODE,))
    steps = steps_of(record, decided(record), ABLE, today=TODAY)
    assert sum(step.fields for step in steps) == to_bits((F.IP_ADDRESS,))
    assert sum(step.by_hand for step in steps) == to_bits((F.DOOR_CODE,))
    alone = order(F.DOOR_CODE, stuck=(F.DOOR_CODE,))
    assert classify(decided(alone), ABLE, stuck=alone.stuck) != "redact"


def test_an_explanation_names_the_place_the_law_and_the_day() -> None:
    verdict = decided(order(F.DOOR_CODE, F.BILLING_ADDRESS, ties=(TIE,)))
    view = Explanation(
        kind=Kind.ORDER, number="1", today=TODAY, promised=False,
        fields=tuple(FieldExplanation(verdict=one) for one in verdict.fields),
    )  # fmt: skip
    [waiting] = of(verdict, F.DOOR_CODE)
    told = " ".join(terminal(view, language="en", width=100).split())
    assert "The place (custom field _box) is taken whole or not at all and waits for billing address" in told
    assert f"{waiting.basis}, kept through {waiting.keep_through}" in told


def test_a_run_leaves_what_waits_and_is_clean(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = engine.shop.record
    monkeypatch.setattr(engine.shop, "record", lambda held: replace(plain(held), ties=(TIE,)))
    engine.shop.order("1", SOLD, door_code="4711", billing_address="Gatan 1", ip_address="192.0.2.1")
    engine.pull()
    engine.plan()
    assert F.DOOR_CODE not in engine.planned()["1"]
    assert F.IP_ADDRESS in engine.planned()["1"]
    engine.apply()
    seen = engine.verify(again=True)
    assert (seen.clean, seen.left) == (1, 0)
    assert F.DOOR_CODE in engine.shop.of("1").values
