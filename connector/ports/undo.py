"""What a platform can put back of what it overwrote: the copies, and what stands there now."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from connector.ports.looks import Live
from connector.ports.tasks import Receipt, Task
from connector.records import Field, Ref, Value


class Kept(Value, frozen=True, kw_only=True):
    """One place of a record: what stood there, and what a write made of it, as JSON texts.

    `place` is the adapter's own name of it, and `key` what it is called in the shop; `fields` are those of
    which the write took something.
    """

    place: str
    key: str
    fields: tuple[Field, ...]
    before: str
    after: str

    def __repr__(self) -> str:
        return f"<Kept {self.key}>"


class Back(NamedTuple):
    """What to put back into one record as it is right now."""

    live: Live
    kept: tuple[Kept, ...]

    @property
    def ref(self) -> Ref:
        """Where the record lives."""
        return self.live.ref


@runtime_checkable
class Restores(Protocol):
    """A platform that can put back what a redaction took, by the same calls that took it."""

    def overwritten(self, task: Task) -> Sequence[Kept]:
        """What `apply` would overwrite of this record and `restore` could put back; asks nothing."""
        ...

    def now_in(self, live: Live, kept: Sequence[Kept]) -> Mapping[str, str]:
        """What stands in each of these places now, as JSON, by place; asks nothing."""
        ...

    def restore(self, backs: Sequence[Back]) -> Iterator[Receipt]:
        """Puts back, one receipt each; `refused` are fields that cannot be, with why. Raises MoneyMoved."""
        ...


__all__ = ["Back", "Kept", "Restores"]
