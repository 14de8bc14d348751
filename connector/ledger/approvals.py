"""Who approved which wave of which plan."""

from itertools import product

import msgspec
from sqlalchemy import Connection, select, update

from connector.ledger import schema
from connector.ledger.store import Ledger
from connector.records import Value, Wave


class Approval(Value, frozen=True, kw_only=True):
    """Who approved which digest, on whose behalf, on what evidence.

    `typed_by` is the system's user who typed the name; empty where it stands in the shop's file.
    """

    wave: Wave
    digest: str
    person: str
    role: str
    on_behalf: str = ""
    evidence: str = ""
    standing: bool = False
    first_run: bool = False
    at: str = ""
    typed_by: str = ""


class Approvals:
    """The approvals of one shop's plans."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shop = ledger.shop

    def approve(self, connection: Connection, plan_id: int, approval: Approval) -> None:
        """Records who approved a wave's digest; a second approval of a wave replaces the first."""
        values = msgspec.structs.asdict(approval) | {"at": self.ledger.now()}
        connection.execute(
            self.ledger.upsert(schema.approval)
            .values(plan=plan_id, **values)
            .on_conflict_do_update(index_elements=["plan", "wave"], set_=values)
        )
        self.ledger.note(connection, "approval", plan_id, str(approval.wave))

    def move(self, connection: Connection, before: int, now: int) -> None:
        """The approvals of a plan's row are those of the row that has taken its place."""
        table = schema.approval
        waves = connection.scalars(select(table.c.wave).where(table.c.plan == before)).all()
        connection.execute(update(table).where(table.c.plan == before).values(plan=now))
        for plan, wave in product((before, now), waves):
            self.ledger.note(connection, "approval", plan, wave)

    def of(self, connection: Connection, plan_id: int) -> tuple[Approval, ...]:
        """Every approval of this plan."""
        rows = connection.execute(select(schema.approval).where(schema.approval.c.plan == plan_id))
        return tuple(
            Approval(
                wave=Wave(r.wave),
                digest=r.digest,
                person=r.person,
                role=r.role,
                on_behalf=r.on_behalf,
                evidence=r.evidence,
                standing=r.standing,
                first_run=r.first_run,
                at=r.at,
                typed_by=r.typed_by,
            )
            for r in rows
        )
