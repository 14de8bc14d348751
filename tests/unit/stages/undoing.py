"""What the tests of memory and undo share: a run under copies, and the undo of it."""

from connector.ledger.undo import Copies, Copy
from connector.plan import Plan
from connector.stages.apply import Share
from connector.stages.apply.restore import restore
from connector.stages.undo import Undoing, make_undo
from tests.engine_support import ALL_WAVES, Engine


def ran(engine: Engine, *ids: str, **values: str) -> str:
    """Orders of these ids are pulled, planned, erased and read back under copies; the plan's code."""
    engine.undo_days = 14
    for id in ids:
        engine.shop.order(id, **values)
    engine.pull()
    code = engine.plan().code
    engine.apply()
    engine.verify()
    return code


def copies(engine: Engine) -> list[Copy]:
    """The copies of the newest nightly plan."""
    plan_id = engine.plan_id
    with engine.ledger.begin() as connection:
        return Copies(engine.ledger, engine.outbox.vault).of_plan(connection, plan_id)


def planned_undo(engine: Engine, code: str) -> Undoing:
    """The plan that takes a run back."""
    engine.clock.turn(seconds=1)
    return make_undo(engine.ledger, Copies(engine.ledger, engine.outbox.vault), engine.terms(), code)


def carried_out(engine: Engine, undoing: Undoing) -> int:
    """The undo, carried out; how many records were restored."""
    means = engine.means()
    with engine.ledger.begin() as connection:
        plan_id = means.plans.need(connection, undoing.plan.code).id
    return finished(engine, plan_id, undoing.plan)


def finished(engine: Engine, plan_id: int, plan: Plan) -> int:
    """A stored undo, carried out to its end; how many records were restored."""
    return restore(engine.means(), Share(plan_id, ALL_WAVES), undoes=plan.undoes)


def undone(engine: Engine, code: str) -> int:
    """A run, taken back; how many records were restored."""
    return carried_out(engine, planned_undo(engine, code))


__all__ = ["carried_out", "copies", "finished", "planned_undo", "ran", "undone"]
