"""What the lint refuses: a policy, or promises, with an error in it."""

from collections.abc import Sequence

from connector.errors import PolicyUnsound
from connector.views.lint import Finding

SHOWN = 5
"""Faults told in one error; `gallra policy lint` lists them all."""


def refuse_unsound(errors: Sequence[Finding]) -> None:
    """Refuses a policy, or promises, in which the lint finds errors."""
    if not errors:
        return
    told = " ".join(f"{one.code} {one.place}: {one.says.en} {one.remedy.en}" for one in errors[:SHOWN])
    more = f" And {len(errors) - SHOWN} more." if len(errors) > SHOWN else ""
    raise PolicyUnsound(
        f"The policy cannot be run: its lint finds what must be corrected first. {told}{more} "
        "`gallra policy lint SHOP.toml` lists everything; correct it, then run `gallra plan`."
    )
