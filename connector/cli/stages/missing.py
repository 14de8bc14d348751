"""What an approval says at once: an answer that stands nowhere, for which `apply` will refuse it."""

from typing import TYPE_CHECKING

from connector.cli.common import say
from connector.cli.speaking import spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.records import Wave
    from connector.shop import Shop


def say_what_stops_it(opened: "Shop", code: str, waves: "Sequence[Wave]") -> None:
    """An approval says at once what `apply` will refuse it for: an answer that stands nowhere."""
    from connector.ledger.plans import Plans
    from connector.views.dry_run.unanswered import unanswered_of

    with opened.ledger.begin() as connection:
        plan = Plans(opened.ledger).need(connection, code).plan
        lacking = unanswered_of(opened, connection, plan, waves)
    for one in lacking:
        say(f"Warning: {one.sv if spoken() == 'sv' else one.en}")
