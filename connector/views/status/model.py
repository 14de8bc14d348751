"""What is said of one shop: each figure, and the lines that a person reads."""

from collections.abc import Sequence
from datetime import date

from connector.deciding.leaving import so_far
from connector.deciding.rounds import told as nothing_found
from connector.ledger.inbox import Leaving
from connector.ledger.plans.unapplied import Unapplied
from connector.records import Value
from connector.report import basis
from connector.report.overview.lines import needed
from connector.report.overview.model import NeedView
from connector.report.shared import BasisView, Language
from connector.report.words import Words
from connector.views.letters import Unsent
from connector.views.untold import Untold

OVERDUE_DAYS = 30
_OF_PLANS = ("apply", "lapsed", "ended")
"""Needs that stand by the plan in a shop's own lines, in the words of the table."""


class Waiting(Value, frozen=True, kw_only=True):
    """Deliveries of one recipient that wait for something."""

    recipient: str
    state: str
    count: int
    oldest: date
    ids: tuple[int, ...]


class Request(Value, frozen=True, kw_only=True):
    """A person's request that a platform handed on: the day to aim at, and the last lawful one."""

    id: int
    account: str
    received: date
    deadline: date
    outer_limit: date
    order: str = ""  # the id of an order of theirs, where there is no account

    def line(self) -> str:
        """What a person reads: until when, and how it is closed (GDPR Art. 12(3))."""
        whose = f"no account, order id {self.order}" if self.order else f"account {self.account or 'unknown'}"
        return (
            f"  data request {self.id} of {self.received}, {whose}: answer by "
            f"{self.deadline}, at the latest {self.outer_limit}; then `gallra ack --request {self.id}`"
        )


class Asked(Value, frozen=True, kw_only=True):
    """A person's request of the register: where it stands, until when, what it waits for.

    `past` is past the day to answer by, `late` past the last lawful one; `waits` is a code of `need`.
    """

    code: str
    kind: str
    state: str
    received: date
    due: date
    limit: date
    late: bool = False
    past: bool = False
    waits: str = "asked"
    plan: str = ""

    def line(self, language: Language = "en") -> str:
        """What a person reads."""
        past = ", PAST THE DAY TO ANSWER BY" if self.past else ""
        past = ", PAST ITS LAST LAWFUL DAY" if self.late else past
        return (
            f"  request {self.code} ({self.kind}) of {self.received}, {self.state}: answer by {self.due}, at "
            f"the latest {self.limit}{past}. {needed(self.need(), language)}"
        )

    def need(self, *, due: date | None = None) -> NeedView:
        """What it waits for, and from whom."""
        whom = "owner" if self.waits == "asked_approve" else "staff"
        return NeedView(whom=whom, what=self.waits, values={"id": self.code, "plan": self.plan}, due=due)


class Erasures(Value, frozen=True, kw_only=True):
    """Erasures that platforms took on and have not carried out: when they are due, and what is wrong.

    `stuck` are those that should be taken back and could not be, each with the reason's code.
    """

    first: date
    last: date
    count: int
    overdue: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """What a person reads; accepted is never called erased."""
        due = f"due {self.first}" if self.first == self.last else f"due {self.first} to {self.last}"
        found = [f"  erasures accepted, not carried out: {self.count}, {due}"]
        if self.overdue:
            found.append(
                f"  overdue erasures: {len(self.overdue)} past their date, ask the platform's support "
                f"({few(self.overdue)})"
            )
        if self.stuck:
            found.append(
                f"  erasures that could not be taken back: {len(self.stuck)}, and something is to be kept; "
                f"ask the platform's support at once ({few(self.stuck)})"
            )
        return tuple(found)


class Status(Value, frozen=True, kw_only=True):
    """One shop's row."""

    shop: str
    name: str = ""
    language: str = ""
    agency: str = ""
    fault: str = ""
    # The last run of any kind, the last that ran through, the last that erased; why none has since when.
    last_run: str = ""
    last_good: str = ""
    last_erased: str = ""
    last_code: int | None = None
    last_error: str = ""
    failing_since: str = ""
    last_pull: str = ""
    plan: str = ""
    plan_state: str = ""
    plan_made: date | None = None
    awaiting_approval: int = 0
    over_limit: bool = False
    # What a person has approved and nobody has carried out: no run begins on that.
    unapplied: tuple[Unapplied, ...] = ()
    file: str = ""  # the shop's, whole: a line to run is read in another folder too
    waiting: tuple[Waiting, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    # Recipients that could not be told of a lost record, by number, until a person has looked there.
    untold: tuple[Untold, ...] = ()
    # Why the vault does not open, and what waits for its key: to be told, else sealed, messages by number.
    vault_fault: str = ""
    stranded: tuple[Untold, ...] = ()
    stranded_beside: int = 0
    stranded_messages: tuple[int, ...] = ()
    # Records that a run has begun and not settled; some of them are named.
    begun: int = 0
    begun_labels: tuple[str, ...] = ()
    # Copies of which no answer tells whether they are gone, by recipient.
    none_found: tuple[tuple[str, int], ...] = ()
    overdue: int = 0
    holds_past_review: int = 0
    review_due: date | None = None  # the earliest review that has passed
    next_due: str = ""
    requests: tuple[Request, ...] = ()
    asked: tuple[Asked, ...] = ()  # what persons asked for, of the register
    restrictions: tuple[tuple[str, date], ...] = ()  # requests whose persons' data is only stored, since when
    # Customers that the shop let go, whose copies at recipients are still to go; since when, until when.
    copies_to_erase: tuple[int, ...] = ()
    copies_since: date | None = None
    copies_by: date | None = None
    # What webhooks said of an uninstalled app, and the shop's own word on it.
    leaving: tuple[Leaving, ...] = ()
    erasures: Erasures | None = None
    # What a plan made now would rest on: each kind, and how many of its records could not be read.
    rests_on: tuple[BasisView, ...] = ()
    unread: int = 0
    # Orders that a refund without a readable day keeps: how many, and some of them.
    undated_refunds: int = 0
    undated_samples: tuple[str, ...] = ()
    # What changed in the public policy's text.
    policy_text: str = ""
    # Who is in the shop again and should not be, and what can be restored.
    remembered: tuple[str, ...] = ()
    # Who is to be warned before an account goes: how many, by how the last try stands.
    to_warn: tuple[tuple[str, int], ...] = ()
    # Monitors that were not told all.
    monitors: tuple[str, ...] = ()
    # What a person must know of the ledger's seal.
    seal: str = ""
    # The standing approval where it ends soon, has ended or does not hold.
    standing: NeedView | None = None
    # The same of the standing approval of objections to mailings.
    objections: NeedView | None = None
    # What waits for whom, the longest overdue first.
    needs: tuple[NeedView, ...] = ()

    @property
    def state(self) -> str:
        """How the shop stands in one word, the gravest that is true."""
        if self.fault:
            return "broken"
        if self.failing_since:
            return "failing"
        if any(need.over for need in self.needs):
            return "overdue"
        if any(need.what.startswith("approve") for need in self.needs):
            return "awaiting"
        if not self.last_run:
            return "never"
        return "needing" if self.needs else "well"

    def lines(self, language: Language = "en") -> tuple[str, ...]:
        """What a person reads, the shop's name first: what stands in a catalogue in this language."""
        if self.fault:
            return (f"{self.shop}: {self.fault}",)
        head = f"{self.shop}: last run {self.last_run or 'never'}, last pull {self.last_pull or 'never'}"
        state = Words(language).code("state_of_plan", self.plan_state)
        lines = [
            head,
            *self._of_runs(language),
            f"  plan {self.plan} is {state}" if self.plan else "  no plan",
        ]
        lines += [f"  {self.seal}"] if self.seal else []
        lines += [f"  {line}" for line in self.remembered]
        lines += [f"  monitor {line}" for line in self.monitors]
        lines += [f"  {line}" for line in basis.each(self.rests_on, Words(language))]
        if self.undated_refunds:
            lines.append(
                f"  kept by a refund without a readable day: {self.undated_refunds} orders "
                f"({few(self.undated_samples)}); mend it in the shop, then `gallra pull`"
            )
        if self.awaiting_approval:
            blocked = ", over the limits" if self.over_limit else ""
            lines.append(f"  awaiting approval: {self.awaiting_approval} steps{blocked}")
        lines += [f"  {needed(one, language)}" for one in self.needs if one.what in _OF_PLANS]
        if self.begun:
            lines.append(
                f"  begun and not settled: {self.begun} records ({few(self.begun_labels)}); "
                "run `gallra apply` again"
            )
        for one in self.waiting:
            lines.append(f"  {one.recipient}: {one.count} {one.state}, oldest {one.oldest} ({few(one.ids)})")
        lines += [f"  {nothing_found(name, count)}" for name, count in self.none_found]
        lines += [f"  {one.line()}" for one in self.untold]
        lines += self._of_vault()
        lines += [letter.line() for letter in self.unsent]
        if self.overdue:
            lines.append(f"  overdue: {self.overdue} deliveries older than {OVERDUE_DAYS} days")
        if self.erasures is not None:
            lines += self.erasures.lines()
        if self.holds_past_review:
            lines.append(f"  holds past review: {self.holds_past_review} (`gallra hold list`)")
        lines += [request.line() for request in self.requests]
        lines += [asked.line(language) for asked in self.asked]
        lines += [_of_restriction(*one) for one in self.restrictions]
        if self.copies_to_erase:
            lines.append(
                f"  copies at recipients to erase: {len(self.copies_to_erase)} customers, oldest "
                f"{self.copies_since}, act by {self.copies_by} ({few(self.copies_to_erase)})"
            )
        lines += [_of_leaving(one) for one in self.leaving]
        if self.to_warn:
            told = ", ".join(
                f"{count} {Words('en').code('warn_state', code)}" for code, count in self.to_warn
            )
            lines.append(f"  before an account goes: {told} (`gallra warn send`)")
        if self.policy_text:
            lines.append(f"  {self.policy_text}")
        lines.append(f"  next date: {self.next_due or 'none'}")
        return tuple(lines)

    def _of_vault(self) -> list[str]:
        """What waits for a key that is not at hand, and how each is finished by hand."""
        if not self.vault_fault:
            return []
        lines = [f"  the vault does not open, so nothing is erased or told: {self.vault_fault}"]
        lines += [f"  waits for the key: {one.line()}" for one in self.stranded]
        if self.stranded_beside:
            lines.append(
                f"  waits for the key: {self.stranded_beside} handles of records not settled or not read back"
            )
        if self.stranded_messages:
            lines.append(
                f"  waits for the key: {len(self.stranded_messages)} messages of the platform "
                f"({few(self.stranded_messages)})"
            )
        return [
            *lines,
            "  look for a copy of the key first; where it is lost for good, `gallra ledger rekey --lost "
            "--by NAME` destroys what is sealed under it and lists each for a person",
        ]

    def _of_runs(self, language: Language) -> list[str]:
        """What a run that failed said, and when all was well; a standing approval that ends."""
        told = []
        if self.failing_since:
            told.append(
                f"  failing since {self.failing_since}, exit code {self.last_code}: {self.last_error}"
            )
        if self.last_good and self.last_good != self.last_run:
            told.append(f"  last good run {self.last_good}")
        if self.last_erased:
            told.append(f"  last run that erased {self.last_erased}")
        ending = (one for one in (self.standing, self.objections) if one is not None)
        told += [f"  {needed(one, language)}" for one in ending]
        return told


def _of_leaving(one: Leaving) -> str:
    """What a person reads of a message that the app was uninstalled."""
    told = f"  uninstalled, said a webhook of {one.on}"
    if one.closed is not None:
        return f"{told}: the shop still answers ({one.closed}), nothing was deleted"
    return f"{told}: the shop is asked by each run; {so_far(one.refused)}"


def _of_restriction(code: str, since: date) -> str:
    """What a person reads of data that is only stored (GDPR 18), and how that ends."""
    return (
        f"  restricted by request {code} since {since}: only stored. To lift it, first tell the person ("
        f"`gallra request letter {code} lifting`), then `gallra request lift {code}`"
    )


def few(ids: Sequence[object]) -> str:
    return ", ".join(map(str, ids[:5])) + (" …" if len(ids) > 5 else "")
