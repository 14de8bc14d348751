"""A plan: the same facts give the same digest, every record is counted once, and its sentence sums."""

import re
from datetime import date
from math import ceil

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.calendar import add_months
from connector.deciding import drawing
from connector.errors import PlanError, PlanStale
from connector.ledger import schema, tallies
from connector.ledger.plans import Plans
from connector.ledger.tallies import TallyKey, read_tallies
from connector.plan import (
    Digester,
    Limits,
    Plan,
    Step,
    check_limits,
    classify,
    digest_of,
    from_json,
    sealed,
    steps_of,
    to_json,
)
from connector.policy import decide
from connector.ports import Ability, Capabilities
from connector.records import FIELD_BITS, Action, Facts, Field, Kind, Record, Ref, Wave, to_bits
from connector.report.drawn import plan_sentence
from tests.engine_support import JUST_NOW, LAST_YEAR, NOON, Crash, Engine, Mortal, make_engine, make_policy

SENTENCE = re.compile(
    r"Plan: \d+ to delete, \d+ to redact, \d+ on hold, \d+ kept by law, \d+ nothing due, "
    r"of \d+ records; \d+ by hand\."
)
STATES = ("delete", "redact", "held", "kept_by_law", "nothing_due")
TODAY = NOON.date()


def filled(engine: Engine) -> Engine:
    engine.shop.order("1")
    engine.shop.order("2", LAST_YEAR, phone="0701234567", tags="vip")
    engine.shop.order("3", JUST_NOW)
    engine.shop.order("4", date(2021, 5, 5), company="Egg AB")
    engine.shop.customer("9")
    engine.pull()
    return engine


def test_the_same_shop_gives_the_same_digest(tmp_path_factory: pytest.TempPathFactory) -> None:
    plans = []
    for _ in range(2):
        engine = filled(make_engine(tmp_path_factory.mktemp("same")))
        plans.append(engine.plan())
        engine.ledger.engine.dispose()
    assert plans[0].digest == plans[1].digest


def counted(engine: Engine, remembered: int) -> tuple[dict[TallyKey, int], object]:
    """What a plan counts where it remembers the sums of so many verdicts."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((drawing, "REMEMBERED"), (tallies, "REMEMBERED"), (tallies, "PENDING")):
            patch.setattr(module, name, remembered)
        plan = engine.plan()
    with engine.ledger.begin() as connection:
        return dict(read_tallies(connection, engine.ledger.shop)), plan.totals


def test_what_is_counted_does_not_turn_on_what_is_remembered(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = []
    for remembered in (0, 2, 1_000):
        engine = filled(make_engine(tmp_path_factory.mktemp("counted")))
        for number in range(10, 40):
            engine.shop.order(str(number), LAST_YEAR if number % 3 else JUST_NOW, phone="0701234567")
        engine.pull()
        first = counted(engine, remembered)
        engine.shop.order("12", date(2021, 5, 5), company="Egg AB")
        engine.pull()
        found.append((first, counted(engine, remembered)))
        engine.ledger.engine.dispose()
    assert found[0] == found[1] == found[2]
    assert found[0][0] != found[0][1]


def test_planning_again_on_the_same_day_takes_the_same_steps(engine: Engine) -> None:
    first, second = filled(engine).plan(), engine.plan()
    assert first.waves == second.waves
    assert first.totals == second.totals
    assert first.digest == second.digest


def test_a_plan_reads_back_from_json(engine: Engine) -> None:
    plan = filled(engine).plan()
    assert from_json(to_json(plan)) == plan
    assert digest_of(plan) == plan.digest
    with pytest.raises(msgspec.ValidationError):
        from_json(b'{"shop": 1}')


@pytest.mark.parametrize("change", [
    {"shop": "other"}, {"policy_digest": "0"}, {"today": date(2026, 1, 1)}, {"key": "0"}, {"totals": {}},
    {"waves": ()}, {"expires": NOON}, {"tool": "0"}, {"limits": ()}, {"outlook": ()},
])  # fmt: skip
def test_the_digest_changes_with_anything_in_the_header(engine: Engine, change: dict[str, object]) -> None:
    plan = filled(engine).plan()
    assert sealed(msgspec.structs.replace(plan, **change)).digest != plan.digest


def steps(engine: Engine) -> list[Step]:
    with engine.ledger.begin() as connection:
        return list(Plans(engine.ledger).digest_steps(connection, engine.plan_id))


def waves_of(given: list[Step]) -> object:
    digester = Digester()
    for step in given:
        digester.add(step)
    return digester.waves()


@pytest.mark.parametrize("change", [
    {"fields": 0}, {"by_hand": 1}, {"label": "#77"}, {"action": Action.UNSUBSCRIBE}, {"why": ()},
    {"copies": ("phone",)}, {"ref": Ref(adapter="shop", kind=Kind.ORDER, id="77")},
    {"wave": Wave.NEWSLETTER},
])  # fmt: skip
def test_the_digest_changes_with_any_step(engine: Engine, change: dict[str, object]) -> None:
    plan = filled(engine).plan()
    drawn = steps(engine)
    assert waves_of(drawn) == plan.waves
    for place in range(len(drawn)):
        other = [*drawn]
        other[place] = msgspec.structs.replace(other[place], **change)
        assert waves_of(other) != plan.waves


def test_steps_in_another_order_have_another_digest(engine: Engine) -> None:
    plan = filled(engine).plan()
    assert waves_of(list(reversed(steps(engine)))) != plan.waves


def test_an_altered_header_is_refused(engine: Engine) -> None:
    plan = filled(engine).plan()
    altered = msgspec.structs.replace(plan, shop="other")
    engine.changed_by_hand = True
    with engine.ledger.begin() as connection:
        connection.execute(schema.plan.update().values(header=to_json(altered)))
    with pytest.raises(PlanStale, match="altered"):
        engine.steps()


def test_every_record_is_counted_once_and_the_sentence_sums(engine: Engine) -> None:
    totals = filled(engine).plan().totals
    for counted in totals.values():
        assert sum(getattr(counted, state) for state in STATES) == counted.records
    assert sum(t.records for t in totals.values()) == 5


def test_the_closing_sentence_of_a_plan_keeps_its_grammar_and_sums(engine: Engine) -> None:
    from connector.plan import Totals

    plan = filled(engine).plan()
    summed = {s: sum(getattr(t, s) for t in plan.totals.values()) for s in (*STATES, "by_hand")}
    sentence = plan_sentence(Totals(**summed))
    assert SENTENCE.fullmatch(sentence)
    numbers = list(map(int, re.findall(r"\d+", sentence)))
    assert sum(numbers[:5]) == numbers[5]


def test_what_no_api_can_do_is_by_hand_and_never_a_silent_zero(engine: Engine) -> None:
    engine.shop.order("1", tags="vip")
    engine.pull()
    plan = engine.plan()
    assert plan.totals["order"].by_hand == 1
    engine.apply()
    with engine.ledger.begin() as connection:
        rows = list(Plans(engine.ledger).steps(connection, engine.plan_id))
    assert {FIELD_BITS[Field.TAGS]} == {r.left for r in rows if r.left}


def test_a_plan_that_has_begun_is_finished_before_another_is_made(engine: Engine) -> None:
    filled(engine).plan()
    engine.shop.mortal = Mortal(3)
    with pytest.raises(Crash):
        engine.apply()
    engine.shop.mortal = Mortal()
    with pytest.raises(PlanError, match="gallra apply"):
        engine.plan()
    engine.apply()
    engine.plan()


def test_a_plan_is_known_by_its_whole_code_and_by_nothing_shorter(engine: Engine) -> None:
    plan = filled(engine).plan()
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        assert plans.need(connection, plan.code)[1] == plan
        for code in ("%", "", plan.code[:7], "_" * 8, "draft 20"):
            with pytest.raises(PlanError):
                plans.need(connection, code)


def test_a_code_that_a_newer_plan_replaced_is_refused(engine: Engine) -> None:
    first = filled(engine).plan()
    engine.shop.order("5")
    engine.pull()
    engine.plan()
    with engine.ledger.begin() as connection, pytest.raises(PlanStale, match="replaced"):
        Plans(engine.ledger).need(connection, first.code)


def test_a_plan_of_an_empty_shop_has_nothing_and_says_so(engine: Engine) -> None:
    engine.pull()
    plan = engine.plan()
    assert plan.waves == ()
    assert plan.totals == {}


def test_a_sample_of_a_wave_is_spread_over_it_and_the_same_each_time(engine: Engine) -> None:
    for number in range(40):
        engine.shop.order(f"{number:03d}")
    engine.pull()
    engine.plan()
    plans = Plans(engine.ledger)
    with engine.ledger.begin() as connection:
        found = [s.step.ref.id for s in plans.samples(connection, engine.plan_id, Wave.TRACES, limit=5)]
        assert found == [
            s.step.ref.id for s in plans.samples(connection, engine.plan_id, Wave.TRACES, limit=5)
        ]
    assert len(set(found)) == 5
    assert max(found) > "030"


# Properties ---------------------------------------------------------------------------------

days = st.dates(date(2012, 1, 1), date(2026, 11, 21))
order_facts = st.builds(
    Facts,
    created=days, status=st.sampled_from(["completed", "processing", "failed", "cancelled", "refunded"]),
    paid=st.none() | days, completed=st.none() | days, cancelled=st.none() | days,
    payment=st.sampled_from(["", "invoice", "card"]), ship_to=st.sampled_from(["SE", "DE", "NO", ""]),
    business=st.booleans(), owed=st.booleans(), return_open=st.booleans(), disputed=st.booleans(),
    final=st.booleans(),
)  # fmt: skip
bits = st.sets(st.sampled_from(list(Field))).map(lambda fields: to_bits(tuple(fields)))
abilities = st.dictionaries(st.sampled_from(list(Field)), st.sampled_from(list(Ability)))


@given(facts=order_facts, present=bits, fields=abilities, deletes=st.booleans())
def test_a_record_counts_as_delete_or_redact_exactly_where_a_step_writes_to_it(
    facts: Facts, present: int, fields: dict[Field, Ability], deletes: bool
) -> None:
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    record = Record(ref=ref, version="1", facts=facts, present=present)
    can = Capabilities(kind=Kind.ORDER, fields=fields, deletes=deletes)
    verdict = decide(record, make_policy(), today=TODAY)
    drawn = steps_of(record, verdict, can, today=TODAY)
    state = classify(verdict, can)
    assert state in STATES
    writes = [s for s in drawn if s.fields or s.action is not Action.REDACT]
    assert (state in ("delete", "redact")) == bool(writes)
    assert (state == "delete") == any(s.action is not Action.REDACT for s in drawn)
    taken = [f for s in drawn for f in FIELD_BITS.values() if s.fields & f]
    assert len(taken) == len(set(taken))
    assert all(s.fields & present == s.fields for s in drawn)


@given(facts=order_facts, present=bits, deletes=st.booleans())
def test_a_parcels_number_goes_to_its_carrier_only_while_it_surely_points_at_this_parcel(
    facts: Facts, present: int, deletes: bool
) -> None:
    """Schedule T-14: never later than 18 months, and a letter takes up to one of them to leave."""
    ref = Ref(adapter="shop", kind=Kind.ORDER, id="1")
    copies = ("email", "tracking_number")
    record = Record(ref=ref, version="1", facts=facts, present=present, copies=copies)
    can = Capabilities(kind=Kind.ORDER, fields=dict.fromkeys(Field, Ability.REDACT), deletes=deletes)
    known = [day for day in (facts.shipped, facts.created) if day is not None]
    still = bool(known) and add_months(min(known), 17) > TODAY
    for step in steps_of(record, decide(record, make_policy(), today=TODAY), can, today=TODAY):
        assert step.copies == (copies if still else ("email",))


# Every example runs a whole shop twice: a fortieth of the others' examples.
@settings(max_examples=ceil(settings().max_examples / 40))
@given(orders=st.lists(st.tuples(order_facts, bits), max_size=12), later=st.integers(0, 400))
def test_the_counts_of_any_shop_sum_to_its_records(
    tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[Facts, int]], later: int
) -> None:
    engine = make_engine(tmp_path_factory.mktemp("sums"))
    for number, (facts, present) in enumerate(orders):
        given = {f: "x" for f, bit in FIELD_BITS.items() if present & bit}
        engine.shop.put(Kind.ORDER, str(number), given, facts)
    engine.pull()
    for _ in range(2):
        plan: Plan = engine.plan()
        for counted in plan.totals.values():
            assert sum(getattr(counted, state) for state in STATES) == counted.records == len(orders)
            assert len(engine.planned()) >= counted.delete + counted.redact
        engine.clock.turn(days=later)
    engine.ledger.engine.dispose()


@given(
    touched=st.dictionaries(st.sampled_from(list(Kind)), st.integers(0, 10_000), max_size=4),
    records=st.integers(0, 20_000), last=st.none() | st.tuples(st.integers(0, 900), st.integers(0, 60)),
)  # fmt: skip
def test_no_plan_within_its_limits_touches_more_than_any_of_them_allows(
    touched: dict[Kind, int], records: int, last: tuple[int, int] | None
) -> None:
    totals = dict.fromkeys(touched, records)
    views = check_limits(touched, totals, Limits(), last_run=last)
    if not any(view.exceeded for view in views):
        assert sum(touched.values()) <= 500
        # A share is rounded up: a shop with ten reviews may still lose one.
        assert all((count - 1) * 100 < records * 5 for count in touched.values() if count)
        if last and last[0]:
            assert sum(touched.values()) <= last[0] * 5 * max(1, last[1])


def test_a_limit_in_records_is_exceeded_by_one_more() -> None:
    exactly = check_limits({Kind.ORDER: 500}, {Kind.ORDER: 10_000}, Limits(), last_run=None)
    more = check_limits({Kind.ORDER: 501}, {Kind.ORDER: 100_200}, Limits(), last_run=None)
    assert not any(v.exceeded for v in exactly)
    assert [v.name for v in more if v.exceeded] == ["records"]
