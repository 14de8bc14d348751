"""What the lint refuses: a policy, or promises, with an error in it."""

from collections.abc import Sequence

from connector.errors import PolicyUnsound
from connector.shop import Shop, Sound
from connector.views.lint import Finding, blockers

SHOWN = 5
"""Faults told in one error; `gallra policy lint` lists them all."""


def must_be_sound(shop: Shop) -> Sound:
    """Refuses a policy, or promises, with an error. Raises PolicyUnsound that names codes and remedies."""
    refuse_unsound(blockers(shop.settings, shop.promises, read=lambda: shop.written))
    return Sound(digest=shop.written.digest)


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
