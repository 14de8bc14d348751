"""What a pull brought of one kind, and what an incomplete one means."""

from connector.basis import NOT_ANSWERED, fields_of
from connector.ports import SCOPE_LOST
from connector.records import Kind, Value

FEWER = "fewer"
"""Why a kind is incomplete of which the service suddenly counts far fewer than are known to live."""


class Pulled(Value, frozen=True, kw_only=True):
    """What a pull brought of one kind; `missing` is what the service counts and did not show.

    `asked_again` are the records that an earlier pull could not read and this one asked for by id.
    """

    adapter: str
    kind: Kind
    read: int
    changed: int
    gone: int = 0
    full: bool = False
    unread: int = 0
    asked_again: int = 0
    missing: int = 0
    why: str = ""

    @property
    def complete(self) -> bool:
        """Whether all was read that the service counts."""
        return not self.missing and not self.why

    def told(self) -> str:
        """What an incomplete pull means and what to do next."""
        if self.why == NOT_ANSWERED:
            return (
                "the service did not answer. Everything else was read; what depends on this stays out of the "
                "plan. Pull again later, and see `gallra check`."
            )
        return (
            f"{self._short()}. Nothing was marked gone, and what depends on it stays out of the plan. Pull "
            "again; if it stays so, see `gallra check`, or say in [[declared]] of the settings who vouches "
            "for it."
        )

    def _short(self) -> str:
        if self.why == SCOPE_LOST:
            by = f" by {self.missing}" if self.missing else ""
            return (
                f"incomplete{by}: a permission is lost that showed more records at the last complete pull. "
                "Give it back to the app"
            )
        if self.why == FEWER:
            return f"incomplete by {self.missing}: known here, and the service no longer counts or lists them"
        if fields := fields_of(self.why):
            return f"incomplete: no record shows {', '.join(fields)} any more, which nearly all of them held"
        if self.why:
            return "the service gave no count to hold the reading against"
        return f"incomplete by {self.missing}: the service counts them and did not show them"
