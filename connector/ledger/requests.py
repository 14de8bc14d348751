"""What persons have asked for: the register of requests, without a name or address in the clear (T-61)."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from connector.errors import LedgerError
from connector.ledger import schema
from connector.ledger.in_order import must_not_go_back
from connector.ledger.sealing import bound_request
from connector.ledger.states import REQUEST_ARROWS, UNANSWERED, RequestState, before
from connector.ledger.store import Ledger
from connector.ledger.vault import Vault
from connector.records import Value
from connector.request import Answer, Channel, Clock, IdentifierType, Level, RequestKind, clock

_MARKS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Signs of a request's code: none that is taken for another."""

CODE_SIGNS = 6

CODE_DIGITS, CODE_TRIES = 8, 5
"""Of a code that is sent: a guess has one chance in twenty million."""


class Contact(Value, frozen=True, kw_only=True):
    """Who asked, in the clear: never stored but sealed."""

    email: str = ""
    phone: str = ""
    name: str = ""
    address: str = ""  # by post


class Named(Value, frozen=True, kw_only=True):
    """One thing by which a person is found: keyed, and the record where it is a number."""

    type: IdentifierType
    digest: bytes
    record: int | None = None
    proven: bool = False


class NewRequest(Value, frozen=True, kw_only=True):
    """A request as it is taken in; `code` where another shop's ledger of the company has it already."""

    kind: RequestKind
    channel: Channel
    received: date
    clock: Clock
    by: str
    named: tuple[Named, ...] = ()
    contact: Contact = Contact()
    code: str = ""
    message: int | None = None


class RequestRow(Value, frozen=True, kw_only=True):
    """One request as the ledger keeps it."""

    id: int
    code: str
    kind: RequestKind
    state: RequestState
    channel: Channel
    received: date
    due: date
    limit: date
    at: str
    promised: date | None = None
    extended: date | None = None
    extended_why: str = ""
    opened_by: str = ""
    message: int | None = None
    level: Level | None = None
    proven_how: str = ""
    proven_by: str = ""
    proven_at: str | None = None
    scope: str = ""
    answer: Answer | None = None
    ground: str = ""
    kept_until: str = ""
    answered: date | None = None
    answer_channel: Channel | None = None
    answered_by: str = ""
    has_contact: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self.state in UNANSWERED


class Register:
    """The requests of one shop. Only what opens or seals who asked needs the vault."""

    def __init__(self, ledger: Ledger, *, key: str = "", vault: Vault | None = None) -> None:
        self.ledger = ledger
        self.key = key
        self._vault = vault
        self._mine = schema.request.c.shop == ledger.shop

    def open(self, connection: Connection, new: NewRequest) -> RequestRow:
        """Takes a request in. Raises LedgerError where its code is known already, ClockUnsure."""
        must_not_go_back(self.ledger, connection)
        code = new.code or self.free_code(connection)
        if new.code and self.find(connection, new.code) is not None:
            raise LedgerError(f"Request {new.code} is in this register already.")
        values = {
            "shop": self.ledger.shop, "code": code, "kind": str(new.kind), "state": RequestState.RECEIVED,
            "channel": str(new.channel), "received": new.received.isoformat(),
            "due": new.clock.due.isoformat(), "limit": new.clock.limit.isoformat(),
            "promised": None if new.clock.promised is None else new.clock.promised.isoformat(),
            "opened_by": new.by, "message": new.message, "at": self.ledger.now(), "code_tries": 0,
        }  # fmt: skip
        made = connection.execute(insert(schema.request).values(**values)).inserted_primary_key
        assert made is not None
        request = int(made[0])
        if new.contact != Contact():
            self._keep_contact(connection, request, new.contact)
        self.ledger.note(connection, "request", request)
        self.add_named(connection, request, new.named)
        self.ledger.event(
            connection,
            "request_opened",
            request=code,
            kind=str(new.kind),
            channel=str(new.channel),
            by=new.by,
        )
        return self.get(connection, code)

    def free_code(self, connection: Connection) -> str:
        """A code for people to say, that no request of this shop has."""
        while True:
            code = "R-" + "".join(secrets.choice(_MARKS) for _ in range(CODE_SIGNS))
            if self.find(connection, code) is None:
                return code

    def find(self, connection: Connection, code: str) -> RequestRow | None:
        """The request with this code; None where there is none."""
        table = schema.request
        row = connection.execute(
            select(table).where(self._mine, table.c.code == code.strip().upper())
        ).first()
        return None if row is None else _read(row)

    def get(self, connection: Connection, code: str) -> RequestRow:
        """The request with this code. Raises LedgerError where there is none."""
        found = self.find(connection, code)
        if found is None:
            raise LedgerError(
                "There is no request with that code. Run `gallra request list` for those there are."
            )
        return found

    def same(
        self, connection: Connection, kind: RequestKind, named: Sequence[Named], *, received: date | None
    ) -> RequestRow | None:
        """A request of this kind by the same person that waits, or waited on a day that is named.

        The oldest of them: one that names all of the same and nothing else, or of which one of these is
        proven. What is only claimed in it may be another's: who names that asks for themselves.
        """
        table, ids = schema.request, schema.request_identifier
        wanted = {one.digest for one in named}
        known = select(ids.c.request, ids.c.digest, ids.c.proven).where(
            ids.c.request.in_(select(ids.c.request).where(ids.c.digest.in_(list(wanted))))
        )
        digests, proven = dict[int, set[bytes]](), set[int]()
        for one in connection.execute(known):
            digests.setdefault(one.request, set()).add(bytes(one.digest))
            if one.proven and bytes(one.digest) in wanted:
                proven.add(one.request)
        theirs = [one for one, given in digests.items() if one in proven or given == wanted]
        again: ColumnElement[bool] = table.c.state.in_(UNANSWERED)
        if received is not None:  # what came in while another waited was asked for, and answered, with it
            ended = func.coalesce(table.c.answered, func.substr(table.c.at, 1, 10))
            on = received.isoformat()
            again |= (table.c.received <= on) & (ended >= on)
        chosen = select(table).where(self._mine, table.c.kind == kind, table.c.id.in_(theirs), again)
        row = connection.execute(chosen.order_by(table.c.id).limit(1)).first()
        return None if row is None else _read(row)

    def came_earlier(self, connection: Connection, row: RequestRow, received: date, *, by: str) -> RequestRow:
        """Where it waits still and the same came in on an earlier day, the month counts from there.

        An extension stands where it was told within the month of that day too. Raises ClockUnsure.
        """
        if not row.is_open or received >= row.received:
            return row
        law = clock(received)
        extended = row.extended is not None and row.extended <= law.notice_by
        days = clock(received, extended=extended)
        due = days.due if row.promised is None or extended else min(days.due, row.promised)
        return self.write(
            connection, row, "request_came_earlier", by=by, received=received, due=min(due, row.due),
            limit=days.limit,
        )  # fmt: skip

    def list(self, connection: Connection, *, every: bool = False) -> list[RequestRow]:
        """The requests that wait for an answer, or every one; what is due first, first."""
        table = schema.request
        chosen = select(table).where(self._mine).order_by(table.c.due, table.c.id)
        if not every:
            chosen = chosen.where(table.c.state.in_(UNANSWERED))
        return [_read(row) for row in connection.execute(chosen)]

    def advance(
        self, connection: Connection, row: RequestRow, state: RequestState, *, by: str = "", **values: Any
    ) -> RequestRow:
        """Moves a request on, and writes what else changed; `by` is who did, as the event names them.

        Raises LedgerError where no arrow leads there, ClockUnsure.
        """
        must_not_go_back(self.ledger, connection)
        table = schema.request
        may = table.c.state.in_(before(state, REQUEST_ARROWS))
        here = update(table).where(self._mine, table.c.id == row.id, may, table.c.state == row.state)
        moved = here.values(state=state, at=self.ledger.now(), **{k: _plain(v) for k, v in values.items()})
        if connection.execute(moved).rowcount != 1:
            raise LedgerError(
                f"Request {row.code} cannot become {state} from where it stands ({row.state}). "
                f"See `gallra request show {row.code}`."
            )
        self.ledger.note(connection, "request", row.id)
        by = by or values.get("answered_by", "")
        named: dict[str, Any] = {"by": by} if by else {}
        self.ledger.event(connection, "request_moved", request=row.code, to=str(state), **named)
        return self.get(connection, row.code)

    def write(
        self, connection: Connection, row: RequestRow, what: str, *, by: str = "", **values: Any
    ) -> RequestRow:
        """Writes what changed beside its state; `what` names the event, `by` who did. Raises ClockUnsure."""
        must_not_go_back(self.ledger, connection)
        table = schema.request
        plain = {name: _plain(value) for name, value in values.items()}
        connection.execute(update(table).where(self._mine, table.c.id == row.id).values(**plain))
        self.ledger.note(connection, "request", row.id)
        named: dict[str, Any] = {"by": by} if by else {}
        self.ledger.event(connection, what, request=row.code, **named)
        return self.get(connection, row.code)

    # By what the person is found ----------------------------------------------------------

    def add_named(self, connection: Connection, request: int, named: Sequence[Named]) -> None:
        """Adds what the person is found by; what is known already stays as it is."""
        table = schema.request_identifier
        for one in named:
            row = {
                "shop": self.ledger.shop, "request": request, "type": one.type, "digest": one.digest,
                "key": self.key, "record": one.record, "proven": one.proven,
            }  # fmt: skip
            made = self.ledger.upsert(table).values(**row).on_conflict_do_nothing().returning(table.c.id)
            number = connection.scalar(made)
            if number is not None:
                self.ledger.note(connection, "request_identifier", number)

    def named(self, connection: Connection, row: RequestRow, *, proven: bool = False) -> tuple[Named, ...]:
        """What the person is found by; only what is proven to be theirs where that is asked."""
        table = schema.request_identifier
        chosen = select(table).where(table.c.request == row.id).order_by(table.c.id)
        found = connection.execute(chosen.where(table.c.proven.is_(True)) if proven else chosen)
        return tuple(
            Named(type=one.type, digest=bytes(one.digest), record=one.record, proven=bool(one.proven))
            for one in found
        )

    def prove(self, connection: Connection, row: RequestRow, digests: Sequence[bytes]) -> None:
        """Notes that these are proven to be the person's. Raises ClockUnsure."""
        must_not_go_back(self.ledger, connection)
        table = schema.request_identifier
        chosen = select(table.c.id).where(table.c.request == row.id, table.c.digest.in_(list(digests)))
        for number in list(connection.scalars(chosen)):
            connection.execute(update(table).where(table.c.id == number).values(proven=True))
            self.ledger.note(connection, "request_identifier", number)

    # The code that was sent ---------------------------------------------------------------

    def make_code(self, connection: Connection, row: RequestRow, *, until: date, by: str = "") -> str:
        """A new code to send to the address given; the one before counts no more. Raises ClockUnsure."""
        must_not_go_back(self.ledger, connection)
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
        values = {"code_digest": self._code(row, code), "code_until": until.isoformat(), "code_tries": 0}
        connection.execute(update(schema.request).where(schema.request.c.id == row.id).values(**values))
        named: dict[str, Any] = {"by": by} if by else {}
        self.ledger.event(connection, "request_code_made", request=row.code, **named)
        return code

    def try_code(self, connection: Connection, row: RequestRow, code: str, *, today: date) -> bool:
        """Whether this is the code that was sent; counted first, so that no crash gives another try.

        One that was right, tried too often or has had its time counts no more. Raises ClockUnsure.
        """
        must_not_go_back(self.ledger, connection)
        table = schema.request
        lives = (table.c.code_tries < CODE_TRIES, table.c.code_until >= today.isoformat())
        tried = update(table).where(table.c.id == row.id, *lives).values(code_tries=table.c.code_tries + 1)
        known = connection.scalar(tried.returning(table.c.code_digest))
        if known is None or not hmac.compare_digest(bytes(known), self._code(row, code)):
            return False
        spent = update(table).where(table.c.id == row.id)
        connection.execute(spent.values(code_digest=None, code_until=None))
        return True

    def _code(self, row: RequestRow, code: str) -> bytes:
        return self._need_vault().digest(f"request|{self.ledger.shop}|{row.code}|{code.strip()}")

    # Who asked ----------------------------------------------------------------------------

    def contact(self, connection: Connection, row: RequestRow) -> Contact | None:
        """Who asked; None once it was destroyed. Raises WrongKey without the vault's own key."""
        table = schema.request
        found = connection.execute(select(table).where(table.c.id == row.id)).one()
        if found.sealed is None:
            return None
        opened = self._need_vault().open(found.sealed, bound_to=bound_request(found))
        return msgspec.json.decode(opened, type=Contact)

    def _keep_contact(self, connection: Connection, request: int, contact: Contact) -> None:
        table = schema.request
        found = connection.execute(select(table).where(table.c.id == request)).one()
        text = msgspec.json.encode(contact).decode()
        sealed = self._need_vault().seal(text, bound_to=bound_request(found))
        connection.execute(update(table).where(table.c.id == request).values(sealed=sealed))

    def _need_vault(self) -> Vault:
        if self._vault is None:
            raise LedgerError("Who asked is sealed, and no vault key is at hand.")
        return self._vault


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(row: Any) -> RequestRow:
    return RequestRow(
        id=row.id, code=row.code, kind=RequestKind(row.kind), state=RequestState(row.state),
        channel=Channel(row.channel), received=date.fromisoformat(row.received),
        due=date.fromisoformat(row.due), limit=date.fromisoformat(row.limit), at=row.at,
        promised=_day(row.promised), extended=_day(row.extended), extended_why=row.extended_why,
        opened_by=row.opened_by, message=row.message,
        level=None if row.level is None else Level(row.level), proven_how=row.proven_how,
        proven_by=row.proven_by, proven_at=row.proven_at, scope=row.scope,
        answer=Answer(row.answer) if row.answer else None, ground=row.ground, kept_until=row.kept_until,
        answered=_day(row.answered), answered_by=row.answered_by,
        answer_channel=Channel(row.answer_channel) if row.answer_channel else None,
        has_contact=row.sealed is not None,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


__all__ = ["Contact", "Named", "NewRequest", "Register", "RequestRow"]
