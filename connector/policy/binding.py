"""Which fields a hold binds, and which go all the same: by the rows of the schedule that name it."""

from collections.abc import Iterable

from connector.policy.file_format import Rule
from connector.records import Field, HoldId, Kind

EVERY = frozenset({HoldId.ACCESS, HoldId.RESTRICTION, HoldId.TAKEN_OUT})
"""Holds that bind every row, whether it names them or not (schedule §3; GDPR 15, 18), or a person's word."""


def bound_by(rules: Iterable[Rule], hold: HoldId, kind: Kind) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    """The fields of a kind that this hold keeps, and those that some row takes though it is there."""
    own = [rule for rule in rules if rule.kind is kind and rule.fields]
    goes = {field for rule in own if not _binds(rule, hold) for field in rule.fields}
    every = dict.fromkeys(field for rule in own for field in rule.fields)
    return tuple(one for one in every if one not in goes), tuple(one for one in every if one in goes)


def _binds(rule: Rule, hold: HoldId) -> bool:
    return hold in EVERY or hold in rule.holds
