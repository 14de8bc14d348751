"""One shop, opened from its settings: each part is built when it is first needed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connector.deciding.limits import Passes, passes
from connector.deciding.missing import must_be_first
from connector.errors import GallraError, PolicyUnsound
from connector.identity import key_fingerprint, make_keyer, signer
from connector.keys import Lies, place_of, read_keys, read_sealer, read_vault_key
from connector.ledger import Ledger, open_ledger
from connector.ledger.head import remember as remember_head
from connector.ledger.holds import Holds
from connector.ledger.last_check import note_beyond, remember
from connector.ledger.outbox import Outbox
from connector.ledger.plans import PlanRow
from connector.ledger.proof.gate import must_be_unchanged
from connector.ledger.proof.sealer import Sealer
from connector.ledger.sealing import VAULT_KEY, must_be_of, open_vault
from connector.ledger.store import Around, is_there
from connector.plan import Limits, approve_line
from connector.policy import Policy, load_as_written, refuse_unlawful
from connector.ports import (
    Access,
    CapabilityTable,
    Clock,
    Keyer,
    Mark,
    Platform,
    Processor,
    Recipient,
    Tracker,
)
from connector.records import Field, HoldId, Kind, Value, Wave
from connector.registry import (
    build_alerts,
    build_platform,
    build_processor,
    has_platform,
    kinds_of,
    recipient_codes,
)
from connector.services.absent import Abilities, Platforms
from connector.services.asked import checked
from connector.services.beside import Beside
from connector.services.binding import Stays, Unbound, keep, recognise, stays_in
from connector.services.controls import holding
from connector.services.timekeeping import behind, note_clocks
from connector.settings import Settings, blanks, load_settings, resolve_secrets
from connector.settings.mail import of_mail
from connector.settings.promises import Promise, load_promises

STOCKHOLM = ZoneInfo("Europe/Stockholm")
UNREADABLE: tuple[HoldId, ...] = (HoldId.BALANCE, HoldId.SUBSCRIPTION, HoldId.DISPUTE)
"""Holds that count as unknown until a check has said what the shop's data shows."""


def system_clock() -> datetime:
    """The machine's own time, in Stockholm."""
    return datetime.now(STOCKHOLM)


class Sound(Value, frozen=True):
    """That the lint found no error in a policy and its promises: whatever acts under them asks for it."""

    digest: str

    def must_be_of(self, policy: Policy) -> None:
        """Refuses another policy than the lint has read. Raises PolicyUnsound."""
        if self.digest != policy.digest:
            raise PolicyUnsound("The policy is another than the lint has read. Run the command again.")


class Shop:
    """The parts of one shop; secrets are read only by the parts that need them."""

    def __init__(self, settings: Settings, *, clock: Clock = system_clock, file: Path | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.file = file
        self.only_reads = False  # a report is made where no key of the services is at hand: nobody is asked
        self._unbound: Unbound | None = None  # none until what answers is known to be the ledger's shop
        self.notices: list[str] = []  # what a stage has to say beside its result
        self._behind = timedelta()  # how much earlier it is at the services; told once the ledger is open
        self._found_whole = False
        self._policy: Policy | None = None
        self._respelled: dict[bytes, bytes] = {}  # how an earlier version keyed addresses that were met

    @property
    def today(self) -> date:
        """The Stockholm date: the earlier of this machine's and the services', as the last pull saw them."""
        return (self.clock().astimezone(STOCKHOLM) - self._late()).date()

    def _late(self) -> timedelta:
        return self._behind if self.has_ledger and self.ledger else timedelta()

    @cached_property
    def beside(self) -> Beside:
        """The platforms that this run can do without: all but the shop system itself."""
        return Beside({*self.platforms} - {str(self.settings.platform.name)})

    @property
    def answering(self) -> dict[str, Platform]:
        """The platforms without those that failed in this run."""
        return {name: one for name, one in self.platforms.items() if name not in self.beside.faults}

    def note_clocks(self) -> None:
        """Holds this machine's clock to those of the platforms, once they have answered."""
        silent = note_clocks(self.ledger, self.answering.values(), self.clock)
        self._behind = behind(self.ledger)
        if silent:
            self.notices.append(f"{', '.join(silent)} told no usable time: today is this machine's own date.")

    def recognise(self, *, again: bool = False) -> None:
        """Refuses another shop than the ledger's, once a run, and wherever `again`. Raises OtherShop.

        A platform beside the shop's own that does not answer is not known, so it is left aside.
        """
        if self._unbound is None or again:
            found: Unbound = {}
            for name, platform in self.answering.items():
                with self.beside.without(name):
                    found |= recognise(self.ledger, [platform], self.stays)
            self._unbound = found

    def keep_binding(self) -> None:
        """Holds the ledger to what was pulled into it; an older one is bound, and says so."""
        for name in keep(self.ledger, self.platforms.values(), self.stays, self._unbound or {}):
            self.notices.append(f"This ledger now belongs to the {name} that it was pulled from.")
        self._unbound = {}

    @property
    def stays(self) -> Stays:
        """Whether an order is one that the policy will not take whole."""
        return stays_in(self.policy, self.today)

    @cached_property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """Every secret, read from its source once; none where the shop is only read of."""
        return blanks(self.settings) if self.only_reads else resolve_secrets(self.settings)

    @property
    def has_ledger(self) -> bool:
        """Whether there is a ledger yet; looking makes none, and a file with nothing in it is none."""
        return "ledger" in vars(self) or is_there(self.place)

    @cached_property
    def place(self) -> Lies:
        """Where the ledger lies. Raises SettingsError where its address is a secret that is not at hand."""
        return place_of(self.settings)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, opened or made. Raises LedgerError where one was here and is not."""
        if not self.has_ledger:
            must_be_first(self.settings)
        ledger = open_ledger(
            self.place,
            shop=self.settings.shop.id,
            clock=self.clock,
            sign=lambda number: signer(self.keyer)(number),  # the key is read once it is needed
            around=Around(lambda: self.sealer, partial(remember_head, folder=self.settings.reports.folder)),
        )
        self._behind = behind(ledger)
        return ledger

    @cached_property
    def sealer(self) -> Sealer | None:
        """What shows whether the ledger was changed by hand; None where the shop's file names no seal key."""
        return read_sealer(self.settings)

    @cached_property
    def _keys(self) -> tuple[bytes, bytes]:
        vault_key, subject_key = read_keys(self.settings)
        self.ledger.bind_key(VAULT_KEY, key_fingerprint(vault_key))
        self.ledger.bind_key("subject key", key_fingerprint(subject_key))
        return vault_key, subject_key

    @cached_property
    def outbox(self) -> Outbox:
        """The outbox, with the vault that seals its handles."""
        return Outbox(self.ledger, open_vault(self.ledger, self._keys[0]))

    def vault_fault(self) -> str:
        """Why nothing that is sealed can be opened now; empty where it can."""
        try:
            must_be_of(self.ledger, read_vault_key(self.settings))
        except GallraError as fault:
            return str(fault)
        return ""

    @cached_property
    def keyer(self) -> Keyer:
        """Keys identifiers of persons under the subject key."""
        return make_keyer(self._keys[1], respelled=self._respelled)

    def reach_old_holds(self) -> None:
        """Holds placed by an earlier version reach what was just pulled of the same person."""
        if self._respelled:
            with self.ledger.begin() as connection:
                Holds(self.ledger).respell(connection, self._respelled)

    @cached_property
    def key(self) -> str:
        """The subject key's fingerprint: joins, holds and plans carry it."""
        return key_fingerprint(self._keys[1])

    @property
    def platform_names(self) -> list[str]:
        """The shop system, and every mailing service that holds subscribers; none where it is unknown."""
        own = str(self.settings.platform.name)
        beside = [name for name in self.settings.recipients_by_api() if has_platform(name)]
        return [own, *beside] if has_platform(own) else []

    @property
    def kinds(self) -> dict[str, tuple[Kind, ...]]:
        """The kinds that each platform holds; needs no secret."""
        return {name: kinds_of(name) for name in self.platform_names}

    @cached_property
    def platforms(self) -> dict[str, Platform]:
        """The shop system, and every mailing service that holds subscribers."""
        self.settings.require_platform()
        return Platforms((name, self._built(name)) for name in self.platform_names)

    def _built(self, name: str) -> Platform:
        own = self.settings.adapter_settings(name, self.secrets)
        platform = build_platform(name, own, keyer=self.keyer, clock=self.clock)
        return holding(lambda: self.ledger, platform)

    @cached_property
    def recipients(self) -> tuple[Recipient, ...]:
        """Every recipient the settings name: by its adapter where it has a key, else by letter."""
        found = []
        for name, adapter in self.settings.processors():
            own = self.settings.adapter_settings(name, self.secrets)
            processor = build_processor(adapter, own, clock=self.clock)
            copy_months = self.settings.recipient(name).copy_months
            found.append(
                Recipient(name=name, code=processor.recipient, processor=processor, copy_months=copy_months)
            )
        return tuple(found)

    @cached_property
    def processors(self) -> dict[str, Processor]:
        """The recipients by name, as push and verify need them."""
        return {one.name: one.processor for one in self.recipients}

    @cached_property
    def carrier(self) -> Any:
        """What carries pings and mails out of this machine, and reads the mails that came back."""
        return build_alerts(of_mail(self.settings, lambda: self.secrets))

    @cached_property
    def trackers(self) -> tuple[Tracker, ...]:
        """The carriers that can say when a parcel arrived."""
        return tuple(p for p in self.processors.values() if isinstance(p, Tracker))

    @cached_property
    def capabilities(self) -> CapabilityTable:
        """What each platform can do with each kind of record."""
        return Abilities(
            ((name, kind), platform.capabilities(kind))
            for name, platform in self.platforms.items()
            for kind in platform.kinds
        )

    def unchanged(self) -> None:
        """Refuses a ledger that was changed by hand, once for as long as this run holds its lock.

        Raises Altered, before anything is written.
        """
        if not self._found_whole:
            must_be_unchanged(self.ledger)
            self._found_whole = True

    def look_again(self) -> None:
        """Somebody else may have written to the ledger: it is looked at again before the next write."""
        self._found_whole = False

    def ready(self) -> None:
        """Opens the parts that bind a key to the ledger, before a transaction that needs them begins."""
        _ = self.outbox, self.capabilities

    def check(self) -> dict[str, Access]:
        """Asks every platform and recipient; remembers which holds the shop's data cannot show."""
        answers = self.check_platforms()
        for name, processor in self.processors.items():
            if name not in answers:
                answers[name] = checked(name, processor)
        return answers

    def check_platforms(self) -> dict[str, Access]:
        """Asks every platform, and remembers what it cannot show; one that does not answer says nothing."""
        answers = {
            name: checked(name, one) if name in self.beside.names else one.check()
            for name, one in self.platforms.items()
        }
        self.beside.leave(answers)
        own = answers[str(self.settings.platform.name)]
        if own.reachable:
            self._policy = None
            with self.ledger.begin() as connection:
                self.ledger.event(
                    connection,
                    "checked",
                    unreadable=sorted(str(h) for h in own.unreadable_holds),
                    versions={name: access.version for name, access in answers.items()},
                    beyond=[[one.place, one.count] for access in answers.values() for one in access.beyond],
                )
            self.remember(answers)
        return answers

    def remember(self, answers: Mapping[str, Access]) -> None:
        """Keeps what a check found for what is read offline, and the tasks of the whole shop that it told."""
        with self.ledger.begin() as connection:
            remember(connection, self.ledger, answers)
            note_beyond(connection, self.ledger, answers)

    @cached_property
    def written(self) -> Policy:
        """The policy as its file and this shop's settings write it, read once. Raises PolicyError.

        Not held against the law, nor to what the last check could read: the lint says what is wrong with it.
        """
        policy = self.settings.policy
        codes = recipient_codes()
        return load_as_written(
            policy.source, context=self.settings.context(), overrides=policy.overrides(), codes=codes
        )

    @cached_property
    def _lawful(self) -> Policy:
        refuse_unlawful(self.written, self.settings.policy.source)
        return self.written

    @property
    def policy(self) -> Policy:
        """The policy as this shop's settings and its last check make it; anew only after a check."""
        if self._policy is None:
            self._policy = self._lawful.within(self.settings.context(unreadable=self._unreadable()))
        return self._policy

    def _unreadable(self) -> Sequence[HoldId]:
        """The holds that the last check could not read; those that may be, before any check."""
        if not self.has_ledger:
            return UNREADABLE
        with self.ledger.begin() as connection:
            checked = self.ledger.events(connection, "checked")
        return [HoldId(hold) for hold in checked[-1][1]["unreadable"]] if checked else UNREADABLE

    @cached_property
    def promises(self) -> tuple[Promise, ...] | None:
        """The promises that the shop's file names, read once; None where it names none."""
        named = self.settings.policy.promises
        return None if named is None else load_promises(named)

    def log_lines(self, field: Field) -> int:
        """How many lines erasing this field of an order adds to the shop server's own log, at most."""
        name = str(self.settings.platform.name)
        return self.capabilities[name, Kind.ORDER].log_lines.get(field, 0)

    @property
    def limits(self) -> Limits:
        """The brakes on one run."""
        limits = self.settings.limits
        return Limits(records=limits.records, percent=limits.percent, jump=limits.jump)

    def line_to_approve(self, connection: Connection, row: PlanRow, waves: Sequence[Wave] = ()) -> str:
        """The command that approves a plan, or these rounds of it; empty where it would be refused."""
        whole = [one.wave for one in row.plan.waves]
        held = passes(self, connection, row, waves=set(waves or whole))
        if held is Passes.REFUSED or self.clock() > row.plan.expires:
            return ""
        named, first = [wave for wave in whole if wave in waves], held is Passes.AS_FIRST_RUN
        file = (self.file or Path("shop.toml")).absolute()
        return approve_line(row.plan.code, file=file, waves=[] if named == whole else named, first_run=first)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What named persons found of each listener."""
        place = self.settings.place
        return tuple(
            Mark(
                id=one.id or "", plugin=one.plugin or "", host=one.host or "", mark=one.mark, by=one.by,
                on=one.on, place=str(place("listener", position, "mark") or ""),
            )
            for position, one in enumerate(self.settings.listener)
        )  # fmt: skip


def open_shop(path: Path, *, environ: Mapping[str, str], clock: Clock = system_clock) -> Shop:
    """The shop of a settings file. Raises SettingsError listing every fault."""
    return Shop(load_settings(path, environ=environ), clock=clock, file=path)
