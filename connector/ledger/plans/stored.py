"""A plan whose steps were not drawn from verdicts: what an undo or a person's word puts into records."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.ledger.plans import NewStep, Plans
from connector.plan import Digester, Plan, Step, sealed


def store_plan(
    plans: Plans, connection: Connection, draft: int, header: Plan, steps: Sequence[tuple[int, Step]]
) -> Plan:
    """Writes a draft's steps and seals it under what they come to; the plan as it stands."""
    digester = Digester()
    for _, step in steps:
        digester.add(step)
    plans.add_steps(connection, draft, [NewStep(seq, row, step) for seq, (row, step) in enumerate(steps)])
    plan = sealed(replace(header, waves=digester.waves()))
    plans.seal(connection, draft, plan)
    return plan


__all__ = ["store_plan"]
