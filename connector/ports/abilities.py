"""What a platform's API can do with each kind of record."""

from collections.abc import Mapping
from enum import StrEnum

from connector.records import Field, Kind, Value


class Ability(StrEnum):
    """What a platform's API can do with a field of a kind of record."""

    REDACT = "redact"
    DELETE = "delete"  # goes only with the whole record
    BY_REQUEST = "by_request"
    CANNOT = "cannot"


class Capabilities(Value, frozen=True, kw_only=True):
    """Per field what can be done; `deletes` whether a whole record can be removed.

    `places` names, per field, the code of the place a person must go to where the API cannot;
    the reports have a text for each code.
    """

    kind: Kind
    fields: Mapping[Field, Ability]
    deletes: bool
    unsubscribes: bool = False
    places: Mapping[Field, str] = {}
    # Fields that nobody can clear by themselves, in the service's admin neither: no task for anyone.
    nobody: frozenset[Field] = frozenset()
    # Places of a record that no API reaches, by code: a hand is needed once one of the fields goes.
    residue: Mapping[str, frozenset[Field]] = {}
    # Those of them that the platform's own erasure of the person takes, by request.
    erased: frozenset[str] = frozenset()
    # Those of them that stay where the record goes whole, as a profile that its orders keep.
    outlives: frozenset[str] = frozenset()
    # Those of them that one act clears in every record at once: a task for the shop, not for each record.
    at_once: frozenset[str] = frozenset()
    # Lines that clearing a field adds to the shop server's own log, at most.
    log_lines: Mapping[Field, int] = {}


CapabilityTable = Mapping[tuple[str, Kind], Capabilities]
