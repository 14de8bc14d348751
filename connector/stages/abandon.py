"""The one way out of a begun plan that cannot be finished: read back what had begun, then give it up.

What the shop shows to be done is done: recipients are told of it, and it is read back like any other step.
What is not done is wiped: its handles are destroyed, and the next plan proposes it anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice

from sqlalchemy import Connection

from connector.deciding import proof
from connector.errors import RetryLater
from connector.ledger import Ledger
from connector.ledger.index import Presence
from connector.ledger.outbox import Outbox
from connector.ledger.plans import UNDO, Plans, StepRow
from connector.ledger.plans.scopes import every_scope
from connector.ledger.states import PlanState, StepState
from connector.ledger.unread import Unreads
from connector.ports import Gone, Look, Platform, Receipt, Unread, looked
from connector.records import Action, Outcome, Ref, Value, from_bits, to_bits
from connector.services.shown import Shown, as_shown
from connector.services.witness import Witness

BATCH = 200
ABANDONED = "abandoned"
"""The reason of a step that had begun and was given up before anything of it was done."""


class Abandoned(Value, frozen=True, kw_only=True):
    """What a plan that was given up came to: how many of its begun steps were done, and how many not."""

    code: str
    done: int = 0
    wiped: int = 0
    left: tuple[str, ...] = ()  # records that still hold what was erased, by the read-back that follows
    unread: tuple[str, ...] = ()


def abandon(ledger: Ledger, outbox: Outbox, platforms: Mapping[str, Platform]) -> Abandoned:
    """Reads back every begun step of the plan that has begun and gives it up; repeats end the same.

    Raises RetryLater, and gives nothing up, while a begun record cannot be read and nobody has settled it.
    """
    plans = Plans(ledger)
    with ledger.begin() as connection:
        # What puts values right is finished by `apply`: a look for what is gone says nothing of it.
        found = plans.begun(connection, scopes=_given_up(plans, connection))
        begun = [one for one in found if not one.plan.rectifies]
        row = begun[-1] if begun else plans.need(connection)
    code = row.plan.code
    if not begun:
        return Abandoned(code=code)
    done, wiped = _Settling(ledger, outbox, platforms, row.id).run()
    with ledger.begin() as connection:
        plans.set_state(connection, row.id, PlanState.ABANDONED)
        ledger.event(connection, "abandoned", plan=row.id, code=code, done=done, wiped=wiped)
    return Abandoned(code=code, done=done, wiped=wiped)


def _given_up(plans: Plans, connection: Connection) -> tuple[str, ...]:
    """What can be given up: every scope but the one that restores."""
    return tuple(one for one in every_scope(connection, plans.shop) if one != UNDO)


class _Settling:
    def __init__(
        self, ledger: Ledger, outbox: Outbox, platforms: Mapping[str, Platform], plan_id: int
    ) -> None:
        self.ledger = ledger
        self.outbox = outbox
        self.platforms = platforms
        self.plan_id = plan_id
        self.plans = Plans(ledger)
        self.presence = Presence(ledger)
        self.shown = Shown(ledger)
        self.witness = Witness(ledger)
        with ledger.begin() as connection:
            known = Unreads(ledger).listed(connection)
        self.settled_by_hand = {one.ref for one in known if one.settled_by}

    def run(self) -> tuple[int, int]:
        done = wiped = 0
        unread: list[str] = []
        for adapter, steps in self._batches():
            looks = self._fetch(self.platforms[adapter], steps)
            unread += [s.step.label for s in steps if self._must_wait(looks[s.step.ref])]
            closed = [(s, self._outcome(s, looks)) for s in steps if not self._must_wait(looks[s.step.ref])]
            with self.ledger.begin() as connection:
                self._close(connection, closed)
            took = sum(1 for _, receipt in closed if _proves(receipt))
            done, wiped = done + took, wiped + len(closed) - took
        if unread:
            named = ", ".join(dict.fromkeys(unread[:20]))
            raise RetryLater(
                f"{len(set(unread))} records that had begun could not be read ({named}), so the plan is not "
                "given up yet. Run `gallra plan --abandon` again once the shop answers; where a record "
                "cannot be read at all, look at it in the shop and run `gallra pull` and "
                "`gallra unread settle NUMBER --by NAME` first.",
                adapter="shop",
                operation="read back before a plan is given up",
            )
        return done, wiped

    def _fetch(self, platform: Platform, steps: Sequence[StepRow]) -> dict[Ref, Look]:
        """A field that is not shown at all is not one that an earlier try took."""
        wanted = dict.fromkeys((step.step.ref for step in steps), 0)
        for step in steps:
            wanted[step.step.ref] |= step.step.fields if step.step.action is Action.REDACT else 0
        controls = self.shown.controls(wanted)
        refs = [*wanted, *controls]
        found = self.witness.held(platform, looked(platform.fetch(refs), refs))
        return as_shown(found, wanted, controls)

    def _batches(self) -> Iterator[tuple[str, Sequence[StepRow]]]:
        rows = self.plans.stream(self.plan_id, states=(StepState.BEGUN,))
        for (adapter, _), same in groupby(rows, key=lambda row: (row.step.ref.adapter, row.step.ref.kind)):
            while batch := list(islice(same, BATCH)):
                yield adapter, batch

    def _must_wait(self, look: Look) -> bool:
        return isinstance(look, Unread) and look.ref not in self.settled_by_hand

    def _outcome(self, step: StepRow, looks: Mapping[Ref, Look]) -> Receipt:
        look, ref = looks[step.step.ref], step.step.ref
        if isinstance(look, Gone):
            return proof.gone(step)
        if isinstance(look, Unread):
            return Receipt(ref=ref, outcome=Outcome.REFUSED, reason=f"unread:{look.reason}")
        if step.step.action is Action.UNSUBSCRIBE and not proof.mailed(look, step.step.channel):
            return Receipt(ref=ref, outcome=Outcome.STOPPED, done=frozenset(from_bits(step.step.fields)))
        taken = proof.taken_before(step, look)
        whole = step.step.action is Action.REDACT and taken == step.step.fields
        return Receipt(
            ref=ref,
            outcome=Outcome.DONE if whole else Outcome.STALE,
            reason="" if whole else ABANDONED,
            done=frozenset(from_bits(taken)),
        )

    def _close(self, connection: Connection, closed: Sequence[tuple[StepRow, Receipt]]) -> None:
        """Frees the deliveries of what was done, narrowed to it, and destroys the other handles."""
        self.plans.close(connection, self.plan_id, {step.seq: receipt for step, receipt in closed})
        self.presence.mark_erased(connection, [s.record for s, r in closed if proof.went_whole(s, r)])
        for step, receipt in closed:
            if receipt.outcome is Outcome.STALE and receipt.done:
                self.outbox.narrow(connection, self.plan_id, step.seq, to_bits(receipt.done))
        proven = [step.seq for step, receipt in closed if _proves(receipt)]
        self.outbox.free(connection, self.plan_id, proven)
        self.outbox.cancel(connection, self.plan_id, [s.seq for s, _ in closed if s.seq not in {*proven}])


def _proves(receipt: Receipt) -> bool:
    """Whether a look shows that something is gone of what the step was to take."""
    return receipt.outcome in (Outcome.DONE, Outcome.ALREADY_GONE) or bool(receipt.done)


__all__ = ["ABANDONED", "Abandoned", "abandon"]
