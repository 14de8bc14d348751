"""The digests that an approval names, and the header as JSON both ways."""

import hashlib
from typing import Any

import msgspec

from connector.plan.model import Plan, Step, WavePlan
from connector.plan.steps import hands
from connector.records import (
    WAVE_ORDER,
    Action,
    Wave,
    from_bits,
)

_BY_FIELD = (Action.REDACT, Action.RESTORE, Action.RECTIFY)
_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(step: Step) -> bytes:
    """The bytes a digest is taken over."""
    return _encode(step)


class Digester:
    """Takes the digest of each wave while its steps stream by; nothing is held in memory."""

    def __init__(self) -> None:
        self._hash = {wave: hashlib.sha256() for wave in Wave}
        self.steps = dict.fromkeys(Wave, 0)
        self.records: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}
        self.fields: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}
        self.whole: dict[tuple[Wave, Action], dict[str, int]] = {}
        self.by_hand: dict[Wave, dict[str, int]] = {wave: {} for wave in Wave}

    def add(self, step: Step) -> None:
        """Counts one step into its wave."""
        wave = step.wave
        self._hash[wave].update(canonical(step) + b"\n")
        self.steps[wave] += 1
        _count(self.records[wave], str(step.ref.kind))
        if step.action is not Action.REDACT:
            _count(self.whole.setdefault((wave, step.action), {}), str(step.ref.kind))
        for field in from_bits(step.fields) if step.action in _BY_FIELD else ():
            _count(self.fields[wave], str(field))

        for name, place in hands(step):
            _count(self.by_hand[wave], f"{step.ref.kind}|{name}|{place}")

    def waves(self) -> tuple[WavePlan, ...]:
        """The waves that have steps, in their order."""
        return tuple(
            WavePlan(
                wave=wave,
                digest=self._hash[wave].hexdigest(),
                steps=self.steps[wave],
                records=dict(sorted(self.records[wave].items())),
                fields=dict(sorted(self.fields[wave].items())),
                deletes=self.whole.get((wave, Action.DELETE), {}),
                restores=self.whole.get((wave, Action.RESTORE), {}),
                rectifies=self.whole.get((wave, Action.RECTIFY), {}),
                unsubscribes=self.whole.get((wave, Action.UNSUBSCRIBE), {}),
                by_hand=dict(sorted(self.by_hand[wave].items())),
            )
            for wave in sorted(Wave, key=WAVE_ORDER.__getitem__)
            if self.steps[wave]
        )


def _count(counts: dict[Any, int], key: Any) -> None:
    counts[key] = counts.get(key, 0) + 1


def sealed(plan: Plan) -> Plan:
    """The plan with its digest, taken over everything but the digest itself."""
    return msgspec.structs.replace(plan, digest=digest_of(plan))


def digest_of(plan: Plan) -> str:
    """SHA-256 over the canonical header, waves' digests included."""
    return hashlib.sha256(_encode(msgspec.structs.replace(plan, digest=""))).hexdigest()


def to_json(plan: Plan) -> bytes:
    """The header as JSON; minor changes add fields, a new format_version refuses old readers."""
    return _encode(plan)


def from_json(data: bytes) -> Plan:
    """The header again; raises msgspec.ValidationError on anything else."""
    return msgspec.json.decode(data, type=Plan)
