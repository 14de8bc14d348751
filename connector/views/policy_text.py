"""What `status` says of a change in the published privacy policy."""

from datetime import date, timedelta

from connector.ledger.events import POLICY_TEXT_SEEN
from connector.shop import Shop

TOLD = timedelta(days=31)
"""How long `status` tells of a change."""


def told(shop: Shop) -> str:
    """What `status` says of the newest change; empty where there was none lately."""
    if shop.settings.policy.text_url is None:
        return ""
    with shop.ledger.begin() as connection:
        looks = [detail for _, detail in shop.ledger.events(connection, POLICY_TEXT_SEEN)]
    if looks and not looks[-1]["sentences"]:
        return (
            f"the page at policy.text_url showed no sentence on {looks[-1]['on']}, so no change of it would "
            "be seen; name an address that holds the text itself"
        )
    recent = [one for one in looks if one["file"] and date.fromisoformat(one["on"]) + TOLD >= shop.today]
    if not recent:
        return ""
    last = recent[-1]
    return (
        f"the privacy policy's text changed, seen {last['on']}: {last['gone']} sentences went, "
        f"{last['came']} came ({last['file']} in the reports folder); correct the promises file"
    )
