"""An in-memory shop and recipient, a ledger with keys, and a moment at which the process dies."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, event, select

from connector.basis import READS, Basis, Declared, accounts_unread, bases_of, left_out
from connector.deciding.drawing import FIRST
from connector.deciding.reading_back import VerifyResult
from connector.deciding.terms import Terms
from connector.errors import MoneyMoved, RemoteError, RetryLater
from connector.identity import is_placeholder, key_fingerprint, make_keyer, signer
from connector.ledger import Ledger, Vault, open_ledger, schema
from connector.ledger.dialect.postgres import Server
from connector.ledger.index import Pulls
from connector.ledger.naming import meant
from connector.ledger.outbox import Outbox
from connector.ledger.plans import Approval, Plans
from connector.ledger.proof.audit import Break, breaks
from connector.ledger.proof.sealer import Sealer
from connector.ledger.store import Around
from connector.ledger.unread import Unreads
from connector.plan import Limits, Plan
from connector.policy import FinancialYears, Policy, ShopContext, load_policy
from connector.ports import (
    Ability,
    Access,
    Act,
    Back,
    Capabilities,
    Delivery,
    DeliveryReceipt,
    Finding,
    Gone,
    Interest,
    Kept,
    Keyer,
    Listener,
    Live,
    Look,
    Page,
    Receipt,
    Recipient,
    Role,
    Seen,
    Stock,
    Task,
    Unread,
)
from connector.ports.rectifying import Part
from connector.records import (
    Action,
    Facts,
    Field,
    HoldId,
    Identifier,
    Kind,
    Outcome,
    Record,
    Ref,
    Wave,
    from_bits,
    to_bits,
)
from connector.stages.apply import Means, Share, apply
from connector.stages.plan import make_plan
from connector.stages.pull import Pulled, Reading, pull
from connector.stages.pull.changes import pull_changes
from connector.stages.push import PushResult, push
from connector.stages.verify import Asked, read_back_and_ask

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=STOCKHOLM)
SUBJECT_KEY, VAULT_KEY, SEAL_KEY = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
LONG_AGO = date(2014, 3, 3)
LAST_YEAR = date(2025, 6, 2)
JUST_NOW = date(2026, 11, 18)
ALL_WAVES = tuple(Wave)


@cache
def sealed() -> Sealer:
    """The seal key of every ledger made here."""
    return Sealer(SEAL_KEY)


class Crash(BaseException):
    """The end of the process: no handler of the engine may catch it."""


class Mortal:
    """Counts every commit and remote call, and dies at a chosen one; once dead, nothing works."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.count = 0
        self.dead = False

    def step(self, _what: str = "") -> None:
        """One point at which the process may end."""
        self.count += 1
        if self.dead or self.count == self.at:
            self.dead = True
            raise Crash

    def watch(self, ledger: Ledger) -> None:
        """Counts every commit of this ledger too."""
        event.listen(ledger.engine, "commit", lambda _connection: self.step("commit"))


class TurnableClock:
    """A clock that stands until a test turns it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **forward: float) -> None:
        """Turns it forward."""
        self.now += timedelta(**forward)


@dataclass
class Held:
    """One record as the in-memory shop holds it."""

    ref: Ref
    values: dict[Field, str]
    facts: Facts
    label: str = ""
    account: str = ""
    version: int = 0
    money: str = "100.00"
    unread: frozenset[Field] = frozenset()


class MemoryShop:
    """A platform that keeps its records in memory, with faults on demand."""

    name = "shop"
    kinds: tuple[Kind, ...] = (Kind.ORDER, Kind.CUSTOMER)

    def __init__(self, keyer: Keyer, *, name: str = "shop", page: int = 3) -> None:
        self.name = name
        self.keyer = keyer
        self.page = page
        self.held: dict[Ref, Held] = {}
        self.mortal = Mortal()
        self.refuses: set[str] = set()
        self.unreadable: set[str] = set()
        self.why_unread = "malformed:meta_data"
        self.leaves_out: set[str] = set()
        self.hides: set[str] = set()  # from its lists, though it counts them
        self.counts = True
        self.stands = False  # tells how many of each status it has, after a pull of changes
        self.moves_money: set[str] = set()
        self.fails_after: int | None = None
        self.fault: RemoteError | None = None
        self.accepts: dict[str, date] = {}
        self.owners: dict[str, str] = {}  # of orders, as the shop names them
        self.keeps: set[tuple[str, Field]] = set()
        self.listeners: tuple[Listener, ...] = ()
        self.unreadable_holds: frozenset[HoldId] = frozenset()
        self.before_apply: Callable[[Sequence[Task]], None] = lambda _tasks: None
        self.before_restore: Callable[[Sequence[Back]], None] = lambda _backs: None
        self.restored: list[str] = []
        self.batches: list[list[str]] = []
        self.written: list[tuple[str, frozenset[Field], Action, str]] = []
        self._version = 0

    # What a test does to the shop -----------------------------------------------------------

    def put(
        self,
        kind: Kind,
        id: str,
        values: Mapping[Field, str],
        facts: Facts,
        *,
        label: str = "",
        account: str = "",
        unread: frozenset[Field] = frozenset(),
    ) -> Held:
        """Adds or replaces a record."""
        ref = Ref(adapter=self.name, kind=kind, id=id)
        held = Held(ref=ref, values=dict(values), facts=facts, label=label, account=account, unread=unread)
        self.held[ref] = held
        self.touch(held)
        return held

    def order(self, id: str, day: date = LONG_AGO, *, account: str = "", **values: str) -> Held:
        """A completed order that was delivered on a day."""
        facts = Facts(
            created=day,
            modified=day,
            status="completed",
            paid=day,
            completed=day,
            payment="card",
            ship_to="SE",
        )
        return self.put(Kind.ORDER, id, _values(id, values), facts, label=f"#{id}", account=account)

    def customer(self, id: str, day: date = LONG_AGO, **values: str) -> Held:
        """An account last used on a day."""
        facts = Facts(created=day, modified=day, status="customer", last_login=day)
        given = _values(id, values) | {Field.ACCOUNT: f"user-{id}"}
        return self.put(Kind.CUSTOMER, id, given, facts, account=id)

    def touch(self, held: Held, **facts: object) -> None:
        """Changes a record's facts; its version and modification date move."""
        self._version += 1
        held.version = self._version
        if facts:
            held.facts = msgspec.structs.replace(held.facts, **facts)

    def of(self, id: str, kind: Kind = Kind.ORDER) -> Held:
        """A record by its id."""
        return self.held[Ref(adapter=self.name, kind=kind, id=id)]

    # The protocol ---------------------------------------------------------------------------

    def check(self) -> Access:
        """Reachable, and who listens."""
        return Access(
            adapter=self.name, reachable=True, can_read=True, can_write=True, listeners=self.listeners,
            unreadable_holds=self.unreadable_holds,
        )  # fmt: skip

    def capabilities(self, kind: Kind) -> Capabilities:
        """Everything can be blanked but tags; records can be deleted."""
        fields = dict.fromkeys(Field, Ability.REDACT) | {Field.TAGS: Ability.CANNOT}
        return Capabilities(kind=kind, fields=fields, deletes=True, unsubscribes=True)

    def pull(self, kind: Kind, *, since: str | None) -> Iterator[Page]:
        """Records by version, a few at a time; the cursor is the last version seen."""
        after = int(since or 0)
        rows = sorted(
            (h for h in self.held.values() if h.ref.kind is kind and h.version > after),
            key=lambda h: h.version,
        )
        chunks = [rows[at : at + self.page] for at in range(0, len(rows), self.page)] or [[]]
        for number, chunk in enumerate(chunks, 1):
            self.mortal.step("pull")
            last = str(chunk[-1].version if chunk else after)
            complete = since is None and number == len(chunks)
            yield Page(
                records=tuple(self.record(held) for held in chunk if held.ref.id not in self.hides),
                cursor=last,
                complete=complete,
                counted=len(rows) if complete and self.counts else None,
                standing=self.standing(kind) if self.stands and number == len(chunks) else (),
            )

    def standing(self, kind: Kind) -> tuple[Stock, ...]:
        """How many there are of each status, whatever the lists show."""
        counts = Counter(held.facts.status for held in self.held.values() if held.ref.kind is kind)
        return tuple(Stock(count=n, only=frozenset((status,))) for status, n in counts.items())

    def record(self, held: Held) -> Record:
        """The record as the index may keep it."""
        present = frozenset(f for f, text in held.values.items() if text and not is_placeholder(text))
        found = (
            ("email", held.values.get(Field.EMAIL, "")),
            ("phone", held.values.get(Field.PHONE, "")),
            ("account", held.account),
        )
        identifiers = tuple(
            Identifier(type=type_, digest=digest)
            for type_, value in found
            if value and (digest := self.keyer(type_, value)) is not None
        )
        return Record(
            ref=held.ref,
            version=f"{held.version:09d}",
            facts=held.facts,
            present=to_bits(present - held.unread),
            unread=to_bits(held.unread),
            label=held.label,
            identifiers=identifiers,
            copies=tuple(sorted(self.handles(held))),
        )

    def handles(self, held: Held) -> dict[str, tuple[str, ...]]:
        """What a recipient may need of a record."""
        found = {"order" if held.ref.kind is Kind.ORDER else "customer": (held.ref.id,)}
        if held.ref.kind is Kind.ORDER and held.ref.id in self.owners:
            found["customer"] = (self.owners[held.ref.id],)
        address = held.values.get(Field.EMAIL, "")
        if address and not is_placeholder(address):
            found["email"] = (address,)
        return found

    def fetch(self, refs: Sequence[Ref]) -> Iterator[Look]:
        """The records as they are now."""
        self.mortal.step("fetch")
        for ref in refs:
            if ref.id in self.unreadable:
                yield Unread(ref=ref, reason=self.why_unread)
            elif ref in self.held:
                held = self.held[ref]
                yield Live(record=self.record(held), handles=self.handles(held), raw=held, money=held.money)
            elif ref.id not in self.leaves_out:
                yield Gone(ref=ref)

    def read_back(self, refs: Sequence[Ref], *, notes: frozenset[Ref]) -> Iterator[Look]:
        """The records as they are now, with what is otherwise unread of those in `notes`."""
        for live in self.fetch(refs):
            if isinstance(live, Live) and live.record.ref in notes:
                held = self.held[live.record.ref]
                kept, held.unread = held.unread, frozenset()
                live.record = self.record(held)
                held.unread = kept
            yield live

    def apply(self, tasks: Sequence[Task]) -> Iterator[Receipt]:
        """Writes one record after the other; the process may end before and after each."""
        self.before_apply(tasks)
        self.batches.append([task.ref.id for task in tasks])
        for number, task in enumerate(tasks):
            if self.fault is not None and number == self.fails_after:
                fault, self.fault = self.fault, None
                raise fault
            self.mortal.step("before a write")
            receipt = self._write(task)
            self.mortal.step("after a write")
            yield receipt

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """The texts of the fields that go; an account cannot be made anew."""
        held = self.held[task.ref]
        gone = [one for one in sorted(task.fields - {Field.ACCOUNT}) if held.values.get(one)]
        texts = {one: json.dumps(held.values[one]) for one in gone}
        return [Kept(place=str(o), key=str(o), fields=(o,), before=texts[o], after="null") for o in gone]

    def now_in(self, live: Live, kept: Sequence[Kept]) -> Mapping[str, str]:
        """The texts that stand there now."""
        return {one.place: json.dumps(live.raw.values.get(Field(one.place)) or None) for one in kept}

    def to_rectify(self, live: Live, part: Part, value: str) -> Kept | None:
        """The text of a part's field; what is shipped is for a hand."""
        if part.block == "shipping":
            return None
        now = json.dumps(live.raw.values.get(part.fields[0]) or None)
        place = str(part.fields[0])
        return Kept(place=place, key=place, fields=part.fields, before=json.dumps(value), after=now)

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts texts back; the process may end before and after each record."""
        self.before_restore(backs)
        for back in backs:
            self.mortal.step("before a restore")
            if back.ref.id in self.refuses:
                yield Receipt(ref=back.ref, outcome=Outcome.REFUSED, reason="refused")
                continue
            held = self.held[back.ref]
            for one in back.kept:
                held.values[Field(one.place)] = json.loads(one.before)
            self.restored.append(back.ref.id)
            self.touch(held, modified=NOON.date())
            self.mortal.step("after a restore")
            yield Receipt(ref=back.ref, outcome=Outcome.DONE)

    def _write(self, task: Task) -> Receipt:
        id = task.ref.id
        if id in self.refuses:
            return Receipt(ref=task.ref, outcome=Outcome.REFUSED, reason="refused")
        if id in self.accepts and not task.token:
            return Receipt(ref=task.ref, outcome=Outcome.ACCEPTED, token=f"job-{id}", due=self.accepts[id])
        self.written.append((id, task.fields, task.action, task.token))
        held = self.held.get(task.ref)
        if held is None:
            return Receipt(ref=task.ref, outcome=Outcome.ALREADY_GONE, reason="gone")
        if task.action is Action.DELETE:
            del self.held[task.ref]
            return Receipt(ref=task.ref, outcome=Outcome.DONE)
        for one in task.fields:
            if (id, one) not in self.keeps:
                held.values.pop(one, None)
        held.unread -= task.fields
        self.touch(held, modified=NOON.date())
        if id in self.moves_money:
            held.money = "0.00"
            raise MoneyMoved("Totals moved. Compare with the books.", adapter=self.name, operation="apply")
        return Receipt(ref=task.ref, outcome=Outcome.DONE, done=task.fields)


def _values(id: str, given: Mapping[str, str]) -> dict[Field, str]:
    usual = {
        Field.NAME: f"Person {id}",
        Field.EMAIL: f"person{id}@kund.example",
        Field.BILLING_ADDRESS: f"Gatan {id}",
        Field.IP_ADDRESS: "203.0.113.7",
    }
    named = {Field(name): text for name, text in given.items()}
    return {f: text for f, text in (usual | named).items() if text}


class MemoryRecipient:
    """A recipient that remembers what it was told, with faults on demand."""

    def __init__(
        self,
        name: str = "mailer",
        code: str = "MC",
        *,
        act: Act = Act.ERASE,
        handle: str = "email",
        fields: frozenset[Field] = frozenset({Field.EMAIL}),
        outcome: Outcome = Outcome.DONE,
    ) -> None:
        self.name = name
        self.recipient = code
        self.role = Role.PROCESSOR if act is Act.ERASE else Role.CONTROLLER
        self.interests = tuple(
            Interest(act=act, kind=kind, handle=handle, fields=fields, on_delete=True)
            for kind in (Kind.ORDER, Kind.CUSTOMER)
        )
        self.outcome = outcome
        self.mortal = Mortal()
        self.told: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.reachable = True
        self.can_write = True
        self.fault: RemoteError | None = None
        self.retries: set[str] = set()
        self.seen = Seen.GONE
        self.due: date | None = None

    def check(self) -> Access:
        """Whether it answers."""
        return Access(
            adapter=self.name, reachable=self.reachable, can_read=self.reachable, can_write=self.can_write
        )

    def push(self, deliveries: Sequence[Delivery]) -> Iterator[DeliveryReceipt]:
        """Is told of each; the process may end before and after."""
        for one in deliveries:
            self.mortal.step("before a push")
            if self.fault is not None:
                raise self.fault
            self.told.append((one.ref.id, one.value))
            self.tokens.append(one.token)
            self.mortal.step("after a push")
            if one.ref.id in self.retries:
                yield DeliveryReceipt(id=one.id, outcome=Outcome.REFUSED, reason="busy", retry=True)
            elif self.outcome is Outcome.ACCEPTED and not one.token:
                yield DeliveryReceipt(id=one.id, outcome=Outcome.ACCEPTED, token="t-1", due=self.due)
            else:
                done = Outcome.NOTIFIED if self.outcome is Outcome.ACCEPTED else self.outcome
                yield DeliveryReceipt(id=one.id, outcome=done)

    def verify(self, deliveries: Sequence[Delivery]) -> Iterator[Finding]:
        """What a look at it shows."""
        self.mortal.step("a look")
        if self.fault is not None:
            raise self.fault
        for one in deliveries:
            yield Finding(id=one.id, seen=self.seen)


@cache
def make_policy() -> Policy:
    """The preset, bound to a shop that has attested every hold away and whose books are in the shop."""
    return load_policy(
        "swedish-webshop",
        context=ShopContext(financial_years=FinancialYears.ending("12-31", 2010, 2027)),
        overrides={"T-20": {"waive_warning": True}},
    )


@dataclass
class Engine:
    """The stages of one shop without settings: in-memory services, a ledger on disk."""

    ledger: Ledger
    outbox: Outbox
    shop: MemoryShop
    recipients: list[MemoryRecipient]
    clock: TurnableClock
    policy: Policy
    keyer: Keyer
    key: str
    declared: Sequence[Declared] = ()
    limits: Limits = field(default_factory=lambda: Limits(records=10_000, percent=100.0, jump=1000.0))
    undo_days: int = 0
    changed_by_hand: bool = False  # a test wrote to the ledger as no stage does

    @property
    def today(self) -> date:
        """The clock's day."""
        return self.clock().date()

    def watch(self, mortal: Mortal) -> None:
        """From here the process may end at any commit and any remote call."""
        mortal.watch(self.ledger)
        self.shop.mortal = mortal
        for one in self.recipients:
            one.mortal = mortal

    def pull(self, *, full: bool = False) -> tuple[Pulled, ...]:
        """The pull stage."""
        declared = {one.kind: one.at_most for one in self.declared}
        reading = Reading(platforms={self.shop.name: self.shop}, key=self.key, declared=declared)
        return pull(self.ledger, reading, full=full)

    @property
    def known(self) -> list[Recipient]:
        """The recipients as planning knows them."""
        return [Recipient(name=r.name, code=r.recipient, processor=r) for r in self.recipients]

    def plan(self) -> Plan:
        """The plan stage; the clock moves a second, so that no two plans are of one moment."""
        self.clock.turn(seconds=1)
        return make_plan(
            self.ledger,
            self.terms(),
            rests_on=self.bases,
        )

    def terms(self) -> Terms:
        """What the plan is made by."""
        return Terms(
            policy=self.policy,
            capabilities={(self.shop.name, kind): self.shop.capabilities(kind) for kind in self.shop.kinds},
            recipients=self.known,
            limits=self.limits,
            key=self.key,
            today=self.today,
            now=self.clock(),
        )

    def bases(self, connection: Connection) -> tuple[Basis, ...]:
        """What is known of each kind."""
        known, unread = Pulls(self.ledger).bases(connection), Unreads(self.ledger).counts(connection)
        return bases_of(known, {self.shop.name: self.shop.kinds}, self.declared, unread)

    def approve(self, waves: Sequence[Wave] = ALL_WAVES) -> None:
        """Approves waves of the newest plan."""
        plans = Plans(self.ledger)
        with self.ledger.begin() as connection:
            plan_id, plan, _ = plans.need(connection)
            for wave in plan.waves:
                if wave.wave in waves:
                    approval = Approval(wave=wave.wave, digest=wave.digest, person="Disa Demo", role="owner")
                    plans.approve(connection, plan_id, approval)

    def means(self) -> Means:
        """What the apply stage works with."""
        return Means(
            ledger=self.ledger,
            outbox=self.outbox,
            policy=self.policy,
            platforms={self.shop.name: self.shop},
            recipients=self.known,
            today=self.today,
            key=self.key,
            keyer=self.keyer,
            undo_days=self.undo_days,
            left_out=left_out(self._rests_on),
            accounts_unread=accounts_unread(self._rests_on),
            pull_others=self.pull_others,
        )

    def pull_others(self, kind: Kind) -> bool:
        """What changed of the other records that a kind's facts come of, read in the middle of an apply."""
        kinds = [one for one in FIRST if one in READS.get(kind, ())]
        declared = {one.kind: one.at_most for one in self.declared}
        reading = Reading(platforms={self.shop.name: self.shop}, key=self.key, declared=declared)
        return pull_changes(self.ledger, reading, kinds=kinds)

    @property
    def _rests_on(self) -> tuple[Basis, ...]:
        with self.ledger.begin() as connection:
            return self.bases(connection)

    @property
    def plan_id(self) -> int:
        """The newest plan's row; also while a test has a transaction of its own open."""
        with self.ledger.engine.connect() as connection:
            return Plans(self.ledger).need(connection).id

    def apply(self, waves: Sequence[Wave] = ALL_WAVES, *, only: str | None = None) -> int:
        """The apply stage; `only` is an order's number, or an id where nothing has the number."""
        row = None if only is None else meant(self.ledger, Kind.ORDER, only).id
        return apply(self.means(), Share(self.plan_id, tuple(waves), row)).touched

    def push(self) -> PushResult:
        """The push stage."""
        return push(self.outbox, {r.name: r for r in self.recipients}, today=self.today)

    def verify(self, *, again: bool = False) -> VerifyResult:
        """The verify stage."""
        asked = Asked(platforms={self.shop.name: self.shop}, processors={r.name: r for r in self.recipients})
        return read_back_and_ask(self.outbox, asked, self.plan_id, again=again)

    def whole(self) -> None:
        """Pull to verify."""
        self.pull()
        self.plan()
        self.apply()
        self.push()
        self.verify()

    # Looking --------------------------------------------------------------------------------

    def breaks(self) -> list[Break]:
        """What of the ledger is otherwise than the stages wrote it, as the holder of the seal key sees it."""
        with self.ledger.begin() as connection:
            return list(breaks(connection, self.ledger.shop, self.ledger.seal()))

    def steps(self) -> dict[tuple[str, str], tuple[str, str]]:
        """State and outcome of the newest plan's steps, by record and wave."""
        plan_id = self.plan_id
        with self.ledger.begin() as connection:
            rows = Plans(self.ledger).steps(connection, plan_id)
            return {(r.step.ref.id, str(r.step.wave)): (r.state, r.outcome or r.state) for r in rows}

    def outcome(self, id: str, wave: Wave = Wave.EMAIL_ADDRESS) -> str:
        """The outcome of one record's step."""
        return self.steps()[id, str(wave)][1]

    def reasons(self) -> dict[str, set[str]]:
        """Why the steps of each order ended as they did, by its id."""
        found: dict[str, set[str]] = {}
        with self.ledger.begin() as connection:
            for row in Plans(self.ledger).steps(connection, Plans(self.ledger).need(connection)[0]):
                if row.step.ref.kind is Kind.ORDER:
                    found.setdefault(row.step.ref.id, set()).add(row.reason)
        return found

    def planned(self) -> dict[str, frozenset[Field]]:
        """The fields that the newest plan takes, by record."""
        found: dict[str, frozenset[Field]] = {}
        plan_id = self.plan_id
        with self.ledger.begin() as connection:
            for row in Plans(self.ledger).steps(connection, plan_id):
                before = found.get(row.step.ref.id, frozenset())
                found[row.step.ref.id] = before | frozenset(from_bits(row.step.fields))
        return found

    def deliveries(self) -> list[tuple[str, str, str, bool]]:
        """Every delivery: recipient, record, state, and whether its handle is still sealed."""
        table = schema.delivery
        with self.ledger.begin() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).all()
        return [(r.recipient, r.remote_id, r.state, r.sealed is not None) for r in rows]

    def subject_of(self, id: str, kind: Kind = Kind.ORDER) -> int | None:
        """The subject of a record, None where it has none."""
        table = schema.record
        with self.ledger.begin() as connection:
            found = connection.scalar(
                select(table.c.subject).where(table.c.remote_id == id, table.c.kind == kind)
            )
        return None if found is None else int(found)

    def state_of(self, id: str, kind: Kind = Kind.ORDER) -> str:
        """Where a record counts."""
        table = schema.record
        with self.ledger.begin() as connection:
            return str(
                connection.scalar(select(table.c.state).where(table.c.remote_id == id, table.c.kind == kind))
            )


def make_engine(
    folder: Path, *, name: str = "ledger.sqlite", shop: str = "egg", place: Path | Server | None = None
) -> Engine:
    """An engine over an empty in-memory shop, with one recipient that erases by e-mail address.

    `place` is where the ledger lies, if in no file of this folder.
    """
    clock = TurnableClock()
    keyer = make_keyer(SUBJECT_KEY)
    around = Around(seal=sealed)
    ledger = open_ledger(place or folder / name, shop=shop, clock=clock, sign=signer(keyer), around=around)
    return Engine(
        ledger=ledger,
        outbox=Outbox(ledger, Vault(VAULT_KEY)),
        shop=MemoryShop(keyer),
        recipients=[MemoryRecipient()],
        clock=clock,
        policy=make_policy(),
        keyer=keyer,
        key=key_fingerprint(SUBJECT_KEY),
    )


def reopen(engine: Engine, folder: Path, *, name: str = "ledger.sqlite") -> Engine:
    """A new process over the same ledger file, shop and recipients."""
    engine.ledger.engine.dispose()
    ledger = open_ledger(folder / name, shop="egg", clock=engine.clock, around=Around(seal=sealed))
    engine.shop.mortal = Mortal()
    for one in engine.recipients:
        one.mortal = Mortal()
    return Engine(
        ledger=ledger,
        outbox=Outbox(ledger, Vault(VAULT_KEY)),
        shop=engine.shop,
        recipients=engine.recipients,
        clock=engine.clock,
        policy=engine.policy,
        keyer=engine.keyer,
        key=engine.key,
        limits=engine.limits,
    )


def busy(adapter: str = "mailer") -> RetryLater:
    """A service that asks for patience."""
    return RetryLater("Busy. Try again later.", adapter=adapter, operation="push", status=503)
