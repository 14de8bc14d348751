"""Tries the keys of a shop that is not written yet: what they may do there, before anything is kept.

The try has a folder of its own, gone afterwards, and its secrets stand in memory alone.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.machine.files import text_of, write_text
from connector.ports import Access, Clock
from connector.records import Value
from connector.settings.agency import AGENCY
from connector.setup.compose import Draft, quoted, variables
from connector.setup.writing import write_shop
from connector.shop import Shop, open_shop


class Tried(Value, frozen=True, kw_only=True):
    """What the shop system answered, and what is left to fill in: each key, with its remedy."""

    access: Access
    unanswered: tuple[tuple[str, str], ...] = ()

    @property
    def well(self) -> bool:
        """Whether the shop can be read with these keys."""
        return self.access.reachable and self.access.can_read


def try_keys(
    made: Draft, typed: Mapping[str, str], folder: Path, *, environ: Mapping[str, str], clock: Clock
) -> Tried:
    """Asks the shop once, as `gallra check` does; writes nothing in the folder of the shops' files.

    `typed` are the secrets by their key in [platform]; how services are reached is as the folder's
    agency.toml says. Raises GallraError where the settings would have faults.
    """
    with TemporaryDirectory(prefix="gallra-", ignore_cleanup_errors=True) as place:
        path = write_shop(made, Path(place), {}).settings
        agency = folder.absolute() / AGENCY
        if agency.is_file():
            write_text(path, f"extends = {quoted(str(agency))}\n{text_of(path)}")
        shop = open_shop(path, environ={**environ, **variables(made, typed)}, clock=clock)
        try:
            accesses = shop.check()
            own = str(shop.settings.platform.name)
            return Tried(access=accesses[own], unanswered=shop.settings.unanswered())
        finally:
            _let_go(shop)


def _let_go(shop: Shop) -> None:
    if "ledger" in vars(shop):
        shop.ledger.engine.dispose()
