"""Whose records a request reaches: those that carry what was proven, as they are read now, and no other."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from connector.errors import PlanError
from connector.ledger import Ledger, schema
from connector.ledger.index import Row, Rows
from connector.ledger.index.subjects import SHARED
from connector.ledger.joined import naming_rows
from connector.ledger.request_loosened import loosened_rows
from connector.ledger.requests import Named, Register, RequestRow
from connector.ledger.states import RequestState
from connector.ledger.store import in_chunks
from connector.plan import Plan
from connector.ports import Gone, Live, Platform
from connector.records import Kind, Record, Ref, Value

_PERSONS = ("email", "phone")


class Scope(Value, frozen=True, kw_only=True):
    """The records of a request in one shop, by row and by place.

    `sure` carry an address that was proven, or no address and a phone that was, and stand in nobody else's
    account; `asked` are joined to it otherwise: whoever answers is shown them as questions, and nothing of
    them is sent or erased. `unread` could not be read now. `shared` where a number that was proven is one
    that several people have given: the index joins nobody's records by it, so what carries it is not among
    these.
    """

    sure: tuple[int, ...] = ()
    refs: tuple[Ref, ...] = ()
    asked: tuple[int, ...] = ()
    asked_refs: tuple[Ref, ...] = ()
    unread: tuple[Ref, ...] = ()
    shared: bool = False


class Accounts(NamedTuple):
    """Whose the accounts are that records stand in, by what the accounts themselves carry now.

    `others` carry an address, and none that was proven; `unread` says that an account could not be read, so
    that one that is not among `known` may be anybody's.
    """

    others: frozenset[bytes] = frozenset()
    known: frozenset[bytes] = frozenset()
    unread: bool = False

    def are_others(self, record: Record) -> bool:
        """Whether a record stands in somebody else's account."""
        return not self.others.isdisjoint(accounts_of(record))

    def may_be_others(self, record: Record) -> bool:
        """Whether it stands in an account of which it is not known now whose it is."""
        return self.unread and not accounts_of(record) <= self.known


NO_ACCOUNTS = Accounts()


class CarriedOut(NamedTuple):
    """The request that a plan carries out, and by what its person is known."""

    request: int
    digests: frozenset[bytes]
    records: frozenset[int]
    loosened: frozenset[int] = frozenset()  # orders of which nothing is kept for claims
    accounts: Accounts = NO_ACCOUNTS

    def is_theirs(self, row: int, record: Record) -> bool:
        """Whether a record, as it is read now, is not another's by now.

        It carries no address but theirs, and stands in no account of somebody else.
        """
        if row in self.records:
            return True
        if self.accounts.are_others(record) or self.accounts.may_be_others(record):
            return False
        return not _mails(record) or carries(record, self.digests)


def accounts_of(record: Record) -> frozenset[bytes]:
    """The accounts that a record stands in, keyed."""
    return frozenset(one.digest for one in record.identifiers if one.type == "account")


def _mails(record: Record) -> list[bytes]:
    """The addresses by which a record is somebody's: of an account, the one that signs in to it."""
    mails = [one.digest for one in record.identifiers if one.type == "email"]
    return mails[:1] if record.ref.kind is Kind.CUSTOMER else mails


def accounts_among(
    records: Iterable[Record], proven: Collection[bytes], *, unread: bool = False
) -> Accounts:
    """Whose the accounts among these records are; `unread` where one of them could not be read."""
    owners = [one for one in records if one.ref.kind is Kind.CUSTOMER]
    others = [one for one in owners if (mails := _mails(one)) and set(mails).isdisjoint(proven)]
    known = frozenset(digest for one in owners for digest in accounts_of(one))
    return Accounts(
        others=frozenset(digest for one in others for digest in accounts_of(one)), known=known, unread=unread
    )


def carries(record: Record, proven: Collection[bytes], accounts: Accounts = NO_ACCOUNTS) -> bool:
    """Whether a record is the person's by what it carries itself.

    A phone is shared at home and at work: it tells only of a record that carries nobody's address. An account
    alone tells of none; in somebody else's, a record is theirs until a person says otherwise: anybody can
    type an address when they buy.
    """
    if accounts.are_others(record):
        return False
    if mails := _mails(record):
        return not set(mails).isdisjoint(proven)
    return any(one.digest in proven for one in record.identifiers if one.type == "phone")


def scope_of(ledger: Ledger, platforms: Mapping[str, Platform], asked: RequestRow) -> Scope:
    """The scope of a request, each of its records read now. Nothing is in it before something is proven."""
    register = Register(ledger)
    with ledger.begin() as connection:
        proven = register.named(connection, asked, proven=True)
        rows = _candidates(ledger, connection, proven)
        shared = is_shared(ledger, connection, proven)
    digests = {one.digest for one in proven if one.type in _PERSONS}
    numbers = {one.record for one in proven if one.record is not None}
    sure: list[Row] = []
    other: list[Row] = []
    unread: list[Ref] = []
    looks = list(_looked(rows, platforms))
    accounts = _accounts(looks, digests)
    for row, look in looks:
        if row.id in numbers:
            sure.append(row)
        elif isinstance(look, Live) and not accounts.may_be_others(look.record):
            (sure if carries(look.record, digests, accounts) else other).append(row)
        elif not isinstance(look, Gone):
            unread.append(row.record.ref)
    return Scope(
        sure=tuple(row.id for row in sure), refs=tuple(row.record.ref for row in sure),
        asked=tuple(row.id for row in other), asked_refs=tuple(row.record.ref for row in other),
        unread=tuple(unread), shared=shared,
    )  # fmt: skip


def accounts_now(ledger: Ledger, platforms: Mapping[str, Platform], code: str) -> Accounts:
    """Whose the accounts are that the records of a request stand in, read now; none for no request."""
    if not code:
        return NO_ACCOUNTS
    register = Register(ledger)
    with ledger.begin() as connection:
        proven = register.named(connection, register.get(connection, code), proven=True)
        rows = _candidates(ledger, connection, proven)
    owners = [one for one in rows if one.record.ref.kind is Kind.CUSTOMER]
    digests = {one.digest for one in proven if one.type in _PERSONS}
    return _accounts(list(_looked(owners, platforms)), digests)


def _accounts(looks: Sequence[tuple[Row, object]], proven: Collection[bytes]) -> Accounts:
    lives = [look.record for _, look in looks if isinstance(look, Live)]
    owners = [look for row, look in looks if row.record.ref.kind is Kind.CUSTOMER]
    return accounts_among(lives, proven, unread=any(not isinstance(one, (Live, Gone)) for one in owners))


def carried_out(
    ledger: Ledger, connection: Connection, code: str, accounts: Accounts = NO_ACCOUNTS
) -> CarriedOut | None:
    """The request with this code, as its plan is carried out; None for a plan that is of no request."""
    if not code:
        return None
    register = Register(ledger)
    row = register.get(connection, code)
    proven = register.named(connection, row, proven=True)
    return CarriedOut(
        request=row.id,
        digests=frozenset(one.digest for one in proven if one.type in _PERSONS),
        records=frozenset(one.record for one in proven if one.record is not None),
        loosened=loosened_rows(ledger, connection, row.code),
        accounts=accounts,
    )


def must_still_be_asked(ledger: Ledger, connection: Connection, plan: Plan) -> None:
    """Refuses to begin what no request asks for now: answered, refused or withdrawn. Raises PlanError."""
    if not plan.request:
        return
    row = Register(ledger).find(connection, plan.request)
    if row is None or row.state not in (RequestState.DECIDED, RequestState.APPROVED):
        raise PlanError(
            f"Plan {plan.code} is of request {plan.request}, which does not ask for it now. "
            f"See `gallra request show {plan.request}`."
        )


def is_shared(ledger: Ledger, connection: Connection, proven: Sequence[Named]) -> bool:
    """Whether one of these is a number that several people have given: nobody's records are found by it."""
    ids, wanted = schema.identifier, [one.digest for one in proven if one.type in _PERSONS]
    chosen = select(ids.c.digest).where(
        ids.c.shop == ledger.shop, ids.c.digest.in_(wanted), ids.c.subject == SHARED
    )
    return connection.execute(chosen).first() is not None


def is_nobody_s(ledger: Ledger, connection: Connection, proven: Sequence[Named]) -> bool:
    """Whether a number that several people have given is all that is known, so that no record is found."""
    return is_shared(ledger, connection, proven) and not _candidates(ledger, connection, proven)


def is_on_an_order(ledger: Ledger, platforms: Mapping[str, Platform], address: Named) -> bool:
    """Whether an order, as it is read now, carries this address. Raises RemoteError where none answers."""
    with ledger.begin() as connection:
        rows = _candidates(ledger, connection, (address,))
    rows = [one for one in rows if one.record.ref.kind in (Kind.ORDER, Kind.CUSTOMER)]
    looks = list(_looked(rows, platforms))
    accounts = _accounts(looks, {address.digest})
    return any(
        isinstance(look, Live)
        and look.record.ref.kind is Kind.ORDER
        and not accounts.may_be_others(look.record)
        and carries(look.record, {address.digest}, accounts)
        for _row, look in looks
    )


def is_joined(ledger: Ledger, connection: Connection, row: Row, address: Named) -> bool:
    """Whether the index has a record as one of the person who goes by this address."""
    return any(one.id == row.id for one in _candidates(ledger, connection, (address,)))


def _candidates(ledger: Ledger, connection: Connection, proven: Sequence[Named]) -> list[Row]:
    """Every live record that the index joins with what was proven, by row."""
    ids, record = schema.identifier, schema.record
    wanted = [one.digest for one in proven if one.type in _PERSONS]
    rows = {one.record for one in proven if one.record is not None}
    people: set[int] = set()
    for some in in_chunks(wanted):
        chosen = select(ids.c.subject).where(ids.c.shop == ledger.shop, ids.c.digest.in_(some))
        people |= {one for one in connection.scalars(chosen) if one}
    for few in in_chunks(sorted(people)):
        mine = (record.c.shop == ledger.shop, record.c.subject.in_(few), record.c.gone.is_(False))
        rows |= set(connection.scalars(select(record.c.id).where(*mine)))
    rows |= naming_rows(ledger, connection, wanted)
    found = Rows(ledger).rows(connection, sorted(rows))
    return [found[one] for one in sorted(found)]


def _looked(rows: Sequence[Row], platforms: Mapping[str, Platform]) -> Iterator[tuple[Row, object]]:
    for name, platform in platforms.items():
        own = {row.record.ref: row for row in rows if row.record.ref.adapter == name}
        seen = {}
        for some in in_chunks(list(own)):
            for look in platform.fetch(some):
                ref = look.record.ref if isinstance(look, Live) else look.ref
                seen[ref] = look
        yield from ((row, seen.get(ref)) for ref, row in own.items())


__all__ = [
    "NO_ACCOUNTS", "Accounts", "CarriedOut", "Scope", "accounts_among", "accounts_now", "carried_out",
    "carries", "is_joined", "is_nobody_s", "is_on_an_order", "is_shared", "must_still_be_asked", "scope_of",
]  # fmt: skip
