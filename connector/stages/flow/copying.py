"""Whose copy a request asks for, by what the shop holds now: it is pulled first, as for a decision."""

from connector.errors import RemoteError
from connector.shop import Shop
from connector.stages.flow.common import Tell, may_write, silent
from connector.stages.flow.opening_requests import register_of
from connector.stages.flow.reading import pull_shop
from connector.stages.requests.access import Asked, asked_by, must_be_known


def asked_now(shop: Shop, code: str, *, tell: Tell = silent) -> Asked:
    """Whose copy it is, and every record of theirs that the shop holds by now.

    Raises GallraError as `asked_by` does, and RemoteError where what changed could not be read: a copy of
    what was known before would pass for one of now.
    """
    may_write(shop)
    with shop.ledger.begin() as connection:
        row = register_of(shop).get(connection, code)
    must_be_known(shop, row)
    pull_shop(shop, tell=tell)
    if shop.beside.faults:
        names = ", ".join(sorted(shop.beside.faults))
        raise RemoteError(
            f"What changed at {names} could not be read, so a copy might lack "
            "records. Try again later. Nothing was fetched.",
            adapter=min(shop.beside.faults), operation="pull",
        )  # fmt: skip
    return asked_by(shop, row)


__all__ = ["asked_now"]
