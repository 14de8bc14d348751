"""`gallra request decide` of an objection: mailings are ended at once, another interest is weighed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.cli.common import out
from connector.cli.mailings import fields_of, show_carried
from connector.errors import Exit, GallraError
from connector.policy.free_text import said

if TYPE_CHECKING:
    from connector.ledger.requests import RequestRow
    from connector.shop import Shop, Sound
    from connector.stages.flow.requesting import Drawn


class Found(NamedTuple):
    """What was typed of an objection."""

    mailings: bool
    upheld: bool
    overridden: bool
    ground: str
    by: str

    @property
    def typed(self) -> int:
        """How many of the three ways were named."""
        return self.mailings + self.upheld + self.overridden


def must_fit(opened: "Shop", code: str, found: Found) -> None:
    """Refuses an objection of which nothing, or not enough, is said. Raises GallraError."""
    from connector.ledger.requests import Register
    from connector.request import RequestKind

    with opened.ledger.begin() as connection:
        row = Register(opened.ledger).get(connection, code)
    objects = row.kind is RequestKind.OBJECT
    wants = found.ground if found.upheld or found.overridden else True
    if found.typed > 1 or (objects and not found.typed) or (found.typed and not (wants and found.by)):
        raise GallraError(
            "An objection is to mailings (--mailings and --by), or to another interest that somebody "
            "weighed: --upheld or --overridden, with --ground and --by. Nothing was decided."
        )


def weigh(opened: "Shop", sound: "Sound", code: str, found: Found) -> "Drawn":
    """Records a named person's balancing, and plans what an objection that holds erases."""
    from connector.stages.flow.objection_requests import Weighing, weigh_objection

    ground, by = said(found.ground, "--ground"), said(found.by, "--by")
    return weigh_objection(opened, sound, code, Weighing(upheld=found.upheld, ground=ground, by=by))


def end_mailings(
    opened: "Shop", code: str, by: str, *, quiet: bool
) -> "tuple[RequestRow, dict[str, Any], Exit]":
    """Ends every mailing to whoever made the request, and says so: the request, what came of it, the code."""
    from connector.cli.stages.reporting import write_protocol
    from connector.stages.flow import locked
    from connector.stages.flow.objection_requests import object_at_request
    from connector.views.lint.refusing import must_be_sound

    person = said(by, "--by")
    written: list[Path] = []
    with locked(opened):
        row, carried = object_at_request(opened, must_be_sound(opened), code, by=person)
        if carried.applied is not None and carried.plan is not None:
            written = write_protocol(opened, None, carried.plan.code)[1]
    ended = show_carried(opened, carried, written, remembered=row.received, quiet=quiet)
    if not quiet:
        out(f"Request {row.code} is {row.state}.")
    return row, fields_of(carried), ended


__all__ = ["Found", "end_mailings", "must_fit", "weigh"]
