"""The settings of one shop, checked, and what the stages take from them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, PrivateAttr

from connector.about import About
from connector.about.described import Described, about_of
from connector.about.refusing import Where
from connector.about.tables import UNKNOWN, Recipient, ShopSystem, Table, handed_over, is_secret
from connector.calendar import OSS_BEGAN, FinancialYears
from connector.errors import SettingsError
from connector.policy.context import ShopContext
from connector.policy.goods import CONSUMABLE
from connector.records import HoldId
from connector.registry import BY_DESCRIPTION, descriptions, shop_systems
from connector.settings.lines import Place, dotted
from connector.settings.outgoing import Veto
from connector.settings.recipients import Recipients
from connector.settings.serving import Form, Metrics, Schedule, Serve, Web, Webhooks
from connector.settings.source import Document
from connector.settings.tables import (
    Accountant,
    Agency,
    Alerts,
    Approval,
    Archive,
    Attest,
    Balancing,
    Company,
    Declared,
    Ledger,
    Letters,
    Limits,
    Listener,
    Memory,
    Network,
    Objections,
    Policy,
    Reports,
    Shop,
    Undo,
)
from connector.settings.warning import Warn
from connector.settings.years import Period

_SMTP_KEYS = ("host", "port", "user", "sender", "security")
LETTER = "letter"
"""The adapter of every recipient that has none of its own."""


class Settings(Table):
    """Everything a shop's file says, its company's and its agency's included.

    The keys of platform and recipients are those of the installed adapters (`connector.settings.model`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    shop: Shop
    platform: ShopSystem
    company: Company = Company()
    agency: Agency | None = None
    archive: Archive = Archive()
    accountant: Accountant = Accountant()
    policy: Policy = Policy()
    balancing: tuple[Balancing, ...] = ()
    recipients: Recipients
    letters: Letters = Letters()
    warning: Warn = Warn()
    limits: Limits = Limits()
    ledger: Ledger = Ledger()
    memory: Memory = Memory()
    undo: Undo = Undo()
    attest: Attest = Attest()
    listener: tuple[Listener, ...] = ()
    declared: tuple[Declared, ...] = ()
    approval: Approval | None = None
    objections: Objections | None = None
    schedule: Schedule = Schedule()
    webhooks: Webhooks | None = None
    serve: Serve | None = None
    web: Web | None = None
    form: Form | None = None
    alerts: Alerts = Alerts()
    veto: Veto | None = None
    metrics: Metrics = Metrics()
    network: Network = Network()
    reports: Reports = Reports()

    _document: Document = PrivateAttr()
    _environ: Mapping[str, str] = PrivateAttr()
    _today: date = PrivateAttr()
    _described: Mapping[str, Described] = PrivateAttr(default_factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment that secrets are read from."""
        return self._environ

    def place(self, *where: str | int) -> Place | None:
        """Where a key was written; None where its default stands."""
        return self._document.places.get(where)

    def fault(self, text: str, *where: str | int) -> str:
        """A fault line about a key, with the place of the nearest table around it."""
        return fault_line(self._document, where, text)

    def financial_years(self) -> tuple[Period, ...]:
        """Every financial year, regular ones through the next calendar year."""
        years = self.company.financial_years
        return years.through(self._today.year + 1) if years else ()

    def oss_periods(self) -> tuple[tuple[date, date | None], ...]:
        """The OSS periods; unanswered counts as registered from the first day, so that more is kept."""
        return self.company.oss if self.company.oss is not None else ((OSS_BEGAN, None),)

    @property
    def oss_answered(self) -> bool:
        """Whether the file says if OSS is used, or the owner chose to go on without an answer."""
        return self.company.oss is not None or self.accountant.without is not None

    def attested(self) -> frozenset[HoldId]:
        """The holds that a named person says this shop cannot have."""
        return frozenset(word.hold for word in self.attest.none)

    def context(self, *, unreadable: Collection[HoldId] = ()) -> ShopContext:
        """What the policy engine must know of the shop; `unreadable` comes from the adapter's check."""
        years = self.financial_years()
        archived = {entry.year for entry in self.archive.elsewhere}
        return ShopContext(
            archived_years=tuple(year for year in years if year[1].year in archived),
            financial_years=FinancialYears(years=years),
            oss=self.oss_periods(),
            unknown_holds=frozenset(unreadable) - self.attested(),
            attested=self.attested(),
            sells_consumables=CONSUMABLE in (self.platform.goods or {}).values(),
            withdrawal_untold=not self.shop.withdrawal_told,
            run_slack_days=self.policy.run_slack_days,
            undo_days=self.undo.days,
        )

    def require_platform(self) -> ShopSystem:
        """The platform; raises SettingsError that says what to fill in where it is not complete."""
        lacking = self.platform.lacking()
        if not lacking:
            return self.platform
        if self.platform.name == UNKNOWN:
            raise SettingsError([self.fault(f'is "{UNKNOWN}". {_known_systems()}', "platform", "name")])
        text = f"is missing, and {self.platform.name} needs it. Add it."
        raise SettingsError([self.fault(text, "platform", key) for key in lacking])

    def require_page(self) -> ShopSystem:
        """The platform as far as its page for keys asks: its name and address. Raises SettingsError."""
        if self.platform.name == UNKNOWN or self.platform.url is None:
            return self.require_platform()
        return self.platform

    def recipient(self, name: str) -> Recipient:
        """A recipient by name. Raises KeyError where the file names no such recipient."""
        return self.recipients.named()[name]

    def recipients_by_api(self) -> tuple[str, ...]:
        """The recipients whose adapter has all that its API needs."""
        return tuple(name for name, one in self.recipients.named().items() if one.by_api)

    def recipients_by_letter(self) -> tuple[str, ...]:
        """The recipients that are told by letter only."""
        return tuple(name for name, one in self.recipients.named().items() if not one.by_api)

    def platforms(self) -> tuple[str, ...]:
        """The adapters that hold records: the shop's, and each recipient's that has a key and holds some."""
        shop = self.require_platform().name
        return (shop, *(name for name in self.recipients_by_api() if _holds_records(name)))

    def processors(self) -> tuple[tuple[str, str], ...]:
        """Each recipient with the adapter that tells it: its own where it has one, else `letter`."""
        return tuple((name, self._told_through(name)) for name in self.recipients.named())

    def _told_through(self, name: str) -> str:
        about = self._about(name)
        own = about is not None and (about.tells_without_key or name in self.recipients_by_api())
        through = BY_DESCRIPTION if name in self._described else name
        return through if own else LETTER

    def _about(self, name: str) -> About | None:
        """What a recipient says of itself; None where it is told by letter and by nothing else."""
        return about_of(self._described[name]) if name in self._described else _of_recipient(name)

    @property
    def described(self) -> Mapping[str, Described]:
        """The descriptions that the shop's own file names, by recipient."""
        return self._described

    def adapter_settings(self, name: str, secrets: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """What an adapter's `build` takes, for a platform or a recipient by name: plain values only.

        Secrets come from `resolve_secrets`. A recipient's table holds its letter under `letter`.
        """
        own = {**secrets.get(name, {}), **self.reach()}
        about = descriptions().get(name)
        if about is not None and about.platform is not None:
            return {**_plain(self.require_platform(), handed_over(about.platform)), **own}
        one = self.recipient(name)
        table = _plain(one, (*handed_over(type(one)), "sends", "copy_months"))
        if name in self._described:
            table["description"] = self._described[name]
        return {**table, **own, "letter": self._letter(name, one, secrets.get("smtp", {}))}

    def reach(self) -> dict[str, Any]:
        """How services are reached, where the file says so, as adapters take it."""
        said = {key: getattr(self.network, key) for key in self.network.model_fields_set}
        given = {key: str(value) if isinstance(value, Path) else value for key, value in said.items()}
        return {"network": given} if given else {}

    def _letter(self, name: str, one: Recipient, smtp: Mapping[str, str]) -> dict[str, Any]:
        """What a letter must know of both sides, and how it leaves."""
        letter = {
            "name": name,
            "title": one.title or name,
            **_plain(one, ("code", "role", "email", "address")),
            "period": one.letters or self.letters.period,
            "folder": str(self.letters.folder),
            "keep_months": self.letters.keep_months,
            "language": self.shop.language,
            "shop": self.shop.name,
            "company": self.company.name or "",
            **_plain(self.company, ("organisation_number", "contact")),
        }
        if one.agreement is not None:
            letter["agreement"] = one.agreement.isoformat()
        if self.company.address is not None:
            letter["company_address"] = self.company.address
        if self.letters.smtp is not None:
            letter["smtp"] = {**_plain(self.letters.smtp, _SMTP_KEYS), **smtp}
        return letter

    def unanswered(self) -> tuple[tuple[str, str], ...]:
        """What must be filled in before the first live run (schedule §6.1): key and what to write."""
        open_questions = {
            "company.name": (self.company.name, "the company's registered name"),
            "company.organisation_number": (self.company.organisation_number, "NNNNNN-NNNN"),
            "company.contact": (self.company.contact, "an address that someone reads"),
            "company.financial_years": (self.company.financial_years, '{ ends = "12-31", from = 2014 }'),
            "company.oss": (self.company.oss, "[] for never, or [[2021-07-01]]"),
            "accountant.answer": (self.accountant.has_spoken or None, "by, on, order_is_underlag, archive"),
            "ledger.key": (self.ledger.key, '{ env = "GALLRA_LEDGER_KEY" }'),
            "ledger.subject_key": (self.ledger.subject_key, '{ env = "GALLRA_SUBJECT_KEY" }'),
        }
        lacking = [(key, remedy) for key, (value, remedy) in open_questions.items() if value is None]
        return (*((f"platform.{key}", self._remedy(key)) for key in self.platform.lacking()), *lacking)

    def _remedy(self, key: str) -> str:
        """What to write for a key of the platform that is not filled in."""
        if key == "name":
            return _either()
        if key == "url":
            return '"https://shop.example"'
        return '{ env = "NAME" }' if is_secret(type(self.platform), key) else '"…"'


def _either() -> str:
    """The names that `platform.name` can have, as a person reads them."""
    return joined([f'"{one.name}"' for one in shop_systems()], "or")


def _known_systems() -> str:
    return f"Write name = {_either()}, then {joined(keys_to_fill_in(), 'and')}."


def keys_to_fill_in() -> tuple[str, ...]:
    """The keys that some shop system needs, each once."""
    return tuple(dict.fromkeys(key for one in shop_systems() if one.platform for key in one.platform.needs))


def joined(names: Sequence[str], word: str) -> str:
    """Names in a row, the last one after a word of its own."""
    *first, last = names or ("…",)
    return f"{', '.join(first)} {word} {last}" if first else last


def _of_recipient(name: str) -> About | None:
    found = descriptions().get(name)
    return found if found is not None and found.recipient is not None else None


def _holds_records(name: str) -> bool:
    about = _of_recipient(name)
    return about is not None and bool(about.kinds)


def _plain(table: Table, keys: tuple[str, ...]) -> dict[str, Any]:
    """The keys that are filled in, as plain values."""
    values = {key: getattr(table, key) for key in keys}
    return {key: _built_in(value) for key, value in values.items() if value is not None}


def _built_in(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_built_in(item) for item in value]
    if isinstance(value, dict):
        return {key: _built_in(item) for key, item in value.items()}
    return str(value) if isinstance(value, str) else value


def fault_line(document: Document, where: Where, text: str) -> str:
    """One fault as it is shown: place, key, what is wrong and what to do."""
    return f"{document.place(where)}: {dotted(where)}: {text}"


def default_paths(settings: Mapping[str, Any], folder: Path) -> dict[str, dict[str, str]]:
    """Where ledger, letters and reports lie when the file does not say: beside it, by shop id."""
    shop = settings.get("shop")
    name = str(shop.get("id", "gallra")) if isinstance(shop, dict) else "gallra"
    return {
        "ledger": {"path": str(folder / f"{name}.sqlite")},
        "letters": {"folder": str(folder / f"{name}-letters")},
        "reports": {"folder": str(folder / f"{name}-reports")},
    }
