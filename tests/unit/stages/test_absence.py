"""Absence is never evidence: what a list leaves out is neither gone nor clean, and what rests on it waits."""

from dataclasses import dataclass
from datetime import date

import pytest

from connector.errors import Rejected, RemoteError
from connector.ledger.index import Presence
from connector.ledger.unread import Unreads
from connector.ports import Page
from connector.records import Field, Kind, Ref, Wave
from connector.stages.pull import PASSES
from tests.engine_support import LAST_YEAR, Crash, Engine, Mortal


def gone(engine: Engine) -> set[str]:
    """The ids that the index calls gone."""
    with engine.ledger.begin() as connection:
        rows = connection.exec_driver_sql("select remote_id from record where gone order by id")
        return set(rows.scalars())


def filled(engine: Engine) -> Engine:
    """Five old orders of the account 9, pulled."""
    for number in range(1, 6):
        engine.shop.order(str(number), account="9")
    engine.shop.customer("9")
    engine.pull()
    return engine


def of(engine: Engine, kind: Kind = Kind.ORDER, id: str = "3") -> Ref:
    return Ref(adapter=engine.shop.name, kind=kind, id=id)


def test_a_row_that_a_list_leaves_out_is_asked_for_by_id_and_is_there(engine: Engine) -> None:
    filled(engine).shop.hides = {"3"}
    (orders, _) = engine.pull(full=True)
    assert (orders.complete, orders.missing, gone(engine)) == (True, 0, set())


def test_a_row_that_no_list_and_no_question_shows_leaves_the_kind_incomplete_and_nothing_gone(
    engine: Engine,
) -> None:
    filled(engine)
    del engine.shop.held[of(engine)]
    engine.shop.order("6")
    engine.shop.hides = {"6"}  # counted, unknown, and never shown
    (orders, _) = engine.pull(full=True)
    assert (orders.complete, orders.missing) == (False, 1)
    assert gone(engine) == set()  # not even what the shop says is gone: the walk met too few


def test_an_incomplete_kind_is_walked_three_times_and_again_at_the_next_pull(engine: Engine) -> None:
    filled(engine)
    engine.shop.order("6")
    engine.shop.hides = {"6"}
    walks: list[str | None] = []
    pulled = engine.shop.pull

    def counting(kind: Kind, *, since: str | None) -> object:
        if kind is Kind.ORDER:
            walks.append(since)
        return pulled(kind, since=since)

    engine.shop.pull = counting  # type: ignore[method-assign, assignment]
    engine.pull(full=True)
    assert walks == [None] * PASSES
    engine.shop.hides = set()
    (orders, _) = engine.pull()
    assert (walks[PASSES:], orders.complete) == ([None], True)


def test_a_kind_of_which_a_service_shows_nothing_any_more_is_not_read_and_then_walked_anew(
    engine: Engine,
) -> None:
    filled(engine)
    pulled = engine.shop.pull
    closed = lambda kind, *, since: iter(()) if kind is Kind.ORDER else pulled(kind, since=since)  # noqa: E731
    engine.shop.pull = closed  # type: ignore[method-assign]
    (orders, _) = engine.pull()
    assert (orders.full, orders.why, gone(engine)) == (False, "not_counted", set())
    engine.shop.pull = pulled  # type: ignore[method-assign]
    (orders, _) = engine.pull()
    assert (orders.full, orders.complete) == (True, True)


def linked(engine: Engine) -> None:
    """An order of last year that shows the account it was made with."""
    engine.shop.order("1", LAST_YEAR, account="9").values[Field.ACCOUNT] = "user-9"


def unlinks(engine: Engine) -> bool:
    """Whether a plan made now takes the order's link to its account (T-16)."""
    engine.plan()
    return Field.ACCOUNT in engine.planned().get("1", frozenset())


def test_nobody_counts_as_one_without_an_account_while_accounts_are_not_all_read(engine: Engine) -> None:
    linked(engine)
    engine.shop.customer("9", LAST_YEAR)
    engine.shop.hides = {"9"}
    engine.pull()
    assert not unlinks(engine)
    engine.shop.hides = set()
    engine.shop.held.pop(of(engine, Kind.CUSTOMER, "9"))  # there is none: the next walk has met them all
    engine.pull()
    assert unlinks(engine)


def test_a_link_planned_while_all_accounts_were_read_stays_where_they_no_longer_are(engine: Engine) -> None:
    linked(engine)
    engine.pull()
    assert unlinks(engine)
    engine.approve()
    engine.shop.customer("9", LAST_YEAR)
    engine.shop.hides = {"9"}
    engine.pull(full=True)
    engine.apply()
    assert engine.shop.of("1").values[Field.ACCOUNT] == "user-9"


def test_without_a_count_nothing_is_gone_and_the_kind_is_not_complete(engine: Engine) -> None:
    filled(engine)
    del engine.shop.held[of(engine)]
    engine.shop.counts = False
    (orders, _) = engine.pull(full=True)
    assert (orders.why, gone(engine)) == ("not_counted", set())


def test_what_the_service_itself_says_is_gone_is_gone_after_a_complete_walk(engine: Engine) -> None:
    filled(engine)
    del engine.shop.held[of(engine)]
    (orders, _) = engine.pull(full=True)
    assert (orders.complete, gone(engine)) == (True, {"3"})


def test_a_new_row_that_no_list_of_changes_shows_leaves_the_kind_incomplete_by_the_services_count(
    engine: Engine,
) -> None:
    engine.shop.stands = True
    filled(engine).shop.order("6", account="9")
    engine.shop.hides = {"6"}
    (orders, _) = engine.pull()
    assert (orders.full, orders.missing) == (False, 1)
    plan = engine.plan()
    assert (plan.totals["customer"].delete, plan.withheld) == (0, {"customer": 1})
    engine.shop.hides = set()
    (orders, _) = engine.pull()
    assert (orders.full, orders.complete) == (True, True)


def test_a_change_of_status_that_no_list_shows_leaves_the_kind_incomplete(engine: Engine) -> None:
    engine.shop.stands = True
    filled(engine)
    engine.shop.touch(engine.shop.of("3"), status="processing")
    engine.shop.hides = {"3"}
    (orders, _) = engine.pull()
    assert orders.missing == 1


def test_what_arrives_between_the_list_and_the_count_is_read_and_nothing_is_missing(engine: Engine) -> None:
    engine.shop.stands = True
    filled(engine)
    counted, late = engine.shop.standing, ["6", "7"]

    def arriving(kind: Kind) -> object:
        if late and kind is Kind.ORDER:
            engine.shop.order(late.pop())
        return counted(kind)

    engine.shop.standing = arriving  # type: ignore[method-assign, assignment]
    (orders, _) = engine.pull()
    assert (orders.missing, orders.read) == (0, 2)


def test_an_unread_record_is_one_of_those_that_the_service_counts(engine: Engine) -> None:
    engine.shop.stands = True
    filled(engine).shop.order("6", account="9")
    unread_pages(engine, "6")
    (orders, _) = engine.pull()
    assert (orders.missing, orders.unread) == (0, 1)


def test_where_more_is_known_than_the_service_counts_all_is_walked_within_a_day_or_two(
    engine: Engine,
) -> None:
    engine.shop.stands = True
    del filled(engine).shop.held[of(engine)]
    (orders, _) = engine.pull()
    assert (orders.full, orders.complete, gone(engine)) == (False, True, set())
    engine.clock.turn(hours=25)
    (orders, _) = engine.pull()
    assert (orders.full, gone(engine)) == (True, {"3"})


def test_what_was_wrongly_called_gone_comes_back_at_the_next_pull_and_is_planned_again(
    engine: Engine,
) -> None:
    filled(engine)
    with engine.ledger.begin() as connection:
        Presence(engine.ledger).mark_gone(connection, [of(engine)])
    engine.pull()
    engine.plan()
    assert (gone(engine), "3" in engine.planned()) == (set(), True)


def test_a_wrong_word_of_a_whole_pull_ends_at_the_next_one(engine: Engine) -> None:
    """Whatever made the list and the answer wrong makes them wrong for as long as that pull runs."""
    held = filled(engine).shop.held.pop(of(engine))
    engine.pull(full=True)
    assert gone(engine) == {"3"}
    engine.shop.held[of(engine)] = held
    engine.pull()
    assert gone(engine) == set()


def test_what_a_later_pull_is_told_again_is_gone_is_asked_for_no_more(engine: Engine) -> None:
    del filled(engine).shop.held[of(engine)]
    engine.pull(full=True)
    engine.pull()
    with engine.ledger.begin() as connection:
        assert Presence(engine.ledger).in_doubt(connection, engine.shop.name, Kind.ORDER, limit=9) == []
    assert gone(engine) == {"3"}


def test_an_account_is_not_planned_while_orders_are_missing_and_the_plan_says_so(engine: Engine) -> None:
    filled(engine)
    assert engine.plan().totals["customer"].delete == 1
    engine.shop.order("6")
    engine.shop.hides = {"6"}
    engine.pull(full=True)
    plan = engine.plan()
    assert (plan.totals["customer"].delete, plan.withheld) == (0, {"customer": 1})
    basis = {one.kind: one for one in plan.rests_on}
    assert (basis[Kind.ORDER].missing, basis[Kind.ORDER].complete) == (1, False)
    assert basis[Kind.CUSTOMER].complete


def test_an_account_that_was_planned_is_left_alone_where_orders_are_missing_by_now(engine: Engine) -> None:
    filled(engine)
    engine.plan()
    engine.shop.order("6")
    engine.shop.hides = {"6"}
    engine.pull(full=True)
    engine.apply()
    assert engine.steps()["9", str(Wave.ACCOUNTS)] == ("closed", "refused")
    assert Ref(adapter="shop", kind=Kind.CUSTOMER, id="9") in engine.shop.held


@dataclass(frozen=True)
class Word:
    """A named person's word, as the settings hold it."""

    kind: Kind
    at_most: int
    by: str = "Disa Demo"
    on: date = date(2026, 11, 20)


@pytest.mark.parametrize(("at_most", "walks"), [(1, 1), (2, PASSES), (0, PASSES)])
def test_a_gap_of_the_size_that_was_declared_needs_one_walk(at_most: int, walks: int, engine: Engine) -> None:
    filled(engine)
    engine.shop.order("6")
    engine.shop.hides = {"6"}
    engine.declared = (Word(Kind.ORDER, at_most),)
    seen: list[str | None] = []
    pulled = engine.shop.pull

    def counting(kind: Kind, *, since: str | None) -> object:
        if kind is Kind.ORDER:
            seen.append(since)
        return pulled(kind, since=since)

    engine.shop.pull = counting  # type: ignore[method-assign, assignment]
    assert engine.pull(full=True)[0].missing == 1
    assert len(seen) == walks
    again = 1 if at_most else PASSES  # a gap within the declared one that has stayed as it was
    assert engine.pull()[0].missing == 1
    assert len(seen) == walks + again


@pytest.mark.parametrize(("at_most", "planned"), [(1, 1), (0, 0)])
def test_a_declared_number_lets_the_rest_be_planned_and_is_named(
    at_most: int, planned: int, engine: Engine
) -> None:
    filled(engine)
    engine.shop.order("6")
    engine.shop.hides = {"6"}
    engine.declared = (Word(Kind.ORDER, at_most),)
    engine.pull(full=True)
    plan = engine.plan()
    assert plan.totals["customer"].delete == planned
    assert {one.declared_by for one in plan.rests_on} == ({"", "Disa Demo"} if planned else {""})


def test_a_walk_that_died_goes_on_where_it_was(engine: Engine) -> None:
    filled(engine)
    engine.shop.mortal = Mortal(2)
    with pytest.raises(Crash):
        engine.pull(full=True)
    engine.shop.mortal = Mortal()
    del engine.shop.held[of(engine)]
    asked: list[str | None] = []
    pulled = engine.shop.pull

    def noting(kind: Kind, *, since: str | None) -> object:
        asked.append(since)
        return pulled(kind, since=since)

    engine.shop.pull = noting  # type: ignore[method-assign, assignment]
    engine.pull()
    assert asked[0] is not None


# Unread.


def unread_pages(engine: Engine, *ids: str, named: bool = True) -> None:
    """From now on the shop's lists show these orders malformed, with or without their person."""
    pulled, record = engine.shop.pull, engine.shop.record

    def malformed(kind: Kind, *, since: str | None) -> object:
        for page in pulled(kind, since=since):
            yield _spoiled(engine, page, record, ids, named=named)

    engine.shop.pull = malformed  # type: ignore[method-assign, assignment]
    engine.shop.unreadable = set(ids)


def _spoiled(engine: Engine, page: Page, record: object, ids: tuple[str, ...], *, named: bool) -> Page:
    import msgspec

    from connector.ports import Unread

    unread = tuple(
        Unread(
            ref=one.ref, reason="malformed:meta_data", label=one.label,
            identifiers=one.identifiers if named else (),
        )
        for one in page.records if one.ref.id in ids and one.ref.kind is Kind.ORDER
    )  # fmt: skip
    rest = tuple(one for one in page.records if one.ref.id not in ids or one.ref.kind is not Kind.ORDER)
    return msgspec.structs.replace(page, records=rest, unread=unread)


def test_a_malformed_record_is_counted_as_met_and_the_walk_is_complete(engine: Engine) -> None:
    filled(engine)
    unread_pages(engine, "3")
    (orders, _) = engine.pull(full=True)
    assert (orders.complete, orders.unread, gone(engine)) == (True, 1, set())


def test_the_person_of_an_unread_record_is_left_alone(engine: Engine) -> None:
    filled(engine)
    engine.shop.order("7", account="8")
    engine.shop.customer("8")
    unread_pages(engine, "3")
    engine.pull(full=True)
    engine.plan()
    assert "9" not in engine.planned()  # the account behind the unread order
    assert {"7", "8"} <= engine.planned().keys()  # nobody else waits


def test_an_unread_record_that_names_nobody_stops_account_deletions_until_it_is_settled(
    engine: Engine,
) -> None:
    engine.shop.customer("8")
    engine.shop.order("3")
    unread_pages(engine, "3", named=False)
    engine.pull()
    engine.plan()
    assert "8" not in engine.planned()
    with engine.ledger.begin() as connection:
        (row,) = Unreads(engine.ledger).listed(connection)
        assert (row.ref.id, row.label, row.named) == ("3", "#3", False)
        Unreads(engine.ledger).settle(connection, [row.id], by="Disa Demo")
    engine.plan()
    assert "8" in engine.planned()


def test_what_can_be_read_again_is_no_longer_unread(engine: Engine) -> None:
    filled(engine)
    held = engine.shop.pull
    unread_pages(engine, "3")
    engine.pull(full=True)
    engine.shop.pull, engine.shop.unreadable = held, set()  # type: ignore[method-assign]
    (orders, _) = engine.pull(full=True)
    assert orders.unread == 0


def test_an_unread_record_is_asked_for_by_id_at_the_next_pull_of_changes(engine: Engine) -> None:
    filled(engine)
    held = engine.shop.pull
    unread_pages(engine, "3")
    engine.pull(full=True)
    (orders, _) = engine.pull()
    assert (orders.full, orders.asked_again, orders.unread) == (False, 1, 1)
    engine.shop.pull, engine.shop.unreadable = held, set()  # type: ignore[method-assign]
    (orders, _) = engine.pull()
    assert (orders.full, orders.asked_again, orders.unread) == (False, 1, 0)


def test_an_unread_record_that_is_gone_by_the_services_word_is_unread_no_more(engine: Engine) -> None:
    filled(engine)
    unread_pages(engine, "3")
    engine.pull(full=True)
    engine.shop.unreadable = set()
    del engine.shop.held[of(engine)]
    (orders, _) = engine.pull()
    assert (orders.unread, gone(engine)) == (0, {"3"})


# Apply and verify.


def test_a_record_that_cannot_be_read_before_the_write_is_refused_and_frees_no_delivery(
    engine: Engine,
) -> None:
    filled(engine)
    engine.plan()
    engine.shop.unreadable = {"3"}
    engine.apply()
    assert engine.outcome("3") == "refused"
    assert Field.EMAIL in engine.shop.of("3").values
    engine.push()
    told = {value for one in engine.recipients for value in getattr(one, "told", ())}
    assert "3" not in told


def test_a_record_that_the_answer_leaves_out_is_refused_and_not_already_gone(engine: Engine) -> None:
    filled(engine)
    engine.plan()
    engine.shop.leaves_out = {"3"}
    del engine.shop.held[of(engine)]
    engine.apply()
    assert engine.outcome("3") == "refused"


def test_a_service_that_shows_nothing_of_a_batch_stops_the_apply_and_nothing_is_touched(
    engine: Engine,
) -> None:
    filled(engine)
    engine.plan()
    lost = {str(number) for number in range(1, 6)}
    engine.shop.leaves_out = lost | {"9"}
    kept = dict(engine.shop.held)
    engine.shop.held.clear()
    with pytest.raises(RemoteError, match="none of the"):
        engine.apply()
    engine.shop.held = kept
    assert engine.shop.written == []


def test_one_record_that_the_service_refuses_to_show_stops_only_itself(engine: Engine) -> None:
    filled(engine)
    engine.plan()
    engine.shop.unreadable, engine.shop.why_unread = {"1"}, "rejected:status_403"  # first in turn
    engine.apply()
    assert (engine.outcome("1"), engine.outcome("2")) == ("refused", "done")


def test_what_cannot_be_read_back_is_not_clean(engine: Engine) -> None:
    filled(engine)
    engine.plan()
    engine.apply()
    engine.shop.unreadable = {"3"}
    result = engine.verify(again=True)
    assert (result.left, result.unread, result.unread_labels) == (0, 1, ("order:#3",))
    engine.shop.unreadable = set()
    assert engine.verify().unread == 0


def test_a_first_write_that_cannot_be_read_back_stops_the_run(engine: Engine) -> None:
    filled(engine)
    engine.plan()
    engine.shop.before_apply = lambda tasks: engine.shop.unreadable.update(task.ref.id for task in tasks)
    with pytest.raises(Rejected, match="could not be read back"):
        engine.apply()
    assert len(engine.shop.written) == 1


def test_a_record_that_a_pull_sees_twice_is_one_record_read(engine: Engine) -> None:
    filled(engine)
    once = engine.shop.pull
    engine.shop.pull = lambda *a, **k: (page for page in once(*a, **k) for _ in range(2))  # type: ignore[method-assign]
    (orders, _) = engine.pull(full=True)
    assert orders.read == 5
