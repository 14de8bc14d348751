"""Every error Gallra raises, by what the operator does next.

    GallraError
    ├ SettingsError · PolicyError            fix the file; lists all faults
    ├ Ambiguous · NotThere                   say which record is meant; look for what there is
    ├ PlanError: LimitExceeded, NotApproved, Vetoed, PolicyUnsound, ClockUnsure, PlanStale
    ├ RemoteError(adapter, operation, status, request_id)
    │  ├ RetryLater(after)      429, 5xx, timeout, throttled
    │  ├ Rejected               this item failed, carry on
    │  ├ MoneyMoved             a total changed: stop the run
    │  └ AccessDenied           401/403/missing scope: stop this adapter
    └ LedgerError: LedgerBusy, RunOutdated (both later), LedgerForgot, WrongKey, OtherShop, Unsealed,
                   Altered          stop everything

No message holds a response body, a query string, a secret or personal data, and each
ends with what to do next.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TypedDict, Unpack


class Exit(IntEnum):
    """Exit codes of the command line: stable; docs/reference/exit-codes.md is written from these texts."""

    DONE = 0
    """All went well; after `run`, nothing that is due waits. Holds and things to do by hand are normal and do
    not change it."""

    ERROR = 1
    """A fault in a file, an address, a key or a service. Correct it and run again."""

    CHANGES = 2
    """`plan --detailed-exitcode`: something is due."""

    PARTIAL = 3
    """Some of it was done or read: a kind incomplete, a record unread or refused, one begun and not settled
    (`gallra apply` again), a recipient who waits, or one who cannot be told of a record that is gone
    (`gallra ack`); a letter to a person that has not left for certain. Run the same command again, or what
    its line says. `audit verify` without the seal key: whole as far as could be
    checked."""

    BLOCKED = 4
    """A limit, an error of `policy lint`, a missing approval (after `run` also rounds that the standing
    approval does not cover), a no of whoever is asked before an apply (`veto.url`), an unmarked listener,
    another key or another shop than the ledger's own, or a clock that cannot be right stops it. After `run`
    also a person's request that is to be answered within a week, or is past its day."""

    STALE = 5
    """The plan is too old, or was made under another policy or key: plan again. Or the ledger was changed by
    hand: `gallra audit verify` names where."""

    DATA_LEFT = 6
    """Verification found data that should be gone. Look at the protocol."""

    TRY_LATER = 75
    """The service does not answer or asks for more patience than a run has (`network.patience`); the sentence
    says when to come back. Or another run is under way, or another program holds the ledger."""


WORST_FIRST = (
    Exit.DATA_LEFT,
    Exit.STALE,
    Exit.ERROR,
    Exit.PARTIAL,
    Exit.BLOCKED,
    Exit.TRY_LATER,
    Exit.CHANGES,
    Exit.DONE,
)
"""What outweighs what where several shops end in one code: what no later run mends by itself comes first."""


def worst(codes: Iterable[Exit]) -> Exit:
    """The gravest of these codes, by `WORST_FIRST` and not by number; DONE where there is none."""
    return min(codes, key=WORST_FIRST.index, default=Exit.DONE)


class GallraError(Exception):
    """Root of every error; `exit` is the code the command ends with."""

    exit = Exit.ERROR


class FaultsError(GallraError):
    """A file with faults: every one of them, each with its place and remedy."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class SettingsError(FaultsError):
    """Settings that cannot be used."""


class PolicyError(FaultsError):
    """A policy that cannot be used."""


class Ambiguous(GallraError):
    """What was typed can mean more than one record."""


class NotThere(GallraError):
    """What a page is asked for is not there, or not there any more."""


class PlanError(GallraError):
    """A plan that may not run."""

    exit = Exit.BLOCKED


class LimitExceeded(PlanError):
    """More would be touched than the limits allow."""


class NotApproved(PlanError):
    """No valid approval covers what was asked for."""


class Vetoed(PlanError):
    """Who is asked before an apply said no, or did not answer where no answer means to wait."""


class PolicyUnsound(PlanError):
    """The lint finds an error in the shop's policy or promises: nothing runs under it."""


class ClockUnsure(PlanError):
    """What time it is cannot be told: the clocks differ by more than a day, or one has gone back."""


class PlanStale(PlanError):
    """The plan is too old, altered, or was made under another policy or key."""

    exit = Exit.STALE


class Answer(TypedDict, total=False):
    """What a service answered with: its status, its own code, and the number it gave the request."""

    status: int
    code: str
    request_id: str


class RemoteError(GallraError):
    """A shop or recipient answered, or failed to, in a way that stops this operation.

    `status` is the HTTP status or 0 where none came; `code` the service's own error code.
    """

    def __init__(
        self,
        message: str,
        *,
        adapter: str,
        operation: str,
        **answer: Unpack[Answer],
    ) -> None:
        super().__init__(message)
        self.adapter = adapter
        self.operation = operation
        self.status = answer.get("status", 0)
        self.code = answer.get("code", "")
        self.request_id = answer.get("request_id", "")


class RetryLater(RemoteError):
    """The service asks for patience; `after` is in seconds, None where it did not say."""

    exit = Exit.TRY_LATER

    def __init__(
        self,
        message: str,
        *,
        adapter: str,
        operation: str,
        after: float | None = None,
        **answer: Unpack[Answer],
    ) -> None:
        super().__init__(message, adapter=adapter, operation=operation, **answer)
        self.after = after


class Rejected(RemoteError):
    """This one item was refused; the others go on."""

    exit = Exit.PARTIAL


class MoneyMoved(RemoteError):
    """An order's totals, taxes or lines differ after a write: the run stops at once."""

    exit = Exit.PARTIAL


class AccessDenied(RemoteError):
    """The credentials do not allow this: the adapter stops."""


class LedgerError(GallraError):
    """The ledger cannot be trusted or written: everything stops."""


class LedgerBusy(LedgerError):
    """Another program holds the ledger: nothing is wrong with it, and later it can be written."""

    exit = Exit.TRY_LATER


class RunOutdated(LedgerError):
    """Another run of the shop has begun since: this one was thought dead, writes nothing more and stops."""

    exit = Exit.TRY_LATER


class LedgerForgot(LedgerError):
    """The ledger is older than what was last known of it: nothing is erased until a person answers for it."""

    exit = Exit.BLOCKED


class OtherShop(LedgerError):
    """Another shop answers than the one the ledger belongs to: nothing is read into it, or written."""

    exit = Exit.BLOCKED


class WrongKey(LedgerError):
    """Another key is at hand than the ledger was made with: everything stops until it is restored."""

    exit = Exit.BLOCKED


class Unsealed(LedgerError):
    """A seal key is at hand and the ledger is not under it yet: a named person seals it first."""

    exit = Exit.BLOCKED


class Altered(LedgerError):
    """Something in the ledger is otherwise than Gallra wrote it: nothing acts on it."""

    exit = Exit.STALE
