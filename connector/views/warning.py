"""Who waits to be warned, as the last plan found them: how many, by how the last try stands."""

import shlex
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from connector.deciding.warning import ToWarn, codes_of, to_warn
from connector.errors import GallraError
from connector.ledger.alerts import alerted_rows
from connector.ledger.holds import Holds
from connector.ledger.index import Rows
from connector.ledger.warnings import Warnings
from connector.shop import Shop

UNTRIED = "untried"


def waiting_for_warning(shop: Shop) -> tuple[tuple[str, int], ...]:
    """How many are to be warned, by how the last try stands or why no mail would be true.

    Offline; empty where the policy cannot be read, which others say.
    """
    try:
        policy, today = shop.policy, shop.today
    except GallraError:
        return ()
    codes = sorted({code for some in codes_of(policy).values() for code in some})
    with shop.ledger.begin() as connection:
        ids = [id for code in codes for id in alerted_rows(connection, shop.ledger.shop, code)]
        rows = Rows(shop.ledger).rows(connection, ids)
        newest = Warnings(shop.ledger).newest(connection, rows)
        holds = Holds(shop.ledger).open(connection)
    found = (
        to_warn(replace(row, record=holds.on(row)), policy, newest.get(row.id), today=today)
        for row in rows.values()
    )
    return how_they_stand([one for one in found if one is not None])


def how_they_stand(found: Sequence[ToWarn]) -> tuple[tuple[str, int], ...]:
    """Those to be warned by a code: how the last try stands, or why no mail would be true."""
    stand = Counter(one.why_not or str(one.tried or UNTRIED) for one in found)
    return tuple(sorted(stand.items(), key=lambda item: (item[0] != UNTRIED, item[0])))


def line_to_warn(shop: Shop) -> str:
    """The command that shows the list, as it can be pasted anywhere."""
    return f"gallra warn send --shop {shlex.quote(str(shop.file.absolute() if shop.file else 'shop.toml'))}"
