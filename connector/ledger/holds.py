"""Holds that people place: by order, person or query, with reason, owner and review date."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, insert, literal, or_, select, update

from connector.errors import GallraError, LedgerError
from connector.ledger import schema
from connector.ledger.index import Row, Rows, Subjects, Undecided
from connector.ledger.index.rows import decode_record
from connector.ledger.open_holds import Asked, OpenHolds, people_of
from connector.ledger.states import PlanState, StepState
from connector.ledger.store import Ledger, in_chunks
from connector.policy.hold_query import HoldQuery, read_query
from connector.records import HoldId, Value


class HoldRow(Value, frozen=True, kw_only=True):
    """One hold as the ledger keeps it; a person is known by a keyed identifier only."""

    id: int
    hold: HoldId
    reason: str
    owner: str
    review: date
    created: str
    by: str  # "order", "person", "query" or "records"
    query: str = ""
    released: str | None = None


class Reach(Value, frozen=True, kw_only=True):
    """How many records a hold is on, how many of them were being erased before, and a plan under way."""

    records: int
    begun: int = 0
    plan: str = ""


class HoldTerms(NamedTuple):
    """Which hold, why, who answers for it, and the day to look again."""

    hold: HoldId
    reason: str
    owner: str
    review: date


class On(NamedTuple):
    """What a hold is on: one record or some by their rows, a person by a keyed identifier, or a query."""

    record: int | None = None
    digest: bytes | None = None
    key: str = ""
    query: HoldQuery | None = None
    records: Sequence[int] = ()


class Holds:
    """The manual holds of one shop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def add(
        self,
        connection: Connection,
        terms: HoldTerms,
        on: On,
    ) -> int:
        """Places a hold on records, on one person or on what a query says; their records are decided anew.

        It counts from here: a batch that is not sealed by now is not begun on a record it is on.
        """
        self.ledger.turn(connection, taken=True)
        result = connection.execute(
            insert(schema.hold).values(
                shop=self.ledger.shop,
                hold=terms.hold,
                record=on.record,
                subject_digest=on.digest,
                key=on.key,
                query=None if on.query is None else on.query.text,
                reason=terms.reason,
                owner=terms.owner,
                review=terms.review.isoformat(),
                created=self.ledger.now(),
            )
        )
        assert result.inserted_primary_key is not None
        row_id = int(result.inserted_primary_key[0])
        if on.digest is not None:
            self._keep_on(connection, row_id, on.digest)
        for some in in_chunks(on.records):
            connection.execute(
                insert(schema.hold_record), [{"hold": row_id, "record": one} for one in some]
            )
        row = connection.execute(select(schema.hold).where(schema.hold.c.id == row_id)).one()
        for chosen in self._rows(connection, row, on.query):
            Undecided(self.ledger).wait(connection, chosen, terms.hold)
        self.ledger.note(connection, "hold", row_id)
        self.ledger.event(connection, "hold", id=row_id, hold=str(terms.hold), owner=terms.owner)
        return row_id

    def _keep_on(self, connection: Connection, row_id: int, digest: bytes) -> None:
        """The person's records of now stay held under whatever address they are read next."""
        table, known = schema.record, self._persons(digest)
        chosen = select(literal(row_id), table.c.id).where(table.c.subject.in_(known))
        connection.execute(insert(schema.hold_record).from_select(["hold", "record"], chosen))

    def respell(self, connection: Connection, respelled: Mapping[bytes, bytes]) -> int:
        """Holds of an older ledger reach the person whose address is keyed otherwise now; returns how many.

        `respelled` is from the digest that a hold may have been placed on to the one that records carry.
        """
        table, reached = schema.hold, 0
        mine = (table.c.shop == self.ledger.shop, table.c.released.is_(None))
        for some in in_chunks(list(respelled)):
            for row in connection.execute(select(table).where(*mine, table.c.subject_digest.in_(some))).all():
                reached += self._reach_too(connection, row, respelled[bytes(row.subject_digest)])
        return reached

    def _reach_too(self, connection: Connection, row: Any, digest: bytes) -> bool:
        table, kept = schema.record, schema.hold_record
        bound = select(kept.c.record).where(kept.c.hold == row.id)
        chosen = table.c.subject.in_(self._persons(digest)) & table.c.id.not_in(bound)
        new = list(connection.scalars(select(table.c.id).where(chosen)))
        if not new:
            return False
        self.ledger.turn(connection, taken=True)
        connection.execute(insert(kept), [{"hold": row.id, "record": one} for one in new])
        for some in in_chunks(new):
            Undecided(self.ledger).wait(connection, table.c.id.in_(some), HoldId(row.hold))
        self.ledger.note(connection, "hold", row.id)
        return True

    def _persons(self, digest: bytes) -> Select[Any]:
        ids = schema.identifier
        return select(ids.c.subject).where(ids.c.shop == self.ledger.shop, ids.c.digest == digest)

    def reach(self, connection: Connection, row_id: int) -> Reach:
        """How many records an open hold is on now, and on how many an erasure had begun before it."""
        record, step, plan = schema.record, schema.step, schema.plan
        here = (record.c.shop == self.ledger.shop, record.c.gone.is_(False))
        begun = (
            select(step.c.record)
            .join(plan, plan.c.id == step.c.plan)
            .where(plan.c.shop == self.ledger.shop, step.c.state.in_((StepState.BEGUN, StepState.ACCEPTED)))
        )
        row = connection.execute(select(schema.hold).where(schema.hold.c.id == row_id)).one()
        query = _read(row.query) if row.query else None
        found = late = 0
        for chosen in self._rows(connection, row, query):
            count = select(func.count()).select_from(record).where(*here, chosen)
            found += connection.scalar(count) or 0
            late += connection.scalar(count.where(record.c.id.in_(begun))) or 0
        under_way = select(plan.c.code).where(
            plan.c.shop == self.ledger.shop, plan.c.state == PlanState.BEGUN
        )
        return Reach(records=found, begun=late, plan=connection.scalar(under_way.limit(1)) or "")

    def named_on(self, connection: Connection, row_id: int, *, limit: int = 5) -> tuple[str, ...]:
        """Kind and number of some of the records that a hold is on."""
        table, holds = schema.record, schema.hold
        row = connection.execute(select(holds).where(holds.c.id == row_id)).one()
        found: list[str] = []
        for chosen in self._rows(connection, row, _read(row.query) if row.query else None):
            here = (table.c.shop == self.ledger.shop, table.c.gone.is_(False), chosen)
            bodies = connection.scalars(select(table.c.body).where(*here).order_by(table.c.id).limit(limit))
            found += [f"{one.ref.kind}:{one.label or one.ref.id}" for one in map(decode_record, bodies)]
            if len(found) >= limit:
                break
        return tuple(dict.fromkeys(found))[:limit]

    def release(self, connection: Connection, row_id: int, *, by: str) -> None:
        """Ends a hold by a named person; raises LedgerError where there is none to end, or a request's is."""
        bound = schema.request_hold.c
        if connection.scalar(select(bound.hold).where(bound.hold == row_id)) is not None:
            raise LedgerError(
                f"Hold {row_id} is of a person's request and ends with it. Run `gallra request list`."
            )
        self.end(connection, row_id, by=by)

    def end(self, connection: Connection, row_id: int, *, by: str) -> None:
        """Ends a hold, whoever placed it; raises LedgerError where there is none to end."""
        self.ledger.turn(connection, taken=True)
        table = schema.hold
        row = connection.execute(
            select(table).where(
                table.c.id == row_id, table.c.shop == self.ledger.shop, table.c.released.is_(None)
            )
        ).first()
        if row is None:
            raise LedgerError(f"There is no open hold {row_id}. Run `gallra hold list` for those that are.")
        connection.execute(
            update(table).where(table.c.id == row_id).values(released=self.ledger.now(), released_by=by)
        )
        self._redecide(connection, row)
        self.ledger.note(connection, "hold", row_id)
        self.ledger.event(connection, "hold_released", id=row_id, by=by)

    def carry_over(self, connection: Connection, gone: int, kept: int, person: int | None) -> int:
        """Holds on a record that has become another, and on its person, are on that other from now on.

        Returns how many. `person` is whose both are by now.
        """
        table, ids, on = schema.hold, schema.identifier, schema.hold_record
        digests = select(ids.c.digest).where(ids.c.shop == self.ledger.shop, ids.c.subject == person)
        of_person = table.c.subject_digest.in_(digests) | table.c.id.in_(
            select(on.c.hold).where(on.c.record == gone)
        )
        rows = connection.execute(
            select(table.c.id, table.c.hold, table.c.record).where(
                table.c.shop == self.ledger.shop,
                table.c.released.is_(None),
                (table.c.record == gone) | of_person,
            )
        ).all()
        for row in rows:
            if row.record == gone:
                connection.execute(update(table).where(table.c.id == row.id).values(record=kept))
            else:
                pair = self.ledger.upsert(on).values(hold=row.id, record=kept)
                connection.execute(pair.on_conflict_do_nothing())
            Undecided(self.ledger).wait(connection, schema.record.c.id == kept, HoldId(row.hold))
            self.ledger.note(connection, "hold", row.id)
        if rows:
            self.ledger.event(connection, "hold_moved", ids=[row.id for row in rows])
        return len(rows)

    def _redecide(self, connection: Connection, row: Any) -> None:
        """Rows that no longer match a query need no look: what changed them had them decided anew."""
        undecided = Undecided(self.ledger)
        try:
            query = _read(row.query) if row.query else None
        except LedgerError:
            undecided.redecide_all(connection)
            return
        for chosen in self._rows(connection, row, query):
            undecided.redecide(connection, chosen)

    def _rows(
        self, connection: Connection, row: Any, query: HoldQuery | None
    ) -> Iterator[ColumnElement[bool]]:
        """The rows that a hold is on, in parts small enough for one statement."""
        table, kept = schema.record, schema.hold_record
        if query is not None:
            for some in in_chunks(self.matching(connection, query)):
                yield table.c.id.in_(list(some))
        elif row.record is not None:
            yield table.c.id == row.record
        else:
            placed = table.c.id.in_(select(kept.c.record).where(kept.c.hold == row.id))
            whole = row.subject_digest is not None
            yield or_(table.c.subject.in_(self._persons(row.subject_digest)), placed) if whole else placed

    def matching(self, connection: Connection, query: HoldQuery, *, undecided: bool = False) -> "array[int]":
        """The rows that a query is true of now; or only those that no plan has decided yet."""
        return Rows(self.ledger).matching(
            connection, kind=query.kind, matches=query.matches, undecided=undecided
        )

    def catch_up(self, connection: Connection, *, carried_out: int | None = None) -> OpenHolds:
        """The holds in force, put on records pulled since the plan; then every person is recounted."""
        waiting, table = Undecided(self.ledger), schema.record
        holds = self.open(connection, carried_out=carried_out)
        for hold, query in holds.by_query:
            for some in in_chunks(self.matching(connection, query, undecided=True)):
                waiting.wait(connection, table.c.id.in_(list(some)), hold)
        Subjects(self.ledger).refresh_subjects(connection)
        return holds

    def list(self, connection: Connection, *, every: bool = False) -> list[HoldRow]:
        """The open holds, or every one that ever was."""
        table = schema.hold
        chosen = select(table).where(table.c.shop == self.ledger.shop).order_by(table.c.id)
        if not every:
            chosen = chosen.where(table.c.released.is_(None))
        return [hold_row(row) for row in connection.execute(chosen)]

    def on_row(self, connection: Connection, row: Row) -> tuple[HoldRow, ...]:
        """The open holds on one record: its own, its person's, and the queries true of it."""
        table, ids, kept = schema.hold, schema.identifier, schema.hold_record
        persons = select(ids.c.digest).where(ids.c.shop == self.ledger.shop, ids.c.subject == row.subject)
        chosen = (
            select(table)
            .where(table.c.shop == self.ledger.shop, table.c.released.is_(None))
            .where(
                or_(
                    table.c.record == row.id,
                    table.c.subject_digest.in_(persons),
                    table.c.id.in_(select(kept.c.hold).where(kept.c.record == row.id)),
                    table.c.query.is_not(None),
                )
            )
            .order_by(table.c.id)
        )
        found = connection.execute(chosen).all()
        return tuple(hold_row(one) for one in found if not one.query or _read(one.query).matches(row.record))

    def open(self, connection: Connection, *, carried_out: int | None = None) -> OpenHolds:
        """The holds in force, by record, by subject and by query. Raises LedgerError for one unreadable.

        Those of the request that is `carried_out` are left aside: it waits for no other reason than itself.
        """
        table, ids = schema.hold, schema.identifier
        theirs = select(schema.request_hold.c.hold).where(schema.request_hold.c.request == carried_out)
        aside = frozenset(() if carried_out is None else connection.scalars(theirs))
        rows = connection.execute(
            select(table.c.id, table.c.hold, table.c.record, table.c.query, ids.c.subject)
            .select_from(
                table.outerjoin(ids, (ids.c.digest == table.c.subject_digest) & (ids.c.shop == table.c.shop))
            )
            .where(table.c.shop == self.ledger.shop, table.c.released.is_(None))
        ).all()
        of_record: dict[int, tuple[HoldId, ...]] = {}
        of_subject: dict[int, tuple[HoldId, ...]] = {}
        by_query: list[Asked] = []
        for record, hold in self._kept(connection, aside):
            of_record[record] = (*of_record.get(record, ()), hold)
        for row in rows:
            if row.id in aside:
                continue
            if row.query:
                by_query.append((HoldId(row.hold), _read(row.query)))
            elif row.record is not None:
                of_record[row.record] = (*of_record.get(row.record, ()), HoldId(row.hold))
            elif row.subject is not None:
                of_subject[row.subject] = (*of_subject.get(row.subject, ()), HoldId(row.hold))
        own = None if carried_out is None else HoldId.REQUEST
        held = {record for record, holds in of_record.items() if own in holds}
        held.update(*(self.matching(connection, query) for hold, query in by_query if hold is own))
        return OpenHolds(of_record, of_subject, by_query, own=own, others=people_of(connection, held))

    def _kept(self, connection: Connection, aside: frozenset[int]) -> Iterator[tuple[int, HoldId]]:
        """The records that open holds on persons were placed on."""
        table, kept = schema.hold, schema.hold_record
        rows = connection.execute(
            select(kept.c.record, table.c.hold, table.c.id)
            .join(table, table.c.id == kept.c.hold)
            .where(table.c.shop == self.ledger.shop, table.c.released.is_(None))
        )
        return ((record, HoldId(hold)) for record, hold, id in rows if id not in aside)


class HoldsNow:
    """The holds in force for an apply: read again inside a transaction once one was placed or released."""

    def __init__(self, ledger: Ledger, *, carried_out: int | None = None) -> None:
        self._ledger = ledger
        self._carried_out = carried_out
        self._turn = -1
        self.open = OpenHolds({}, {})

    def refresh(self, connection: Connection) -> None:
        """Takes its turn, and reads the holds anew where one was placed or released since it last did."""
        turn = self._ledger.turn(connection)
        if turn != self._turn:
            holds = Holds(self._ledger)
            self.open, self._turn = holds.catch_up(connection, carried_out=self._carried_out), turn


def hold_row(row: Any) -> HoldRow:
    """A hold as its row has it."""
    return HoldRow(
        id=row.id,
        hold=HoldId(row.hold),
        reason=row.reason,
        owner=row.owner,
        review=date.fromisoformat(row.review),
        created=row.created,
        by=_placed_by(row),
        query=row.query or "",
        released=row.released,
    )


def _placed_by(row: Any) -> str:
    if row.query:
        return "query"
    if row.record is not None:
        return "order"
    return "records" if row.subject_digest is None else "person"


def _read(text: str) -> HoldQuery:
    """A stored query; one that cannot be read stops everything, for its records could go."""
    try:
        return read_query(text)
    except GallraError:
        raise LedgerError(
            "A hold's query cannot be read by this version. Use the version that placed it, or release it "
            "and place it anew (`gallra hold list`)."
        ) from None


__all__ = ["HoldRow", "HoldTerms", "Holds", "HoldsNow", "On", "OpenHolds", "Reach", "hold_row"]
