"""What must hold before anything is touched: approval, age, policy, key, limits, listeners, recipients."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection

from connector.errors import (
    AccessDenied,
    LimitExceeded,
    NotApproved,
    PlanStale,
    RemoteError,
    RetryLater,
)
from connector.ledger.plans import Approval, Plans
from connector.ledger.states import PlanState
from connector.plan import NO_LINE, Digester, LimitCheck, Plan
from connector.ports import Access, Mark, Processor, mark_of
from connector.records import Field, Kind, Value, Wave

# A listener that hears of these would carry an erased customer on, or write it back.
SPREADS = frozenset(
    {Field.NAME, Field.EMAIL, Field.BILLING_ADDRESS, Field.SHIPPING_ADDRESS, Field.COMPANY, Field.ACCOUNT}
)


def must_be_fresh(plan: Plan, state: PlanState, *, policy_digest: str, key: str, now: datetime) -> None:
    """Refuses another policy, another key, or a plan older than seven days that has not begun.

    What restores asks no policy: a run is often undone because its policy was wrong. Nor does what a
    person objects to.
    """
    if plan.sets_values or plan.objects:
        policy_digest = plan.policy_digest
    if plan.policy_digest != policy_digest and state == PlanState.BEGUN:
        raise PlanStale(
            f"Plan {plan.code} has begun, and the policy is another now. Run `gallra plan --abandon`: what "
            "was done of it is read back and told of, and the rest is planned anew under the new policy."
        )
    if plan.policy_digest != policy_digest:
        raise PlanStale(
            f"Plan {plan.code} was made under another policy. Run `gallra plan` and approve the new code."
        )
    if plan.key != key:
        raise PlanStale("Another subject key is at hand than the plan was made with. Restore the old key.")
    if state != PlanState.BEGUN and now > plan.expires:
        raise PlanStale(
            f"Plan {plan.code} is older than seven days. Run `gallra plan` and approve the new code."
        )


def must_be_whole(plans: Plans, connection: Connection, plan_id: int, plan: Plan) -> None:
    """Refuses steps that are not those the plan's digests were taken over; reads every step once.

    Both at approval and at apply: nobody is to put their name to altered steps, and a ledger altered
    after the approval is to be found before the first write, which streaming would have done by then.
    """
    digester = Digester()
    for step in plans.digest_steps(connection, plan_id):
        digester.add(step)
    if digester.waves() != plan.waves:
        raise PlanStale(f"The steps of plan {plan.code} were altered. Run `gallra plan` again.")


def approved_waves(plan: Plan, approvals: Sequence[Approval], *, line: str) -> tuple[Wave, ...]:
    """The waves whose digest a named person has approved, in their order; `line` would approve them."""
    digests = {a.wave: a.digest for a in approvals}
    waves = tuple(w.wave for w in plan.waves if digests.get(w.wave) == w.digest)
    if not waves:
        remedy = f"Run `{line}` after reading the report." if line else NO_LINE
        raise NotApproved(f"No wave of plan {plan.code} is approved. {remedy}")
    return waves


def must_keep_limits(limits: Sequence[LimitCheck], *, first_run: bool, first_run_allowed: bool) -> None:
    """Refuses more than the limits allow; only a first run may say that it means it."""
    exceeded = [limit for limit in limits if limit.exceeded]
    if not exceeded or (first_run and first_run_allowed):
        return
    over = "; ".join(
        f"{limit.name}{' of ' + limit.kind + 's' if limit.kind else ''}: {limit.planned} planned, "
        f"{limit.allowed} allowed"
        for limit in exceeded
    )
    remedy = (
        "If this is the shop's first run and the report is right, approve with --first-run."
        if first_run_allowed
        else "If the report is right, raise [limits] in the shop's file and plan again."
    )
    raise LimitExceeded(f"Over the limits ({over}). {remedy}")


UNREAD_LISTENERS = "unread:"  # and the platform: a mark of what its check could not show


def must_have_heard(
    plan: Plan, waves: Sequence[Wave], accesses: Mapping[str, Access], marks: Sequence[Mark]
) -> None:
    """Refuses waves that change names, addresses or e-mails while an unmarked listener hears of it.

    Where a platform did not say in full who hears, nobody is known to be harmless: that is refused too.
    """
    spreading = [
        w.wave
        for w in plan.waves
        if w.wave in waves and (SPREADS & {Field(f) for f in w.fields} or w.deletes)
    ]
    known = {one.id for one in marks}
    listeners = [one for access in accesses.values() for one in access.listeners]
    unmarked = [one for one in listeners if one.active and mark_of(one, marks) is None]
    unread = [
        n for n, a in accesses.items() if not a.listeners_read and f"{UNREAD_LISTENERS}{n}" not in known
    ]
    if spreading and unread:
        raise NotApproved(
            f"{', '.join(unread)} did not show in full who hears of changed orders, so no names, addresses "
            "or e-mails are erased. Run `gallra check` and see to what it names. Where the service never "
            "shows it, look there yourself, then add a [[listener]] with "
            f'id = "{UNREAD_LISTENERS}{unread[0]}", mark, by'
            " and on to the shop's file."
        )
    if spreading and unmarked:
        names = ", ".join(f"{one.name} ({one.id})" for one in unmarked)
        raise NotApproved(
            f"These hear of changed orders and nobody has marked them: {names}. Test with "
            "`gallra apply --only ORDER`, then add a [[listener]] with mark = "
            '"tested", "paused" or "harmless", by and on to the shop\'s file, or once for all shops to '
            "agency.toml."
        )


def must_be_answered(plan: Plan, waves: Sequence[Wave], *, answered: bool, begun_before: bool) -> None:
    """Refuses the first change of orders before the accountant has answered, or the owner chosen not to wait.

    Whether an order is a voucher is no question for a program (BFL 5:7, 7:1; rules §6.0).
    """
    if answered or not asks_for_answers(plan, waves, begun_before=begun_before):
        return
    raise NotApproved(
        "The accountant's answer stands nowhere, so no field of an order is touched. Send the letter that "
        "`gallra init` wrote and fill in [accountant.answer] with by, on, order_is_underlag and archive; or "
        "let the owner write [accountant.without] with by, role, on and reason. Then apply again."
    )


def must_know_oss(plan: Plan, waves: Sequence[Wave], *, answered: bool, begun_before: bool) -> None:
    """Refuses the first change of orders before it is answered whether OSS is used (schedule §6.1).

    Unanswered counts as registered, which keeps what it should; but a shop that does not know keeps for ten
    years what nothing asks it to. The owner's choice to go on without an answer stands for this one too.
    """
    if answered or not asks_for_answers(plan, waves, begun_before=begun_before):
        return
    raise NotApproved(
        "It is answered nowhere whether the shop uses OSS, so no field of an order is touched. Fill in "
        "company.oss: [] for never, or the periods, as [[2021-07-01]]; or let the owner write "
        "[accountant.without] with by, role, on and reason. Then plan, approve and apply again."
    )


def asks_for_answers(plan: Plan, waves: Sequence[Wave], *, begun_before: bool) -> bool:
    """Whether these waves begin only once the accountant, and the question of OSS, are answered.

    That somebody wants no mailings is no question of the books.
    """
    return not plan.objects and not begun_before and _of_orders(plan, waves)


def _of_orders(plan: Plan, waves: Sequence[Wave]) -> bool:
    """Whether any of these waves changes an order."""
    return any(one.wave in waves and one.records.get(Kind.ORDER) for one in plan.waves)


def must_be_writable(accesses: Mapping[str, Access]) -> None:
    """Refuses to begin where a platform does not answer, or its key may only read."""
    for name, access in accesses.items():
        _must_be_ready(
            name,
            access,
            denied=f"The key of {name} may not write, so nothing is touched. Raise it to read/write in the "
            "service's own settings (the same key), then run `gallra check`.",
        )


class Recipients(Value, frozen=True, kw_only=True):
    """What a look at the recipients leaves of the approved waves.

    `silent` did not answer: their deliveries are sealed and wait. `refused` do not take the credentials:
    the waves in `stopped`, which need them, are not begun.
    """

    waves: tuple[Wave, ...]
    stopped: tuple[Wave, ...] = ()
    silent: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unread_bounces: bool = False

    def told(self) -> tuple[str, ...]:
        """What a person reads of those that were not ready."""
        waiting = (
            f"{name} does not answer. What it is to be told is sealed, and waits; `gallra push` tries again."
            for name in self.silent
        )
        stopped = [one for one in self.stopped if one is not Wave.ACCOUNTS or not self.unread_bounces]
        names, waves = ", ".join(self.refused), ", ".join(stopped)
        denied = (
            f"{names} refuses the credentials, so these were not begun: {waves}. "
            "Run `gallra check` and mend them; what was not begun is due in the next plan.",
        )
        unknown = (
            "It is not known which warnings came back, so no account was begun. Run again once the mailbox "
            "of `warning.imap` can be read.",
        )
        return (
            *waiting,
            *(denied if self.refused else ()),
            *(unknown if self.unread_bounces and Wave.ACCOUNTS in self.stopped else ()),
        )

    def but_not_unwarned(self) -> "Recipients":
        """The same without the accounts, where it could not be read which warnings came back."""
        if Wave.ACCOUNTS not in self.waves:
            return self
        left = tuple(wave for wave in self.waves if wave is not Wave.ACCOUNTS)
        return replace(self, waves=left, stopped=(*self.stopped, Wave.ACCOUNTS), unread_bounces=True)


def ask_recipients(plan: Plan, waves: Sequence[Wave], processors: Mapping[str, Processor]) -> Recipients:
    """Checks every recipient these waves instruct before the shop is touched; a letter always goes."""
    needs: dict[str, set[Wave]] = {}
    _must_be_named(plan, waves, processors)
    for outlook in plan.outlook:
        if outlook.wave in waves and not outlook.act.is_notice:
            needs.setdefault(outlook.recipient, set()).add(outlook.wave)
    answers = {name: _check(name, processors[name]) for name in sorted(needs)}
    silent = tuple(name for name, access in answers.items() if not access.reachable)
    refused = tuple(name for name, access in answers.items() if name not in silent and _denied(access))
    stopped = tuple(wave for wave in waves if any(wave in needs[name] for name in refused))
    left = tuple(wave for wave in waves if wave not in stopped)
    return Recipients(waves=left, stopped=stopped, silent=silent, refused=refused)


def _must_be_named(plan: Plan, waves: Sequence[Wave], processors: Mapping[str, Processor]) -> None:
    """Refuses what would go in the shop while a recipient who was to be told of it is told nothing."""
    told = {one.recipient for one in plan.outlook if one.wave in waves}
    if lacking := sorted(told - processors.keys()):
        raise PlanStale(
            f"Plan {plan.code} tells {', '.join(lacking)}, which the settings no longer name. Name it again "
            "there; or run `gallra plan` (with `--abandon` where it has begun) and approve the new code."
        )


def _check(name: str, processor: Processor) -> Access:
    """What its check found; one that fails to answer is silent, whatever it failed with."""
    try:
        return processor.check()
    except AccessDenied:
        return Access(adapter=name, reachable=True, can_read=False)
    except RemoteError:
        return Access(adapter=name, reachable=False, can_read=False)


def _denied(access: Access) -> bool:
    return not access.can_read or access.can_write is False


def _must_be_ready(name: str, access: Access, *, denied: str) -> None:
    if not access.reachable:
        raise RetryLater(
            f"{name} does not answer, so nothing is touched. Try again later; `gallra check` shows why.",
            adapter=name,
            operation="check",
        )
    if _denied(access):
        why = next((problem.en for problem in access.problems if problem.severity == "error"), "")
        told = f"{name} cannot be used as it is, so nothing is touched: {why}" if why else denied
        raise AccessDenied(told, adapter=name, operation="check")
