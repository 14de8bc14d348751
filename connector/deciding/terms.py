"""On what terms a plan is made: the rules, what the services can do, the brakes, the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.plan import Limits
from connector.policy import Policy
from connector.ports import CapabilityTable, Recipient


@dataclass(frozen=True, kw_only=True)
class Terms:
    """All that a plan is made by, beside the ledger; `key` is the subject key's fingerprint."""

    policy: Policy
    capabilities: CapabilityTable
    recipients: Sequence[Recipient]
    limits: Limits
    key: str
    today: date
    now: datetime
